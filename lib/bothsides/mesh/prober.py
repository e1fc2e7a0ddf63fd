"""The prober: whom it asks in each tick, and the slices that end meanwhile."""

import os

from bothsides.base.types import Callable
from bothsides.mesh.completion import Completion, Ended, Kept
from bothsides.mesh.exchange import Exchange
from bothsides.mesh.peer import Far, Peer
from bothsides.mesh.ring import Ring, Sums
from bothsides.mesh.roster import Roster
from bothsides.mesh.schedule import Schedule
from bothsides.mesh.timeline import LATE, Span, Timeline
from bothsides.model.mesh import Slice

HOUR = 3600.0  # s of slices in memory
_TOGETHER = 50  # slices that are closed in one tick
_SLACK = 1.0  # s by which the first slice of a new peer may be late
_MARGIN = 0.1  # s beyond the timeout before a slice is closed


class Prober:
    """All peers of a host. Whoever runs it calls `tick` for ever, and hands in the times."""

    def __init__(self, roster: Roster, exchange: Exchange, wall: int, clock: float) -> None:
        self.roster, self.exchange = roster, exchange
        self.timeline = Timeline(roster.length, wall, clock)
        self.completion = Completion()
        self.peers: dict[str, Kept] = {}
        self.closed = wall / 1e9  # end of the last slice that is closed, s since 1970
        self.stalls: list[tuple[float, float]] = []  # end of a late time, s since 1970, and its s
        self.on_slice: Callable[[Kept, Slice], None] = lambda kept, row: None
        self.on_round: Callable[[], None] = lambda: None
        self._mark = int.from_bytes(os.urandom(2))
        self._ended: list[tuple[float, Span, list[Ended]]] = []  # with when they are closed
        self._overflow = 0
        self.follow(roster, clock)

    def follow(self, roster: Roster, clock: float) -> None:
        """Takes a new roster; peers that stay the same go on with all that is under way."""
        wanted: dict[str, Kept] = {}
        added = clock if self.peers else None
        for far in roster.fars:
            known = self.peers.get(far.name)
            if known is None or known.peer.far != far:
                ring = known.ring if known else Ring(round(HOUR / roster.length))
                known = Kept(self._peer(far, roster.length, clock), ring, added)
            wanted[far.name] = known
        self.roster, self.peers = roster, wanted
        self.schedule = Schedule(roster.host, (kept.peer for kept in wanted.values()), clock)
        self.exchange.follow(self.schedule.lanes)
        self._order = [
            wanted[peer.far.name] for lane in self.schedule.lanes for peer in lane.peers
        ]  # neighbours in memory are closed together: their slots share cache lines

    def _peer(self, far: Far, length: float, clock: float) -> Peer:
        taken = {kept.peer.mark for kept in self.peers.values()} | {0} | set(self.exchange.peers)
        self._mark = (self._mark + 1) & 0xFFFF
        while self._mark in taken:
            self._mark = (self._mark + 1) & 0xFFFF
        peer = Peer(far, self._mark, length, clock, int.from_bytes(os.urandom(3)) + 1)
        self.exchange.peers[self._mark] = peer
        return peer

    def tick(self, wall: int, clock: float, due: float) -> None:
        """One round, after all replies were taken in; due: when it was to be, monotonic."""
        late = clock - due - LATE
        if late > 0:
            self.stalls.append((wall / 1e9, late))
        for span in self.timeline.tick(wall, clock, due):
            self._end(span, wall, clock)
        self.completion.moved = self.timeline.moved
        for turn in self.schedule.due(clock):
            self.exchange.send(turn)
        if self._ended and self._ended[0][0] <= clock:
            self._close(clock)
        for kept in self.completion.learn(clock):
            kept.window = None

    def _end(self, span: Span, wall: int, clock: float) -> None:
        """Notes which packets belong to a slice that has ended."""
        ended = []
        for kept in self._order:
            peer = kept.peer
            cut = peer.all() if span.stepped else peer.ended(span.end)
            if peer.was_asked(cut):
                ended.append(Ended(peer, cut, span, kept.fresh, self._overflow))
                kept.fresh = False
        timeout = self._timeout()
        passed = 0.0 if span.stepped else (wall - span.end) / 1e9
        self._overflow = self.exchange.overflow
        self._ended.append((clock - passed + timeout + _MARGIN, span, ended))

    def _close(self, clock: float) -> None:
        """Closes some of the slices whose time to be answered is over."""
        _, span, ended = self._ended[0]
        end = span.end / 1e9
        for each in ended[:_TOGETHER]:
            kept = self.peers.get(each.peer.far.name)
            if kept is not None and kept.peer is each.peer:
                dropped = self.exchange.overflow > each.overflow
                row = self.completion.close(kept, each, dropped, clock)
                if row.lost < row.sent:
                    kept.peer.last_reply = clock
                self.schedule.judge(kept.peer, clock)
                kept.window = None
                self.on_slice(kept, row)
        del ended[:_TOGETHER]
        if not ended:
            del self._ended[0]
            self.closed = end
            self.stalls = [stall for stall in self.stalls if stall[0] > end - HOUR]
            self.on_round()

    def _timeout(self) -> float:
        """The longest time in s that a reply of any peer may take."""
        return max((far.timeout for far in self.roster.fars), default=1.0)

    def young(self, clock: float) -> dict[str, float]:
        """Peers that a reload has added, and s since then, until their first slice is due."""
        due = 2 * self.roster.length + self._timeout() + _SLACK
        return {
            name: clock - kept.added
            for name, kept in self.peers.items()
            if kept.added is not None and clock - kept.added < due
        }

    def window(self, kept: Kept) -> Sums:
        """The sums over the usual window, which are made when they are asked for."""
        if kept.window is None or kept.window[0] != self.closed:
            length = self.roster.window
            count = round(length / self.roster.length) + 1
            kept.window = self.closed, kept.ring.sums(self.closed - length, count)
        return kept.window[1]
