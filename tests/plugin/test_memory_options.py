"""Whether a run uses the memory, by --state, --state-dir, --replay and the terminal."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.parse import Unreadable
from bothsides.plugin.finding import State
from bothsides.plugin.memory_options import Mode, add_options, mode_of, states_of
from bothsides.plugin.parser import Namespace, Parser


class Terminal:
    def isatty(self) -> bool:
        return True


CLASSES = ("silent", "refused")


def asked(*argv: str, replay: str = "") -> Namespace:
    parser = Parser("check_file", "", "")
    add_options(parser, CLASSES)
    options = parser.parse_args([*argv])
    options.replay = replay
    return options


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ((), "rw"),
        (("--state", "rw"), "rw"),
        (("--state", "ro"), "ro"),
        (("--state", "off"), "off"),
        (("--memory", "off"), "off"),
        (("--memory", "ro", "--state", "rw"), "ro"),
        (("--state", "silent=critical,off"), "off"),
        (("--state-dir", "/x"), "rw"),
    ],
)
def test_a_scheduled_run_writes_unless_it_is_told_otherwise(
    argv: tuple[str, ...], expected: Mode
) -> None:
    assert mode_of(asked(*argv)) == expected


@pytest.mark.parametrize(
    ("argv", "expected"), [((), "ro"), (("--state", "rw"), "rw"), (("--state", "off"), "off")]
)
def test_a_run_at_a_terminal_writes_only_when_asked(
    argv: tuple[str, ...], expected: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    assert mode_of(asked(*argv)) == expected


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ((), "off"),
        (("--state", "rw"), "off"),
        (("--state-dir", "/x"), "ro"),
        (("--state-dir", "/x", "--state", "rw"), "ro"),
        (("--state-dir", "/x", "--state", "off"), "off"),
    ],
)
def test_a_replay_never_writes_and_reads_only_a_named_memory(
    argv: tuple[str, ...], expected: Mode
) -> None:
    assert mode_of(asked(*argv, replay="record.json")) == expected


def test_states_of_classes_stand_beside_the_older_spelling_of_the_mode() -> None:
    options = asked("--state", "refused=critical,silent=warning", "--state", "ro")
    assert states_of(options, CLASSES) == {"refused": State.CRITICAL, "silent": State.WARNING}
    assert mode_of(options) == "ro"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("quiet=critical", "write CLASS=STATE with a class of silent, refused"),
        ("critical", "write CLASS=STATE with a class of silent, refused"),
        ("silent=bad", "'bad' is not a state; write ok, warning, critical or unknown"),
    ],
)
def test_what_is_no_class_or_state_is_refused(text: str, words: str) -> None:
    with pytest.raises((Misuse, Unreadable), match=words):
        states_of(asked("--state", text), CLASSES)


def test_a_check_without_classes_takes_modes_alone() -> None:
    with pytest.raises(Misuse, match="--state silent=ok: write one of auto, rw, ro, off"):
        states_of(asked("--state", "silent=ok"), ())
