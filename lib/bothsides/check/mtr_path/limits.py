"""What -w and -c of check_mtr_path mean: events, ranges, and limits relative to the usual value."""

from bothsides.base.errors import Misuse
from bothsides.base.types import Literal, Mapping, NamedTuple, Sequence
from bothsides.parse.ip_owners import to_span
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_count
from bothsides.plugin.finding import Ranges, State
from bothsides.plugin.parser import Namespace, nearest

Event = Literal[
    "change",
    "flapping",
    "unreached",
    "loop",
    "prohibited",
    "as-change",
    "policy",
    "known",
    "reshuffled",
    "sibling",
    "quiet",
    "target",
]
EVENTS: Mapping[str, str] = {
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
WARNING = "change,flapping,pl=10,rta=+50%"
CRITICAL = "unreached,loop,prohibited,pl=40"
FLOOR = 0.005  # seconds that a round trip may grow before +50% of it means anything


class Relative(NamedTuple):
    """A limit above the usual value."""

    share: float  # fraction of the usual value
    amount: float  # in the figure's unit; of loss: percentage points

    def range(self, centre: float, spread: float) -> Range:
        """The range for a usual value; growth within 5 ms or three deviations is noise."""
        end = centre + max(self.share * centre, self.amount, FLOOR, 3 * spread)
        return Range(0.0, float(f"{end:.3g}"))  # it stands in words


class Policy(NamedTuple):
    """The networks that a path must and must not pass."""

    expected: tuple[int, ...] = ()  # AS numbers, in this order
    forbidden: tuple[int, ...] = ()  # AS numbers
    via: tuple[str, ...] = ()  # addresses or prefixes; a router of each must be on the path


class Limits(NamedTuple):
    """What the judge compares an analysis with."""

    ranges: Ranges
    warning: frozenset[str]  # events
    critical: frozenset[str]  # events
    relative: Mapping[str, tuple[Relative | None, Relative | None]]  # label: warning, critical
    policy: Policy = Policy()
    perf_hops: bool = False  # whether every hop has figures of its own

    def state(self, event: Event) -> State:
        """What an event means."""
        if event in self.critical:
            return State.CRITICAL
        return State.WARNING if event in self.warning else State.OK


def own(item: str) -> bool:
    """Whether an item of -w or -c is an event, or a limit relative to the usual value."""
    label, separator, limit = item.partition("=")
    relative = bool(separator) and limit.startswith("+")
    if relative and label not in ("rta", "pl"):
        raise Misuse(f"{item[:40]}: only rta and pl have limits above the usual value (+)")
    return _is_event(item) or relative


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare word that is no event is a mistake."""
    raise Misuse(nearest("event", items[0], EVENTS))


def limits(options: Namespace, ranges: Ranges) -> Limits:
    """Ranges, events and relative limits of -w and -c; events replace the default ones."""
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
    if "policy" not in events[0]:
        events[1] |= {"policy"}
    relative = [
        _relative(default) | _relative(mine) for mine, default in zip(given, usual, strict=True)
    ]
    absolute = [{item.partition("=")[0] for item in mine if not own(item)} for mine in given]
    pairs = {
        label: (_unless(relative[0], absolute[0], label), _unless(relative[1], absolute[1], label))
        for label in relative[0].keys() | relative[1].keys()
    }
    return Limits(
        ranges=ranges,
        warning=events[0],
        critical=events[1],
        relative=pairs,
        policy=_policy(options),
        perf_hops=options.perf_hops,
    )


def _policy(options: Namespace) -> Policy:
    nets = tuple(text.strip() for text in options.via.split(",") if text.strip())
    for net in nets:
        to_span(net)
    return Policy(_as_numbers(options.expect_as), _as_numbers(options.forbid_as), nets)


def _as_numbers(text: str) -> tuple[int, ...]:
    return tuple(
        from_count(item.strip().upper().removeprefix("AS"), 1, 2**32 - 1)
        for item in text.split(",")
        if item.strip()
    )


def _items(texts: Sequence[str]) -> list[str]:
    return [item.strip() for text in texts for item in text.split(",")]


def _is_event(item: str) -> bool:
    return item in EVENTS or item == "none"


def _relative(items: Sequence[str]) -> dict[str, Relative]:
    limits = {}
    for item in items:
        label, separator, limit = item.partition("=")
        if not separator or not own(item):
            continue
        if limit.endswith("%") and label == "rta":
            limits[label] = Relative(from_range(limit[1:], "%").end / 100, 0.0)
        else:
            unit = "s" if label == "rta" else "%"
            limits[label] = Relative(0.0, from_range(limit[1:], unit).end)
    return limits


def _unless(relative: Mapping[str, Relative], absolute: set[str], label: str) -> Relative | None:
    return None if label in absolute else relative.get(label)
