"""Asks a reflector of ours which packets of a slice have reached it."""

import heapq
import os
import socket
import time

from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.mesh.closing import Lost
from bothsides.mesh.peer import Peer
from bothsides.parse import Unreadable, stamp, stamp_tlv

_PAUSES = (0.3, 0.7, 2.0, 5.0)  # s after a question without an answer; the last one for ever
_AFTER = 0.001  # s behind its last moment, when a question is given up
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


class Answer(NamedTuple):
    """What a reflector says about a slice."""

    key: int  # of the question
    account: stamp_tlv.Account | None  # None: it does not know our questions
    wall: int  # when it arrived, ns since 1970


class _Question:
    """What is asked until it is answered."""

    __slots__ = ("asked", "data", "key", "peer", "until")

    def __init__(self, key: int, peer: Peer, data: bytes, until: float) -> None:
        self.key, self.peer, self.data, self.until = key, peer, data, until
        self.asked = 0


class Inquiry:
    """All open questions, and a socket for each family.

    Of the questions to one peer the first is asked until it is answered, and then the next: a peer
    that is silent costs a packet every few seconds, however much was lost.
    """

    def __init__(self) -> None:
        self._failed: dict[int, str] = {}  # why a peer cannot be asked now, by its mark
        self._sockets: dict[int, socket.socket] = {}
        self._questions: dict[int, _Question] = {}  # that are asked now, by key
        self._waiting: dict[int, list[_Question]] = {}  # behind those, by the peer's mark
        self._turns: list[tuple[float, int]] = []  # heap: when which key is asked next
        self._ssid = int.from_bytes(os.urandom(2)) or 1
        self._next = int.from_bytes(os.urandom(3))

    @property
    def failed(self) -> str:
        """Why somebody cannot be asked now; "" where everybody can."""
        return next(iter(self._failed.values()), "")

    def close(self) -> None:
        """Closes the sockets."""
        for opened in self._sockets.values():
            opened.close()

    def __len__(self) -> int:
        return len(self._questions) + sum(map(len, self._waiting.values()))

    def ask(self, peer: Peer, lost: Sequence[Lost], until: float) -> int:
        """Asks about these packets until that time (monotonic); returns the question's key."""
        first, last = lost[0].number & ~7, lost[-1].number
        octets = min(stamp_tlv.MOST, (last - first) // 8 + 1)
        asked = stamp_tlv.Account(stamp_tlv.REQUEST, peer.mark, 0, first & 0xFFFFFFFF, octets)
        self._next = (self._next + 1) & 0xFFFFFFFF
        question = _Question(self._next, peer, stamp_tlv.to_account(asked), until)
        if peer.mark in self._waiting:
            self._waiting[peer.mark].append(question)
        else:
            self._waiting[peer.mark] = []
            self._begin(question)
        return question.key

    def _begin(self, question: _Question) -> None:
        self._questions[question.key] = question
        heapq.heappush(self._turns, (0.0, question.key))

    def _end(self, question: _Question) -> None:
        """The question is answered or given up: the next one to this peer has its turn."""
        del self._questions[question.key]
        waiting = self._waiting[question.peer.mark]
        if waiting:
            self._begin(waiting.pop(0))
        else:
            del self._waiting[question.peer.mark]
            self._failed.pop(question.peer.mark, None)

    def exchange(self, clock: float) -> Iterator[Answer]:
        """Sends the questions whose turn it is, and gives the answers that have arrived."""
        if not self._questions:
            return
        for opened in self._sockets.values():
            yield from self._read(opened)
        while self._turns and self._turns[0][0] <= clock:
            question = self._questions.get(heapq.heappop(self._turns)[1])
            if question is None:  # answered meanwhile
                continue
            if question.until < clock:
                self._end(question)
                continue
            self._send(question)
            pause = _PAUSES[min(question.asked, len(_PAUSES) - 1)]
            question.asked += 1
            turn = min(clock + pause, question.until + _AFTER)
            heapq.heappush(self._turns, (turn, question.key))

    def _send(self, question: _Question) -> None:
        far = question.peer.far
        request = stamp.Request(question.key, time.time_ns(), stamp.UNSYNCHRONISED, self._ssid)
        try:
            opened = self._opened(6 if ":" in far.address else 4)
            opened.sendto(stamp.to_request(request) + question.data, (far.address, far.port))
        except OSError as fault:
            words = f"cannot ask {far.name} for its account: {fault.strerror}"
            self._failed[question.peer.mark] = words
        else:
            self._failed.pop(question.peer.mark, None)

    def _opened(self, family: int) -> socket.socket:
        if family not in self._sockets:
            opened = socket.socket(_FAMILIES[family == 6], socket.SOCK_DGRAM)
            opened.setblocking(False)
            self._sockets[family] = opened
        return self._sockets[family]

    def _read(self, opened: socket.socket) -> Iterator[Answer]:
        while True:
            try:
                data, source = opened.recvfrom(2048)
            except OSError:
                return
            try:
                reply = stamp.from_reply(data)
                tlv = stamp_tlv.find(data[stamp.PLAIN :])
            except Unreadable:
                continue
            question = self._questions.get(reply.sequence)
            if question is None or source[0] != question.peer.far.address:
                continue
            account = tlv[1] if tlv else None
            known = isinstance(account, stamp_tlv.Account) and account.status != stamp_tlv.REQUEST
            self._end(question)
            yield Answer(
                key=question.key,
                account=account if known and isinstance(account, stamp_tlv.Account) else None,
                wall=time.time_ns(),
            )
