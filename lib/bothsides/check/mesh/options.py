"""The options of check_mesh, and the plan and the limits that they make."""

from bothsides.base.errors import Misuse
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.model.mesh import SOCKET, Plan
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_duration
from bothsides.plugin.finding import Ranges
from bothsides.plugin.parser import Namespace, Parser, valued

_LONGEST = 3600.0  # s that a prober remembers


class Limits(NamedTuple):
    """The limits of all figures, and what is to be shown."""

    ranges: Ranges
    pairs: bool = False  # a report on every pair
    datacenters: bool = False  # a figure for every data centre
    tables: bool = False  # the figures of every pair


def options(parser: Parser) -> None:
    """Declares the check's own options."""
    add = parser.add_argument_group(
        "what is read", "a bare limit is the loss of one pair, as in -w 1%"
    ).add_argument
    add("-H", "--hostname", default="", metavar="HOSTS",
        help="far ends: a host, a group, dc:PREFIX, or an expression of the landscape"
        " (default all)")  # fmt: skip
    add("--socket", default=SOCKET, metavar="PATH",
        help=f"where udp_mesh of this host answers (default {SOCKET})")  # fmt: skip
    add("--window", type=valued(from_duration), default=60.0, metavar="TIME",
        help="time that is judged, at most 1h (default 60s)")  # fmt: skip
    add("--watch", type=valued(from_duration), nargs="?", const=2.0, metavar="TIME",
        help="at a terminal: again every so often, until Ctrl-C (default 2s)")  # fmt: skip
    add("--perf-datacenters", action="store_true",
        help="the loss of every data centre as a figure, pl_ and its name")  # fmt: skip


def limits(given: Namespace, ranges: Ranges) -> Limits:
    """The limits out of -w and -c."""
    pairs = given.output == "json"
    return Limits(ranges, pairs, given.perf_datacenters, bool(given.verbose) or pairs)


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare item of -w and -c: the loss of one pair in percent."""
    if len(items) > 1:
        raise Unreadable(f"{items[1][:40]!r}: one bare limit, the loss of a pair, as in 1%")
    return {"worst": from_range(items[0], "%")}


def plan(given: Namespace, limits: Limits) -> Plan:
    """The plan."""
    if not 0 < given.window <= _LONGEST:
        raise Misuse("--window: more than 0 and at most 1h")
    if given.family:
        words = "udp_mesh probes the addresses of the landscape; name hosts by -H"
        raise Misuse(f"-{given.family}: {words}")
    if not given.socket:
        raise Misuse("--socket: the path of udp_mesh's socket")
    return Plan(
        socket=given.socket,
        window=given.window,
        select="" if given.hostname == "all" else given.hostname,
        every=limits.tables,
    )
