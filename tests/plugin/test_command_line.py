"""The command line: what is understood, and where the limits come from."""

from pathlib import Path

import pytest

from bothsides.base.errors import Misuse
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.plugin.command_line import TextAsked, limits_of, understood, unknown_word
from bothsides.plugin.finding import State
from bothsides.plugin.parser import Parser
from tests.plugin.test_main import CHECK


@pytest.mark.parametrize("words", [["--help"], ["--bogus", "--help"], ["-h", "--help"]])
def test_help_wins_over_everything_else(words: list[str]) -> None:
    with pytest.raises(TextAsked, match=r"^usage: check_file"):
        understood(CHECK, words)


@pytest.mark.parametrize("words", [["-h"], ["--bogus", "-h"], ["-?"]])
def test_the_short_help_is_asked_for_by_a_letter(words: list[str]) -> None:
    with pytest.raises(
        TextAsked, match=r"(?s)^(?!usage).*\n\nusage: check_file .*check_file --help"
    ):
        understood(CHECK, words)


def test_version_and_figures_are_texts() -> None:
    with pytest.raises(TextAsked, match=r"^check_file v[0-9.]+ \(bothsides\)$"):
        understood(CHECK, ["-V"])
    with pytest.raises(TextAsked, match=r"^size B\nage s$"):
        understood(CHECK, ["--list-perfdata"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", (2.0, None)),
        ("500ms", (0.5, None)),
        ("2:critical", (2.0, State.CRITICAL)),
    ],
)
def test_the_deadline_may_carry_its_state(text: str, expected: tuple[float, State | None]) -> None:
    options = understood(CHECK, ["-t", text])
    assert (options.timeout, options.timeout_state) == expected


def test_timeout_state_wins_over_the_state_behind_the_colon() -> None:
    options = understood(CHECK, ["-t", "2:critical", "--timeout-state", "ok"])
    assert options.timeout_state is State.OK


@pytest.mark.parametrize("text", ["0", "3601", "x", "2:", "2:fatal"])
def test_what_is_no_deadline_is_refused(text: str) -> None:
    with pytest.raises(Misuse):
        understood(CHECK, ["-t", text])


def test_an_unknown_option_or_argument_is_named() -> None:
    with pytest.raises(Misuse, match="unknown option --timeuot, did you mean --timeout"):
        understood(CHECK, ["--timeuot=3"])
    with pytest.raises(Misuse, match=r"unknown argument stray, did you mean -H\?"):
        understood(CHECK, ["stray"])


def test_a_target_without_its_option_is_told_which_it_lacks() -> None:
    parser = Parser("check_x", "", "")
    assert unknown_word(parser, "web1") == "unknown argument web1"
    parser.add_argument("-H", "--hostname")
    assert unknown_word(parser, "web1") == "unknown argument web1, did you mean -H?"
    assert unknown_word(parser, "--hostnmae") == (
        "unknown option --hostnmae, did you mean --hostname?"
    )


def test_a_decimal_comma_is_not_taken_for_two_limits() -> None:
    with pytest.raises(Unreadable, match=r"age=1,5: decimals take a point"):
        limits_of(CHECK, understood(CHECK, ["-w", "age=1,5"]))


def test_limits_are_the_defaults_unless_their_label_is_given() -> None:
    limits = limits_of(CHECK, understood(CHECK, ["-w", "4,age=200ms", "-w", "9"]))
    assert limits.warning == {"size": Range(0, 9), "age": Range(0, 0.2)}
    assert limits.critical == {"age": Range(0, 3600)}
    with pytest.raises(Misuse, match="unknown label aeg, did you mean age"):
        limits_of(CHECK, understood(CHECK, ["-w", "aeg=3"]))
    with pytest.raises(Unreadable, match="does not fit here"):
        limits_of(CHECK, understood(CHECK, ["-w", "age=3%"]))


def test_items_that_the_check_reads_itself_are_left_to_it() -> None:
    check = CHECK._replace(own=lambda item: item.startswith("vote"))
    options = understood(check, ["-w", "vote=2,4"])
    assert limits_of(check, options).warning["size"] == Range(0, 4)


@pytest.mark.parametrize("words", [["-w", "-5:5"], ["-w-5:5"], ["--warning", "-5:5"], ["-w=-5:5"]])
def test_a_negative_range_is_a_value(words: list[str]) -> None:
    assert understood(CHECK, words).warning in (["-5:5"], ["=-5:5"])


def test_an_ini_section_stands_in_front_of_the_line(tmp_path: Path) -> None:
    path = tmp_path / "x.ini"
    path.write_text("[check_file]\nfile = /a\nwarning = 1\n[other]\nfile = /b\n")
    options = understood(CHECK, ["-w", "2", f"--extra-opts=@{path}"])
    assert (options.file, options.warning) == ("/a", ["1", "2"])
    assert understood(CHECK, [f"--extra-opts=other@{path}", "-H", "/c"]).file == "/c"


def test_arguments_and_options_may_be_mixed() -> None:
    def options(parser: Parser) -> None:
        parser.add_argument("arguments", nargs="*")

    check = CHECK._replace(options=options)
    assert understood(check, ["a", "-v", "b"]).arguments == ["a", "b"]
