"""Kept faults with worse evidence: witnesses, checks, maps or clocks that are missing or wrong.

Less evidence may leave a verdict open; it may never accuse somebody else, nor be certain of it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import pytest

from bothsides.analyse.path.ownership import Maps, Owner, name_owners
from bothsides.incident.case import addresses_of, joined_case
from bothsides.incident.clocks import by_one_clock
from bothsides.incident.join import verdict
from bothsides.model.evidence import Evidence, HopCount, Look, PathEvidence, UdpEvidence
from bothsides.parse.ip_owners import from_exchanges, from_map
from tests.support.side import joined
from tests.support.side.table import World, exchanges_text, map_text, owner_of
from tests.support.side.worlds import WORLDS

Change = Callable[[list[Evidence]], list[Evidence]]


KEPT = sorted(path.name.split(".")[0] for path in joined.KEPT.iterdir())


class Variation(NamedTuple):
    """What is missing or wrong."""

    change: Change = list
    roles: bool = True  # whether the map has roles
    exchanges: bool = True  # whether the exchange networks are known
    known: bool = True  # whether there is a map


def without(*names: str) -> Change:
    """Without these hosts' documents."""
    return lambda documents: [each for each in documents if each.host not in names]


def looks(change: Callable[[Look], Look], hosts: str = "") -> Change:
    """With other looks, now and before, of some or all hosts."""
    return lambda documents: [
        each._replace(
            peers=tuple(
                peer._replace(now=change(peer.now), before=change(peer.before))
                for peer in each.peers
            )
        )
        if not hosts or each.host in hosts
        else each
        for each in documents
    ]


def no_past(documents: list[Evidence]) -> list[Evidence]:
    return [
        each._replace(peers=tuple(peer._replace(before=Look()) for peer in each.peers))
        for each in documents
    ]


def clock(host: str, seconds: float) -> Change:
    """One host's clock is wrong, its one-way delays included; or it is that much older."""
    return lambda documents: [
        _later(each, seconds) if each.host == host else each for each in documents
    ]


def _later(document: Evidence, seconds: float) -> Evidence:
    def moved(udp: UdpEvidence | None) -> UdpEvidence | None:
        return udp and udp._replace(at=udp.at + seconds)

    peers = tuple(
        peer._replace(
            now=Look(
                moved(peer.now.udp),
                peer.now.path and peer.now.path._replace(at=peer.now.path.at + seconds),
                peer.now.https and peer.now.https._replace(at=peer.now.https.at + seconds),
            )
        )
        for peer in document.peers
    )
    return document._replace(at=document.at + seconds, peers=peers)


def paths(change: Callable[[PathEvidence], PathEvidence]) -> Change:
    """With other traces, now and before, of all hosts."""
    return looks(lambda look: look._replace(path=look.path and change(look.path)))


def blank(hop: HopCount) -> HopCount:
    """As if nobody had answered there."""
    return hop._replace(host="", lost=hop.sent, best=None)


def silent(*ttls: int) -> Change:
    """The routers at these hops of every way never answer."""

    def muted(path: PathEvidence) -> PathEvidence:
        gone = {hop.host for hop in path.hops if hop.ttl in ttls} - {path.target}
        return path._replace(
            hops=tuple(blank(hop) if hop.host in gone else hop for hop in path.hops),
            echo_hops=tuple(blank(hop) if hop.ttl in ttls else hop for hop in path.echo_hops),
            refusals=tuple(each for each in path.refusals if each.host not in gone),
        )

    return paths(muted)


def one_flow(path: PathEvidence) -> PathEvidence:
    """As a trace by ICMP shows it."""
    kept = path.flows[:1]
    hops = tuple(hop for hop in path.hops if hop.flow in kept)
    return path._replace(fixed=False, flows=kept, hops=hops)


def echoes_alone(path: PathEvidence) -> PathEvidence:
    """A target that answers no UDP."""
    hops = tuple(blank(hop) if hop.host == path.target else hop for hop in path.hops)
    reached = path.length if path.echoes > path.echoes_lost else 0
    return path._replace(hops=hops, length=reached)


def without_directions(look: Look) -> Look:
    """As a plain echo service answers."""
    if look.udp is None:
        return look
    flows = tuple(flow._replace(forward=None) for flow in look.udp.flows)
    return look._replace(udp=look.udp._replace(forward=None, owd=None, flows=flows))


VARIATIONS: Mapping[str, Variation] = {
    "without C": Variation(without("C")),
    "without any third": Variation(without("C", "D", "U", "V")),
    "without B": Variation(without("B")),
    "without A": Variation(without("A")),
    "A alone": Variation(without("B", "C", "D", "U", "V")),
    "without the past": Variation(no_past),
    "without UDP": Variation(looks(lambda look: look._replace(udp=None))),
    "without traces": Variation(looks(lambda look: look._replace(path=None))),
    "without HTTPS": Variation(looks(lambda look: look._replace(https=None))),
    "A without a trace": Variation(looks(lambda look: look._replace(path=None), "A")),
    "B without a trace": Variation(looks(lambda look: look._replace(path=None), "B")),
    "B without UDP": Variation(looks(lambda look: look._replace(udp=None), "B")),
    "C without a trace": Variation(looks(lambda look: look._replace(path=None), "C")),
    "B an hour old": Variation(clock("B", -3600.0)),
    "C 70 s ahead": Variation(clock("C", 70.0)),
    "A 70 s behind": Variation(clock("A", -70.0)),
    "a map without roles": Variation(roles=False),
    "no map": Variation(known=False),
    "no exchanges": Variation(exchanges=False),
    "neither map nor exchanges": Variation(known=False, exchanges=False),
    "no roles and no past": Variation(no_past, roles=False),
    "reflectors without directions": Variation(looks(without_directions)),
    "traces of one flow": Variation(paths(one_flow)),
    "a target that answers echoes alone": Variation(paths(echoes_alone)),
    "hops 1 and 2 silent": Variation(silent(1, 2)),
    "hops 3 to 5 silent": Variation(silent(3, 4, 5)),
}


def owners_of(world: str, documents: list[Evidence], varied: Variation) -> Mapping[str, Owner]:
    text = map_text(WORLDS[world]) if varied.known else ""
    if not varied.roles:
        text = "".join(line.partition(",")[0] + "\n" for line in text.splitlines())
    exchanges = exchanges_text(WORLDS[world]) if varied.exchanges else ""
    maps = Maps(from_map(text), from_exchanges(exchanges))
    return name_owners(addresses_of(documents), maps, {})


def wrong(world: str, first: int, every: int) -> Iterator[str]:
    """What no verdict may say, over some faults of a world and all variations."""
    for name, truth, run in list(joined.kept(world))[first::every]:
        for words, varied in VARIATIONS.items():
            changed = varied.change(list(run.documents))
            timed = by_one_clock(changed, "A").documents
            owners = owners_of(world, list(timed), varied)
            said = verdict(joined_case("A", "B", timed, owners))
            mark = joined.mark_of(truth, said)
            surely = said.confidence == "certain" and mark not in ("exact", "open")
            if mark == "wrong" or surely:
                yield f"{words}: {name}: {truth['side']}, said {said.side} {said.confidence}"


def hosts_at(path: PathEvidence, ttl: int) -> set[str]:
    return {hop.host for hop in path.hops if hop.ttl == ttl and hop.host}


def inside(world: World, path: PathEvidence) -> list[set[str]]:
    """The routers of each hop of a path whose neighbours on both sides are of the same network."""
    owners = owner_of(world)
    of = {
        address: owners[node]
        for link in world.links
        for node, address in ((link.one, link.address), (link.other, link.peer))
    }
    found = []
    for ttl in range(2, path.length - 1):
        near = [hosts_at(path, each) for each in (ttl - 1, ttl, ttl + 1)]
        if all(near) and len({of.get(host) for hosts in near for host in hosts}) == 1:
            found.append(near[1])
    return found


def without_hops(path: PathEvidence | None, gone: set[int]) -> PathEvidence | None:
    """The trace as if nothing had been taken off the TTL at these hops."""
    if path is None:
        return None

    def later(ttl: int) -> int:
        return ttl - sum(each < ttl for each in gone)

    def kept(hops: tuple[HopCount, ...]) -> tuple[HopCount, ...]:
        return tuple(hop._replace(ttl=later(hop.ttl)) for hop in hops if hop.ttl not in gone)

    refusals = tuple(each._replace(ttl=later(each.ttl)) for each in path.refusals)
    return path._replace(
        hops=kept(path.hops),
        echo_hops=kept(path.echo_hops),
        length=later(path.length),
        refusals=refusals,
    )


def hiding(documents: list[Evidence], routers: set[str]) -> list[Evidence]:
    """With these routers in no trace, as behind MPLS."""
    changed = []
    for document in documents:
        peers = []
        for peer in document.peers:
            gone = {
                hop.ttl
                for path in (peer.now.path, peer.before.path)
                for hop in (path.hops if path is not None else ())
                if path is not None and hop.host and hosts_at(path, hop.ttl) <= routers
            }
            now, before = (
                look._replace(path=without_hops(look.path, gone))
                for look in (peer.now, peer.before)
            )
            peers.append(peer._replace(now=now, before=before))
        changed.append(document._replace(peers=tuple(peers)))
    return changed


def wrong_with_hidden_routers(world: str, every: int) -> Iterator[str]:
    """What no verdict may say where routers inside of a network on a way are hidden."""
    for name, truth, run in list(joined.kept(world))[::every]:
        ways = [
            peer.before.path
            for document in run.documents
            for peer in document.peers
            if {document.host, peer.peer} == {"A", "B"} and peer.before.path is not None
        ]
        if truth["effect"] in ("change", "loop"):
            continue
        for routers in [each for path in ways for each in inside(WORLDS[world], path)]:
            changed = run._replace(documents=tuple(hiding(list(run.documents), routers)))
            row = joined.scored(world, name, truth, joined.case_of(changed))
            yield from joined.complaints([row])


@pytest.mark.parametrize("world", ["short", "long_haul"])
def test_hidden_routers_accuse_nobody_else_in_some_faults(world: str) -> None:
    assert list(wrong_with_hidden_routers(world, 12)) == []


@pytest.mark.soak
@pytest.mark.parametrize("world", KEPT)
def test_hidden_routers_accuse_nobody_else(world: str) -> None:
    assert list(wrong_with_hidden_routers(world, 1)) == []


@pytest.mark.parametrize("world", ["short", "ipv6"])
def test_less_evidence_accuses_nobody_else_in_some_faults(world: str) -> None:
    assert list(wrong(world, 5, 24)) == []


@pytest.mark.soak
@pytest.mark.parametrize("world", KEPT)
def test_less_evidence_accuses_nobody_else(world: str) -> None:
    assert list(wrong(world, 0, 3)) == []
