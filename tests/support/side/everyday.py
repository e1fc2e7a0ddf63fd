"""Harmful faults that operators know beside plain ones: full queues, limits, doubtful firewalls."""

from collections.abc import Iterator
from itertools import pairwise

from tests.support.side.faults import ALL, Fault, at_end, both, on_link
from tests.support.side.harms import Cable, Filter, Reroute
from tests.support.side.nuisances import limiting, routers
from tests.support.side.routing import Step, groups, steps
from tests.support.side.table import World, link_of

_UDP = ("check_udp_loss",)


def everyday(world: World) -> Iterator[Fault]:
    """Every fault of this sort."""
    for part in (_queues, _limits, _hosts, _detours, _noise):
        yield from part(world)


def _whole(world: World, start: str, end: str) -> list[Step]:
    """The links that all packets of a pair pass; carriers in the place of tunnels."""
    return [
        step
        for step in steps(world, start, end)
        if step.share == 1 and link_of(world, *step[:2]).kind != "vxlan"
    ]


def _arriving(step: Step, rule: str) -> Filter:
    """A rule for what comes over a link."""
    return Filter(step.end, "prerouting", f'iifname "to_{step.start}" {rule}')


def _queues(world: World) -> Iterator[Fault]:
    """A link that carries less than what comes: packets wait, and are dropped."""
    every = [*_whole(world, "A", "B"), *_whole(world, "B", "A")]
    cables = [step for step in every if link_of(world, *step[:2]).kind == "cable"]
    for number, step in enumerate(cables):
        rate, queue = ((17_000, 60), (21_000, 150))[number % 2]  # octets/s, ms
        harm = Cable(step.start, step.end, (("rate", rate), ("queue", queue)))
        place = on_link(world, step.start, step.end, True)
        yield Fault(f"full queue {step}", "congestion", "loss", (harm,), (place,), 0.1)


def _limits(world: World) -> Iterator[Fault]:
    """Packets beyond a rate are dropped: half of all, as by a duplex mismatch, or UDP alone."""
    there = _whole(world, "A", "B")
    step = there[1]
    rule = "limit rate over 60/second burst 10 packets numgen random mod 2 < 1 counter drop"
    back = Step(step.end, step.start, 1)
    harms = (
        _arriving(step, rule),
        Filter(step.end, "postrouting", f'oifname "to_{back.end}" {rule}'),
    )
    place = both(
        on_link(world, *step[:2], at_start=False), on_link(world, *back[:2], at_start=True)
    )
    yield Fault(f"duplex {step}", "duplex", "loss", harms, place, 0.1)
    udp = "udp dport 862 limit rate over 40/second burst 10 packets counter drop"
    place = (on_link(world, *step[:2], at_start=False)._replace(hits=_UDP),)
    yield Fault(f"UDP limited {step}", "udp limit", "loss", (_arriving(step, udp),), place, 0.3)


def _hosts(world: World) -> Iterator[Fault]:
    """Hosts that lose what they send or get, and one that answers others alone."""
    lost = "numgen random mod 100 < {} counter drop"
    to_b = tuple(f"{start}>B" for start, target in world.views if target == "B")
    for name, kind, harm, place in (
        ("A cannot send 10%", "own card", Filter("A", "output", lost.format(10)),
         at_end(world, "A", ALL, ("A>B",))),
        ("B loses 15% of what it gets", "far card", Filter("B", "input", lost.format(15)),
         at_end(world, "B", ALL, to_b)),
    ):  # fmt: skip
        yield Fault(name, kind, "loss", (harm,), (place,), 0.1)
    source = f"{'ip6' if world.family == 6 else 'ip'} saddr {world.end('A').address}"
    alone = Filter("B", "input", f"{source} udp dport 862 counter drop")
    place = at_end(world, "B", _UDP, ("A>B",), ("A>B",))
    yield Fault("B drops UDP of A alone", "far firewall", "silence", (alone,), (place,))


def _detours(world: World) -> Iterator[Fault]:
    """Another way whose first cable is slow."""
    for detour in world.detours:
        nodes = [place[0] for place in groups(detour.way)]
        links = list(pairwise(nodes))
        slow = next((link for link in links if link_of(world, *link).kind == "cable"), None)
        if slow is None:
            continue
        pair = f"{'A' if detour.end == 'B' else 'B'}>{detour.end}"
        place = on_link(world, *slow, at_start=True)._replace(pairs=(pair,))
        harms = (
            Reroute(detour.end, detour.way),
            Cable(*slow, (("ms", 50.0), ("jitter", 15.0))),
        )
        name = f"detour to {detour.end} is slow at {slow[0]}>{slow[1]}"
        yield Fault(name, "detour slow", "delay", harms, (place,), 0.0)


def _noise(world: World) -> Iterator[Fault]:
    """A loss while all routers limit their answers."""
    step = _whole(world, "A", "B")[-2]
    harm = _arriving(step, "numgen random mod 100 < 12 counter drop")
    place = on_link(world, *step[:2], at_start=False)
    limits = [limiting(node) for node in routers(world)]
    name = f"loss 12% {step}, all limit their ICMP"
    yield Fault(name, "noise and loss", "loss", (*limits, harm), (place,), 0.12)
