"""The usual way and the general one over real sockets: the same replies, the same books."""

import errno
import os
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bothsides.parse import stamp, stamp_tlv
from bothsides.probe.net.kernel_socket import IP_RECVTTL, IP_TTL, SO_TIMESTAMPING
from bothsides.reflector import usual
from bothsides.reflector.server import Server, listening
from bothsides.reflector.session import Reflector, Rules

HOSTS = ("127.0.0.1", "::1")


class Far:
    """A server that is turned by hand, and senders to it."""

    def __init__(self, host: str, rules: Rules | None = None) -> None:
        self.host = host
        self.opened = listening(host, 0)
        self.reflector = Reflector(rules or Rules())
        self.server = Server([self.opened], self.reflector, lambda: True, -1)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.senders = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(3)]
        for sender in self.senders:
            sender.connect((host, self.opened.getsockname()[1]))
            sender.settimeout(2)

    def close(self) -> None:
        for each in (self.opened, *self.senders):
            each.close()

    def turn(self) -> None:
        """Answers all that has arrived."""
        while select.select([self.opened], [], [], 0)[0]:
            self.server._drain(self.opened.fileno())

    def ask(self, *requests: bytes, sender: int = 0) -> list[bytes]:
        """The replies to requests that arrive together."""
        for request in requests:
            self.senders[sender].send(request)
        self.turn()
        found = []
        with_replies = self.senders[sender]
        with_replies.setblocking(False)
        try:
            while True:
                found.append(with_replies.recv(70000))
        except BlockingIOError:
            return found

    @property
    def known(self) -> int:
        return len(self.server._usual._known)


@contextmanager
def far(host: str, rules: Rules | None = None) -> Iterator[Far]:
    made = Far(host, rules)
    try:
        yield made
    finally:
        made.close()


def request(number: int, ssid: int = 7) -> bytes:
    return stamp.to_request(stamp.Request(number, 1_700_000_000_000_000_000 + number, 0x2001, ssid))


def general(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the usual way away."""
    monkeypatch.setattr(usual, "FORMS", {})


@pytest.mark.parametrize("host", HOSTS)
def test_a_second_request_is_answered_as_the_first_one_and_counted(host: str) -> None:
    with far(host) as made:
        (first,) = made.ask(request(1))
        assert made.known == 1
        before = time.time_ns()
        replies = [stamp.from_reply(each) for each in made.ask(*map(request, range(2, 40)))]
        assert [reply.number for reply in replies] == list(range(1, 39))
        assert [reply.sequence for reply in replies] == list(range(2, 40))
        assert {reply.sent - reply.sequence for reply in replies} == {1_700_000_000_000_000_000}
        assert {(reply.ssid, reply.ttl, reply.error) for reply in replies} == {(7, 64, 0x2001)}
        for reply in replies:
            assert before - 10**7 < reply.received <= reply.replied <= time.time_ns()
        assert len(first) == 44
        assert made.reflector.counts == {"received": 39, "reflected": 39}


@pytest.mark.parametrize("host", HOSTS)
def test_both_ways_write_the_same_octets_and_the_same_books(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> tuple[list[bytes], object]:
        with far(host) as made:
            replies = made.ask(*map(request, (1, 2, 5, 9000, 4, 4)))
            (account,) = made.reflector.telemetry.accounts.flows.values()
            (seen,) = made.reflector.telemetry.arrivals.hosts.values()
            books = (
                account.first, account.arrived, account.count, len(account.ports),
                made.reflector.counts, seen.minutes, next(iter(made.reflector.sessions))[2],
            )  # fmt: skip
            # all but the two times
            return [each[:4] + each[12:16] + each[24:] for each in replies], books

    one = told()
    general(monkeypatch)
    assert one == told()


def test_the_reply_comes_from_the_address_asked_with_the_dscp_of_the_request() -> None:
    with far("0.0.0.0") as made:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sender:
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
            sender.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 46 << 2)
            for number in range(3):
                sender.sendto(request(number), ("127.0.0.3", made.opened.getsockname()[1]))
                made.turn()
                _, control, _, source = sender.recvmsg(100, 200)
                assert source[0] == "127.0.0.3"
                about = {kind: data[0] for _, kind, data in control}
                assert about == {socket.IP_TOS: 46 << 2, IP_TTL: 255}
        assert made.known == 1


def test_an_unusual_request_between_usual_ones_keeps_its_turn() -> None:
    asked = stamp_tlv.to_account(stamp_tlv.Account(stamp_tlv.REQUEST, 7, 0, 0, 4))
    with far("127.0.0.1") as made:
        made.ask(request(0))
        replies = made.ask(request(1), request(2), request(3) + asked, request(4))
        assert [stamp.from_reply(each).sequence for each in replies] == [1, 2, 3, 4]
        found = stamp_tlv.find(replies[2][stamp.PLAIN :])
        assert found is not None
        account = found[1]
        assert isinstance(account, stamp_tlv.Account)
        assert account.arrived_bits == bytes((0b11110000, 0, 0, 0))


def test_the_rate_of_a_source_holds_for_both_ways_together() -> None:
    with far("127.0.0.1", Rules(rate=10.0)) as made:
        replies = made.ask(*map(request, range(30)))
        assert 20 <= len(replies) <= 21
        assert made.reflector.counts["rate_limited"] == 30 - len(replies)


def test_new_rules_hold_for_flows_that_are_known() -> None:
    with far("127.0.0.1") as made:
        made.ask(request(1))
        made.reflector.follow(Rules(allow=()))
        assert made.ask(request(2)) == []
        assert made.reflector.counts["not_allowed"] == 1


def test_a_stateless_reflector_returns_the_number_of_a_known_flow() -> None:
    with far("127.0.0.1", Rules(stateless=True)) as made:
        made.ask(request(1))
        replies = made.ask(request(70), request(80))
        assert [stamp.from_reply(each).number for each in replies] == [70, 80]


@pytest.mark.parametrize("place", range(16, 24))
def test_what_may_be_a_reply_of_another_reflector_is_never_usual(place: int) -> None:
    with far("127.0.0.1") as made:
        made.ask(request(1))
        data = bytearray(request(2))
        data[place] = 1
        seen: list[object] = []
        made.server._usual.other = seen.append
        made.ask(bytes(data))
        assert len(seen) == 1


def test_a_flow_that_makes_room_is_counted_from_0_as_the_general_way_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bothsides.reflector.session.SESSIONS", 2)
    with far("127.0.0.1") as made:
        made.ask(request(1))
        made.ask(request(2))
        made.ask(request(1), sender=1)
        made.ask(request(1), sender=2)
        (reply,) = made.ask(request(3))
        assert stamp.from_reply(reply).number == 0
        assert made.reflector.counts["sessions_dropped"] == 2


def test_a_flow_that_sends_is_not_the_one_that_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bothsides.reflector.session.SESSIONS", "bothsides.reflector.usual.SESSIONS"):
        monkeypatch.setattr(name, 2)
    with far("127.0.0.1") as made:
        made.ask(request(1))
        made.ask(request(1), sender=1)
        made.ask(request(2))
        made.ask(request(1), sender=2)
        (reply,) = made.ask(request(3))
        assert stamp.from_reply(reply).number == 2


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("stamps", [False, True])
def test_datagrams_that_the_socket_dropped_are_counted_and_the_rest_is_answered(
    host: str, stamps: bool
) -> None:
    with far(host) as made:
        made.ask(request(0))
        if stamps:  # with a second stamp, as Linux reports after a sender asked for follow-ups
            made.opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, 1 << 3 | 1 << 4)
        made.opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
        for number in range(1, 40):
            made.senders[0].send(request(number))
        first = made.ask()
        again = made.ask(request(50), request(51))
        counts = made.reflector.counts
        assert counts["overflow"] == 39 - len(first) > 0
        assert [stamp.from_reply(each).sequence for each in again] == [50, 51]
        assert counts["received"] == counts["reflected"] == 1 + len(first) + 2
        assert {stamp.from_reply(each).ttl for each in again} == {64}
        assert all(made.server._usual._proved.values()), "all of it was usual"


@pytest.mark.parametrize("size", [44, 200, 9000, 60000])
def test_a_long_request_has_a_reply_as_long(size: int) -> None:
    with far("127.0.0.1") as made:
        for number in range(2):
            (reply,) = made.ask(request(number) + bytes(size - 44))
            assert len(reply) == size


@pytest.mark.parametrize("host", HOSTS)
def test_a_reply_that_the_kernel_refuses_to_send_is_noted_for_whoever_asks(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a stop a reflector has thousands to answer at once, more than its socket takes."""
    with far(host) as made:
        made.ask(request(1))  # a flow is usual from its second request on
        monkeypatch.setattr(usual, "send", lambda *_: [(1, errno.EAGAIN)])
        made.ask(request(2), request(3), request(4))
        (account,) = made.reflector.telemetry.accounts.flows.values()
        bits = [number - account.first for number in (2, 3, 4)]
        seen = [[bitmap[bit >> 3] << (bit & 7) & 0x80 for bit in bits]
                for bitmap in (account.arrived, account.refused)]  # fmt: skip
        assert seen == [[0x80, 0x80, 0x80], [0, 0x80, 0]]
        assert made.reflector.counts["send_EAGAIN"] == 1


def test_a_kernel_that_reports_otherwise_is_answered_the_general_way() -> None:
    with far("127.0.0.1") as made:
        made.opened.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 0)
        replies = made.ask(request(1), request(2), request(3))
        assert [stamp.from_reply(each).number for each in replies] == [0, 1, 2]
        assert made.known == 0


def test_a_busy_reflector_answers_several_at_once_and_an_idle_one_at_once() -> None:
    reader, writer = os.pipe()
    with far("127.0.0.1") as made:
        ended = threading.Event()
        server = Server([made.opened], made.reflector, lambda: not ended.is_set(), reader)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            waits: dict[bool, list[int]] = {False: [], True: []}
            for busy in (False, True):
                began = time.monotonic()
                until = began + 0.6
                number = 0
                while time.monotonic() < until:
                    due = int((time.monotonic() - began) * 1500) - number if busy else 1
                    for _ in range(min(max(due, 1), 12)):
                        number += 1
                        made.senders[0].send(request(number))
                    made.senders[0].settimeout(1)
                    reply = stamp.from_reply(made.senders[0].recv(100))
                    if until - time.monotonic() < 0.3:
                        waits[busy].append(reply.replied - reply.received)
                    time.sleep(0.001 if busy else 0.01)
        finally:
            ended.set()
            os.write(writer, b".")
            thread.join()
            os.close(reader)
            os.close(writer)
    assert sorted(waits[False])[len(waits[False]) // 2] < 2_000_000
    assert sorted(waits[True])[len(waits[True]) // 2] > 500_000
