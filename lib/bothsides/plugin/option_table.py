"""The options of a check as a table, for whoever writes configuration of other programs.

for option in option_table(CHECK):
    print(option.name, option.takes_value, option.help)
"""

from bothsides.base.types import NamedTuple
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import parser_of
from bothsides.plugin.parser import SUPPRESS

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


def option_table(check: AnyCheck) -> tuple[Option, ...]:
    """Every option that changes a measurement or what is printed of it, in the order of --help."""
    options = []
    for action in parser_of(check).argparse()._actions:  # argparse has no public list of them
        spellings = tuple(action.option_strings)
        if not spellings or action.help == SUPPRESS or _TEXTS & set(spellings):
            continue
        long = [name for name in spellings if name.startswith("--")]
        choices = () if action.choices is None else tuple(map(str, action.choices))
        options.append(
            Option(
                name=(long or list(spellings))[0],
                spellings=spellings,
                takes_value=action.nargs != 0,
                bare=str(action.const) if action.nargs == "?" else "",
                repeatable=isinstance(getattr(action, "default", None), list),
                choices=choices,
                help=str(action.help or "").replace("%%", "%"),
            )
        )
    return tuple(options)
