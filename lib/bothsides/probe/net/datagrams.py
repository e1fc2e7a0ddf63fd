"""Datagrams asked and answered over connected sockets, with the kernel's receive stamps, many at once."""

import errno
import os
import resource
import select
import socket
import time

from bothsides.base.deadline import Deadline
from bothsides.base.types import Any, Callable, Generator, NamedTuple, Sequence
from bothsides.model.failure import Failure
from bothsides.probe.net.resolve import Address
from bothsides.probe.udp.socket import (
    IP_RECVERR,
    IPV6_RECVERR,
    SO_TIMESTAMPNS,
    from_control,
    offender,
    prefer,
)

_LARGEST = 65535
_ROOM = 512  # octets for control messages
_EXTENDED = 16  # octets of sock_extended_err (linux/errqueue.h), in front of the offender's address
_A_TURN = 32  # datagrams that one conversation may take before the others have their turn
_AT_ONCE = (
    200  # conversations that wait at the same time: below the usual limit of 1024 descriptors
)
_SPARE = (
    24  # descriptors that are left for everything else, such as modules that are loaded on the way
)


class Ask(NamedTuple):
    """One datagram to send.

    at: time.monotonic() at which to send it (0.0: now); until: when to stop waiting for its answer;
    reads: a datagram -> (key, answer) or None when it is none of ours; key: this question's key.
    """

    octets: bytes
    key: int
    until: float
    reads: Callable[[bytes], tuple[int, Any] | None]
    at: float = 0.0


class Reply(NamedTuple):
    """The answer, and between which two instants of our clock (ns since 1970) it came about.

    first: when the first try of this question was sent, which may have reached the far end too.
    """

    answer: Any
    sent: int
    received: int
    first: int


Heard = Reply | Failure | None
"""What a conversation gets back for an Ask; None is silence."""

Talk = Generator[Ask, Heard, Any]
"""A conversation: yields what to send, gets back what was heard, returns what it learned."""


def converse(
    talks: Sequence[tuple[Address, int, Callable[[], Talk]]], deadline: Deadline
) -> list[Any]:
    """Holds all conversations at the same time; their results, in the same order.

    Each is an address, a port and a function that starts the talk. A talk that the deadline cuts off
    hears None to every question, so that it can end in its own words.
    """
    results: list[Any] = [None] * len(talks)
    waiting = list(enumerate(talks))[::-1]
    most = _most()
    lines: dict[int, _Line] = {}
    poll = select.poll()
    try:
        while waiting or lines:
            while waiting and len(lines) < most:
                place, (address, port, start) = waiting.pop()
                line = _Line(place, address, port, start())
                if line.begin():
                    lines[line.socket.fileno()] = line
                    poll.register(line.socket, select.POLLIN)
                else:
                    results[place] = line.result
            for descriptor in _turn(lines, poll, deadline):
                line = lines.pop(descriptor)
                poll.unregister(descriptor)
                line.socket.close()
                results[line.place] = line.result
    finally:
        for line in lines.values():
            line.socket.close()
    return results


def _most() -> int:
    """How many conversations may wait at the same time."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return (
        _AT_ONCE if allowed == resource.RLIM_INFINITY else max(1, min(_AT_ONCE, allowed - _SPARE))
    )


def _turn(lines: dict[int, "_Line"], poll: select.poll, deadline: Deadline) -> list[int]:
    """Waits for whatever comes first on any line; returns the descriptors of the lines that are done."""
    if not lines:
        return []
    now = time.monotonic()
    soonest = min(line.due for line in lines.values())
    patience = min(soonest - now, deadline.left())
    ready = _heard(poll, patience)
    over = deadline.left() <= 0
    done = []
    for descriptor, _ in ready:
        if not lines[descriptor].listen():
            done.append(descriptor)
    now = time.monotonic()
    for descriptor, line in lines.items():
        if descriptor not in done and (over or line.due <= now) and not line.wake(now, over):
            done.append(descriptor)
    return done


def _heard(poll: select.poll, seconds: float) -> list[tuple[int, int]]:
    """Waits for so long at most; poll(2) knows whole milliseconds only, the rest is slept to send on time."""
    whole = int(seconds * 1e3)
    if whole <= 0 < seconds:
        time.sleep(seconds)
    return poll.poll(max(0, whole))


class _Line:
    """One socket with its conversation."""

    def __init__(self, place: int, address: Address, port: int, talk: Talk) -> None:
        self.place = place
        self.talk = talk
        self.result: Any = None
        self.ask = Ask(b"", 0, 0.0, lambda octets: None)
        self.due = 0.0
        self.pending = False  # the question is not sent yet
        self.sent: dict[int, int] = {}
        self.address, self.port = address, port
        self.socket: Any = None

    def begin(self) -> bool:
        """Connects and hears the first question; False when the talk is over already."""
        six = self.address.family == 6
        alive = self._step(None)
        try:
            self.socket = socket.socket(
                socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM
            )
            self.socket.setblocking(False)
            prefer(self.socket, socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            prefer(
                self.socket,
                socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP,
                IPV6_RECVERR if six else IP_RECVERR,
                1,
            )
            self.socket.connect(self.address.sockaddr(self.port))
        except OSError as fault:  # too few descriptors, no IPv6 in this kernel, or no way there
            alive = alive and self._step(self._failure(fault)) and self.socket is not None
        alive = alive and self._flush()
        if not alive and self.socket is not None:
            self.socket.close()
        return alive

    def wake(self, now: float, over: bool) -> bool:
        """The time has come to send, or to stop waiting."""
        if self.pending and not over:
            return self._flush() if self.ask.at <= now else True
        while over and self._step(None):
            pass
        return not over and self._step(None) and self._flush()

    def listen(self) -> bool:
        """Takes some of what has arrived; False when the talk is over.

        An answer ends its question: a second copy of it must not be taken for the answer to the next.
        """
        for _ in range(_A_TURN):
            try:
                octets, ancillary, _, _ = self.socket.recvmsg(_LARGEST, _ROOM)
            except BlockingIOError:
                return True
            except OSError as fault:
                return self._step(self._failure(fault)) and self._flush()
            received = from_control(ancillary).stamp or time.time_ns()
            read = self.ask.reads(octets)
            if read is not None and read[0] in self.sent:
                reply = Reply(read[1], self.sent[read[0]], received, min(self.sent.values()))
                self.sent = {}
                return self._step(reply) and self._flush()
        return True

    def _flush(self) -> bool:
        """Sends the question when its time has come."""
        while self.pending and self.ask.at <= time.monotonic():
            self.pending = False
            self.due = self.ask.until
            self.sent[self.ask.key] = time.time_ns()
            try:
                self.socket.send(self.ask.octets)
            except OSError as fault:
                if not self._step(self._failure(fault)):
                    return False
        return True

    def _step(self, heard: Heard) -> bool:
        try:
            self.ask = (
                next(self.talk) if self.due == 0.0 and heard is None else self.talk.send(heard)
            )
        except StopIteration as end:
            self.result = end.value
            return False
        self.pending = True
        self.due = max(self.ask.at, 1e-9)
        return True

    def _failure(self, fault: OSError) -> Failure:
        """What a socket's error means, and who told us: the host itself or a router."""
        teller = self._teller()
        who = f"{teller} says" if teller and teller != self.address.host else "the host says"
        if fault.errno == errno.ECONNREFUSED and teller in ("", self.address.host):
            return Failure(
                "server", f"nothing listens on udp port {self.port} (ICMP port unreachable)"
            )
        if (
            fault.errno in (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
            and not teller
        ):
            return Failure("local", f"no route from here: {os.strerror(fault.errno)}")
        if fault.errno in (
            errno.ECONNREFUSED,
            errno.ENETUNREACH,
            errno.EHOSTUNREACH,
            errno.EACCES,
            errno.EPERM,
            errno.EPROTO,
        ):
            return Failure(
                "path",
                f"{who if teller else 'the way there is closed'}: {os.strerror(fault.errno)} (ICMP)",
            )
        return Failure("local", f"cannot send: {fault.strerror}")

    def _teller(self) -> str:
        """Who sent the ICMP error; nobody where it is our own kernel's."""
        if self.socket is None:
            return ""
        try:
            _, ancillary, _, _ = self.socket.recvmsg(256, _ROOM, socket.MSG_ERRQUEUE)
        except OSError:
            return ""
        errors = [octets for _, kind, octets in ancillary if kind in (IP_RECVERR, IPV6_RECVERR)]
        return offender(errors[0][_EXTENDED:]) if errors else ""
