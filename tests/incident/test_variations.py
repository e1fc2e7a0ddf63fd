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
from bothsides.model.evidence import Evidence, Look, UdpEvidence
from bothsides.parse.ip_owners import from_exchanges, from_map
from tests.support.side import joined
from tests.support.side.table import exchanges_text, map_text
from tests.support.side.worlds import WORLDS

Change = Callable[[list[Evidence]], list[Evidence]]


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


@pytest.mark.parametrize("world", ["short", "ipv6"])
def test_less_evidence_accuses_nobody_else_in_some_faults(world: str) -> None:
    assert list(wrong(world, 5, 24)) == []


@pytest.mark.soak
@pytest.mark.parametrize("world", sorted(path.name.split(".")[0] for path in joined.KEPT.iterdir()))
def test_less_evidence_accuses_nobody_else(world: str) -> None:
    assert list(wrong(world, 0, 3)) == []
