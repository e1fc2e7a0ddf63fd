"""Where on a way a fault may be: every link, with the flows that pass it and the sides of it."""

from bothsides.base.types import Callable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case, View, Way
from bothsides.incident.early import early, shortest
from bothsides.incident.routers import UNSEEN, Hop
from bothsides.model.evidence import HopCount, PathEvidence

_MEMBER, _SILENT_MEMBER, _UNSEEN_MEMBER, _BUNDLED, _HOST = 0.5, 0.25, 0.02, 0.002, 0.15
"""How likely one of parallel links fails, one behind which nobody ever answered, one that the trace
does not pass, one of a bundle that looks like a single link, and the host itself."""


_LIKELY = 0.1  # part of a side that comes into question by more than an exception of custom
_NEAR, _SOCKET = 0.55, 0.15
"""Part of the router before a link, since queues stand in front of links; of a host's own end."""


class Link(NamedTuple):
    """One link of a way, or one of several parallel links."""

    hop: int  # number of the hop behind it, from 1
    after: frozenset[str]  # addresses of the routers before it; empty: the host itself, or unknown
    before: frozenset[str]  # addresses behind it; empty: unknown
    flows: frozenset[int]  # flows of the trace that pass it
    whole: bool  # whether all flows do
    sides: tuple[tuple[str, float], ...]  # codes, and how likely each is if the fault is here
    early: float = 0.0  # probability that replies of the router before it take the link too
    host: str = ""  # name of the host at this end of the way, if the fault is the host itself
    prior: float = 1.0  # how likely a fault is here, before anything is known

    def weight(self, side: str) -> float:
        """How likely a side is if the fault is here."""
        return sum(weight for code, weight in self.sides if code == side)

    @property
    def likely(self) -> frozenset[str]:
        """The sides that custom speaks for: by the others alone two places are not of one fault."""
        return frozenset(code for code, weight in self.sides if weight >= _LIKELY)

    @property
    def codes(self) -> frozenset[str]:
        """All sides that come into question."""
        return frozenset(code for code, _ in self.sides)


def links(case: Case, start: str, target: str, way: Way) -> tuple[Link, ...]:
    """Every link of a way, whole hops first, then the members of hops with parallel links."""
    listed = []
    every = frozenset(way.flows)
    view = case.view(start, target)
    best = shortest(view.now, view.before) if view is not None else {}
    path = view.now.path if view is not None else None
    answering = {hop.ttl for hop in path.hops if hop.host} if path is not None else set()
    last_lossy = _last(path, lambda hop: hop.lost > 0 and hop.ttl in answering)
    last_answered = _last(path, lambda hop: hop.lost < hop.sent)
    for hop in range(1, way.length + 1):
        unknown = _unknown(way, hop, last_lossy)
        dead = frozenset(flow for flow in unknown if last_answered.get(flow, 0) < hop)
        groups = _groups(way, hop, unknown)
        sides = _sides(case, start, target, way.line, hop)
        replies = early(way.line, hop, best)
        after = frozenset(one for near, _ in groups.values() for one in near)
        whole = Link(hop, after, frozenset(groups), every, True, sides, replies)
        listed.append(whole)
        for flows in dict.fromkeys((unknown, dead) if dead else (unknown,)):
            listed += _members(way, view, flows, whole)
    for hop, name in ((1, start), (way.length, target)):
        if case.host(name):
            itself = ((case.host(name), 1.0),)
            listed.append(
                Link(hop, frozenset(), frozenset(), every, True, itself, 0.0, name, _HOST)
            )
    return tuple(listed)


def _members(way: Way, view: View | None, unknown: frozenset[int], whole: Link) -> Iterator[Link]:
    """The parallel links of a hop, those that nobody sees too.

    unknown: flows that lose, and that may come by any of them.
    """
    hop = whole.hop
    groups = _groups(way, hop, unknown)
    if len(groups) > 1:
        for other, (near, flows) in groups.items():
            guessed = sum(not way.flows[flow][hop - 1] for flow in flows)
            prior = _MEMBER / len(groups) ** guessed
            before = frozenset({other})
            yield Link(hop, near, before, flows, False, whole.sides, whole.early, "", prior)
    if len(groups) < 2 or unknown:
        guess = max(_UNSEEN_MEMBER, _SILENT_MEMBER * 0.5 ** (len(unknown) - 1))
        prior = guess if unknown else _unseen(view, groups)
        nobody: frozenset[str] = frozenset()
        yield Link(hop, nobody, nobody, unknown, False, whole.sides, whole.early, "", prior)


def _unseen(
    view: View | None, groups: Mapping[str, tuple[frozenset[str], frozenset[int]]]
) -> float:
    """How likely there is another link that no flow of the trace takes, and it is at fault.

    Of two links, all of some flows take the same one once in 2, 4, 8 ... cases; a trace without
    fixed flows has one. Links that are bundled below the addresses show nothing of themselves.
    """
    fixed = view is not None and view.now.path is not None and view.now.path.fixed
    flows = max((len(flows) for _, flows in groups.values()), default=0)
    return max(_BUNDLED, _UNSEEN_MEMBER * 0.5 ** (flows - 1)) if fixed and flows else _UNSEEN_MEMBER


def _last(path: PathEvidence | None, fits: Callable[[HopCount], bool]) -> dict[int, int]:
    """For each flow of the trace the last hop whose counts fit."""
    last: dict[int, int] = {}
    for hop in path.hops if path is not None else ():
        if fits(hop):
            last[hop.flow] = max(hop.ttl, last.get(hop.flow, 0))
    return last


def _unknown(way: Way, hop: int, lossy: Mapping[int, int]) -> frozenset[int]:
    """The flows that lose, and whose address at a hop nobody knows."""
    return frozenset(
        flow for flow, line in way.flows.items() if not line[hop - 1] and lossy.get(flow, 0) >= hop
    )


def _groups(
    way: Way, hop: int, unknown: frozenset[int]
) -> dict[str, tuple[frozenset[str], frozenset[int]]]:
    """The parallel links to a hop by the address behind them: addresses before, and the flows.

    Flows that meet one address come by one link: an address belongs to an interface. A flow of
    which nobody knows that address may come by any of them, so each gets those that lose.
    """
    groups: dict[str, tuple[set[str], set[int]]] = {}
    for flow, line in way.flows.items():
        if line[hop - 1]:
            near, flows = groups.setdefault(line[hop - 1], (set(), set()))
            flows.add(flow)
            near.update({line[hop - 2]} - {""} if hop > 1 else ())
    return {
        before: (frozenset(near), frozenset(flows | unknown))
        for before, (near, flows) in groups.items()
    }


def _sides(
    case: Case, start: str, target: str, line: Sequence[Hop], hop: int
) -> tuple[tuple[str, float], ...]:
    """Whose a fault on a link may be: of the router before it, of the one behind, of both."""
    behind = line[hop - 1]
    if hop == 1:
        near = _parts((case.host(start) or start,), _SOCKET)
    else:
        near = _of_router(line[hop - 2], _NEAR)
    if hop == len(line):
        far = _parts((case.host(target) or target,), _SOCKET)
    else:
        far = _of_router(behind, 0.5)
    if behind.role == "tunnel" or (hop > 1 and _into_tunnel(line, hop)):
        return ((behind.label or line[hop - 2].label, 1.0),)
    weights: dict[str, float] = {}
    for parts in (near, far):
        for side, weight in parts.items():
            weights[side] = weights.get(side, 0.0) + weight
    if behind.role == "exchange":
        weights[behind.label] = 1.5
    total = sum(weights.values())
    return tuple((side, weight / total) for side, weight in weights.items())


def _into_tunnel(line: Sequence[Hop], hop: int) -> bool:
    """Whether a silent hop behind a tunnel's address is inside of it as well."""
    return not line[hop - 1].address and line[hop - 2].role == "tunnel"


def _of_router(hop: Hop, weight: float) -> dict[str, float]:
    return {side: weight * part for side, part in hop.shares}


def _parts(sides: Sequence[str], weight: float) -> dict[str, float]:
    if not sides:
        return {UNSEEN: weight}
    return {side: weight / len(sides) for side in sides}
