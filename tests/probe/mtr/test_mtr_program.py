"""The mtr program, played by a script."""

from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.model.path import ECHO, ProbeResult
from bothsides.probe.mtr.mtr_program import Program

RAW = """#!/bin/sh
case "$*" in
  *--version*) echo "mtr {version}";;
  *"-f 64"*) printf 'x 63 1\\nh 63 127.0.0.1\\np 63 2000 1\\n';;
  *) printf 'x 0 1\\nh 0 10.0.0.1\\np 0 1000 1\\nx 1 2\\nh 1 127.0.0.1\\np 1 2000 2\\n';;
esac
"""


def program(folder: Path, text: str) -> Program:
    path = folder / "mtr"
    path.write_text(text)
    path.chmod(0o755)
    return Program(str(path), "127.0.0.1")


def test_every_flow_has_a_process_of_its_own(tmp_path: Path) -> None:
    made = program(tmp_path, RAW.format(version="0.95"))
    made.greet(Deadline(60))
    results = made.go((0, 1), 4, Deadline(60))
    assert (made.version, made.fixed) == ("0.95", True)
    assert (
        results
        == made.taken()
        == (
            ProbeResult(ECHO, 0, "reply", "127.0.0.1", 0.002),
            ProbeResult(0, 1, "expired", "10.0.0.1", 0.001),
            ProbeResult(1, 1, "expired", "10.0.0.1", 0.001),
            ProbeResult(0, 2, "reply", "127.0.0.1", 0.002),
            ProbeResult(1, 2, "reply", "127.0.0.1", 0.002),
        )
    )
    made.end()


def test_old_versions_have_one_flow(tmp_path: Path) -> None:
    made = program(tmp_path, RAW.format(version="0.92"))
    made.greet(Deadline(60))
    assert {result.flow for result in made.go((0, 1), 4, Deadline(60))} == {0, ECHO}
    made.end()


def test_one_that_prints_nothing_is_no_silent_path(tmp_path: Path) -> None:
    text = "#!/bin/sh\ncase $1 in --version) echo mtr 0.95;; *) echo no sockets >&2;; esac\n"
    made = program(tmp_path, text)
    made.greet(Deadline(60))
    with pytest.raises(Unable, match=r"could not trace 127[.]0[.]0[.]1: no sockets"):
        made.go((0,), 4, Deadline(60))
    made.end()
