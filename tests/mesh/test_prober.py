"""The prober without its loop.

Clocks that are set, stops, overflow, dead peers, rosters that change.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bothsides.mesh.exchange import Exchange
from bothsides.mesh.loop import moment
from bothsides.mesh.peer import SKIPPED, Far, Peer
from bothsides.mesh.prober import Prober
from bothsides.mesh.roster import Roster
from bothsides.model.mesh import CLOCK, OVERFLOW, SHORT, Slice
from bothsides.probe.udp.batch import Receiver
from tests.support.mesh_far import THREE, roster_of
from tests.support.reflecting import reflector

BILLION = 1_000_000_000
ARRIVALS = Receiver.arrivals


class World:
    """A prober whose clocks a test moves: UTC, the kernel's stamps of arrival, and the ticks."""

    def __init__(self, prober: Prober, exchange: Exchange, clock: "Clock") -> None:
        self.prober, self.exchange, self.clock = prober, exchange, clock
        self.due = time.monotonic()
        self.sent: dict[int, int] = {}  # packets by the begin of the slice in their T1

    def run(self, seconds: float, deaf: bool = False) -> None:
        """Ticks for so long; deaf: nothing is read meanwhile."""
        until = time.monotonic() + seconds
        while True:
            wall, clock = moment()
            if clock >= until:
                break
            if not deaf:
                opened = self.exchange.sockets[4]
                self.exchange.receive([each.fileno() for each in opened], 4)
            late = clock - self.due > 0.05
            before = {name: kept.peer.sequence for name, kept in self.prober.peers.items()}
            self.prober.tick(wall + self.clock.moved * BILLION, clock, self.due)
            for name, kept in self.prober.peers.items():
                for number in range(before.get(name, kept.peer.sequence), kept.peer.sequence):
                    at = kept.peer.sent[number & kept.peer.mask] // BILLION
                    self.sent[at] = self.sent.get(at, 0) + 1
            self.due = (clock if late else self.due) + 0.02
            time.sleep(max(0.0, self.due - time.monotonic()))

    def slices(self) -> list[Slice]:
        return [row for kept in self.prober.peers.values() for row in kept.ring.last(720)]


class Clock:
    """UTC as a test has set it, for the prober and for the kernel's stamps alike."""

    def __init__(self) -> None:
        self.moved = 0  # s

    def time_ns(self) -> int:
        return time.time_ns() + self.moved * BILLION

    def arrivals(self, receiver: Receiver, family: int) -> Iterator[tuple[int, int, int]]:
        for seconds, rest, source in ARRIVALS(receiver, family):
            yield seconds + self.moved, rest, source


def asked_since(peer: Peer, number: int) -> int:
    """Packets sent since this sequence number; a number that is left out was not sent."""
    numbers = range(number, peer.sequence)
    return sum(peer.arrived[each & peer.mask] != SKIPPED for each in numbers)


def roster(port: int) -> Roster:
    """One peer on this host, slices of 1 s."""
    found = roster_of(THREE, "web1")
    far = Far("db1", "127.0.0.1", port, "stamp", 40.0, 0.3, "us.east")
    return found._replace(fars=(far,), length=1.0, window=10.0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("bothsides.mesh.exchange.time", made)
    monkeypatch.setattr(Receiver, "arrivals", lambda *asked: made.arrivals(*asked))
    return made


@contextmanager
def world(port: int, clock: Clock) -> Iterator[World]:
    exchange = Exchange([4])
    wall, now = moment()
    prober = Prober(roster(port), exchange, wall + clock.moved * BILLION, now)
    try:
        yield World(prober, exchange, clock)
    finally:
        exchange.close()
        prober.completion.inquiry.close()


@pytest.mark.parametrize("step", [100, -100, pytest.param(3600, marks=pytest.mark.soak)])
def test_a_clock_that_is_set_leaves_no_wrong_slice_unmarked(clock: Clock, step: int) -> None:
    with reflector() as far, world(far.port, clock) as made:
        made.run(1.6)
        clock.moved = step
        made.run(3.1)
        rows = made.slices()
        marked = [row for row in rows if row.flags & (CLOCK | SHORT)]
        good = [row for row in rows if row not in marked]
        assert any(row.flags & CLOCK for row in marked)
        assert sum(bool(row.flags & CLOCK) for row in rows) <= 2
        assert good
        for row in good:
            assert (row.sent, row.lost) == (made.sent[row.at], 0)
            assert row.rtt_max < 1_000_000
        assert made.prober.timeline.steps == 1


def test_a_stop_is_a_gap_and_no_loss(clock: Clock) -> None:
    with reflector() as far, world(far.port, clock) as made:
        made.run(1.5)
        time.sleep(2.5)
        made.run(2.6)
        rows = made.slices()
        assert sum(row.lost for row in rows) == 0
        assert any(row.flags & SHORT for row in rows)
        assert sum(length for _, length in made.prober.stalls) > 2.3


def test_replies_that_lie_there_while_nobody_reads_are_not_late(clock: Clock) -> None:
    """mehsh, defect 8: it stamped replies after a queue, and its own load looked like delay."""
    with reflector() as far, world(far.port, clock) as made:
        made.run(1.2)
        made.run(1.0, deaf=True)
        made.run(2.0)
        rows = [row for row in made.slices() if not row.flags & SHORT]
        assert rows
        assert sum(row.late for row in rows) == 0
        assert all(row.rtt_mean < 200_000 for row in rows)


def test_an_overflow_makes_slices_suspect(clock: Clock) -> None:
    with reflector() as far, world(far.port, clock) as made:
        made.run(0.5)
        made.exchange.overflow += 3
        for kept in made.prober.peers.values():  # as if a reply had been dropped
            slot = (kept.peer.sequence - 3) & kept.peer.mask
            kept.peer.arrived[slot] = 0
        made.run(2.5)
        assert any(row.flags & OVERFLOW and row.lost for row in made.slices())
        assert all(row.flags & OVERFLOW for row in made.slices() if row.lost)


def test_a_dead_peer_is_asked_once_a_second_and_at_full_rate_when_it_answers_again(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bothsides.mesh.schedule._DEAD", 1.5)
    with reflector() as far:
        port = far.port
        with world(port, clock) as made:
            made.run(1.5)
            far.process.kill()
            made.run(4.0)
            (kept,) = made.prober.peers.values()
            assert not kept.peer.alive
            before = kept.peer.sequence
            made.run(2.1)
            assert 1 <= asked_since(kept.peer, before) <= 4
            with reflector(port=port):
                made.run(1.5)
                assert kept.peer.alive
                before = kept.peer.sequence
                made.run(1.0)
                assert asked_since(kept.peer, before) > 30


def test_a_new_roster_keeps_unchanged_peers_and_their_packets(clock: Clock) -> None:
    with reflector() as far, world(far.port, clock) as made:
        made.run(1.5)
        old = made.prober.peers["db1"].peer
        found = roster(far.port)
        second = found.fars[0]._replace(name="db2")
        made.prober.follow(found._replace(fars=(*found.fars, second)), time.monotonic())
        assert made.prober.peers["db1"].peer is old
        made.run(2.5)
        assert {row.lost for row in made.slices()} == {0}
        made.prober.follow(found._replace(fars=(second,)), time.monotonic())
        made.run(1.0)
        assert list(made.prober.peers) == ["db2"]
        changed = second._replace(rate=80.0)
        ring = made.prober.peers["db2"].ring
        made.prober.follow(found._replace(fars=(changed,)), time.monotonic())
        assert made.prober.peers["db2"].ring is ring, "its past stays"
        assert made.prober.peers["db2"].peer.far == changed
