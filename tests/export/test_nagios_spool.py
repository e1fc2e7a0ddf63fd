"""Files for Nagios' spool: whole or not there."""

import os
import re
from pathlib import Path

import pytest

from bothsides.export.nagios_spool import escaped, submit, to_file
from bothsides.export.outcome import Undelivered
from tests.export.results import HOST, PLAIN, SHORT
from tests.support import daemons, need

TEXT = """\
### Passive Check Result File ###
file_time=1792000009

host_name=office
service_description=clock
check_type=1
check_options=0
scheduled_check=0
reschedule_check=0
latency=0.0
start_time=1792000000.250000
finish_time=1792000001.500000
early_timeout=0
exited_ok=1
return_code=0
output=SNMP_CLOCK OK - fine
"""


def test_the_file_octet_by_octet() -> None:
    assert to_file([SHORT], 1792000009.9).decode() == TEXT


def test_many_results_are_one_file_and_a_host_has_no_service() -> None:
    text = to_file([PLAIN, SHORT, HOST], 1.0).decode()
    assert text.count("host_name=office") == 3
    assert text.count("service_description=") == 2
    assert "return_code=1\noutput=down\n" in text


def test_line_breaks_and_backslashes_are_escaped() -> None:
    assert escaped("a\nb\\n\r\0c") == "a\\nb\\\\n  c"


def test_a_file_appears_with_its_ok_and_nothing_else_stays(tmp_path: Path) -> None:
    submit(str(tmp_path), [PLAIN, SHORT], 5.0)
    submit(str(tmp_path), [SHORT], 5.0)
    names = sorted(os.listdir(tmp_path))
    results = [name for name in names if not name.endswith(".ok")]
    assert len(results) == 2
    assert names == sorted([*results, *(f"{name}.ok" for name in results)])
    for name in results:
        assert re.fullmatch(r"c[A-Za-z0-9]{6}", name)
        assert (tmp_path / name).stat().st_mode & 0o007 == 0
        assert (tmp_path / f"{name}.ok").read_bytes() == b""


def test_no_results_are_no_file(tmp_path: Path) -> None:
    submit(str(tmp_path), [], 5.0)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("groups", [[], [65000]])
def test_nagios_may_read_what_another_user_has_put_there(groups: list[int]) -> None:
    need.root()
    with daemons.folder() as folder:
        os.chown(folder, 65001, 65000)
        folder.chmod(0o777)
        child = os.fork()
        if child == 0:
            try:
                os.setgroups(groups)
                os.setresgid(65002, 65002, 65002)
                os.setresuid(65002, 65002, 65002)
                submit(str(folder), [SHORT], 5.0)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        (name,) = [path.name for path in folder.iterdir() if not path.name.endswith(".ok")]
        status = (folder / name).stat()
        shown = (status.st_gid, status.st_mode & 0o777)
        assert shown == ((65000, 0o640) if groups else (65002, 0o644))


def test_root_hands_the_file_to_the_owner_of_the_folder() -> None:
    need.root()
    with daemons.folder() as folder:
        os.chown(folder, 65001, 65000)
        submit(str(folder), [SHORT], 5.0)
        for path in folder.iterdir():
            assert (path.stat().st_uid, path.stat().st_gid) == (65001, 65000)


def test_a_spool_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Undelivered, match=r"cannot open .*: No such file or directory"):
        submit(str(tmp_path / "none"), [SHORT], 5.0)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Undelivered, match="No space left"):
        submit(str(tmp_path), [SHORT], 5.0)
    assert os.listdir(tmp_path) == []
