"""The reflector's loop over real sockets, in the test's own process."""

import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from bothsides.parse import stamp, stamp_tlv
from bothsides.reflector import server as module
from bothsides.reflector.server import Pace, Server, listening
from bothsides.reflector.session import Reflector, Rules

REQUEST = stamp.to_request(stamp.Request(1, 1_700_000_000_000_000_000, 0x2001, 7))


@contextmanager
def serving(host: str, rules: Rules | None = None) -> Iterator[tuple[Reflector, int]]:
    """A running server; its reflector and its port."""
    opened = listening(host, 0)
    reader, writer = os.pipe()
    reflector, ended = Reflector(rules or Rules()), threading.Event()
    server = Server([opened], reflector, lambda: not ended.is_set(), reader)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield reflector, opened.getsockname()[1]
    finally:
        ended.set()
        os.write(writer, b".")
        thread.join()
        opened.close()
        os.close(reader)
        os.close(writer)


def replied(port: int, host: str, tos: int = 0) -> tuple[bytes, list[tuple[int, int, bytes]], str]:
    """The reply to one request, its control messages, and where it came from."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.settimeout(2)
        if family == socket.AF_INET:
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
        sender.sendto(REQUEST, (host, port))
        data, control, _, source = sender.recvmsg(1000, 500)
        return data, control, source[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_request_is_answered_with_both_instants_and_the_ttl(host: str) -> None:
    before = time.time_ns()
    with serving(host) as (reflector, port):
        reply = stamp.from_reply(replied(port, host)[0])
    assert before - 10**7 < reply.received <= reply.replied <= time.time_ns()
    assert reply.ttl == 64
    assert reflector.counts == {"received": 1, "reflected": 1}


def test_the_reply_has_the_address_that_was_asked_and_the_dscp_of_the_request() -> None:
    with serving("0.0.0.0") as (_, port):
        _, control, source = replied(port, "127.0.0.3", tos=46 << 2)
    assert source == "127.0.0.3"
    assert [data[0] for _, kind, data in control if kind == socket.IP_TOS] == [46 << 2]


def test_the_clocks_claim_is_read_before_the_first_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bothsides.reflector.server.claim", lambda: 0.25)
    with serving("127.0.0.1") as (_, port):
        reply = stamp.from_reply(replied(port, "127.0.0.1")[0])
    assert stamp.from_error(reply.error) == pytest.approx(0.25, rel=0.01)


def test_an_address_that_is_not_ours_cannot_be_listened_on() -> None:
    with pytest.raises(OSError, match="assign"):
        listening("192.0.2.1", 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_next_reply_tells_when_the_kernel_sent_the_one_before(host: str) -> None:
    tlv = stamp_tlv.to_follow_up(stamp_tlv.FollowUp(stamp_tlv.REQUEST))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    told = []
    with serving(host) as (_, port), socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.settimeout(2)
        for _ in range(3):
            sender.sendto(REQUEST + tlv, (host, port))
            data = sender.recv(1000)
            found = stamp_tlv.find(data[stamp.PLAIN :])
            assert found is not None and isinstance(found[1], stamp_tlv.FollowUp)
            told.append((stamp.from_reply(data), found[1]))
            time.sleep(0.02)
    assert [(answer.status, answer.number) for _, answer in told] == [(2, 0), (1, 0), (1, 1)]
    for (before, _), (after, answer) in pairwise(told):
        assert before.replied <= answer.left < after.received


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def busy(clock: Clock) -> Pace:
    """The pace of a reflector that had 38 datagrams every 25 ms so far."""
    pace = Pace()
    for _ in range(9):
        pace.wait()
        pace.note(38)
        clock.sleep(0.025)
    pace.wait()
    return pace


def test_a_busy_reflector_lets_a_burst_arrive_whole_and_waits_for_nothing_else(
    clock: Clock,
) -> None:
    pace = busy(clock)
    clock.sleep(0.020)  # in which nothing arrives
    began = clock.now
    assert pace.gather(3)
    assert clock.now - began == pytest.approx(0.001)
    assert not pace.gather(0), "nothing has come"
    assert not pace.gather(30), "it is there already"
    pace.note(38)
    pace.wait()
    assert not pace.gather(3), "no silence came before"
    assert clock.now - began == pytest.approx(0.001), "after a whole burst there is no pause"


def test_a_reflector_with_little_to_do_waits_for_no_burst(clock: Clock) -> None:
    pace = Pace()
    for _ in range(9):
        pace.wait()
        pace.note(1)
        clock.sleep(0.025)
        assert not pace.gather(1)


def test_mehsh_s_requests_wait_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """mehsh's nodes cannot take a pause off their delays."""
    monkeypatch.setattr(Pace, "gather", lambda *_: pytest.fail("it waited"))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking,
        listening("127.0.0.1", 0) as opened,
    ):
        reflector = Reflector(Rules(mehsh=True))
        server = Server([opened], reflector, lambda: False, -1)
        asking.sendto(bytes.fromhex("13706a4b0000000100000000000000010001"), opened.getsockname())
        select.select([opened], [], [], 5)
        server._drain(opened.fileno())
        asking.settimeout(5)
        assert asking.recv(64)[-1] == 2
