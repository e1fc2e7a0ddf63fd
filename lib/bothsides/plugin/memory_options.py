"""--memory, --state-dir and --state: how a check remembers its runs, and states of its classes."""

import sys

from bothsides.base.errors import Misuse
from bothsides.base.types import Literal, Sequence
from bothsides.plugin.finding import State, from_state
from bothsides.plugin.parser import Namespace, Parser

Mode = Literal["rw", "ro", "off"]
MODES = ("auto", "rw", "ro", "off")


def add_options(parser: Parser, classes: Sequence[str] = ()) -> None:
    """Adds the options, the same for every check that remembers.

    classes: of findings, whose states --state may change.
    """
    add = parser.add_argument_group("memory").add_argument
    add(
        "--state-dir",
        default="",
        metavar="DIR",
        help="where earlier runs are remembered"
        " (default $STATE_DIRECTORY, /var/lib/bothsides, /var/tmp/bothsides-UID)",
    )
    add(
        "--memory",
        choices=MODES,
        default="auto",
        help="rw: use and update the memory, ro: only look, off: neither"
        " (default: ro at a terminal, else rw)",
    )
    words = f"another state for {' '.join(classes)}; or" if classes else ""
    metavar = "CLASS=STATE,..." if classes else "MODE"
    help_words = f"{words} the older spelling of --memory".strip()
    add("--state", action="append", default=[], metavar=metavar, help=help_words)


def _items(options: Namespace) -> list[str]:
    """The parts of all --state options, in their order."""
    return [item.strip() for text in options.state for item in text.split(",") if item.strip()]


def asked_of(options: Namespace) -> str:
    """The mode that the options name: that of --memory, else the last one of --state."""
    if options.memory != "auto":
        return str(options.memory)
    return next((item for item in reversed(_items(options)) if item in MODES), "auto")


def states_of(options: Namespace, classes: Sequence[str]) -> dict[str, State]:
    """The states that --state gives to classes; Misuse for what is neither a class nor a mode."""
    states = {}
    for item in _items(options):
        name, separator, state = item.partition("=")
        if not separator and item in MODES:
            continue
        if not separator or name not in classes:
            kinds = f"CLASS=STATE with a class of {', '.join(classes)}" if classes else ""
            modes = f"one of {', '.join(MODES)}"
            raise Misuse(f"--state {item[:40]}: write {kinds or modes}")
        states[name] = from_state(state)
    return states


def mode_of(options: Namespace) -> Mode:
    """How this run uses the memory: a person's writes nothing unless asked, a replay only reads."""
    return mode(asked_of(options), options.state_dir, bool(options.replay))


def mode(state: str, directory: str, replay: bool) -> Mode:
    """As `mode_of`, from the mode asked for, the directory and the use of --replay."""
    if replay:
        return "ro" if directory and state != "off" else "off"
    if state == "auto":
        return "ro" if sys.stdout is not None and sys.stdout.isatty() else "rw"
    return "off" if state == "off" else "ro" if state == "ro" else "rw"
