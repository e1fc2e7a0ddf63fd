"""The harmful part of a world's catalogue: each kind of fault at many of the world's places."""

from collections.abc import Iterator

from tests.support.side.everyday import everyday
from tests.support.side.faults import (
    ALL,
    Fault,
    Place,
    at_end,
    both,
    on_link,
)
from tests.support.side.harms import Back, Cable, DeadResolver, Filter, NoRoute, Reroute, Service
from tests.support.side.nuisances import nuisances
from tests.support.side.routing import Step, directions, groups, steps
from tests.support.side.table import World, link_of, owner_of

SHARES = (0.2, 0.08, 0.4, 0.12, 0.3, 0.05)
_UDP, _MTR, _WEB = ("check_udp_loss",), ("check_mtr_path",), ("check_https",)


def catalogue(world: World) -> tuple[Fault, ...]:
    """All faults of a world, harmful ones first; the names are unique."""
    found = [fault for part in _PARTS for fault in part(world)]
    return tuple({fault.name: fault for fault in found}.values())


def main_steps(world: World) -> list[Step]:
    """The directed links between A and B, both ways; carriers in the place of tunnels."""
    found = [*steps(world, "A", "B"), *steps(world, "B", "A")]
    return [step for step in found if link_of(world, *step[:2]).kind != "vxlan"]


def _is_router(world: World, node: str) -> bool:
    """Whether a node forwards and is no end: where a filter sees packets of others only."""
    return node not in {end.node for end in world.ends}


def harm_on(world: World, step: Step, at_start: bool, rule: str) -> tuple[Filter, Place]:
    """A filter on a directed link, at the router before it or behind it, and its truth."""
    at_start = at_start and _is_router(world, step.start)
    place = on_link(world, step.start, step.end, at_start)
    if at_start:
        return Filter(step.start, "postrouting", f'oifname "to_{step.end}" {rule}'), place
    return Filter(step.end, "prerouting", f'iifname "to_{step.start}" {rule}'), place


def losing(share: float) -> str:
    """The rule that drops a share of the packets by chance."""
    return f"numgen random mod 1000 < {round(share * 1000)} counter drop"


def _losses(world: World) -> Iterator[Fault]:
    """Loss on every directed link, and both ways on some links."""
    for number, step in enumerate(main_steps(world)):
        share = SHARES[number % len(SHARES)]
        harm, place = harm_on(world, step, number % 2 == 0, losing(share))
        member = " of one ECMP member" if step.share < 1 else ""
        name = f"loss {share:.0%} {step}{member}"
        yield Fault(name, "loss", "loss", (harm,), (place,), share * step.share)
    for number, step in enumerate(main_steps(world)[::3]):
        share = SHARES[(number + 2) % len(SHARES)]
        harm, place = harm_on(world, step, False, losing(share))
        there = Step(step.end, step.start, step.share)
        other, back = harm_on(world, there, True, losing(share))
        name = f"loss {share:.0%} {step.start}-{step.end} both ways"
        yield Fault(name, "loss both", "loss", (harm, other), both(place, back), share * step.share)


def _silences(world: World) -> Iterator[Fault]:
    """Black holes one way, cut links and dead ECMP members."""
    whole = [step for step in main_steps(world) if step.share == 1]
    for number, step in enumerate(whole[1::3]):
        harm, place = harm_on(world, step, number % 2 == 0, "counter drop")
        yield Fault(f"black hole {step}", "black hole", "silence", (harm,), (place,))
    for number, step in enumerate(whole[2::4]):
        harm, place = harm_on(world, step, number % 2 == 0, "counter drop")
        other, back = harm_on(world, Step(step.end, step.start, 1), False, "counter drop")
        name = f"cut {step.start}-{step.end}"
        yield Fault(name, "cut", "silence", (harm, other), both(place, back))
    for number, step in enumerate(step for step in main_steps(world) if step.share < 1):
        if number % 2 == 0:
            harm, place = harm_on(world, step, number % 4 == 0, "counter drop")
            yield Fault(f"dead member {step}", "dead member", "loss", (harm,), (place,), step.share)


def _refusals(world: World) -> Iterator[Fault]:
    """Routers that prohibit, send back or have no route: the router itself is the side."""
    places = [step for step in main_steps(world) if step.share == 1 and _is_router(world, step.end)]
    for number, step in enumerate(places):
        side = owner_of(world)[step.end]
        link = on_link(world, step.start, step.end, False)
        place = link._replace(at=step.end, side=side, sides=(side,))
        ends = _ends_of(world, place.pairs)
        if number % 2 == 0:
            rule = f'iifname "to_{step.start}" counter reject with icmpx type admin-prohibited'
            harm = Filter(step.end, "forward", rule)
            yield Fault(
                f"prohibited at {step.end} from {step.start}",
                "reject",
                "silence",
                (harm,),
                (place,),
            )
        word = ("unreachable", "blackhole")[number // 2 % 2]
        routed = place._replace(pairs=_pairs_through(world, step.end, ends))
        if number % 3 == 1 and step.end not in dict(world.translators):
            lost = NoRoute(step.end, ends, word)
            name = f"no route ({word}) at {step.end}"
            yield Fault(name, "no route", "silence", (lost,), (routed,))
        if number % 3 == 2:
            back = Back(step.end, ends, step.start)
            ring = routed._replace(sides=link.sides)
            yield Fault(f"loop {step.start}-{step.end}", "loop", "loop", (back,), (ring,))


def _ends_of(world: World, pairs: tuple[str, ...]) -> tuple[str, ...]:
    """The ends to which these pairs go."""
    return tuple(dict.fromkeys(pair.split(">")[1] for pair in pairs))


def _pairs_through(world: World, node: str, ends: tuple[str, ...]) -> tuple[str, ...]:
    """The pairs to these ends whose packets pass a node."""
    pairs = [pair for pair in directions(world) if pair.split(">")[1] in ends]
    passed = {pair: {step.start for step in steps(world, *pair.split(">"))} for pair in pairs}
    return tuple(pair for pair in pairs if node in passed[pair])


def _changes(world: World) -> Iterator[Fault]:
    """Reroutes through another network: the side is the network that turns off."""
    for detour in world.detours:
        nodes = [node for place in groups(detour.way) for node in place]
        passed = dict.fromkeys(owner_of(world)[node] for node in nodes)
        side = owner_of(world)[detour.node]
        pairs = _pairs_through(world, detour.node, (detour.end,))
        place = Place(detour.node, side, tuple(passed), pairs, _MTR)
        harm = Reroute(detour.end, detour.way)
        name = f"reroute to {detour.end} at {detour.node}"
        yield Fault(name, "reroute", "change", (harm,), (place,))


def _delays(world: World) -> Iterator[Fault]:
    """Queues: a delay of a cable in one direction."""
    cables = [step for step in main_steps(world) if link_of(world, *step[:2]).kind == "cable"]
    for number, step in enumerate(cables):
        ms = (30.0, 60.0)[number % 2]
        place = on_link(world, step.start, step.end, True)
        harm = Cable(step.start, step.end, (("ms", ms), ("jitter", ms / 3)))
        yield Fault(f"delay {ms:.0f} ms {step}", "delay", "delay", (harm,), (place,), 0.0)


def _selective(world: World) -> Iterator[Fault]:
    """Policers and MTU holes: only some packets suffer."""
    whole = [step for step in main_steps(world) if step.share == 1]
    for number, step in enumerate(whole[2::5]):
        rule = "limit rate over 60/second burst 20 packets counter drop"
        harm, place = harm_on(world, step, number % 2 == 0, rule)
        yield Fault(f"policer {step}", "policer", "loss", (harm,), (place,), 0.1)
    for number, step in enumerate(whole[3::5]):
        harm, place = harm_on(world, step, number % 2 == 0, "meta length > 1300 counter drop")
        place = place._replace(hits=_WEB)
        yield Fault(f"MTU hole {step}", "mtu", "service", (harm,), (place,), 0.1)


def _ends(world: World) -> Iterator[Fault]:
    """Faults of the far ends' daemons."""
    for end in ("B", "A"):
        dead = _service(world, end, _UDP)
        web = _service(world, end, _WEB)
        stop = Service(end, "reflector", "stopped")
        yield Fault(f"reflector of {end} stopped", "udp down", "service", (stop,), (dead,))
        for word, manner in (("stopped", "stopped"), ("hangs", "paused"), ("slow", "slow")):
            harm = Service(end, "web", manner)
            name = f"web server of {end} {word}"
            yield Fault(name, f"web {word}", "service", (harm,), (web,))


def _hosts(world: World) -> Iterator[Fault]:
    """A far end that is down, and far ends with firewalls."""
    silent = Filter("B", "prerouting", 'iifname != "lo" counter drop')
    arriving = tuple(pair for pair in directions(world) if pair.endswith(">B"))
    place = at_end(world, "B", ALL, arriving)
    yield Fault("host B down", "host down", "silence", (silent,), (place,))
    views = _views_to(world, "B")
    for match, verdict, word, hits in (
        ("udp dport 862", "drop", "drops UDP", _UDP),
        ("udp dport 862", "reject with icmpx type admin-prohibited", "prohibits UDP", _UDP),
        ("tcp dport 443", "reject with icmpx type admin-prohibited", "prohibits HTTPS", _WEB),
    ):
        harm = Filter("B", "input", f"{match} counter {verdict}")
        place = at_end(world, "B", hits, views, views)
        yield Fault(f"firewall of B {word}", "far firewall", "silence", (harm,), (place,))


def _views_to(world: World, end: str) -> tuple[str, ...]:
    """The views whose target is this end, as the pairs of their requests."""
    return tuple(f"{one}>{other}" for one, other in world.views if other == end)


def _service(world: World, end: str, hits: tuple[str, ...]) -> Place:
    """A daemon of a far end as a place: whoever checks that end notices it."""
    return at_end(world, end, hits, (), _views_to(world, end))


def _monitors(world: World) -> Iterator[Fault]:
    """Faults of A itself, which checks B."""
    out, back = ("A>B",), ("B>A",)
    everything = "meta l4proto { tcp, udp, icmp, ipv6-icmp }"
    for hook, match, word, hits, pairs, views in (
        ("output", "udp dport 862", "drops its own UDP", _UDP, out, out),
        ("output", everything, "drops all that it sends", ALL, out, ()),
        ("input", "udp sport 862", "drops replies", _UDP, back, out),
    ):
        harm = Filter("A", hook, f"{match} counter drop")
        place = at_end(world, "A", hits, pairs, views)
        yield Fault(f"firewall of A {word}", "own firewall", "silence", (harm,), (place,))
    place = at_end(world, "A", ALL, out)
    lost = NoRoute("A", ("B",))
    yield Fault("A has no route to B", "own route", "silence", (lost,), (place,))
    resolver = (DeadResolver("A"), Filter("A", "input", "udp dport 53 counter drop"))
    place = at_end(world, "A", _WEB, out, out)
    yield Fault("resolver of A is dead", "own resolver", "silence", resolver, (place,))


def _middle(world: World) -> Iterator[Fault]:
    """Faults that begin or end while the checks run."""
    whole = [step for step in main_steps(world) if step.share == 1]
    for number, step in enumerate(whole[1::2][:8]):
        share = (0.4, 1.0)[number % 2]
        rule = "counter drop" if share == 1 else losing(share)
        harm, place = harm_on(world, step, number % 4 < 2, rule)
        begins, ends = ((0.9, None), (0.0, 1.6))[number // 2 % 2]
        word = "begins" if begins else "ends"
        name = f"loss {share:.0%} {step} that {word} in the run"
        yield Fault(name, "middle", "loss", (harm,), (place,), share / 2, begins, ends)


def _doubles(world: World) -> Iterator[Fault]:
    """Two faults at a time: one on each way, or one of the path and one of a host."""
    whole = [step for step in main_steps(world) if step.share == 1]
    there = [step for step in steps(world, "A", "B") if step in whole]
    here = [step for step in steps(world, "B", "A") if step in whole]
    for number in range(4):
        one, other = there[(2 * number) % len(there)], here[(2 * number + 1) % len(here)]
        share = (0.2, 0.3)[number % 2]
        first = harm_on(world, one, number % 2 == 0, losing(share))
        second = harm_on(world, other, number % 2 == 0, losing(share))
        if first[0].node == second[0].node:
            second = harm_on(world, other, number % 2 == 1, losing(share))
        harms, places = (first[0], second[0]), (first[1], second[1])
        yield Fault(f"loss {one} and {other}", "double", "loss", harms, places, share)
    for number, step in enumerate((there[2], here[1])):
        harm, place = harm_on(world, step, number == 0, losing(0.3))
        stop = Service("B", ("web", "reflector")[number], "stopped")
        dead = _service(world, "B", (_WEB, _UDP)[number])
        name = f"loss {step} and {stop.service} of B stopped"
        yield Fault(name, "double", "loss", (harm, stop), (place, dead), 0.3)


def _witnesses(world: World) -> Iterator[Fault]:
    """Faults of the other vantages' own links: nothing between A and B."""
    main = {frozenset(step[:2]) for step in main_steps(world)}
    for number, name in enumerate(one for one in ("C", "D") if one in world.hosts):
        own = [step for step in steps(world, name, "B") if frozenset(step[:2]) not in main]
        step = next(step for step in own if _is_router(world, step.end))
        harm, place = harm_on(world, step, False, (losing(0.25), "counter drop")[number])
        kind = "only C suffers" if name == "C" else "only D suffers"
        yield Fault(f"{kind}: {step}", kind, "loss", (harm,), (place,), (0.25, 1.0)[number])


_PARTS = (
    _losses,
    _silences,
    _refusals,
    _changes,
    _delays,
    _selective,
    _ends,
    _hosts,
    _monitors,
    _middle,
    _doubles,
    _witnesses,
    everyday,
    nuisances,
)
