"""What bothsides report refuses before it reads anything."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.command.report_options import check, options
from bothsides.plugin.parser import Parser


def parser() -> Parser:
    made = Parser("bothsides report", "", "")
    options(made)
    return made


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["A", "B", "--evidence", "x", "--landscape", "y"], "--landscape asks hosts, --evidence"),
        (["A", "B", "--evidence", "x", "--third", "C"], "--third asks hosts, --evidence reads"),
        (["A", "B", "--third", "C"], "--third needs --landscape FILE"),
        (["A", "B", "--before", "x"], "--before stands beside --evidence PATH"),
        (["A", "B", "--after", "x"], "--after stands beside --evidence PATH"),
        (["--replay", "page.html", "--before", "x"], "--replay judges what is in the page"),
    ],
)
def test_options_that_would_do_nothing_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(Misuse, match=said):
        check(parser().parse_args(words))
