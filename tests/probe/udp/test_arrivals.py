"""What a reflector says about the requests of a host."""

from collections.abc import Sequence

import pytest

from bothsides.probe.udp.arrivals import arrivals
from bothsides.reflector.session import Rules
from tests.support.far_end import far_end, networks, stamping

KEY = b"a key of the house"


@pytest.mark.parametrize("key", [b"", KEY])
def test_a_host_is_told_about_itself_and_about_strangers(key: bytes) -> None:
    with far_end(stamping(Rules(keys={None: key} if key else {}))) as port:
        there = ("127.0.0.1", port)
        arrivals(there, "127.0.0.1", key=key)
        own = arrivals(there, "127.0.0.1", key=key)
        other = arrivals(there, "192.0.2.9", key=key)
    assert own is not None and other is not None
    assert (own.known, own.allowed, own.minutes[0]) == (True, True, 2)
    assert 0 <= own.last <= own.since < 5
    assert (other.known, other.allowed, sum(other.minutes)) == (False, True, 0)


def test_strangers_are_told_nothing() -> None:
    rules = Rules(everybody=True, allow=networks("192.0.2.0/24"))
    with far_end(stamping(rules)) as port:
        found = arrivals(("127.0.0.1", port), "127.0.0.1")
    assert found is not None
    assert (found.allowed, found.known, sum(found.minutes)) == (False, False, 0)


def test_silence_and_foreign_reflectors_tell_nothing() -> None:
    reflect = stamping()

    def foreign(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        return [reply + data[44:] for reply in reflect(data[:44], source)]

    for behaviour in (foreign, lambda data, source: [], lambda data, source: [data, b"x"]):
        with far_end(behaviour) as port:
            assert arrivals(("127.0.0.1", port), "127.0.0.1", 0.2) is None
    assert arrivals(("127.0.0.1", port), "127.0.0.1", 0.2) is None
