"""Completes closed slices: replies that come late, and the direction of what was lost."""

from bothsides.base.types import NamedTuple
from bothsides.mesh.closing import Closed, closed
from bothsides.mesh.direction import Ways, by_account, by_numbers
from bothsides.mesh.inquiry import Answer, Inquiry
from bothsides.mesh.peer import Cut, Peer
from bothsides.mesh.ring import Ring, Sums
from bothsides.mesh.timeline import Span
from bothsides.model.mesh import BEGIN, FAR, OVERFLOW, Slice
from bothsides.parse.stamp_tlv import Account

_FORGOTTEN = 150.0  # s after which a reflector is no longer asked about a slice
_LOOKS = 2  # later slices at whose closing a slice is looked at again


class Ended(NamedTuple):
    """A slice of one peer that has ended."""

    peer: Peer
    cut: Cut
    span: Span
    first: bool  # the peer's first slice
    overflow: int  # replies that the sockets had dropped when it began


class Said(NamedTuple):
    """What a reflector says about the packets of a slice."""

    account: Account
    wall: int  # when it said so, ns since 1970 by the clock by which they were sent
    dropped: bool  # whether its sockets have dropped datagrams since then


class Open:
    """A closed slice that is not complete yet."""

    __slots__ = ("dropped", "ended", "key", "looks", "number", "outcome", "said", "until")

    def __init__(
        self, ended: Ended, outcome: Closed, number: int, until: float, dropped: bool
    ) -> None:
        self.ended, self.outcome = ended, outcome
        self.number = number  # in the ring
        self.until = until  # when it is given up, monotonic
        self.dropped = dropped  # replies to it, by our own sockets
        self.looks = 0
        self.key = 0  # of the question to the reflector, 0 without one
        self.said: Said | None = None  # by the reflector


class Kept:
    """One peer with what is known of it."""

    __slots__ = ("added", "dropped", "fresh", "open", "ours", "overflow", "peer", "ring", "window")

    def __init__(self, peer: Peer, ring: Ring, added: float | None = None) -> None:
        """added: when a reload brought it, monotonic; None: it is there from the start."""
        self.peer, self.ring, self.added = peer, ring, added
        self.open: list[Open] = []
        self.window: tuple[float, Sums] | None = None  # the usual window's end, and its sums
        self.fresh = True  # no slice yet
        self.ours = False  # its reflector has given an account
        self.overflow = 0  # datagrams that its reflector has dropped, as it said last
        self.dropped = 0  # when it said so of new ones, ns since 1970 by a clock that nobody sets


class Completion:
    """The slices of all peers that are not complete yet."""

    def __init__(self) -> None:
        self.inquiry = Inquiry()
        self.moved = 0  # ns by which the clock has been set so far, all steps together
        self._questions: dict[int, tuple[Kept, Open]] = {}

    def close(self, kept: Kept, ended: Ended, dropped: bool, clock: float) -> Slice:
        """Closes a slice, and looks once more at those before; dropped: replies, by our sockets."""
        outcome = closed(ended.peer, ended.cut, ended.span)
        row = _row(outcome, Ways(), ended, dropped)
        number = kept.ring.put(row)
        if outcome.lost or row.late:
            opened = Open(ended, outcome, number, clock + _FORGOTTEN, dropped)
            kept.open.append(opened)
            if outcome.lost and ended.peer.far.wire == "stamp":
                opened.key = self.inquiry.ask(ended.peer, outcome.lost, opened.until)
                self._questions[opened.key] = kept, opened
        for each in kept.open:
            if each.looks <= _LOOKS:  # later only an answer of the reflector brings more
                completed = _complete(kept, each)
                row = completed if each.number == number else row
                each.looks += 1
        kept.open = [each for each in kept.open if self._goes_on(each, clock)]
        return row

    def _goes_on(self, each: Open, clock: float) -> bool:
        """Whether anything may still be learnt about a slice."""
        if each.until <= clock:
            self._questions.pop(each.key, None)
            return False
        return each.looks <= _LOOKS or each.key in self._questions

    def learn(self, clock: float) -> list[Kept]:
        """Asks and takes in what reflectors say; the peers of which more is known now."""
        completed = []
        for answer in self.inquiry.exchange(clock):
            kept, opened = self._questions.pop(answer.key, (None, None))
            if kept is not None and opened is not None and answer.account is not None:
                self._take(kept, opened, answer)
                completed.append(kept)
        return completed

    def _take(self, kept: Kept, opened: Open, answer: Answer) -> None:
        """Takes what a reflector says. Its times are put on the clock by which the packets left."""
        account, before = answer.account, opened.ended.span.moved
        if account is not None:
            steady = answer.wall - self.moved  # by a clock that nobody has set
            if account.overflow > kept.overflow:  # at some time before this answer
                kept.dropped = steady
            dropped = opened.outcome.lost[0].sent - before < kept.dropped
            kept.overflow, kept.ours = account.overflow, True
            opened.said = Said(account, steady + before, dropped)
            _complete(kept, opened)


def _complete(kept: Kept, each: Open) -> Slice:
    """Writes a slice anew with what is known of it now."""
    peer, cut = each.ended.peer, each.ended.cut
    remembered = peer.sequence - cut.low <= peer.mask
    if remembered and _changed(peer, each.outcome):
        each.outcome = closed(peer, cut, each.ended.span)
    ways = None
    if each.said is not None:  # of those that are lost by now: replies to others came late
        ways = by_account(each.outcome.lost, *each.said)
    elif remembered and not kept.ours and each.outcome.row.lost < each.outcome.row.sent:
        ways = by_numbers(peer, cut, each.outcome.lost)
    row = _row(each.outcome, ways or Ways(), each.ended, each.dropped)
    kept.ring.replace(each.number, row)
    return row


def _changed(peer: Peer, outcome: Closed) -> bool:
    """Whether replies to packets of a closed slice may have arrived since then."""
    arrived, mask = peer.arrived, peer.mask
    return bool(peer.duplicates) or any(arrived[number & mask] for number, _ in outcome.lost)


def _row(outcome: Closed, ways: Ways, ended: Ended, dropped: bool) -> Slice:
    """A slice with its directions and flags."""
    row = outcome.row
    if not (row.lost or ended.first or ways.far):
        return row
    unanswered = row.lost - row.late
    out = min(ways.out, unanswered)
    flags = row.flags | BEGIN * ended.first | OVERFLOW * (dropped and row.lost > 0)
    return row._replace(
        out=out, back=min(ways.back, unanswered - out), flags=flags | FAR * ways.far
    )
