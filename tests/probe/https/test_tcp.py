"""What the kernel knows of connections and routes."""

import select
import socket

from bothsides.probe.https.tcp import Connection, connection, counters, routed


def test_a_connection_is_established_and_has_a_round_trip() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()[:2]) as client,
    ):
        known = connection(client)
    assert known.established and not known.connecting
    assert known.rtt is not None and 0 < known.rtt < 1
    assert known.retransmissions == 0


def test_a_socket_that_has_not_begun_is_neither_connecting_nor_connected() -> None:
    with socket.socket() as fresh:
        known = connection(fresh)
    assert (known.established, known.connecting, known.rtt) == (False, False, None)


def test_a_socket_that_is_not_tcp_has_no_state() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        assert connection(datagrams) == Connection(0, None, None)


def test_there_is_a_route_to_this_machine_and_none_to_where_nobody_is() -> None:
    assert routed("127.0.0.1")
    assert not routed("255.255.255.255")  # broadcast is refused without asking for it
    assert routed("fe80::1")


def test_what_a_connection_has_counted() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()[:2]) as client,
    ):
        served, _ = listener.accept()
        served.sendall(b"x" * 100)
        client.recv(200)
        known = counters(client)
        served.close()
    assert known is not None
    assert (known.received, known.gaps, known.unacknowledged, known.sacked) == (100, 0, 0, 0)
    assert known.quiet < 1 and known.segment > 500
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        assert counters(datagrams) is None


def test_data_that_nobody_has_read_is_seen_and_left_where_it_is() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()[:2]) as client,
        listener.accept()[0] as far,
    ):
        before = counters(client)
        far.sendall(b"answer")
        select.select([client], [], [], 5)
        after = counters(client)
        assert client.recv(10) == b"answer"
    assert before is not None and not before.unread
    assert after is not None and after.unread
