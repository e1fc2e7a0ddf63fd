"""bothsides icinga-commands: prints Icinga 2's CheckCommands with every option of the checks."""

from bothsides.command.check_options import checks
from bothsides.generate.icinga2_commands import command_of
from bothsides.plugin.option_table import option_table
from bothsides.plugin.parser import Namespace, Parser

_HEAD = """\
// Icinga 2's CheckCommands of bothsides, printed by: bothsides icinga-commands
// The option --some-name of check_udp_loss is the custom variable udp_loss_some_name. A switch is
// set by true; an option that may be given several times also takes an array.
"""


def options(parser: Parser) -> None:
    """There are none."""


def run(arguments: Namespace) -> int:
    """Prints the definitions."""
    made = (command_of(plugin, option_table(check)) for plugin, check in checks().items())
    print("\n".join([_HEAD, *made]), end="")
    return 0
