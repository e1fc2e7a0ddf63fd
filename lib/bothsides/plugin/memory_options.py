"""--state and --state-dir: whether and where a check with a memory remembers its runs."""

import sys

from bothsides.base.types import Literal
from bothsides.plugin.parser import Namespace, Parser

Mode = Literal["rw", "ro", "off"]


def add_options(parser: Parser) -> None:
    """Adds the two options, the same for every check that remembers."""
    add = parser.add_argument_group("memory").add_argument
    add(
        "--state-dir",
        default="",
        metavar="DIR",
        help="where earlier runs are remembered"
        " (default $STATE_DIRECTORY, /var/lib/bothsides, /var/tmp/bothsides-UID)",
    )
    add(
        "--state",
        choices=("auto", "rw", "ro", "off"),
        default="auto",
        help="rw: use and update the memory, ro: only look, off: neither"
        " (default: ro at a terminal, else rw)",
    )


def mode_of(options: Namespace) -> Mode:
    """How this run uses the memory: a person's writes nothing unless asked, a replay only reads."""
    return mode(options.state, options.state_dir, bool(options.replay))


def mode(state: str, directory: str, replay: bool) -> Mode:
    """As `mode_of`, from the values of --state and --state-dir and from the use of --replay."""
    if replay:
        return "ro" if directory and state != "off" else "off"
    if state == "auto":
        return "ro" if sys.stdout is not None and sys.stdout.isatty() else "rw"
    return "off" if state == "off" else "ro" if state == "ro" else "rw"
