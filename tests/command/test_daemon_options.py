"""The command line of a daemon: help and version leave at once, an unknown option is named."""

import pytest

from bothsides import __version__
from bothsides.base.errors import Misuse
from bothsides.command.daemon_options import add_general, understood
from bothsides.plugin.parser import Parser


def parser() -> Parser:
    made = Parser("a_daemon", "A daemon.", "")
    made.add_argument("--port", metavar="PORT", help="where to listen")
    add_general(made)
    return made


def test_options_are_read() -> None:
    assert understood("a_daemon", parser(), ["--port", "862"]).port == "862"


@pytest.mark.parametrize(("word", "kind"), [("--prot", "option"), ("stray", "argument")])
def test_an_unknown_word_is_named(word: str, kind: str) -> None:
    with pytest.raises(Misuse, match=f"unknown {kind} {word}"):
        understood("a_daemon", parser(), [word])


@pytest.mark.parametrize(
    ("word", "said"),
    [("-V", f"a_daemon v{__version__} (bothsides)"), ("-?", "--port PORT"), ("-h", "--port PORT")],
)
def test_help_and_version_leave_with_three(
    word: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []

    class Left(Exception):
        pass

    def leave(report: object) -> None:
        left.append(report)
        raise Left

    monkeypatch.setattr("bothsides.command.daemon_options.leave", leave)
    with pytest.raises(Left):
        understood("a_daemon", parser(), [word, "--unknown"])
    assert left[0].code == 3  # type: ignore[attr-defined]
    assert said in left[0].text  # type: ignore[attr-defined]
