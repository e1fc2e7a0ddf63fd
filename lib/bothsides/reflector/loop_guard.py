"""Tells senders whose requests look like replies from reflectors that answer our replies.

A STAMP sender leaves the octets zero where a reflector writes T2. Another reflector, to which a
forged request was sent in our name, fills them with a stamp of whatever kind; so does a TWAMP-Light
sender whose padding is random. A reflector returns the stamp that we wrote into our reply, and a
sender has no use for it: what returns one is refused. And a reflector sends nothing unless we do.

So after 40 replies the next ones are held back. A reflector falls silent then, and its loop is
over. A sender goes on by a clock of its own: as soon as more requests arrive than were held for a
loop, or one arrives half a second after our last reply, all that was held is sent. Nothing is lost
by that, nor is a round trip longer: T2 and T3 are those of the arrival and of the sending. What was
held when a sender ends or pauses is sent half a second later, five times at most: the answers of a
reflector to that find no reply any more.
"""

from bothsides.base.types import Callable, Literal

_BURST = 40  # replies to one address and port between two such tests
_SILENCE = 0.5  # s after our last reply; what then arrives is no answer to it
_SENDERS = 4096  # remembered; the one that was silent longest makes room
_OVERDUE = 5  # times that held replies are sent although nothing shows a sender
_ROOM = 64  # replies that are held for one sender at most
_HELD = 4096  # replies that are held for all
_STAMPS = 128  # of our last replies to one address and port
_FIRST_OCTETS = 112  # in which a stamp of ours is looked for

Address = tuple[str, int]
"""Address and port."""

Verdict = Literal["reply", "hold", "refuse"]

Send = Callable[[], None]
"""Sends one reply."""


class Doubtful:
    """One address and port whose requests may be replies."""

    __slots__ = ("answered", "held", "overdue", "replied", "room", "stamps")

    def __init__(self) -> None:
        self.answered = 0  # replies since it was last known to be a sender
        self.replied = float("-inf")  # when the last one was granted, monotonic clock
        self.held: list[Send] = []  # replies
        self.room = 1  # for so many; a loop of as many forged requests ends by that
        self.overdue = 0  # times that held replies were sent since it was known to be a sender
        self.stamps: tuple[bytes, ...] = ()  # T3 of our last replies

    def verdict(self, data: bytes, now: float) -> Verdict:
        """Whether this request has a reply, at this time of the monotonic clock."""
        if any(stamp in data[:_FIRST_OCTETS] for stamp in self.stamps):
            return "refuse"
        if now - self.replied >= _SILENCE:
            self.answered, self.overdue, self.room = 0, 0, 1
        elif self.answered >= _BURST:
            if len(self.held) < self.room:
                return "hold"
            self.answered, self.overdue, self.room = 0, 0, min(2 * self.room, _ROOM)
        self.answered += 1
        self.replied = now
        return "reply"

    def note(self, stamp: bytes) -> None:
        """Remembers T3 of a reply, the octets as they were sent."""
        self.stamps = (*self.stamps, stamp)[-_STAMPS:]


class LoopGuard:
    """The doubtful senders, and the replies that are held for them; bounded."""

    def __init__(self) -> None:
        self._senders: dict[Address, Doubtful] = {}
        self._since: dict[Doubtful, float] = {}  # when the first reply was held, in this order

    def __len__(self) -> int:
        return len(self._senders)

    def sender(self, address: Address) -> Doubtful:
        """What is remembered of a sender."""
        sender = self._senders.pop(address, None) or Doubtful()
        if len(self._senders) >= _SENDERS:
            del self._senders[next(iter(self._senders))]
        self._senders[address] = sender
        return sender

    def hold(self, sender: Doubtful, send: Send, now: float) -> bool:
        """Keeps a reply until it is known whether its sender is one; False without room."""
        if len(self._since) * _ROOM >= _HELD and sender not in self._since:
            return False
        self._since.setdefault(sender, now)
        sender.held.append(send)
        return True

    def released(self, sender: Doubtful) -> list[Send]:
        """The replies that were held for a sender that has shown to be one."""
        self._since.pop(sender, None)
        held, sender.held = sender.held, []
        return held

    def wait(self, now: float) -> float | None:
        """Seconds until `overdue` has something to do; None while nothing is held."""
        for since in self._since.values():
            return max(0.0, since + _SILENCE - now)
        return None

    def overdue(self, now: float) -> tuple[list[Send], int]:
        """The held replies that are to be sent now, and how many others were given up."""
        late = [sender for sender, since in self._since.items() if now - since > _SILENCE - 1e-6]
        sent: list[Send] = []
        given_up = 0
        for sender in late:
            held = self.released(sender)
            if sender.overdue >= _OVERDUE:
                given_up += len(held)
            else:
                sender.overdue += 1
                sender.replied = now
                sent += held
        return sent, given_up
