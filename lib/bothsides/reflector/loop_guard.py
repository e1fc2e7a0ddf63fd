"""Ends loops with other reflectors: senders whose requests may be replies get few replies.

A STAMP sender leaves the octets zero where a reflector writes T2. Another reflector, to which a
forged request was sent in our name, fills them with a stamp of whatever kind; so does a TWAMP-Light
sender whose padding is random. Nothing in one packet tells these two apart, their number does.
"""

_BURST = 40  # replies to one address and port
_RATE = 0.1  # more of them a second
_SENDERS = 4096  # remembered; the one that was silent longest makes room

Sender = tuple[str, int]
"""Address and port."""


class LoopGuard:
    """How many replies each doubtful sender may still have."""

    def __init__(self) -> None:
        self._left: dict[Sender, tuple[float, float]] = {}  # replies, and when that was computed

    def granted(self, sender: Sender, now: float) -> bool:
        """Whether this sender may have one more reply, at this time of the monotonic clock."""
        left, at = self._left.pop(sender, (_BURST, now))
        if len(self._left) >= _SENDERS:
            del self._left[next(iter(self._left))]
        left = min(_BURST, left + (now - at) * _RATE)
        self._left[sender] = (left - 1 if left >= 1 else left), now
        return left >= 1
