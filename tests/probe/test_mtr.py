"""The probe with mtr as it may be found: missing, hanging, deaf to SIGTERM, not mtr at all."""

import os
import time
from pathlib import Path

import pytest

from tests.support.process import Outcome, run

HANGING = """#!/bin/sh
trap '' TERM INT HUP
case "$*" in *--version*) echo 'mtr 0.95'; exit 0;; esac
echo $$ >> {pids}
while :; do sleep 7777; done
"""
DEAF = """#!/bin/sh
trap '' TERM
echo $$ >> {pids}
while :; do sleep 7777; done
"""
LEAKING = """#!/bin/sh
echo "mtr 0.95"
env > {pids}
"""


def fake(folder: Path, text: str) -> tuple[str, Path]:
    path, pids = folder / "mtr", folder / "pids"
    path.write_text(text.format(pids=pids))
    path.chmod(0o755)
    return str(path), pids


def trace(path: str, *arguments: str, **environment: str) -> Outcome:
    everything = {**os.environ, **environment}
    return run("check_mtr_path", "-H", "127.0.0.1", "--state", "off", "--mtr-path", path, *arguments, environment=everything)


def alive(pids: Path) -> list[int]:
    """Processes of the groups that the fake mtr started."""
    groups = {int(line) for line in pids.read_text().split()}
    found = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and int(fields[2]) in groups and fields[0] != "Z":
            found.append(int(entry.name))
    return found


@pytest.mark.parametrize("text", [HANGING, DEAF])
def test_a_hung_mtr_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path, text: str) -> None:
    path, pids = fake(tmp_path, text)
    outcome = trace(path, "-t", "2")
    assert outcome.code != 0
    assert outcome.seconds < 2.3 + 0.5  # the interpreter's start is not ours
    assert alive(pids) == []


def test_a_missing_mtr_is_unknown_with_the_remedy() -> None:
    outcome = trace("/nonexistent/mtr")
    assert outcome.code == 3
    assert "apt-get install mtr-tiny" in outcome.line
    assert outcome.seconds < 2


def test_what_is_not_mtr_is_unknown(tmp_path: Path) -> None:
    path, _ = fake(tmp_path, "#!/bin/sh\necho hello\n")
    outcome = trace(path)
    assert outcome.code == 3
    assert "is not mtr" in outcome.line


def test_a_path_must_be_absolute() -> None:
    outcome = trace("mtr")
    assert outcome.code == 3
    assert "absolute" in outcome.line


def test_an_mtr_first_in_path_is_not_run_and_no_variable_reaches_mtr(tmp_path: Path) -> None:
    path, seen = fake(tmp_path, LEAKING)
    outcome = run(
        "check_mtr_path", "-H", "127.0.0.1", "--state", "off", "--engine", "mtr", "-t", "5",
        environment={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert not seen.exists(), outcome
    trace(path, MTR_OPTIONS="-c 1", MTR_PACKET="/bin/false")
    assert "MTR" not in seen.read_text()


def test_a_name_that_does_not_exist_is_unknown_at_once() -> None:
    began = time.monotonic()
    outcome = run("check_mtr_path", "-H", "no-such-name.invalid", "--state", "off")
    assert outcome.code == 3
    assert "no-such-name.invalid" in outcome.line
    assert time.monotonic() - began < 5
