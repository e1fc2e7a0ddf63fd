"""Asks all our name servers side by side, and keeps what each of them has answered."""

import errno
import os
import socket
import time

from bothsides.base.errors import Unable
from bothsides.base.types import Literal, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.dns import (
    FORMAT_ERROR,
    NAME_ERROR,
    NO_ERROR,
    NOT_IMPLEMENTED,
    Reply,
    from_reply,
    to_question,
)
from bothsides.parse.resolv_conf import ResolverConfiguration

PORT = 53
_LOCAL = ("127.0.0.1",)  # the server that resolv.conf(5) names where the file names none
_AGAIN = (0.4, 1.2, 2.8)  # s after a question, when it is repeated to those who are silent
_BY_TCP = 1.0  # s for an answer by TCP
_PAYLOAD = 1200  # octets of an answer by UDP that EDNS offers, as the C library has it
_LONGEST = 65535  # octets of a message
_WITHOUT_EDNS = (FORMAT_ERROR, NOT_IMPLEMENTED)  # so answer servers that do not know it

Health = Literal["well", "useless", "silent"]
"""It can look names up; it answers, but SERVFAIL or REFUSED to all; or it does not answer."""


class Question(NamedTuple):
    """A name and the type of the records to ask for."""

    name: str  # without its last dot; "" is the root
    kind: int


class _Asked:
    """One question, when it was asked and what came back."""

    def __init__(self, number: int, at: float) -> None:
        self.number, self.at = number, at
        self.repeated = 0
        self.replies: dict[str, Reply] = {}  # by server
        self.plain: set[str] = set()  # servers that are asked without EDNS


class Servers:
    """Our name servers, a socket for each, and the questions that they were asked.

    Raises Unable when there is no descriptor left to ask with.
    """

    def __init__(self, configuration: ResolverConfiguration, until: float, port: int = PORT):
        self.addresses = tuple(dict.fromkeys(configuration.servers)) or _LOCAL
        self.began = time.monotonic()
        self.reasons: dict[str, str] = {}  # by server, why it cannot even be asked
        self._configuration, self._until, self._port = configuration, until, port
        self._asked: dict[Question, _Asked] = {}
        self._sockets: dict[str, socket.socket] = {}
        try:
            for server in self.addresses:
                self._open(server)
        except Unable:
            self.close()
            raise

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """Where replies come in."""
        return tuple(self._sockets.values())

    def ask(self, question: Question) -> None:
        """Asks every server, once."""
        if question not in self._asked:
            numbers = {asked.number for asked in self._asked.values()}
            number = int.from_bytes(os.urandom(2), "big")
            while number in numbers:
                number = (number + 1) & 0xFFFF
            self._asked[question] = _Asked(number, time.monotonic())
            self._send(question, self.addresses)

    def replies(self, question: Question) -> dict[str, Reply]:
        """What the servers have said to a question so far, by server."""
        asked = self._asked.get(question)
        return asked.replies if asked else {}

    def codes(self, server: str) -> list[int]:
        """The codes of all replies of a server."""
        return [one.replies[server].code for one in self._asked.values() if server in one.replies]

    def health(self, server: str) -> Health:
        """How a server is, by all its replies so far."""
        codes = self.codes(server)
        if NO_ERROR in codes or NAME_ERROR in codes:
            return "well"
        return "useless" if codes else "silent"

    def step(self) -> None:
        """Reads what has come, and repeats questions to those who are silent."""
        for server, opened in self._sockets.items():
            while (message := self._received(server, opened)) is not None:
                self._take(server, message)
        now = time.monotonic()
        for question, asked in self._asked.items():
            if asked.repeated < len(_AGAIN) and now >= asked.at + _AGAIN[asked.repeated]:
                asked.repeated += 1
                self._send(question, [one for one in self.addresses if one not in asked.replies])

    def close(self) -> None:
        """Gives the sockets back."""
        for opened in self._sockets.values():
            opened.close()

    def _open(self, server: str) -> None:
        """A socket for a server; none for one that this machine cannot send to.

        A link-local address is one only with its scope, which connect() takes as a number.
        """
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        kind = family, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST
        try:
            opened = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as fault:
            if fault.errno in (errno.EMFILE, errno.ENFILE):
                raise Unable(f"cannot ask our resolver ourselves: {fault.strerror}") from None
            return  # a family that this kernel does not have
        try:
            opened.setblocking(False)
            opened.connect(socket.getaddrinfo(server, self._port, *kind)[0][4])
        except OSError as fault:
            opened.close()
            self._unreachable(server, fault)
            return
        self._sockets[server] = opened

    def _message(self, question: Question, server: str) -> bytes:
        asked = self._asked[question]
        edns = self._configuration.edns and server not in asked.plain
        return to_question(asked.number, *question, _PAYLOAD if edns else 0)

    def _send(self, question: Question, servers: "tuple[str, ...] | list[str]") -> None:
        for server in servers:
            message = self._message(question, server)
            if self._configuration.tcp:
                self._keep(question, server, self._by_tcp(server, message))
            elif server in self._sockets:
                try:
                    self._sockets[server].send(message)
                except OSError as fault:
                    self._unreachable(server, fault)

    def _unreachable(self, server: str, fault: OSError) -> None:
        self.reasons[server] = (fault.strerror or str(fault)).lower()

    def _take(self, server: str, message: bytes) -> None:
        for question, asked in self._asked.items():
            if message[:2] == asked.number.to_bytes(2, "big"):
                self._keep(question, server, message)

    def _keep(self, question: Question, server: str, message: bytes) -> None:
        asked = self._asked[question]
        try:
            reply = from_reply(message, *question)
        except Unreadable:
            return
        if reply.truncated and not self._configuration.tcp:
            whole = self._by_tcp(server, self._message(question, server))
            try:
                reply = from_reply(whole, *question)
            except Unreadable:
                return
        if self._configuration.edns and reply.code in _WITHOUT_EDNS and server not in asked.plain:
            asked.plain.add(server)
            self._send(question, [server])
        elif reply.number == asked.number:
            asked.replies.setdefault(server, reply)

    def _received(self, server: str, opened: socket.socket) -> bytes | None:
        """The next datagram; None where there is none."""
        for _ in range(2):  # the first call may only bring the refusal of an earlier question
            try:
                return opened.recv(_LONGEST)
            except BlockingIOError:
                return None
            except OSError as fault:
                self._unreachable(server, fault)
        return None

    def _by_tcp(self, server: str, message: bytes) -> bytes:
        until = min(time.monotonic() + _BY_TCP, self._until)
        return by_tcp(server, self._port, message, until)


def by_tcp(server: str, port: int, message: bytes, until: float) -> bytes:
    """The answer to a message by TCP (RFC 7766); nothing where none comes in time.

    until: s, monotonic clock.
    """
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    kind = family, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST
    answer = b""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as opened:
            opened.settimeout(max(0.001, until - time.monotonic()))
            opened.connect(socket.getaddrinfo(server, port, *kind)[0][4])
            opened.sendall(len(message).to_bytes(2, "big") + message)
            while len(answer) < 2 or len(answer) < 2 + int.from_bytes(answer[:2], "big"):
                opened.settimeout(max(0.001, until - time.monotonic()))
                more = opened.recv(_LONGEST)
                if not more:
                    return b""
                answer += more
    except OSError:
        return b""
    return answer[2:]
