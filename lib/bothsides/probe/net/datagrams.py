"""Conversations by datagrams, many at once, with the kernel's receive stamps.

A conversation is a generator: it yields what to send (`Ask`), gets back what came of it (`Reply`, a
`Failure`, or None for silence), and returns its result.
"""

import _socket as socket  # all that is needed here; `socket` itself costs 5 ms of CPU
import resource
import select
import time

from bothsides.base.deadline import Deadline
from bothsides.base.types import Callable, Generator, Generic, NamedTuple, Sequence, TypeVar
from bothsides.model.failure import Failure
from bothsides.probe.net.kernel_socket import (
    IP_RECVERR,
    IPV6_RECVERR,
    SO_TIMESTAMPNS,
    bind_local,
    from_control,
    prefer,
)
from bothsides.probe.net.local_clock import Timeline
from bothsides.probe.net.resolve import Address
from bothsides.probe.net.socket_failure import failure_of, sender_of_error
from bothsides.probe.net.system_lookup import SocketAddress

_LARGEST = 65535
_ROOM = 512  # octets for control messages
_A_TURN = 32  # datagrams that one conversation may take before the others have their turn
_AT_ONCE = 200  # conversations at the same time: below the usual limit of 1024 descriptors
_SPARE = 24  # descriptors left for everything else, such as modules that are loaded on the way

AnswerT = TypeVar("AnswerT")
ResultT = TypeVar("ResultT")


class Ask(NamedTuple, Generic[AnswerT]):
    """One datagram to send."""

    octets: bytes
    key: int  # of this query, as `reads` finds it in the reply
    until: float  # s of time.monotonic(): when to stop waiting for the reply
    reads: Callable[[bytes], tuple[int, AnswerT] | None]  # key and answer; None: no reply to us
    at: float = 0.0  # s of time.monotonic(): when to send it; 0.0: now


class Reply(NamedTuple, Generic[AnswerT]):
    """A reply, and between which two instants of our clock it came about."""

    answer: AnswerT
    sent: int  # ns since 1970
    received: int  # ns since 1970
    first: int  # ns since 1970: the first try of this query, which may have arrived there too


Outcome = Reply[AnswerT] | Failure | None
"""What came of an Ask; None is silence."""

Talk = Generator[Ask[AnswerT], Reply[AnswerT] | Failure | None, ResultT]
"""A conversation under way."""


class Conversation(NamedTuple, Generic[AnswerT, ResultT]):
    """Whom to talk to, and what starts the talk."""

    address: Address
    port: int
    start: "Callable[[], Talk[AnswerT, ResultT]]"
    # asked about a reply from another address than ours went to, whether it is one to us; without
    # it the kernel keeps such replies away
    elsewhere: Callable[[str], bool] | None = None
    local: str = ""  # address to send from; "": the kernel's choice


def converse(
    conversations: Sequence[Conversation[AnswerT, ResultT]],
    deadline: Deadline,
    timeline: Timeline | None = None,
) -> list[ResultT]:
    """Holds all conversations at the same time; their results, in the same order.

    A talk that the deadline cuts off hears None to every query, so that it ends in its own words.
    timeline: what the replies are dated by; by one of its own where none is given.
    """
    timeline = timeline or Timeline()
    results: dict[int, ResultT] = {}
    waiting = list(enumerate(conversations))[::-1]
    most = _most()
    lines: dict[int, _Line[AnswerT, ResultT]] = {}  # by descriptor
    poll = select.poll()
    try:
        while waiting or lines:
            while waiting and len(lines) < most:
                place, conversation = waiting.pop()
                line = _Line(place, conversation, timeline)
                if line.begin():
                    lines[line.descriptor] = line
                    poll.register(line.descriptor, select.POLLIN)
                else:
                    results[place] = line.result
            for descriptor in _turn(lines, poll, deadline):
                line = lines.pop(descriptor)
                poll.unregister(descriptor)
                line.close()
                results[line.place] = line.result
    finally:
        for line in lines.values():
            line.close()
    return [results[place] for place in range(len(conversations))]


def _most() -> int:
    """How many conversations may wait at the same time."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return _AT_ONCE
    return max(1, min(_AT_ONCE, allowed - _SPARE))


def _turn(
    lines: "dict[int, _Line[AnswerT, ResultT]]", poll: select.poll, deadline: Deadline
) -> list[int]:
    """Waits for whatever comes first on any line; the descriptors of the lines that are done."""
    if not lines:
        return []
    soonest = min(line.due for line in lines.values())
    ready = _readable(poll, min(soonest - time.monotonic(), deadline.left()))
    over = deadline.left() <= 0
    done = [descriptor for descriptor, _ in ready if not lines[descriptor].listen()]
    now = time.monotonic()
    for descriptor, line in lines.items():
        if descriptor not in done and (over or line.due <= now) and not line.wake(now, over):
            done.append(descriptor)
    return done


def _readable(poll: select.poll, seconds: float) -> list[tuple[int, int]]:
    """Waits for so long at most.

    poll(2) knows whole milliseconds only; the rest is slept, to send on time.
    """
    whole = int(seconds * 1e3)
    if whole <= 0 < seconds:
        select.select((), (), (), seconds)
    return poll.poll(max(0, whole))


class _Line(Generic[AnswerT, ResultT]):
    """One socket with its conversation."""

    def __init__(
        self, place: int, conversation: Conversation[AnswerT, ResultT], timeline: Timeline
    ) -> None:
        self.place = place
        self._timeline = timeline
        self.due = 0.0  # s of time.monotonic(): when to wake it
        self._address, self._port = conversation.address, conversation.port
        self._elsewhere = conversation.elsewhere
        self._peer: SocketAddress = ()  # where to send to, while the socket is not connected
        self._local = conversation.local
        self._talk = conversation.start()
        self._begun = False
        self._results: list[ResultT] = []  # what the talk returned, once it has ended
        self._ask: Ask[AnswerT] = Ask(b"", 0, 0.0, lambda octets: None)
        self._pending = False  # whether the query is not sent yet
        self._sent: dict[int, int] = {}  # ns since 1970 of each try of the query, by key
        self._socket: socket.socket | None = None

    @property
    def descriptor(self) -> int:
        """The socket's, where there is one."""
        return -1 if self._socket is None else self._socket.fileno()

    @property
    def result(self) -> ResultT:
        """What the talk returned; only after its end."""
        return self._results[0]

    def close(self) -> None:
        """Closes the socket."""
        if self._socket is not None:
            self._socket.close()

    def begin(self) -> bool:
        """Connects and hears the first query; False when the talk is over already."""
        alive = self._step(None)
        try:
            self._connect()
        except OSError as fault:  # too few descriptors, no IPv6 in this kernel, or no way there
            failure = self._failure(fault)
            alive = alive and self._step(failure)
            while alive and self._socket is None:
                alive = self._step(failure)
        alive = alive and self._flush()
        if not alive:
            self.close()
        return alive

    def _connect(self) -> None:
        six = self._address.family == 6
        family = socket.AF_INET6 if six else socket.AF_INET
        self._socket = opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        prefer(opened, socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        level, option = (
            (socket.IPPROTO_IPV6, IPV6_RECVERR) if six else (socket.IPPROTO_IP, IP_RECVERR)
        )
        prefer(opened, level, option, 1)
        if self._local:
            bind_local(opened, self._local)
        if self._elsewhere is None:
            opened.connect(self._address.sockaddr(self._port))
        else:
            self._peer = self._address.sockaddr(self._port)

    def wake(self, now: float, over: bool) -> bool:
        """The time has come to send, or to stop waiting; False when the talk is over."""
        if self._pending and not over:
            return self._flush() if self._ask.at <= now else True
        while over and self._step(None):
            pass
        return not over and self._step(None) and self._flush()

    def listen(self) -> bool:
        """Takes some of what has arrived; False when the talk is over.

        A reply ends its query: a second copy must not be taken for the reply to the next.
        """
        assert self._socket is not None
        for _ in range(_A_TURN):
            try:
                octets, ancillary, _, sender = self._socket.recvmsg(_LARGEST, _ROOM)
            except BlockingIOError:
                return True
            except OSError as fault:
                return self._step(self._failure(fault)) and self._flush()
            read = self._ask.reads(octets)
            if read is not None and read[0] in self._sent and self._is_ours(sender):
                sent, first = self._sent[read[0]], min(self._sent.values())
                received = self._timeline.received(from_control(ancillary).stamp, sent)
                self._sent = {}
                return self._step(Reply(read[1], sent, received, first)) and self._flush()
        return True

    def _is_ours(self, sender: SocketAddress) -> bool:
        """Whether a reply came from where we had asked, or may come from elsewhere."""
        if self._elsewhere is None or (
            sender[1] == self._port and _host(sender) == _host(self._peer)
        ):
            return True
        port = "" if sender[1] == self._port else f" port {sender[1]}"
        return self._elsewhere(f"{_host(sender)}{port}")

    def _flush(self) -> bool:
        """Sends the query when its time has come; False when the talk is over."""
        while self._pending and self._ask.at <= time.monotonic():
            self._pending = False
            self.due = self._ask.until
            self._sent[self._ask.key] = self._timeline.now()
            try:
                if self._socket is not None and self._peer:
                    self._socket.sendto(self._ask.octets, self._peer)
                elif self._socket is not None:
                    self._socket.send(self._ask.octets)
            except OSError as fault:
                if not self._step(self._failure(fault)):
                    return False
        return True

    def _step(self, outcome: Reply[AnswerT] | Failure | None) -> bool:
        """Lets the talk go on with the outcome of its query; False when it is over."""
        try:
            self._ask = self._talk.send(outcome) if self._begun else next(self._talk)
        except StopIteration as end:
            self._results.append(end.value)
            return False
        self._begun = self._pending = True
        self.due = max(self._ask.at, 1e-9)
        return True

    def _failure(self, fault: OSError) -> Failure:
        sender = "" if self._socket is None else sender_of_error(self._socket)
        return failure_of(fault, sender, self._address.host, self._port)


def _host(address: SocketAddress) -> str:
    """The numeric address without its scope."""
    return str(address[0]).partition("%")[0]
