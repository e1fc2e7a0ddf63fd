"""A full mesh of 38 hosts: one fault of 3 % of each kind is found out of a minute's packets."""

import random
import time

import pytest

from bothsides.incident.mesh_vote import USUAL, Element, Kind, Member, Vote, Window, vote

HOSTS = {
    f"h{number:02d}": Member(f"dc{number % 9}", f"provider{number % 9 % 4}") for number in range(38)
}
KINDS: tuple[Kind, ...] = (
    "host out", "host in", "data centre out", "data centre in", "between",
)  # fmt: skip


def lost(chance: random.Random, sent: int, share: float) -> int:
    """A binomial number, by its normal limit where that is good."""
    mean = sent * share
    if mean > 20:
        return max(0, round(chance.gauss(mean, (mean * (1 - share)) ** 0.5)))
    return sum(chance.random() < share for _ in range(sent))


def judged(kind: Kind, seed: int, share: float = 0.03, sent: int = 2400) -> tuple[Element, Vote]:
    chance = random.Random(seed)
    host = chance.choice(list(HOSTS))
    names = {
        "host out": host,
        "host in": host,
        "data centre out": HOSTS[host].datacenter,
        "data centre in": HOSTS[host].datacenter,
        "between": "provider1 to provider2",
    }
    fault = Element(kind, names[kind])
    windows = []
    for start, here in HOSTS.items():
        for target, there in HOSTS.items():
            if start == target:
                continue
            outside = here.datacenter != there.datacenter
            hit = {
                "host out": start == host,
                "host in": target == host,
                "data centre out": outside and here.datacenter == names[kind],
                "data centre in": outside and there.datacenter == names[kind],
                "between": f"{here.provider} to {there.provider}" == names[kind],
            }[kind]
            number = lost(chance, sent, share) if hit else chance.random() < USUAL * sent / 4
            windows.append(Window(start, target, sent, int(number)))
    began = time.process_time()
    said = vote(windows, HOSTS)
    assert time.process_time() - began < 1
    return fault, said


@pytest.mark.parametrize("kind", KINDS)
def test_the_element_is_named_in_all_of_twenty_meshes(kind: Kind) -> None:
    right = 0
    for seed in range(20):
        fault, said = judged(kind, seed)
        right += fault in said.elements
        assert not said.also or fault in said.elements
    assert right == 20


def test_a_healthy_mesh_names_nobody() -> None:
    for seed in range(5):
        _, said = judged("host out", seed, share=0.0001)
        assert said.elements == ()


def test_elements_with_the_same_pairs_are_named_together() -> None:
    alone = {"a": Member("dc1", "p1"), "b": Member("dc2", "p2"), "c": Member("dc3", "p2")}
    windows = [
        Window(one, other, 2400, 80 if one == "a" else 0)
        for one in alone
        for other in alone
        if one != other
    ]
    said = vote(windows, alone)
    assert {(each.kind, each.name) for each in said.elements} == {
        ("host out", "a"), ("data centre out", "dc1"), ("between", "p1 to p2"),
    }  # fmt: skip
    assert said.pairs == 2
    assert said.share == pytest.approx(80 / 2400)


def test_nothing_sent_is_nothing_said() -> None:
    assert vote([Window("a", "b", 0, 0)], {}) == Vote((), (), 0.0, 0)
