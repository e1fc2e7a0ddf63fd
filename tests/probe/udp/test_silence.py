"""What is asked around a silent target; tests/real/test_udp_refusals.py does it in namespaces."""

from collections.abc import Sequence

import pytest

from bothsides.model.udp import ProbeProtocol, Silence
from bothsides.probe.udp.peer import Peer
from bothsides.probe.udp.protocol import Codec
from bothsides.probe.udp.silence import ask
from bothsides.reflector.session import Rules
from tests.support.far_end import far_end, stamping
from tests.support.stopwatch import Stopwatch

CODEC = Codec("stamp", 1200, 7)


def peer(port: int) -> Peer:
    return Peer("127.0.0.1", 4, ("127.0.0.1", port))


def test_a_closed_port_of_this_host_answers() -> None:
    with far_end(lambda data, source: []) as port:
        found = ask(peer(port), CODEC, 0.5)
    assert found is not None
    assert found._replace(echo_answered=False) == Silence(True, False, 0, "")


def test_a_small_packet_is_told_from_large_ones() -> None:
    reflect = stamping()

    def small_only(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        return reflect(data, source) if len(data) < 500 else []

    with far_end(small_only) as port:
        found = ask(peer(port), CODEC, 0.5)
    assert found is not None and found.small_answered


def test_an_answer_to_another_source_port_says_nothing_about_the_size() -> None:
    with far_end(stamping()) as port:
        found = ask(peer(port), CODEC._replace(size=44), 0.5)
    assert found is not None
    assert (found.again_answered, found.small_answered) == (True, False)


@pytest.mark.parametrize("protocol", ["echo", "mehsh"])
def test_the_protocol_is_kept(protocol: ProbeProtocol) -> None:
    with far_end(lambda data, source: []) as port:
        found = ask(peer(port), CODEC._replace(protocol=protocol, size=44), 0.5)
    assert found is not None
    assert (found.protocol, found.host_lives) == (protocol, True)


def test_a_reflector_without_keys_is_told_from_one_with_another_key() -> None:
    sealed = CODEC._replace(key=b"a key of sixteen", size=112)
    with far_end(stamping()) as port:
        open_to_all = ask(peer(port), sealed, 0.5)
    with far_end(stamping(Rules(keys={None: b"another sixteen."}))) as port:
        another = ask(peer(port), sealed, 0.5)
    assert open_to_all is not None
    assert another is not None
    assert (open_to_all.sealed, open_to_all.unsealed_answered) == (True, True)
    assert (another.sealed, another.unsealed_answered, another.host_lives) == (True, False, True)


def test_without_time_nothing_is_asked_and_with_little_it_ends_in_time() -> None:
    watch = Stopwatch()
    assert ask(peer(9), CODEC, 0.1) is None
    assert ask(Peer("192.0.2.1", 4, ("192.0.2.1", 9)), CODEC, 0.3) is not None
    assert watch.seconds < 1.0
