"""The option table of a check is what its --help shows."""

import re

import pytest

from bothsides.check.https.check import CHECK as HTTPS
from bothsides.check.mtr_path.check import CHECK as PATH
from bothsides.command.check_options import checks
from bothsides.plugin.command_line import parser_of
from bothsides.plugin.option_table import option_table
from bothsides.plugin.parser import SUPPRESS

TABLE = {option.name: option for option in option_table(HTTPS)}


def test_every_option_of_help_but_texts_is_in_the_table() -> None:
    shown = parser_of(PATH).format_help().partition("examples:")[0]
    for option in option_table(PATH):
        assert option.name in shown
    left = {"--help", "--version", "--list-perfdata"}
    assert not left & {option.name for option in option_table(PATH)}


@pytest.mark.parametrize(
    ("name", "takes_value", "bare", "repeatable"),
    [
        ("--url", True, "", False),
        ("--no-body", False, "", False),
        ("--all-addresses", True, "all", False),
        ("--regex", True, "", True),
        ("--verbose", False, "", False),
        ("--use-ipv4", False, "", False),
    ],
)
def test_an_option_says_what_it_takes(
    name: str, takes_value: bool, bare: str, repeatable: bool
) -> None:
    option = TABLE[name]
    assert (option.takes_value, option.bare, option.repeatable) == (takes_value, bare, repeatable)


def test_spellings_choices_and_help_are_those_of_the_command_line() -> None:
    assert TABLE["--url"].spellings == ("-u", "--url", "--uri")
    assert TABLE["--perfdata-missing"].choices == ("U", "omit")
    assert "%%" not in TABLE["--certificate"].help


def test_options_that_do_nothing_are_left_out() -> None:
    assert "--sni" not in TABLE


@pytest.mark.parametrize("name", checks())
def test_help_shows_no_option_that_is_to_be_left_out(name: str) -> None:
    listed = parser_of(checks()[name]).format_help()
    assert SUPPRESS not in listed
    assert ("-4" in listed) == (name != "check_mesh")


def test_every_option_that_may_hold_a_secret_is_declared_as_one() -> None:
    """So that an ini file with it is refused where everybody can read it."""
    suspect = re.compile(r"passw|passphrase|community|secret|token|authorization|user:password")
    for name, check in checks().items():
        parser = parser_of(check)
        for option in option_table(check):
            is_place = option.metavar in ("FILE", "DIR") or not option.takes_value
            if suspect.search(f"{option.name} {option.help}") and not is_place:
                assert parser.is_secret(option.name, "me:hunter2"), (name, option.name)
