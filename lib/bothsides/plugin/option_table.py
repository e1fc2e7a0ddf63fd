"""The options of a check as a table, for whoever writes configuration of other programs.

for option in option_table(CHECK):
    print(option.name, option.takes_value, option.help)
"""

from bothsides.base.types import TYPE_CHECKING, NamedTuple
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import parser_of
from bothsides.plugin.parser import SUPPRESS, Parser

if TYPE_CHECKING:
    from bothsides.plugin.argparse_parser import Action

_TEXTS = frozenset({"--help", "--version", "--list-perfdata"})
"""Options that print a text instead of measuring."""


class Option(NamedTuple):
    """One option of a check."""

    name: str  # its first long spelling, as --hostname
    spellings: tuple[str, ...]  # all of them
    takes_value: bool  # False: a switch
    bare: str  # what it means without its value, "" when the value is not optional
    repeatable: bool  # given several times, all values count
    choices: tuple[str, ...]  # the allowed values, () for any
    help: str  # as --help says it
    metavar: str = ""  # what --help calls the value, "" for a switch


def option_table(check: AnyCheck) -> tuple[Option, ...]:
    """Every option that changes a measurement or what is printed of it, in the order of --help."""
    groups = option_groups(parser_of(check))
    options = [option for _, group in groups for option in group]
    return tuple(each for each in options if each.spellings and not _TEXTS & set(each.spellings))


def option_groups(parser: Parser) -> tuple[tuple[str, tuple[Option, ...]], ...]:
    """Title and options of each group of --help; arguments are options without a spelling."""
    made = []
    for group in parser.argparse()._action_groups:  # argparse has no public list of them
        options = [_option(each) for each in group._group_actions if each.help != SUPPRESS]
        if options:
            made.append((group.title or "", tuple(options)))
    return tuple(made)


def _option(action: "Action") -> Option:
    spellings = tuple(action.option_strings)
    long = [name for name in spellings if name.startswith("--")]
    choices = () if action.choices is None else tuple(map(str, action.choices))
    switch = action.nargs == 0
    return Option(
        name=(long or list(spellings) or [str(action.dest)])[0],
        spellings=spellings,
        takes_value=not switch,
        bare=str(action.const) if action.nargs == "?" and spellings else "",
        repeatable=isinstance(getattr(action, "default", None), list),
        choices=choices,
        help=str(action.help or "").replace("%%", "%"),
        metavar="" if switch else str(action.metavar or "|".join(choices) or action.dest),
    )
