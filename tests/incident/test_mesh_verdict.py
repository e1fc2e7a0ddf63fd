"""A full mesh of 38 hosts, judged out of the documents of all hosts."""

import random
import time

import pytest

from bothsides.analyse.evidence.from_mesh import mesh_evidence
from bothsides.incident.mesh_verdict import MeshVerdict, mesh_verdict, windows_of
from bothsides.incident.mesh_vote import Element, Kind, Window
from bothsides.model.evidence import Evidence, Look, PeerEvidence
from tests.incident.test_mesh_vote import HOSTS, KINDS, lost
from tests.support.evidence import NOW, document, silent, udp
from tests.support.mesh_window import GOOD, window

SENT = 2400  # packets of a pair in a minute


def hit(fault: Element, start: str, target: str) -> bool:
    """Whether a fault concerns the packets of a pair."""
    here, there = HOSTS[start], HOSTS[target]
    outside = here.datacenter != there.datacenter
    return {
        "host out": start == fault.name,
        "host in": target == fault.name,
        "data centre out": outside and here.datacenter == fault.name,
        "data centre in": outside and there.datacenter == fault.name,
        "between": f"{here.provider} to {there.provider}" == fault.name,
    }[fault.kind]


def fault_of(kind: Kind, chance: random.Random) -> Element:
    host = chance.choice(sorted(HOSTS))
    if kind.startswith("host"):
        return Element(kind, host)
    name = "provider1 to provider2" if kind == "between" else HOSTS[host].datacenter
    return Element(kind, name)


def documents(faults: tuple[Element, ...], chance: random.Random, share: float) -> list[Evidence]:
    """What every host's mesh window says in the minute of the faults."""
    made = []
    for start in HOSTS:
        pairs = []
        for target in HOSTS:
            if start == target:
                continue
            out = _lost(faults, start, target, chance, share)
            back = min(SENT - out, _lost(faults, target, start, chance, share))
            pairs.append(GOOD._replace(name=target, sent=SENT, lost=out + back, out=out, back=back))
        seen = mesh_evidence(window(pairs, asked=NOW, now=NOW, closed=NOW), 60.0)
        made.append(
            document(start, {})._replace(
                peers=tuple(PeerEvidence(name, "", Look(udp=each)) for name, each in seen.items())
            )
        )
    return made


def _lost(
    faults: tuple[Element, ...], start: str, target: str, chance: random.Random, share: float
) -> int:
    usual = int(chance.random() < 0.3)
    return usual + sum(lost(chance, SENT, share) for each in faults if hit(each, start, target))


def judged(kind: Kind, seed: int) -> tuple[Element, MeshVerdict, float]:
    chance = random.Random(f"{kind} {seed}")
    fault = fault_of(kind, chance)
    made = documents((fault,), chance, 0.03)
    began = time.process_time()
    said = mesh_verdict(made, HOSTS)
    return fault, said, time.process_time() - began


def right(kind: Kind, count: int) -> int:
    good = 0
    for seed in range(count):
        fault, said, took = judged(kind, seed)
        good += len(said.votes) == 1 and fault in said.votes[0].elements
        assert took < 1
    return good


@pytest.mark.parametrize("kind", KINDS)
def test_one_fault_of_3_percent_is_named_alone(kind: Kind) -> None:
    assert right(kind, 3) == 3


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_one_fault_of_3_percent_is_named_in_98_of_100(kind: Kind) -> None:
    assert right(kind, 100) >= 98


def test_two_faults_at_a_time_are_both_named() -> None:
    faults = Element("host out", "h03"), Element("data centre in", "dc5")
    said = mesh_verdict(documents(faults, random.Random(7), 0.03), HOSTS)
    assert {each.elements[0] for each in said.votes} == set(faults)


def test_a_healthy_mesh_names_nobody() -> None:
    said = mesh_verdict(documents((), random.Random(1), 0.0), HOSTS)
    assert (said.votes, said.share, said.pairs, said.heard) == ((), None, 38 * 37, 38)
    assert set("".join(row.split()[0] for row in said.grid)) == {"-", "."}


def test_both_hosts_counts_of_one_direction_are_put_together() -> None:
    made = [document("a", {"b": Look(udp(out=20))}), document("b", {"a": Look(udp(back=10))})]
    assert windows_of(made) == [Window("a", "b", 400, 30), Window("b", "a", 380, 0)]


def test_a_peer_that_never_answers_counts_in_both_directions() -> None:
    made = [document("a", {"b": Look(silent())})]
    assert windows_of(made) == [Window("a", "b", 200, 200), Window("b", "a", 200, 200)]


def test_a_host_that_is_down_is_named_and_no_other() -> None:
    dead = "h10"
    made = []
    for each in documents((), random.Random(3), 0.0):
        peers = tuple(
            peer._replace(now=Look(silent())) if dead in (each.host, peer.peer) else peer
            for peer in each.peers
        )
        if each.host != dead:
            made.append(each._replace(peers=peers))
    said = mesh_verdict(made, HOSTS)
    assert {each.elements[0] for each in said.votes} == {
        Element("host in", dead), Element("host out", dead),
    }  # fmt: skip
