"""A batch that is killed, twice at once, or fed with rubbish: nothing is half written or twice."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.command.batch_lines import from_text
from tests.support.process import NRPE_ENVIRONMENT, command_of, run

LINES = "".join(f"h{n}!s check_udp_loss -H 127.0.0.{n} -p 9 -n 2 -t 3\n" for n in range(1, 9))


def started(lines: str, state: Path, *words: str) -> subprocess.Popen[str]:
    command = [*command_of("bothsides"), "batch", "-", "--state-dir", str(state), *words]
    running = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=NRPE_ENVIRONMENT,
    )
    assert running.stdin is not None
    running.stdin.write(lines)
    running.stdin.close()
    running.stdin = None
    return running


def names_in(spool: Path) -> list[str]:
    """The hosts in the files that Nagios would take."""
    files = [each.with_suffix("") for each in spool.glob("c*.ok")]
    return sorted(
        name for file in files for name in re.findall(r"^host_name=(.*)$", file.read_text(), re.M)
    )


@pytest.mark.parametrize("after", [0.3, 0.8, 1.2])
def test_the_next_batch_after_a_kill_is_whole(after: float, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    running = started(LINES, tmp_path / "state", "--submit", f"nagios:{spool}")
    time.sleep(after)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=60)
    before = names_in(spool)
    assert len(before) in (0, 8)  # one file, whole or not at all
    again = started(LINES, tmp_path / "state", "--submit", f"nagios:{spool}")
    text = again.communicate(timeout=20)[0]
    assert text.startswith("BATCH OK - 8 of 8 results delivered"), text
    assert names_in(spool) == sorted([*before, *(f"h{n}" for n in range(1, 9))])


def test_two_different_batches_from_standard_input_run_at_the_same_time(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    words = ["--submit", f"nagios:{spool}"]
    both = [started(LINES.replace("!s", f"!{name}"), tmp_path / "s", *words) for name in "ab"]
    same = started(LINES.replace("!s", "!a"), tmp_path / "s", *words)
    texts = [each.communicate(timeout=20)[0] for each in (*both, same)]
    taken = [text for text in texts if text.startswith("BATCH OK - 8 of 8")]
    assert len(taken) == 2, texts
    (other,) = [text for text in texts if text not in taken]
    assert other.startswith("BATCH WARNING - the previous batch still runs")
    assert len(names_in(spool)) == 16


def test_secrets_are_neither_in_the_list_of_processes_nor_in_the_output(tmp_path: Path) -> None:
    login, spool = tmp_path / "login", tmp_path / "state"
    login.write_text("user = sender\npassword = geheim1\ntoken = geheim2\n")
    login.chmod(0o600)
    for destination in ("nrdp:http://127.0.0.1:9/", "icinga:http://127.0.0.1:9"):
        running = started(LINES, spool, "--submit", destination, "--export-login", str(login))
        seen = ""
        while running.poll() is None:
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen += file.read_bytes().decode("utf-8", "replace")
                except OSError:
                    pass  # it has just ended
            time.sleep(0.1)
        text = running.communicate()[0]
        assert "geheim" not in seen + text
        assert text.startswith("BATCH CRITICAL - 0 of 8 results delivered")
    assert not any(b"geheim" in file.read_bytes() for file in spool.rglob("*.parcel"))


def test_an_empty_file_and_a_lonely_comment_are_told(tmp_path: Path) -> None:
    for text in ("", "\n\n", "# nothing\n", "\ufeff"):
        file = tmp_path / "checks"
        file.write_text(text)
        outcome = run("bothsides", "batch", str(file), "--submit", "-")
        assert (outcome.code, outcome.error) == (3, "")
        assert outcome.text == f"bothsides: {file} holds no line\n"


def test_a_pipe_that_nobody_writes_to_ends_after_its_timeout(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    outcome = run("bothsides", "batch", str(pipe), "--submit", "-", "-t", "0.2")
    assert (outcome.code, outcome.error) == (3, "")
    assert outcome.text == f"bothsides: cannot read {pipe}: nothing came for 0.2 s\n"


@given(st.text(st.characters(codec="utf-8", exclude_categories=()), max_size=200))
def test_any_text_is_lines_or_faults_and_nothing_else(text: str) -> None:
    read = from_text(text)
    assert len(read.lines) + len(read.faults) <= text.count("\n") + 1
    assert all("\n" not in fault for fault in read.faults)


@given(st.binary(max_size=200))
def test_any_octets_behind_a_good_line_leave_it_alone(octets: bytes) -> None:
    text = "a!b check_https -H x\n" + octets.decode("utf-8", "surrogateescape")
    assert from_text(text).lines[0].host == "a"
