"""argparse with the manners of the plugin guidelines."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.plugin.argparse_parser import ArgparseParser


def test_options_are_not_abbreviated() -> None:
    parser = ArgparseParser("check_x", "What it is.", "the end")
    parser.add_argument("--number")
    assert parser.parse_known_args(["--num", "3"])[1] == ["--num", "3"]


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--to", "x"], "missing argument FILE"), (["x"], "missing option --to")],
)
def test_what_is_missing_is_named_by_its_kind(words: list[str], said: str) -> None:
    parser = ArgparseParser("program", "Does something.", "")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--to", required=True)
    with pytest.raises(Misuse, match=said):
        parser.parse_args(words)


def test_help_has_summary_and_end_and_no_help_option_of_argparse() -> None:
    text = ArgparseParser("check_x", "What it is.", "the end").format_help()
    assert text.splitlines() == ["usage: check_x", "", "What it is.", "", "the end"]
