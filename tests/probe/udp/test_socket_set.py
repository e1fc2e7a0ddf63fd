"""Sockets that are read together."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bothsides.probe.udp.socket import FlowSocket
from bothsides.probe.udp.socket_set import SocketSet


@contextmanager
def sockets(count: int) -> Iterator[list[FlowSocket]]:
    """Sockets on ports of loopback."""
    opened = [FlowSocket(4) for _ in range(count)]
    try:
        for each in opened:
            each.socket.bind(("127.0.0.1", 0))
        yield opened
    finally:
        for each in opened:
            each.close()


@contextmanager
def sink() -> Iterator[tuple[str, int]]:
    """An address that takes everything and answers nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        yield opened.getsockname()


def test_one_batch_has_everything_that_arrived_at_all_sockets() -> None:
    with sockets(3) as opened, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        together = SocketSet(opened)
        assert list(together.collect()) == []
        for number in range(40):
            sender.sendto(bytes([number]), ("127.0.0.1", opened[number % 2].port))
        batch = {each: [found.data[0] for found in datagrams] for each, datagrams in
                 together.collect()}  # fmt: skip
        assert batch == {opened[0]: [*range(0, 40, 2)], opened[1]: [*range(1, 40, 2)]}
        assert list(together.collect()) == []


def test_stamps_of_a_whole_tick_are_read_with_the_next_batch() -> None:
    with sockets(2) as opened, sink() as target:
        together = SocketSet(opened)
        stamps: list[int | None] = [None] * 40
        before = time.time_ns()
        for place in range(40):
            assert opened[place % 2].send(bytes(44), target, stamps, place) == ""
        time.sleep(0.02)
        assert list(together.collect()) == []
        kept = [stamp for stamp in stamps if stamp is not None]
        assert len(kept) == 40
        assert kept == sorted(kept)
        assert before < kept[0]
        assert kept[-1] < before + 20_000_000


def test_the_kernels_stamp_of_arrival_is_not_the_time_of_reading() -> None:
    with sockets(1) as opened, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        before = time.time_ns()
        sender.sendto(b"", ("127.0.0.1", opened[0].port))
        time.sleep(0.05)
        (((_, (datagram,)),)) = SocketSet(opened).collect()
        assert datagram.arrived is not None
        assert before < datagram.arrived < before + 40_000_000


def test_an_icmp_error_comes_without_a_datagram_and_hides_none() -> None:
    with sockets(1) as opened, sink() as closed:
        port = opened[0]
        together = SocketSet([port])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            nobody = free.getsockname()
        port.send(b"to nobody", nobody, [None], 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"hello", ("127.0.0.1", port.port))
        ((found, datagrams),) = together.collect(1.0)
        assert (found, [datagram.data for datagram in datagrams]) == (port, [b"hello"])
        assert [(error.kind, error.code) for _, error in port.icmp_errors] == [(3, 3)]
        port.icmp_errors.clear()
        assert port.send(b"goes on", closed, [None], 0) == ""
        assert list(together.collect()) == []


def test_a_socket_is_taken_out_before_it_is_closed() -> None:
    with sockets(2) as opened, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        together = SocketSet(opened)
        together.remove(opened[0])
        for each in opened:
            sender.sendto(b"x", ("127.0.0.1", each.port))
        assert [each for each, _ in together.collect(1.0)] == [opened[1]]
        together.add(opened[0])
        assert [each for each, _ in together.collect(1.0)] == [opened[0]]
