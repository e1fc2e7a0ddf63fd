"""Tells senders whose requests look like replies from reflectors that answer our replies.

A STAMP sender leaves the octets zero where a reflector writes T2. Another reflector, to which a
forged request was sent in our name, fills them with a stamp of whatever kind; so does a TWAMP-Light
sender whose padding is random. Two things tell these apart. A reflector returns the stamp that we
wrote into our reply, and a sender has no use for it. And a reflector sends nothing unless we do:
whoever sends after we were silent for a while has a clock of its own, and is a sender.
"""

_BURST = 40  # replies to one address and port that has not been silent meanwhile
_SILENCE = 0.5  # s after our last reply; what then arrives is no answer to it
_SENDERS = 4096  # remembered; the one that was silent longest makes room
_STAMPS = 16  # of our last replies to one address and port
_FIRST_OCTETS = 112  # in which a stamp of ours is looked for

Address = tuple[str, int]
"""Address and port."""


class Doubtful:
    """One address and port whose requests may be replies."""

    __slots__ = ("answered", "replied", "sends", "stamps")

    def __init__(self) -> None:
        self.answered = 0  # replies
        self.replied = float("inf")  # when the last one was granted, monotonic clock
        self.sends = False  # whether it has sent something that no reply of ours explains
        self.stamps: tuple[bytes, ...] = ()  # T3 of our last replies

    def granted(self, data: bytes, now: float) -> bool:
        """Whether this request may have a reply, at this time of the monotonic clock."""
        if any(stamp in data[:_FIRST_OCTETS] for stamp in self.stamps):
            return False
        self.sends = self.sends or now - self.replied >= _SILENCE
        if self.answered >= _BURST and not self.sends:
            return False
        self.answered += 1
        self.replied = now
        return True

    def note(self, stamp: bytes) -> None:
        """Remembers T3 of a reply, the octets as they were sent."""
        self.stamps = (*self.stamps, stamp)[-_STAMPS:]


class LoopGuard:
    """The doubtful senders; bounded."""

    def __init__(self) -> None:
        self._senders: dict[Address, Doubtful] = {}

    def __len__(self) -> int:
        return len(self._senders)

    def sender(self, address: Address) -> Doubtful:
        """What is remembered of a sender."""
        sender = self._senders.pop(address, None) or Doubtful()
        if len(self._senders) >= _SENDERS:
            del self._senders[next(iter(self._senders))]
        self._senders[address] = sender
        return sender
