"""argparse with the manners of the plugin guidelines."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.parse.text import from_count
from bothsides.plugin.parser import Parser, nearest, valued


@pytest.fixture
def parser() -> Parser:
    made = Parser("check_x", "What it is.", "the end")
    made.add_argument("-n", "--number", type=valued(from_count, 1, 9))
    made.add_argument("--switch", action="store_true")
    made.add_argument("--often", nargs="?", const="always")
    return made


def test_every_error_is_a_misuse(parser: Parser) -> None:
    for words in (["--number"], ["--number", "x"], ["--switch=1"]):
        with pytest.raises(Misuse):
            parser.parse_args(words)


def test_the_words_of_our_parsers_reach_the_user(parser: Parser) -> None:
    with pytest.raises(Misuse, match="'12' is not a whole number from 1 to 9"):
        parser.parse_args(["-n", "12"])
    assert parser.parse_args(["-n", "3"]).number == 3


def test_options_are_not_abbreviated(parser: Parser) -> None:
    _, unknown = parser.parse_known_args(["--num", "3"])
    assert unknown == ["--num", "3"]


def test_the_parser_knows_what_takes_a_value(parser: Parser) -> None:
    assert set(parser.names()) == {"-n", "--number", "--switch", "--often"}
    taking = [name for name in parser.names() if parser.takes_value(name)]
    assert taking == ["-n", "--number"]
    assert not parser.takes_value("--unknown")
    assert parser.value_if_bare("--often") == "always"
    assert parser.value_if_bare("--number") is None


def test_the_nearest_name_is_offered() -> None:
    assert nearest("option", "--warnign=3", ["--warning", "--critical"]) == (
        "unknown option --warnign, did you mean --warning?"
    )
    assert nearest("label", "zzz", ["rta"]) == "unknown label zzz"


def test_help_has_summary_and_end(parser: Parser) -> None:
    text = parser.format_help()
    assert text.startswith("usage: check_x")
    assert "What it is." in text
    assert text.rstrip().endswith("the end")


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--to", "x"], "missing argument FILE"), (["x"], "missing option --to")],
)
def test_what_is_missing_is_named_by_its_kind(words: list[str], said: str) -> None:
    made = Parser("program", "Does something.", "")
    made.add_argument("file", metavar="FILE")
    made.add_argument("--to", required=True)
    with pytest.raises(Misuse, match=said):
        made.parse_args(words)
