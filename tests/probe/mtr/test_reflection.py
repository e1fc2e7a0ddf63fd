"""The far end's reflector is asked on which way packets are lost, over loopback."""

import random
from collections.abc import Sequence

import pytest

from bothsides.base.secret import Secret
from bothsides.model.path import Plan, Reflection, Run
from bothsides.probe.mtr.reflection import Inquiry
from bothsides.probe.udp.arrivals import arrivals
from bothsides.reflector.session import Rules
from tests.support.far_end import far_end, stamping
from tests.support.stopwatch import Stopwatch

RUN = Run("here", "127.0.0.1", "127.0.0.1", "127.0.0.1", echoes=(0.001,) * 20)
KEY = b"a key of the house"


def asked(port: int, seconds: float = 2.5, host: str = "127.0.0.1", key: bytes = b"") -> Reflection:
    plan = Plan("here", reflector=host, reflector_port=port, key=Secret(key.hex()))
    return Inquiry(plan, RUN, seconds).result(seconds)


@pytest.mark.parametrize("forward", [True, False])
def test_the_way_of_every_lost_packet_is_known(forward: bool) -> None:
    reflect, chance = stamping(), random.Random(1)

    def losing(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        lost = chance.random() < 0.3
        if lost and forward:
            return []
        replies = reflect(data, source)
        return [] if lost else replies

    with far_end(losing) as port:
        found = asked(port)
    assert found.sent == 200
    assert found.forward is not None and found.backward is not None
    mine, other = (found.forward, found.backward)[:: 1 if forward else -1]
    assert mine[0] >= 30
    assert other[1] <= 6
    assert (found.address, found.trouble, found.delays is not None) == ("127.0.0.1", "", True)


def test_a_key_is_used() -> None:
    with far_end(stamping(Rules(keys={None: KEY}))) as port:
        found = asked(port, 1.5, key=KEY)
        wrong = asked(port, 1.5, key=b"some other key")
    assert (found.answered, wrong.answered) == (found.sent, 0)


def test_a_silent_reflector_leaves_the_requests_that_arrive_here() -> None:
    reflect = stamping()

    def here(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        replies = reflect(data, source)
        return replies if len(data) > 44 else []  # answers what arrived, but no probe

    with far_end(here) as port:
        found = asked(port, 2.0)
        assert arrivals(("127.0.0.1", port), "127.0.0.1") is not None
    assert (found.answered, found.arrived is not None) == (0, True)


def test_who_cannot_be_asked_is_told_and_nothing_takes_longer_than_the_time_left() -> None:
    watch = Stopwatch()
    with far_end(lambda data, source: []) as port:
        found = asked(port, 1.5)
    assert watch.seconds < 2.0
    assert (found.answered, found.forward) == (0, None) or found.forward is not None
    nameless = asked(862, 1.5, host="nobody.invalid")
    assert nameless.trouble
    assert nameless.sent == 0
