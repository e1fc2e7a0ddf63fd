"""The records of a fault and its truth, and what a fault means for one view."""

from typing import Literal, NamedTuple

from tests.support.side.harms import Harm
from tests.support.side.routing import pairs_over
from tests.support.side.table import FAR_END, MONITOR, World, label_of, link_of, owner_of

ALL = ("check_mtr_path", "check_udp_loss", "check_https")
Effect = Literal["loss", "silence", "delay", "change", "loop", "service", "none"]
Direction = Literal["out", "back", "both", "none"]


class Place(NamedTuple):
    """Where one fault is.

    side: the owner of the router that does it, an exchange, or `host A`. sides: that, and the owner
    of the link's other end, which nobody can tell apart. pairs: whose packets suffer, as `A>B`; a
    service that is down loses no packet. views: the only views that notice it; none: all whose
    packets suffer, in either direction.
    """

    at: str  # directed link `i3>n1`, or a node
    side: str
    sides: tuple[str, ...]
    pairs: tuple[str, ...]
    hits: tuple[str, ...] = ALL  # checks that can notice it
    views: tuple[str, ...] = ()


class Fault(NamedTuple):
    """One entry of a catalogue; without places it is a harmless nuisance."""

    name: str
    kind: str
    effect: Effect
    harms: tuple[Harm, ...]
    places: tuple[Place, ...] = ()
    share: float = 1.0  # of the packets that pass, which are lost
    begins: float = 0.0  # s after the checks began
    ends: float | None = None  # s after the checks began; None: it lasts

    @property
    def harmful(self) -> bool:
        """Whether anybody suffers."""
        return bool(self.places)


class Truth(NamedTuple):
    """What one check of one view should say about a fault."""

    effect: Effect
    culprits: frozenset[str]  # labels, `far end`, `monitor`; empty: nothing to report
    spans: tuple[frozenset[str], ...]  # for each fault the labels at both ends of its link
    direction: Direction
    plain: bool  # large enough that silence of the check is a miss


def truth_for(world: World, fault: Fault, view: tuple[str, str], check: str) -> Truth:
    """The truth as one check of one view may find it."""
    start, target = view
    out, back = f"{start}>{target}", f"{target}>{start}"
    mine = []
    for place in fault.places:
        suffers = out in place.views if place.views else {out, back} & set(place.pairs)
        if suffers and check in place.hits:
            mine.append(place)
    ways = {pair for place in mine for pair in place.pairs if pair in (out, back)}
    direction: Direction = "none"
    if ways:
        direction = "both" if len(ways) == 2 else "out" if out in ways else "back"
    return Truth(
        fault.effect if mine else "none",
        frozenset(_seen_by(world, place.side, view) for place in mine),
        tuple(frozenset(_seen_by(world, side, view) for side in place.sides) for place in mine),
        direction,
        bool(mine) and _is_plain(fault, check),
    )


def _is_plain(fault: Fault, check: str) -> bool:
    """Whether silence of a check is a miss: the fault is large, lasts, and hits all flows."""
    if fault.begins or fault.ends is not None or fault.effect in ("delay", "change", "none"):
        return False
    if check == "check_https" and fault.effect == "loss":  # TCP sends again
        return False
    least = 0.15 if check == "check_udp_loss" else 0.3  # 20 echoes lose 2 or fewer by chance
    return fault.share >= least and ("member" not in fault.name or check == "check_udp_loss")


def _seen_by(world: World, side: str, view: tuple[str, str]) -> str:
    """A side as a view names it: `host A` is the monitor of its checks, the far end of others."""
    if not side.startswith("host "):
        return side
    host = side.removeprefix("host ")
    if host == view[0]:
        return MONITOR
    if host == view[1]:
        return FAR_END
    return owner_of(world)[world.end(host).node]


def side_of(world: World, node: str) -> str:
    """The side that a node is: its owner, or for a host the host."""
    return f"host {node}" if node in world.hosts else owner_of(world)[node]


def on_link(world: World, start: str, end: str, at_start: bool) -> Place:
    """A fault on a directed link: of the router before it, the one behind it, or the exchange."""
    link = link_of(world, start, end)
    exchange = label_of(world, link.address)
    culprit = side_of(world, start if at_start else end)
    sides = [side_of(world, start), side_of(world, end)]
    if exchange in world.exchanges:
        culprit = exchange
        sides.append(exchange)
    at, pairs = f"{start}>{end}", pairs_over(world, start, end)
    return Place(at, culprit, tuple(dict.fromkeys(sides)), pairs)


def at_end(
    world: World,
    end: str,
    hits: tuple[str, ...],
    pairs: tuple[str, ...],
    views: tuple[str, ...] = (),
) -> Place:
    """A fault of an end itself."""
    node = world.end(end).node
    side = side_of(world, node)
    return Place(node, side, (side,), pairs, hits, views)


def both(*places: Place) -> tuple[Place, ...]:
    """Places of one fault that acts in both directions, as one place."""
    first = places[0]
    pairs = dict.fromkeys(pair for place in places for pair in place.pairs)
    return (first._replace(pairs=tuple(pairs)),)
