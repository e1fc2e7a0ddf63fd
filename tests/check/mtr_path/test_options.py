"""The Plan that options make."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.check.mtr_path.check import CHECK
from bothsides.check.mtr_path.options import plan
from bothsides.model.path import Plan
from bothsides.parse import Unreadable
from bothsides.plugin.command_line import understood


def planned(*words: str) -> Plan:
    return plan(understood(CHECK, list(words)))


def test_a_host_suffices() -> None:
    assert planned("-H", "app", "--state", "rw") == Plan("app", state="rw")


def test_every_option_of_the_plan() -> None:
    words = ("-4", "-H", "app", "--engine", "mtr", "--mtr-path", "/opt/mtr", "--flows", "3")
    more = ("--echoes", "7", "--state", "ro", "--state-dir", "/x", "--ignore-hop", "1-2,7")
    assert planned(*words, *more, "--equiv", "10.0.0.1=10.0.0.2") == Plan(
        host="app",
        family=4,
        engine="mtr",
        program="/opt/mtr",
        flows=3,
        echoes=7,
        state_dir="/x",
        state="ro",
        ignored=(1, 2, 7),
        alike=(("10.0.0.1", "10.0.0.2"),),
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--keep", "14d"), "--keep needs --archive DIR"),
        (("--archive-tree",), "--archive-tree needs --archive DIR"),
        (("--archive-name", "x"), "--archive-name needs --archive DIR"),
        (("--accept", "--memory", "off"), "--accept changes the memory"),
        (("--accept", "--state", "ro"), "--accept changes the memory"),
    ],
)
def test_an_option_without_effect_is_refused(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(Misuse, match=told):
        planned("-H", "app", *words)


def test_accepting_a_path_changes_the_memory_also_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert planned("-H", "app").state == "ro"
    assert planned("-H", "app", "--accept").state == "rw"


def test_hops_of_a_report_are_not_compared() -> None:
    assert planned("--input", "x", "--ignore-hop", "1", "--state", "off") == Plan("", report="x")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-H", "app", "--mtr-path", "mtr"),
        ("-H", "app", "--ignore-hop", "7-1"),
        ("-H", "app", "--ignore-hop", "x"),
        ("-H", "app", "--equiv", "10.0.0.1"),
        ("-H", "app", "--equiv", "10.0.0.1=x"),
        ("-H", "app", "--expect-as", "1"),
        ("-H", "-app"),
    ],
)
def test_what_makes_no_sense_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises((Misuse, Unreadable)):
        planned(*words)
