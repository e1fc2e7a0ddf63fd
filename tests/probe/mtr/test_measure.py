"""The probe with mtr as it may be found: missing, hanging, deaf to SIGTERM, not mtr at all."""

import os
from pathlib import Path

import pytest

from bothsides.analyse.path.past import Past
from bothsides.base.deadline import Deadline
from bothsides.model.path import Plan, Reflection
from bothsides.probe.mtr.measure import measure
from tests.support.forked import run
from tests.support.process import Outcome
from tests.support.stopwatch import Stopwatch, until

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
GREETING = "printf '1 feature-support support 0.95\\n2 feature-support support ok\\n'"
SILENT = f"""#!/bin/sh
{GREETING}
while read token word rest; do
  [ $token -gt 2 ] && [ $word = check-support ] && echo "$token feature-support support 0.95"
done
"""
GREETS_AND_GOES = f"""#!/bin/sh
{GREETING}
read one; read two; read three
"""
GREETS_AND_HANGS = f"""#!/bin/sh
{GREETING}
while read line; do :; done
"""
DIES_IN_BETWEEN = f"""#!/bin/sh
{GREETING}
read one; read two
for count in 1 2 3 4 5 6 7 8; do
  read token rest
  echo "$token reply ip-4 127.0.0.1 round-trip-time 50"
done
read token
echo "out of memory" >&2
exit 1
"""


def fake(folder: Path, text: str) -> tuple[str, Path]:
    path, pids = folder / "mtr", folder / "pids"
    path.write_text(text.format(pids=pids))
    path.chmod(0o755)
    return str(path), pids


def trace(path: str, *arguments: str, **environment: str) -> Outcome:
    everything = {**os.environ, **environment}
    return run(
        "check_mtr_path",
        "-H",
        "127.0.0.1",
        "--state",
        "off",
        "--mtr-path",
        path,
        *arguments,
        environment=everything,
    )


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
def test_a_hung_mtr_that_ignores_sigterm_is_killed_with_its_children(
    tmp_path: Path, text: str
) -> None:
    path, pids = fake(tmp_path, text)
    outcome = trace(path, "-t", "2")
    assert outcome.code != 0
    assert outcome.seconds < 2.3 + 0.5  # the interpreter's start is not ours
    until(lambda: alive(pids) == [], "the end of what was killed", 5)


def test_a_missing_mtr_is_unknown_with_the_remedy() -> None:
    outcome = trace("/nonexistent/mtr")
    assert outcome.code == 3
    assert "apt-get install mtr-tiny" in outcome.line
    assert outcome.seconds < 2


def test_a_folder_is_no_mtr(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "mtr-packet"):
        path.mkdir(exist_ok=True)
        outcome = trace(str(path))
        assert (outcome.code, outcome.error) == (3, "")
        assert f"no mtr in {path}, run apt-get install mtr-tiny" in outcome.text


def test_an_engine_with_an_endless_version_is_unknown(tmp_path: Path) -> None:
    outcome = engine(tmp_path, GREETS_AND_GOES.replace("0.95", "9" * 6000))
    assert outcome.code == 3
    assert "ended in the middle" in outcome.line


def test_an_address_on_the_link_is_refused_with_the_reason() -> None:
    outcome = run("check_mtr_path", "-H", "fe80::1%lo", "--state", "off")
    assert (outcome.code, outcome.error) == (3, "")
    assert "mtr cannot trace to fe80::1%lo: it is on the link" in outcome.line


def test_what_is_not_mtr_is_unknown(tmp_path: Path) -> None:
    path, _ = fake(tmp_path, "#!/bin/sh\necho hello\n")
    outcome = trace(path)
    assert outcome.code == 3
    assert "is not mtr" in outcome.line


def engine(folder: Path, text: str) -> Outcome:
    path = folder / "mtr-packet"
    path.write_text(text)
    path.chmod(0o755)
    options = (
        "-H",
        "127.0.0.1",
        "--state",
        "rw",
        "--state-dir",
        str(folder / "state"),
        "--echoes",
        "5",
        "-t",
        "5",
    )
    return run("check_mtr_path", *options, "--mtr-path", str(path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GREETS_AND_GOES, "ended in the middle"),
        (GREETS_AND_HANGS, "does not answer any more"),
        (DIES_IN_BETWEEN, "ended in the middle: out of memory"),
    ],
)
def test_an_engine_that_dies_or_hangs_on_the_way_is_unknown_and_nothing_is_remembered(
    tmp_path: Path, text: str, words: str
) -> None:
    outcome = engine(tmp_path, text)
    assert (outcome.code, outcome.error) == (3, ""), outcome
    assert words in outcome.line
    assert not (tmp_path / "state").exists()


def test_an_engine_that_lives_and_hears_nothing_tells_of_a_silent_path(tmp_path: Path) -> None:
    outcome = engine(tmp_path, SILENT)
    assert outcome.code == 2, outcome
    assert "nor does any router on the way" in outcome.line


def test_an_mtr_that_never_prints_anything_is_unknown(tmp_path: Path) -> None:
    path, _ = fake(tmp_path, HANGING)
    outcome = trace(path, "-t", "1")
    assert outcome.code == 3, outcome
    assert "it printed nothing" in outcome.line


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
    watch = Stopwatch()
    outcome = run("check_mtr_path", "-H", "no-such-name.invalid", "--state", "off")
    assert outcome.code == 3
    assert "no-such-name.invalid" in outcome.line
    assert watch.seconds < 5


@pytest.mark.parametrize(("answered", "located"), [(150, True), (199, False)])
def test_loss_that_check_udp_loss_found_lately_is_located(answered: int, located: bool) -> None:
    seen = Reflection("127.0.0.1", 862, "127.0.0.1", 200, answered)
    past = Past(directions={"127.0.0.1": seen})
    traced = measure(Plan("127.0.0.1"), past, Deadline(6))
    if all(echo is not None for echo in traced.echoes):
        assert bool(traced.segments) is located
