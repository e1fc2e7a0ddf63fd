"""The limits of check_snmp_clock: ranges, and how much a clock of ours without account counts."""

from bothsides.base.types import Literal, Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.plugin.finding import Ranges, State
from bothsides.plugin.memory_options import states_of
from bothsides.plugin.parser import Namespace

LocalSync = Literal["require", "warn", "ignore"]


CLASSES = (
    "silent",  # no reply
    "refused",  # ICMP port unreachable
    "path",  # a router refuses
    "dns",  # the name has no address
    "local",  # what this host lacks to ask
    "config",  # wrong user, password or protocol
    "server",  # the agent replies something else than what is asked for
    "missing",  # the agent does not have the variable
    "stuck",  # its value stands still
    "unsynchronised",  # the agent's own NTP says so
)
"""What --state may give another state."""


class Limits(NamedTuple):
    """What the judge goes by."""

    ranges: Ranges
    local_sync: LocalSync = (
        "require"  # our own clock is not synchronised: UNKNOWN, WARNING, nothing
    )
    guess_zone: bool = False  # whether an unnamed zone is taken from the offset (--timezone auto)
    states: Mapping[str, State] = {}  # by class, where --state changed them

    def state(self, kind: str, default: State = State.UNKNOWN) -> State:
        """The state of a class of findings."""
        return self.states.get(kind, default)


def limits(options: Namespace, ranges: Ranges) -> Limits:
    """The limits of the command line."""
    states = states_of(options, CLASSES)
    return Limits(ranges, options.local_sync, options.timezone == "auto", states)


def overlap_words(ranges: Ranges) -> str:
    """Limits of the offset that leave no WARNING, because CRITICAL comes first; "" otherwise."""
    warning, critical = ranges.warning.get("offset"), ranges.critical.get("offset")
    if warning is None or critical is None or warning.inside or critical.inside:
        return ""
    if warning.start > critical.start or warning.end < critical.end or warning == critical:
        return ""
    return f"-w {warning} lies outside -c {critical}, so no offset is a WARNING"


def short(items: Sequence[str]) -> dict[str, Range]:
    """`5` is 5 s either way, on the offset; a range with `:` or `@` counts with its signs."""
    if len(items) > 1:
        raise Unreadable("one range for the offset, please; others as LABEL=RANGE")
    try:
        offset = from_range(items[0], "s")
    except Unreadable as fault:
        raise Unreadable(f"limit of the offset: {fault}") from None
    if ":" not in items[0] and "@" not in items[0]:
        offset = Range(-offset.end, offset.end)
    return {"offset": offset}
