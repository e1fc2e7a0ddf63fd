"""Requests and replies of every protocol."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.model.udp import FIRST_CLOSING, ProbeProtocol
from bothsides.parse import Unreadable, mehsh, stamp, stamp_tlv
from bothsides.probe.udp.protocol import PORTS, PROTOCOLS, Codec, Decoded

T1 = 1_700_000_000_123_456_789
KEY = b"a key of the house"
SEQUENCES = st.integers(0, FIRST_CLOSING + 8)


def reflected(request: bytes, key: bytes = b"", ssid: int = 7) -> bytes:
    """What a STAMP reflector returns."""
    asked = stamp.from_request(request, key)
    reply = stamp.Reply(3, T1 + 9, 0x8001, ssid, T1 + 8, asked.sequence, asked.sent, 61)
    return stamp.to_reply(reply, request, key)


def test_every_protocol_has_a_port() -> None:
    assert set(PORTS) == set(PROTOCOLS)


@given(SEQUENCES, st.sampled_from([b"", KEY]))
def test_a_stamp_reply_tells_everything(sequence: int, key: bytes) -> None:
    codec = Codec("stamp", 112 if key else 44, 7, key)
    decoded = codec.decode(reflected(codec.encode(5, sequence, T1), key))
    assert decoded == Decoded(sequence, T1, 3, T1 + 8, T1 + 9, 0x8001, 61)


@given(SEQUENCES)
@pytest.mark.parametrize("protocol", ["stamp", "echo"])
def test_an_echo_returns_sequence_and_t1(protocol: ProbeProtocol, sequence: int) -> None:
    codec = Codec(protocol, 60, 7)
    assert codec.decode(codec.encode(5, sequence, T1)) == Decoded(sequence, T1)


@given(st.integers(0, 63), SEQUENCES)
def test_mehsh_returns_the_sequence_alone(flow: int, sequence: int) -> None:
    codec = Codec("mehsh", 18, 7)
    asked = mehsh.from_packet(codec.encode(flow, sequence, T1))
    reply = mehsh.to_packet(mehsh.Packet(asked.number, mehsh.REPLY))
    assert codec.decode(reply) == Decoded(sequence, None)


def test_packets_of_other_runs_and_other_kinds_are_refused() -> None:
    ours, other = Codec("stamp", 44, 7), Codec("stamp", 44, 8)
    with pytest.raises(Unreadable, match="another session"):
        ours.decode(reflected(other.encode(0, 1, T1), ssid=8))
    with pytest.raises(Unreadable, match="an echo"):
        ours.decode(other.encode(0, 1, T1))
    with pytest.raises(Unreadable, match="not an echo of our packet"):
        Codec("echo", 44, 7).decode(Codec("echo", 60, 7).encode(0, 1, T1))
    with pytest.raises(Unreadable, match="try --protocol stamp"):
        Codec("echo", 44, 7).decode(reflected(ours.encode(0, 1, T1)))
    with pytest.raises(Unreadable, match="not an answer to this run"):
        Codec("mehsh", 18, 7).decode(Codec("mehsh", 18, 7).encode(0, 1, T1))


def test_a_reflector_that_knows_no_ssid_is_understood() -> None:
    codec = Codec("stamp", 44, 7)
    assert codec.decode(reflected(codec.encode(0, 1, T1), ssid=0)).number == 3


@given(st.binary(max_size=200), st.sampled_from(PROTOCOLS), st.sampled_from([b"", KEY]))
def test_arbitrary_octets_are_unreadable_or_read(
    data: bytes, protocol: ProbeProtocol, key: bytes
) -> None:
    with contextlib.suppress(Unreadable):
        Codec(protocol, 44, 7, key).decode(data)


@pytest.mark.parametrize(("key", "least"), [(b"", 68), (KEY, 136)])
def test_a_packet_with_room_asks_when_the_reply_before_left(key: bytes, least: int) -> None:
    base = 112 if key else 44
    assert not any(Codec("stamp", least - 1, 7, key).encode(0, 0, T1)[base + 4 :])
    codec = Codec("stamp", least, 7, key)
    request = codec.encode(0, 0, T1)
    assert len(request) == least
    assert stamp_tlv.find(request[base:]) == (0, stamp_tlv.FollowUp(stamp_tlv.REQUEST))
    assert codec.decode(reflected(request, key)).tlv is None, "returned by a foreign reflector"
    tlv = stamp_tlv.to_follow_up(stamp_tlv.FollowUp(stamp_tlv.ANSWERED, 2, T1))
    answered = reflected(request, key)[:base] + tlv
    found = codec.decode(answered).tlv
    assert isinstance(found, stamp_tlv.FollowUp)
    assert found.number == 2


@pytest.mark.parametrize("protocol", ["echo", "mehsh"])
def test_what_is_no_stamp_carries_no_tlv(protocol: ProbeProtocol) -> None:
    codec = Codec(protocol, 200, 7)
    assert stamp_tlv.find(codec.encode(0, 0, T1)[44:]) is None
