"""How a daemon of ours reads its command line: help and version first, then its options."""

from bothsides import __version__
from bothsides.base.errors import Misuse
from bothsides.base.types import Sequence
from bothsides.plugin.command_line import unknown_word
from bothsides.plugin.output import Report, leave
from bothsides.plugin.parser import Namespace, Parser

_HELP = ("-h", "-?", "--help")
_VERSION = ("-V", "--version")


def add_general(parser: Parser) -> None:
    """Adds help and version."""
    parser.add_argument(*_HELP, action="store_true", help="this text")
    parser.add_argument(*_VERSION, action="store_true", help="the version")


def understood(name: str, parser: Parser, argv: Sequence[str]) -> Namespace:
    """The options; leaves with exit code 3 after help or version. Raises Misuse."""
    if any(word in _HELP for word in argv):
        leave(Report(parser.format_help(), 3))
    if any(word in _VERSION for word in argv):
        leave(Report(f"{name} v{__version__} (bothsides)\n", 3))
    options, unknown = parser.parse_known_args(list(argv))
    if unknown:
        raise Misuse(unknown_word(parser, unknown[0]))
    return options
