"""What a killed test run leaves behind is taken away by the next one, and nothing else is."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import leftovers, need


def gone() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_folders_of_processes_that_are_gone_are_unmounted_and_removed() -> None:
    need.root()
    place = Path(tempfile.gettempdir())
    number = gone()
    left = place / f"bothsides-over-{number}-abc"
    kept = Path(tempfile.mkdtemp(prefix=leftovers.folder_prefix("over")))
    other = place / f"bothsides-notes-{os.getpid()}"
    other.mkdir()
    (left / "root").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", str(left / "root")], check=True)
    (left / "root" / "file").touch()
    try:
        leftovers.sweep()
        assert (left.exists(), kept.exists(), other.exists()) == (False, True, True)
        assert str(left) not in Path("/proc/self/mountinfo").read_text()
    finally:
        leftovers.remove(left)
        kept.rmdir()
        other.rmdir()


def test_what_a_run_that_is_gone_has_started_is_ended() -> None:
    number = gone()
    folder = f"{tempfile.gettempdir()}/bothsides-{number}-abc"
    Path(folder).mkdir()
    environment = {**os.environ, "BOTHSIDES_TEST_RUN": str(number)}
    command = [sys.executable, "-I", "-c", "import time; time.sleep(60)"]
    with (
        subprocess.Popen(command) as ours,
        subprocess.Popen(command, env=environment) as marked,
        subprocess.Popen([*command, f"{folder}/conf"], env={}) as named,
    ):
        leftovers.sweep()
        assert (marked.wait(10), named.wait(10), ours.poll()) == (-9, -9, None)
        ours.kill()
    assert not Path(folder).exists()


def test_namespaces_of_processes_that_are_gone_end_with_all_that_runs_in_them() -> None:
    need.root()
    ip = need.program("ip", "iproute2")
    names = [f"bs{gone()}x0far", f"bs{os.getpid()}x999near"]
    for name in names:
        subprocess.run([ip, "netns", "add", name], check=True)
    command = [ip, "netns", "exec", names[0], "sleep", "60"]
    try:
        with subprocess.Popen(command) as process:
            while (
                names[0]
                not in subprocess.run(
                    [ip, "netns", "identify", str(process.pid)],
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            ):
                pass
            leftovers.sweep()
            assert process.wait(10) == -9
        listed = subprocess.run([ip, "netns"], capture_output=True, text=True, check=True).stdout
        assert [name in listed for name in names] == [False, True]
    finally:
        for name in names:
            subprocess.run([ip, "netns", "delete", name], capture_output=True, check=False)
