"""Control messages and errors as Linux writes them."""

import _socket
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.probe.net.kernel_socket import (
    IP_TTL,
    SO_RXQ_OVFL,
    SO_TIMESTAMPNS,
    ControlData,
    from_control,
    offender,
    prefer,
    to_nanoseconds,
)

messages = st.lists(
    st.tuples(
        st.sampled_from([socket.SOL_SOCKET, socket.IPPROTO_IP, socket.IPPROTO_IPV6]),
        st.sampled_from([SO_TIMESTAMPNS, SO_RXQ_OVFL]),
        st.binary(max_size=50),
    )
)


@pytest.mark.parametrize(
    ("octets", "ns"),
    [
        (struct.pack("@qq", 7, 5), 7_000_000_005),
        (struct.pack("@qqqqqq", 7, 5, 0, 0, 0, 0), 7_000_000_005),
        (struct.pack("@ii", 7, 5), 7_000_000_005),
        (bytes(16), None),
        (b"short", None),
    ],
)
def test_a_stamp_is_the_first_timespec(octets: bytes, ns: int | None) -> None:
    assert to_nanoseconds(octets) == ns


def test_control_messages_give_stamp_ttl_and_overflow() -> None:
    control = [
        (socket.SOL_SOCKET, SO_TIMESTAMPNS, struct.pack("@qq", 7, 5)),
        (socket.SOL_SOCKET, SO_RXQ_OVFL, struct.pack("@I", 3)),
        (socket.IPPROTO_IP, IP_TTL, struct.pack("@i", 61)),
    ]
    assert from_control(control) == ControlData(7_000_000_005, 61, 3)
    assert from_control(control[:1]) == ControlData(7_000_000_005, None, None)
    hops = (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, struct.pack("@i", 60))
    assert from_control([hops]).ttl == 60
    assert from_control([]) == ControlData(None, None, None)


@given(messages)
def test_any_control_messages_are_read(control: list[tuple[int, int, bytes]]) -> None:
    from_control(control)


@pytest.mark.parametrize("text", ["192.0.2.7", "2001:db8::7"])
def test_the_sender_of_an_error_is_read_out_of_its_sockaddr(text: str) -> None:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    address = socket.inet_pton(family, text)
    padding = 6 if family == socket.AF_INET6 else 2
    assert offender(struct.pack("@H", family) + bytes(padding) + address) == text


@given(st.binary(max_size=30))
def test_any_octets_are_a_sender_or_none(octets: bytes) -> None:
    assert isinstance(offender(octets), str)


def test_an_option_that_the_kernel_refuses_harms_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        assert prefer(opened, _socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        assert not prefer(opened, _socket.SOL_SOCKET, 9999, 1)
