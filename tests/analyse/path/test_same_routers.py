"""Routers with another address and hops that a tunnel hides are no other path (S7)."""

from bothsides.analyse.path.alignment import Hops
from bothsides.analyse.path.same_routers import is_readdressed, is_tunnelled, may_be_parallel


def hops(line: str) -> Hops:
    """Each letter is a router; a dot is silence."""
    return {ttl: (host,) for ttl, host in enumerate(line, 1) if host != "."}


def same(address: str, other: str) -> bool | None:
    """Small letters and capitals are two networks; x belongs to nobody that is known."""
    return None if "x" in (address, other) else address.isupper() == other.isupper()


def readdressed(old: str, new: str) -> bool:
    return is_readdressed(hops(old), hops(new), (len(old), len(new)), same)


def tunnelled(old: str, new: str) -> bool:
    return is_tunnelled(hops(old), hops(new), (len(old), len(new)), same)


def test_one_hop_differs_and_the_next_answers_from_the_same_link() -> None:
    assert readdressed("abcde", "abfde")
    assert readdressed("abCDe", "abfDe")  # a border: the neighbour's address before
    assert readdressed("abcde", "fbcde")
    assert readdressed("a.cde", "a.fde")


def test_another_router_is_no_other_address() -> None:
    assert not readdressed("abcde", "abFde")  # of a network that the path did not pass there
    assert not readdressed("abcde", "abfge")  # the next hop is entered by another link
    assert not readdressed("abcde", "abfde."[:4])
    assert not readdressed("abcde", "abc.e")
    assert not readdressed("abcde", "abxde")  # nobody knows whose it is
    assert not readdressed("abcde", "abf.e")


def test_hops_that_vanish_while_the_rest_stays_in_order_are_in_a_tunnel() -> None:
    assert tunnelled("abcde", "abde")
    assert tunnelled("abcdef", "abf")
    assert tunnelled("abde", "abcde")
    assert not tunnelled("abcde", "abfe")
    assert not tunnelled("abcde", "adbe")
    assert not tunnelled("abde", "abCde")
    assert not tunnelled("abde", "abxde")
    assert not tunnelled("abcde", "abcde")


def parallel(old: str, new: str) -> bool:
    return may_be_parallel(hops(old), hops(new), same)


def test_one_flow_cannot_tell_a_parallel_path_from_a_new_one_in_the_same_networks() -> None:
    assert parallel("abcde", "abfde")
    assert parallel("abcde", "afgde")  # parallel paths of two routers each
    assert parallel("abcde", "abxde")  # nobody knows whose it is
    assert parallel("abCDe", "abfDe")  # another address of the router at a border
    assert parallel("abcde", "abde")  # a tunnel
    assert parallel("abcdee", "abfdee")  # a target that seemed one hop further away


def test_a_longer_path_another_network_and_a_path_that_does_not_rejoin_are_told_by_one_flow() -> (
    None
):
    assert not parallel("abcde", "abFde")
    assert not parallel("abcde", "abfgde")
    assert not parallel("abcde", "abcfg")
    assert not parallel("abcde", "dbcae")
    assert not parallel("abcde", "")
    assert not may_be_parallel(hops("abcde"), {2: ("b",), 3: ("f", "g"), 4: ("d",)}, same)
