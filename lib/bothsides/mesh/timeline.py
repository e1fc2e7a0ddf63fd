"""Cuts time into slices, multiples of their length in UTC, and sees what disturbs the clock."""

from bothsides.base.types import NamedTuple

LATE = 0.050  # s that a tick may be late; what was to be sent before that is left out
SHARE = 0.02  # of a slice's packets or time; where more is missing it is suspect
_STEP = 20_000_000  # ns that UTC moves against the monotonic clock between two ticks: it was set
_BILLION = 1_000_000_000


class Span(NamedTuple):
    """One slice as it was cut out of time."""

    at: int  # s since 1970, the multiple of the length in which it lies
    begin: int  # ns since 1970; the first packet that belongs to it was sent then or later
    end: int  # ns since 1970; the first packet that no longer belongs to it
    stalled: float  # s in which nothing was sent because ticks were late
    stepped: bool  # whether the clock was set at its begin or its end
    moved: int = 0  # ns by which the clock had been set before, all steps together


class Timeline:
    """Cuts time into slices; every tick is noted."""

    def __init__(self, length: float, wall: int, clock: float) -> None:
        """length: s of a slice; wall: ns since 1970; clock: monotonic, s."""
        self.length = round(length * _BILLION)
        self.steps = 0  # how often the clock was set
        self.moved = 0  # ns by which it was, all steps together
        self._offset = wall - round(clock * _BILLION)
        self._begin = wall
        self._boundary = self._next(wall)
        self._stalls: list[tuple[int, int]] = []  # begin and end, ns since 1970
        self._stepped = False

    def tick(self, wall: int, clock: float, due: float) -> list[Span]:
        """The slices that have ended by this tick; due: when it was to happen, monotonic, s."""
        offset = wall - round(clock * _BILLION)
        moved = offset - self._offset
        self._offset = offset
        stepped = abs(moved) > _STEP
        if clock - due > LATE:
            end = (wall - moved if stepped else wall) - round(LATE * _BILLION)
            self._stalls.append((end - round((clock - due - LATE) * _BILLION), end))
        ended = []
        if stepped:
            self.steps += 1
            self._stepped = True
            ended.append(self._cut(max(self._begin + 1, wall - moved), wall))
            self.moved += moved
            self._stepped = True
            self._stalls.clear()
        while wall >= self._boundary:
            ended.append(self._cut(self._boundary, self._boundary))
        return ended

    def _cut(self, end: int, begin: int) -> Span:
        """Ends the present slice; the next one begins at `begin`, elsewhere after a step."""
        inside = sum(
            max(0, min(until, end) - max(since, self._begin)) for since, until in self._stalls
        )
        self._stalls = [stall for stall in self._stalls if stall[1] > end]
        at = (self._boundary - self.length) // _BILLION
        span = Span(at, self._begin, end, inside / _BILLION, self._stepped, self.moved)
        self._stepped = False
        self._begin, self._boundary = begin, self._next(begin)
        return span

    def _next(self, wall: int) -> int:
        return (wall // self.length + 1) * self.length
