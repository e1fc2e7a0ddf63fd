"""Flows held against a learnt path: what is the same, what is balancing, and what is a change."""

import pytest

from bothsides.analyse.path.compare import Path, Walk, compare, divergence, join, new_members


def walk(**hosts: str) -> Walk:
    """Six flows over a..e; keywords such as f2 name another path for one flow, "*" is silence."""
    lines = [hosts.get(f"f{flow}", hosts.get("all", "abcde")) for flow in range(6)]
    flows = {
        flow: {ttl: (host,) for ttl, host in enumerate(line, 1) if host != "*"}
        for flow, line in enumerate(lines)
    }
    return Walk(flows, {flow: len(line) for flow, line in enumerate(lines)})


def path(learnt: Walk) -> Path:
    members: dict[int, tuple[str, ...]] = {}
    for hops in learnt.flows.values():
        for ttl, hosts in hops.items():
            members[ttl] = tuple(dict.fromkeys((*members.get(ttl, ()), *hosts)))
    return Path(0.0, 1.0, 9, learnt.flows, learnt.lengths, members)


BALANCED = path(walk(f3="axcde", f4="axcde", f5="axcde"))


@pytest.mark.parametrize(
    ("learnt", "seen", "verdict", "flows"),
    [
        (path(walk()), walk(), "same", 0),
        (path(walk()), walk(all="ab*de"), "same", 0),
        (path(walk()), walk(all="abXde"), "changed", 6),
        (path(walk()), walk(f0="abXde"), "changed", 1),
        (BALANCED, walk(all="abcde"), "reshuffled", 3),
    ],
)
def test_a_second_look_decides(learnt: Path, seen: Walk, verdict: str, flows: int) -> None:
    said = compare(learnt, seen, seen)
    assert (said.verdict, len(said.turns)) == (verdict, flows)


def test_without_a_second_look_a_difference_is_unconfirmed() -> None:
    assert compare(path(walk()), walk(all="abXde")).verdict == "unconfirmed"
    once = compare(path(walk()), walk(all="abXde"), walk())
    assert (once.verdict, once.fresh) == ("sibling", ((3, "X"),))


def test_a_new_member_of_another_network_is_a_change() -> None:
    seen = walk(f0="aycde", f3="axcde", f4="axcde", f5="axcde")
    alone = walk(f0="aycde")
    kept = compare(BALANCED, seen, alone, lambda address, other: True)
    moved = compare(BALANCED, seen, alone, lambda address, other: False)
    assert (kept.verdict, moved.verdict) == ("sibling", "changed")
    assert kept.fresh == ((2, "y"),) == new_members(BALANCED, seen)


def test_the_turn_that_most_flows_share_is_the_divergence() -> None:
    seen = walk(all="abXYde", f0="aZcde")
    said = compare(path(walk()), seen, seen)
    turn = divergence(said.turns)
    assert turn is not None
    assert (turn.ttl, turn.common, turn.old, turn.new, turn.longer) == (3, 2, "c", "X", 1)
    assert divergence(()) is None


def test_two_passes_are_joined_hop_by_hop() -> None:
    both = join(walk(all="ab*"), walk(all="axc"))
    assert both.flows[0] == {1: ("a",), 2: ("b", "x"), 3: ("c",)}
