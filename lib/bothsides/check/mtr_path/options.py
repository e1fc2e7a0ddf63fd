"""What may be asked of check_mtr_path: its figures, events, options and limits."""

from bothsides.analyse.path.ownership import Sources
from bothsides.base import files
from bothsides.base.errors import Misuse
from bothsides.base.types import Any, Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.ip_owners import Map, from_exchanges, from_map, to_number, to_span
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_count, from_duration, from_host
from bothsides.plugin.finding import Figure, Ranges, State
from bothsides.plugin.parser import Parser, nearest, valued
from bothsides.probe.mtr.session import Plan
from bothsides.store import sqlite

FIGURES = (
    Figure("rta", "s", "mean round trip of echo requests to the target"),
    Figure("pl", "%", "echo requests to the target without an answer", 0.0, 100.0),
    Figure("rtmax", "s", "longest round trip"),
    Figure("rtmin", "s", "shortest round trip"),
    Figure("hops", "", "hops to the target, or to the last one that answers"),
    Figure("as_hops", "", "networks on the path, where an owner is known"),
    Figure("flows", "", "flows that answered"),
    Figure("flows_changed", "", "of them, those that left the normal path"),
    Figure("path_changed", "", "1 when the path is not the normal one", 0.0, 1.0),
    Figure("path_age", "s", "since when the path is as it is"),
    Figure("known_paths", "", "paths to this target that are remembered"),
    Figure("switches_24h", "", "confirmed changes of path in the last 24 hours"),
    Figure("balanced_hops", "", "hops at which several routers share the load"),
    Figure("silent_hops", "", "hops on the way that did not answer"),
    Figure("diverge_hop", "", "first hop that differs from the normal path; 0: none"),
    Figure("reached", "", "1 when the target answered", 0.0, 1.0),
    Figure("probes", "", "packets sent"),
)
EVENTS = {
    "change": "the path is not the normal one",
    "flapping": "more than 4 changes of path in 24 hours",
    "unreached": "the target does not answer",
    "loop": "routers send the packets round in circles",
    "prohibited": "a router refuses to forward",
    "as-change": "the path passes other networks than before",
    "policy": "the path breaks --expect-as, --forbid-as or --via",
    "known": "an earlier path is in use again",
    "reshuffled": "flows changed places among known routers",
    "sibling": "a balanced hop has a new member",
    "quiet": "a hop stopped answering",
    "target": "the name has other addresses than before",
}
FLOOR = 0.005  # seconds that a round trip may grow before +50% of it means anything


class Relative(NamedTuple):
    """A limit above what is usual: by a share of it, or by an amount in the figure's unit (of loss: percentage points)."""

    share: float
    amount: float

    def range(self, centre: float, spread: float) -> Range:
        """The range for a usual value; growth within 5 ms or three deviations is noise."""
        return Range(0.0, centre + max(self.share * centre, self.amount, FLOOR, 3 * spread))


class Policy(NamedTuple):
    """What somebody insists on. expected: AS numbers in this order; forbidden: none of these; via: addresses or
    prefixes of which each must be met."""

    expected: tuple[int, ...] = ()
    forbidden: tuple[int, ...] = ()
    via: tuple[str, ...] = ()


class Terms(NamedTuple):
    """What the judge holds the run against: ranges, events by state, and limits relative to what is usual."""

    limits: Ranges
    warning: frozenset[str]
    critical: frozenset[str]
    relative: Mapping[str, tuple[Relative | None, Relative | None]]
    sticky: bool = False
    sources: Sources = Sources()
    policy: Policy = Policy()
    perf_hops: bool = False

    def state(self, event: str) -> State:
        """What an event means."""
        if event in self.critical:
            return State.CRITICAL
        return State.WARNING if event in self.warning else State.OK


# Command line -------------------------------------------------------------------------------------


WARNING = "change,flapping,pl=10,rta=+50%"
CRITICAL = "unreached,loop,prohibited,pl=40"


def options(parser: Parser) -> None:
    """Adds the check's own options."""
    group = parser.add_argument_group("path")
    group.add_argument(
        "-H",
        "--hostname",
        "--host",
        dest="host",
        metavar="HOST",
        help="the target: a name or an address",
    )
    group.add_argument(
        "--engine", choices=("auto", "mtr-packet", "mtr"), default="auto",
        help="what probes: mtr's engine (fixed flows, 2 s), or mtr itself (default auto: the best that works)",
    )  # fmt: skip
    group.add_argument(
        "--mtr-path",
        default="",
        metavar="FILE",
        help="mtr or mtr-packet, when it is not in a usual place",
    )
    group.add_argument(
        "--flows",
        type=valued(from_count, 1, 16),
        default=6,
        metavar="N",
        help="flows to follow, 1 to 16 (default 6)",
    )
    group.add_argument(
        "--echoes", type=valued(from_count, 1, 200), default=20, metavar="N",
        help="echo requests that measure loss and delay of the target (default 20)",
    )  # fmt: skip
    group.add_argument(
        "--input",
        default="",
        metavar="FILE",
        help="judge an old report of mtr in any format; - is stdin",
    )
    group.add_argument(
        "--perf-hops",
        action="store_true",
        help="figures of every hop too: h01_rta h01_pl and so on",
    )
    group.add_argument(
        "--watch",
        type=valued(from_duration),
        metavar="TIME",
        help="at a terminal: again every so often, until Ctrl-C",
    )
    proof = parser.add_argument_group("evidence")
    proof.add_argument(
        "--archive",
        default="",
        metavar="DIR",
        help="keep every run as a text report in this folder",
    )
    proof.add_argument(
        "--archive-name",
        default="",
        metavar="NAME",
        help="what its files are called (default the host)",
    )
    proof.add_argument(
        "--archive-tree", action="store_true", help="as NAME/TIME/SRC_to_DST.txt, not in one folder"
    )
    proof.add_argument(
        "--keep",
        type=valued(from_duration),
        metavar="TIME",
        help="take away archived files of ours that are older, as 14d",
    )
    owners = parser.add_argument_group("whose network")
    owners.add_argument(
        "--map", default="", metavar="FILE", help="lines PREFIX = LABEL, ROLE or ASn = LABEL, ROLE"
    )
    owners.add_argument(
        "--exchanges",
        default="",
        metavar="FILE",
        help="exchange networks: lines PREFIX NAME, or PeeringDB's JSON",
    )
    owners.add_argument(
        "--as-file",
        default="",
        metavar="FILE",
        help="addresses to AS numbers: pyasn, iptoasn (also .gz) or .mmdb",
    )
    owners.add_argument(
        "--asn", choices=("dns",), help="ask Team Cymru's DNS for what no file knows, 1 s at most"
    )
    normal = parser.add_argument_group("what is normal")
    normal.add_argument(
        "--sticky", action="store_true", help="never take a lasting change for the new normal"
    )
    normal.add_argument(
        "--accept", action="store_true", help="take the present path for the normal one, now"
    )
    normal.add_argument(
        "--expect-as",
        default="",
        metavar="AS,AS",
        help="the networks that the path must pass, in order",
    )
    normal.add_argument(
        "--forbid-as", default="", metavar="AS,AS", help="networks that it must not pass"
    )
    normal.add_argument(
        "--via", default="", metavar="NET,NET", help="addresses or prefixes that it must pass"
    )
    normal.add_argument(
        "--ignore-hop", default="", metavar="N-M", help="hops that are not compared, as in 1-2,7"
    )
    normal.add_argument(
        "--equiv",
        action="append",
        default=[],
        metavar="A=B",
        help="addresses that are the same router",
    )
    sqlite.options(parser)


def plan(options: Any) -> Plan:
    """The Plan of the options; Misuse or Unreadable for what makes no sense."""
    if not options.host and not options.input:
        raise Misuse("missing option -H")
    if options.mtr_path and not options.mtr_path.startswith("/"):
        raise Misuse(f"--mtr-path {options.mtr_path}: write an absolute path")
    sources = options.as_file or options.asn or options.exchanges or options.input
    if (options.expect_as or options.forbid_as) and not sources:
        option = "--expect-as" if options.expect_as else "--forbid-as"
        raise Misuse(f"{option} needs a source of AS numbers: --as-file FILE or --asn dns")
    return Plan(
        from_host(options.host) if options.host else "",
        options.family,
        options.engine,
        options.mtr_path,
        options.flows,
        options.echoes,
        options.state_dir,
        sqlite.mode(options),
        options.input,
        _numbers_of_hops(options.ignore_hop),
        tuple(_pair(text) for text in options.equiv),
    )


def own(item: str) -> bool:
    """Whether an item of -w or -c is an event, or a limit relative to what is usual."""
    label, separator, limit = item.partition("=")
    return (
        item in EVENTS
        or item == "none"
        or (bool(separator) and limit.startswith("+") and label in ("rta", "pl"))
    )


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare word that is no event is a mistake."""
    raise Misuse(nearest("event", items[0], EVENTS))


def limits(options: Any, limits: Ranges) -> Terms:
    """Ranges, events and relative limits of -w and -c; events that are given replace the default ones."""
    given = [_items(texts) for texts in (options.warning, options.critical)]
    usual = [_items([WARNING]), _items([CRITICAL])]
    events = [
        frozenset(
            item
            for item in (mine if any(_is_event(item) for item in mine) else default)
            if item in EVENTS
        )
        for mine, default in zip(given, usual, strict=True)
    ]
    relative = [
        _relative(default) | _relative(mine) for mine, default in zip(given, usual, strict=True)
    ]
    absolute = [{item.partition("=")[0] for item in mine if not own(item)} for mine in given]
    pairs = {
        label: (_unless(relative[0], absolute[0], label), _unless(relative[1], absolute[1], label))
        for label in relative[0].keys() | relative[1].keys()
    }
    if "policy" not in events[0]:
        events[1] |= {"policy"}
    return Terms(
        limits,
        events[0],
        events[1],
        pairs,
        options.sticky,
        sources(options),
        _policy(options),
        options.perf_hops,
    )


def sources(options: Any) -> Sources:
    """The operator's map and the exchanges, read."""
    operators = files.parsed(options.map, from_map) if options.map else Map()
    return Sources(
        operators, files.parsed(options.exchanges, from_exchanges) if options.exchanges else ()
    )


def _policy(options: Any) -> Policy:
    nets = tuple(text.strip() for text in options.via.split(",") if text.strip())
    for net in nets:
        to_span(net)
    return Policy(_systems(options.expect_as), _systems(options.forbid_as), nets)


def _systems(text: str) -> tuple[int, ...]:
    return tuple(
        from_count(item.strip().upper().removeprefix("AS"), 1, 2**32 - 1)
        for item in text.split(",")
        if item.strip()
    )


def _numbers_of_hops(text: str) -> tuple[int, ...]:
    """Hops of `1-2,7`."""
    hops: list[int] = []
    for item in text.split(",") if text else ():
        first, _, last = item.strip().partition("-")
        start, end = from_count(first, 1, 64), from_count(last or first, 1, 64)
        if end < start:
            raise Misuse(
                f"--ignore-hop {item.strip()}: write the lower hop first, as {end}-{start}"
            )
        hops += range(start, end + 1)
    return tuple(hops)


def _pair(text: str) -> tuple[str, str]:
    one, equals, other = (part.strip() for part in text.partition("="))
    if not equals:
        raise Unreadable(f"--equiv {text[:40]!r}: write two addresses as A=B")
    to_number(one), to_number(other)
    return one, other


def _items(texts: Sequence[str]) -> list[str]:
    return [item.strip() for text in texts for item in text.split(",")]


def _is_event(item: str) -> bool:
    return item in EVENTS or item == "none"


def _relative(items: Sequence[str]) -> dict[str, Relative]:
    found = {}
    for item in items:
        label, separator, limit = item.partition("=")
        if separator and own(item):
            if limit.endswith("%") and label == "rta":
                found[label] = Relative(from_range(limit[1:], "%").end / 100, 0.0)
            else:
                found[label] = Relative(
                    0.0, from_range(limit[1:], "s" if label == "rta" else "%").end
                )
    return found


def _unless(relative: Mapping[str, Relative], absolute: set[str], label: str) -> Relative | None:
    return None if label in absolute else relative.get(label)
