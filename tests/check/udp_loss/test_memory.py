"""What check_udp_loss leaves to check_mtr_path."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bothsides.check.mtr_path.check import CHECK as PATH
from bothsides.check.mtr_path.memory import recall
from bothsides.check.mtr_path.options import plan
from bothsides.model.path import Reflection
from bothsides.plugin.command_line import understood
from tests.support.far_end import far_end, stamping
from tests.support.forked import run


def known(folder: Path, host: str = "127.0.0.1") -> dict[str, Reflection]:
    """What check_mtr_path recalls."""
    options = understood(PATH, ["-H", host, "--state-dir", str(folder), "--memory", "ro"])
    return dict(recall(options, plan(options)).directions)


def checked(folder: Path, port: int, *options: str) -> str:
    outcome = run(
        "check_udp_loss", "-H", "127.0.0.1", "-p", str(port), "-n", "40", "-i", "2ms", "--wait",
            "0.2",
        "--state-dir", str(folder), *options,
    )  # fmt: skip
    assert outcome.error == ""
    return outcome.text


def test_check_mtr_path_reads_the_direction_that_check_udp_loss_left(tmp_path: Path) -> None:
    reflect, count = stamping(), [0]

    def losing(data: bytes, source: tuple[str, int]) -> list[bytes]:
        count[0] += 1
        return [] if count[0] % 4 == 0 and count[0] <= 40 else list(reflect(data, source))

    with far_end(losing) as port:
        refused = "--state-dir goes with --memory rw, --export or --submit"
        assert f"UDP_LOSS UNKNOWN - {refused}" in checked(tmp_path, port)
        assert known(tmp_path) == {}, "nothing is kept unless it is asked for"
        count[0] = 0
        text = checked(tmp_path, port, "--memory", "rw")
    assert "lost 10/40 (25 %: 10 out, 0 back)" in text
    (found,) = known(tmp_path).values()
    assert (found.sent, found.answered, found.forward, found.backward) == (40, 30, (10, 10), (0, 0))
    assert 0 <= found.age < 60
    assert list(known(tmp_path, "192.0.2.1")) == ["127.0.0.1"], (
        "a name may have any of the addresses"
    )


def test_a_memory_that_cannot_be_written_is_said_and_changes_no_figure(tmp_path: Path) -> None:
    with far_end(stamping()) as port:
        text = checked(tmp_path / "missing" / "x", port, "--memory", "rw")
        assert text.startswith("UDP_LOSS OK")
        for place in ("/proc/nothing", "/dev/null"):
            text = checked(Path(place), port, "--memory", "rw")
            assert text.startswith("UDP_LOSS UNKNOWN")
            assert "the direction of loss is not kept: cannot" in text
            assert "pl=0%" in text


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounts a small file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", str(tmp_path)], check=True)
    try:
        with far_end(stamping()) as port:
            text = checked(tmp_path, port, "--memory", "rw")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert text.startswith("UDP_LOSS UNKNOWN - 127.0.0.1: the direction of loss is not kept")


def test_without_the_option_the_memory_is_not_even_loaded() -> None:
    code = (
        "import sys\n"
        "import bothsides.check.udp_loss.check\n"
        "sys.exit('sqlite3' in sys.modules or 'bothsides.store.sqlite' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
