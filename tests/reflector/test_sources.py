"""Who is answered, and at which rate."""

from bothsides.reflector.sources import Sources
from tests.support.far_end import networks


def test_all_addresses_of_an_ipv6_64_share_one_rate_and_ipv4_addresses_none() -> None:
    sources = Sources(networks("2001:db8::/32", "192.0.2.0/24"), everybody=False, rate=10)
    strangers: list[str] = []
    one, other, far = (
        sources.add(name, 0.0, strangers.append)
        for name in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    )
    assert one is other
    assert one is not far
    assert sources.add("192.0.2.1", 0.0, strangers.append) is not sources.add(
        "192.0.2.2", 0.0, strangers.append
    )
    assert not strangers


def test_a_stranger_is_told_once_and_remembered_as_refused() -> None:
    sources = Sources(networks("192.0.2.0/24"), everybody=False, rate=10)
    refused: list[str] = []
    assert not sources.add("198.51.100.1", 0.0, refused.append).allowed
    assert refused == ["198.51.100.1"]
    known = sources.get("198.51.100.1")
    assert known is not None
    assert not known.allowed
    assert sources.get("198.51.100.2") is None


def test_questions_are_answered_over_the_rate_but_not_for_ever() -> None:
    source = Sources((), everybody=True, rate=10).add("192.0.2.1", 0.0, lambda name: None)
    assert sum(source.may_ask(0.0) for _ in range(500)) == 128
    assert not source.may_ask(0.0)
    assert source.may_ask(1.0)
