"""Conversations by datagrams, with bare sockets and routers that refuse."""

import _socket
import errno
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.failure import Failure
from bothsides.probe.net.datagrams import (
    Ask,
    Conversation,
    Outcome,
    Reply,
    Talk,
    converse,
)
from bothsides.probe.net.resolve import Address


def test_the_kernel_stamps_lie_between_question_and_answer() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(5)

        def echo() -> None:
            octets, peer = far.recvfrom(100)
            far.sendto(octets, peer)

        thread = threading.Thread(target=echo)
        thread.start()

        def talk() -> "Talk[bytes, Outcome[bytes]]":
            outcome = yield Ask(b"hello", 1, time.monotonic() + 60, lambda octets: (1, octets))
            return outcome

        conversation = Conversation(Address(4, "127.0.0.1"), far.getsockname()[1], talk)
        (outcome,) = converse((conversation,), Deadline(60))
        thread.join()
    assert isinstance(outcome, Reply)
    assert outcome.answer == b"hello"
    assert 0 < outcome.received - outcome.sent < 2e9


HOME = Address(4, "127.0.0.1")


@contextmanager
def echo(times: int = 1, swallowed: int = 0) -> Iterator[int]:
    """A port that sends every datagram back so often, but for the first few; b"quit" ends it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(20)
        far.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20
        )  # or a burst is lost while busy

        def serve() -> None:
            count = 0
            while True:
                octets, peer = far.recvfrom(100)
                count += 1
                if octets == b"quit":
                    return
                for _ in range(times if count > swallowed else 0):
                    far.sendto(octets, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield far.getsockname()[1]
        finally:
            far.sendto(b"quit", far.getsockname())
            thread.join()


def number(octets: bytes) -> tuple[int, bytes]:
    """Our test's datagrams begin with their key."""
    return octets[0], octets[1:]


def test_many_conversations_end_in_their_order() -> None:
    with echo() as port:

        def talk(place: int) -> "Talk[bytes, int]":
            for key in range(1 + place % 3):
                until = time.monotonic() + 15
                outcome = yield Ask(bytes((key, place)), key, until, number)
                assert isinstance(outcome, Reply)
                assert outcome.answer == bytes((place,))
            return place

        asked = [
            Conversation(HOME, port, lambda place=place: talk(place))  # type: ignore[misc]
            for place in range(250)  # more than are held at once
        ]
        assert converse(asked, Deadline(30)) == list(range(250))


def test_a_second_copy_of_a_reply_is_not_taken_for_the_next_one() -> None:
    with echo(times=2) as port:

        def talk() -> "Talk[bytes, list[bytes]]":
            answers = []
            for key in (1, 2):
                outcome = yield Ask(bytes((key, key)), key, time.monotonic() + 60, number)
                assert isinstance(outcome, Reply)
                answers.append(outcome.answer)
            return answers

        assert converse([Conversation(HOME, port, talk)], Deadline(60)) == [[b"\1", b"\2"]]


def test_silence_is_heard_in_time_and_a_late_reply_names_the_first_try() -> None:
    with echo(swallowed=1) as port:

        def talk() -> "Talk[bytes, tuple[Outcome[bytes], Outcome[bytes]]]":
            first = yield Ask(b"\1a", 1, time.monotonic() + 0.1, number)
            second = yield Ask(b"\2b", 2, time.monotonic() + 60, number)
            return first, second

        began = time.time_ns()
        ((first, second),) = converse([Conversation(HOME, port, talk)], Deadline(60))
    assert first is None
    assert isinstance(second, Reply)
    assert began <= second.first <= second.sent - 90_000_000
    assert second.sent < second.received


def test_a_query_for_later_is_sent_then() -> None:
    with echo() as port:
        at = time.monotonic() + 0.2

        def talk() -> "Talk[bytes, Outcome[bytes]]":
            outcome = yield Ask(b"\1a", 1, at + 3, number, at)
            return outcome

        (outcome,) = converse([Conversation(HOME, port, talk)], Deadline(60))
        assert isinstance(outcome, Reply)
        assert time.monotonic() >= at


def test_the_deadline_cuts_off_every_talk_in_its_own_words() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))

        def talk() -> "Talk[bytes, int]":
            outcomes = []
            for _ in range(3):
                outcomes.append((yield Ask(b"\1", 1, time.monotonic() + 60, number)))
            assert outcomes == [None] * 3
            return len(outcomes)

        asked = Conversation(HOME, silent.getsockname()[1], talk)
        assert converse([asked, asked], Deadline(0.2)) == [3, 3]


def test_a_talk_without_a_query_is_over_at_once() -> None:
    def talk() -> "Talk[bytes, str]":
        yield from ()
        return "nothing to ask"

    assert converse([Conversation(HOME, 9, talk)], Deadline(1)) == ["nothing to ask"]


def test_without_a_socket_every_query_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(_socket, "socket", none_left)

    def talk() -> "Talk[bytes, list[Outcome[bytes]]]":
        outcome = []
        for _ in range(2):
            outcome.append((yield Ask(b"\1", 1, time.monotonic() + 1, number)))
        return outcome

    failure = Failure("local", "cannot send: Too many open files")
    assert converse([Conversation(HOME, 9, talk)], Deadline(1)) == [[failure, failure]]
