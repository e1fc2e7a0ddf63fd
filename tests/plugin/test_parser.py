"""The parser's own words for a wrong command line."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.plugin.parser import Parser, nearest


@pytest.fixture
def parser() -> Parser:
    made = Parser("program", "Does something.", "")
    made.add_argument("file", metavar="FILE")
    made.add_argument("--to", required=True)
    return made


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--to", "x"], "missing argument FILE"), (["x"], "missing option --to")],
)
def test_what_is_missing_is_named_by_its_kind(parser: Parser, words: list[str], said: str) -> None:
    with pytest.raises(Misuse, match=said):
        parser.parse_args(words)


def test_abbreviations_are_unknown(parser: Parser) -> None:
    assert parser.parse_known_args(["x", "--to", "y", "--t=z"])[1] == ["--t=z"]


def test_the_nearest_name_is_proposed_when_there_is_one() -> None:
    assert (
        nearest("command", "lnit", ["lint", "plan"]) == "unknown command lnit, did you mean lint?"
    )
    assert nearest("command", "x", ["lint", "plan"]) == "unknown command x"
