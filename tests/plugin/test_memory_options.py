"""Whether a run uses the memory, by --state, --state-dir, --replay and the terminal."""

import pytest

from bothsides.plugin.memory_options import Mode, add_options, mode_of
from bothsides.plugin.parser import Namespace, Parser


class Terminal:
    def isatty(self) -> bool:
        return True


def asked(*argv: str, replay: str = "") -> Namespace:
    parser = Parser("check_file", "", "")
    add_options(parser)
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
