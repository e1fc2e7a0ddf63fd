"""The harmless part of a world's catalogue: what looks like a fault and is none."""

from collections.abc import Iterator

from tests.support.side.faults import Fault
from tests.support.side.harms import Cable, Filter, Harm, Hidden, Readdress, Settings
from tests.support.side.routing import groups, next_hops, steps
from tests.support.side.table import World, link_of, neighbours, owner_of

_SLOW = "limit rate over 2/second burst 4 packets counter drop"


def nuisances(world: World) -> Iterator[Fault]:
    """Every harmless entry of a world."""
    for part in (_limited, _silent, _targets, _cables, _rehashed, _readdressed, _hidden, _nothing):
        yield from part(world)


def _nuisance(name: str, kind: str, *harms: Harm) -> Fault:
    return Fault(name, kind, "none", harms)


def routers(world: World) -> list[str]:
    """The routers between A and B, of both ways, in order; those that carry a tunnel included."""
    ends = {end.node for end in world.ends}
    found = [step.end for pair in (("A", "B"), ("B", "A")) for step in steps(world, *pair)]
    return [node for node in dict.fromkeys(found) if node not in ends]


def _exceeded(world: World) -> str:
    """What matches a router's time-exceeded messages."""
    return "icmpv6 type time-exceeded" if world.family == 6 else "icmp type time-exceeded"


def limiting(node: str) -> Settings:
    """A router that limits its own ICMP messages as Linux does by default, and more."""
    return Settings(
        node,
        ("net.ipv4.icmp_ratelimit=1000", "net.ipv6.icmp.ratelimit=1000"),
        ("net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0"),
    )


def _limited(world: World) -> Iterator[Fault]:
    """ICMP rate limits of routers: one of each network, and all at once."""
    by_owner: dict[str, str] = {}
    for node in routers(world):
        by_owner.setdefault(owner_of(world)[node], node)
    for owner, node in by_owner.items():
        yield _nuisance(f"{node} of {owner} limits its ICMP", "rate limit", limiting(node))
    every = [limiting(node) for node in routers(world)]
    yield _nuisance("all routers limit their ICMP", "rate limit", *every)


def _silent(world: World) -> Iterator[Fault]:
    """Routers that never answer, and routers that answer half of the time."""
    found = routers(world)
    for number, node in enumerate(found):
        if number % 2 == 0:
            rule = f"{_exceeded(world)} counter drop"
            harm = Filter(node, "output", rule)
            yield _nuisance(f"{node} answers nothing", "silent router", harm)
        else:
            rule = f"{_exceeded(world)} numgen random mod 10 < 5 counter drop"
            yield _nuisance(f"{node} answers half", "rude router", Filter(node, "output", rule))
    every = [Filter(node, "output", f"{_exceeded(world)} counter drop") for node in found]
    yield _nuisance("no router answers", "silent router", *every)


def _targets(world: World) -> Iterator[Fault]:
    """Targets and networks that treat ICMP worse than the rest."""
    six = world.family == 6
    request = "icmpv6 type echo-request" if six else "icmp type echo-request"
    refused = "icmpv6 type destination-unreachable" if six else "icmp type destination-unreachable"
    for end in ("A", "B"):
        yield _nuisance(f"{end} limits its ICMP", "target limit", limiting(end))
        drop = Filter(end, "input", f"{request} counter drop")
        yield _nuisance(f"{end} drops echo requests", "echo dropped", drop)
        police = Filter(end, "input", f"{request} {_SLOW}")
        yield _nuisance(f"{end} polices echo requests", "echo policed", police)
        mute = Filter(end, "output", f"{refused} counter drop")
        yield _nuisance(f"{end} sends no port unreachable", "target silent", mute)
    edges = [step for step in steps(world, "A", "B") if link_of(world, *step[:2]).kind != "vxlan"]
    for step in edges[len(edges) // 2 : len(edges) // 2 + 1] if len(edges) > 3 else ():
        police = Filter(step.end, "prerouting", f'iifname "to_{step.start}" {request} {_SLOW}')
        yield _nuisance(f"{step.end} polices echo requests", "echo policed", police)


def _cables(world: World) -> Iterator[Fault]:
    """Reordering, duplicates and slow ICMP generation on each cable between A and B."""
    for pair in (("A", "B"), ("B", "A")):
        cables = [step for step in steps(world, *pair) if link_of(world, *step[:2]).kind == "cable"]
        for number, step in enumerate(cables):
            swap = (("swap", 0.1), ("late", 12.0))
            kinds = (
                ("reordering", "reordering", swap),
                ("duplicates", "duplicates", (("twice", 0.1),)),
            )
            word, kind, manner = kinds[number % 2]
            harm = Cable(step.start, step.end, manner)
            yield _nuisance(f"{word} {step}", kind, harm)
            # The near router's own messages leave by the other direction of the cable.
            slow = Cable(step.end, step.start, (("slow", 80.0),))
            yield _nuisance(f"{step.end} generates ICMP slowly", "slow icmp", slow)


def _rehashed(world: World) -> Iterator[Fault]:
    """ECMP splitters that begin their hashing anew."""
    tables = [next_hops(world, end.name) for end in world.ends]
    splitters = {node for hops in tables for node in hops if len(hops[node]) > 1}
    for node in [node for node in routers(world) if node in splitters]:
        seed = "net.ipv4.fib_multipath_hash_seed"
        for number in (1, 2):
            harm = Settings(node, (f"{seed}={7 * number}",), (f"{seed}=0",))
            yield _nuisance(f"{node} hashes anew ({number})", "rehash", harm)


def _readdressed(world: World) -> Iterator[Fault]:
    """Routers that answer from another address of their network."""
    for node in routers(world)[::2]:
        yield _nuisance(f"{node} has another address", "re-addressed", Readdress(node))


def _hidden(world: World) -> Iterator[Fault]:
    """A tunnel inside a network that hides a hop of the way."""
    near = neighbours(world)
    for end in world.ends:
        for way in (way for way in world.ways if groups(way)[-1] == (end.node,)):
            places = groups(way)
            for start, middle, last in zip(places, places[1:], places[2:], strict=False):
                inside = len({owner_of(world)[node] for node in (*start, *middle, *last)}) == 1
                if len(middle) == 2 and inside and len(start) == len(last) == 1:
                    node = middle[0]
                    assert {start[0], last[0]} <= set(near[node])
                    harm = Hidden(start[0], node, last[0], (end.name,))
                    yield _nuisance(
                        f"tunnel {start[0]}-{last[0]} hides {node} to {end.name}",
                        "hidden hop",
                        harm,
                    )
                    break


def _nothing(world: World) -> Iterator[Fault]:
    """Nothing at all: what a healthy network makes the checks say."""
    for number in (1, 2, 3):
        yield _nuisance(f"nothing ({number})", "nothing")
