"""The slices of the last hour of one pair, packed: 34 octets each instead of 300."""

from functools import reduce
from itertools import compress
from operator import mul, or_, sub
from struct import Struct

from bothsides.base.types import Iterable, Iterator, NamedTuple, Sequence
from bothsides.model.mesh import SUSPECT, Slice

_ROW = Struct("<IHHHHHHHHHIII")
SIZE = _ROW.size
_MOST = 0xFFFF


class Sums(NamedTuple):
    """Sums over slices; suspect ones count in the first two, `unsent` and `flags` alone."""

    slices: int = 0
    suspect: int = 0
    bad: int = 0  # slices with loss
    first_bad: int = 0  # begin of the first of them, s since 1970
    last_bad: int = 0  # begin of the last of them
    sent: int = 0
    lost: int = 0
    out: int = 0
    back: int = 0
    late: int = 0
    duplicated: int = 0
    reordered: int = 0
    unsent: int = 0
    flags: int = 0
    rtt_min: int = 0  # us; 0 when nothing was answered
    rtt_mean: int = 0  # us
    rtt_max: int = 0  # us


class Ring:
    """A bounded number of slices, the oldest of which makes room."""

    __slots__ = ("_rows", "count", "room")

    def __init__(self, room: int) -> None:
        self.room = room  # slices
        self.count = 0  # slices that were ever put
        self._rows = bytearray()

    def put(self, row: Slice) -> int:
        """Adds a slice; returns its number, by which `replace` finds it."""
        octets = pack(row)
        if len(self._rows) < self.room * SIZE:
            self._rows += octets
        else:
            place = self.count % self.room * SIZE
            self._rows[place : place + SIZE] = octets
        self.count += 1
        return self.count - 1

    def replace(self, number: int, row: Slice) -> None:
        """Puts a slice in the place of the one with this number, where that is still kept."""
        if self.count - self.room <= number < self.count:
            place = number % self.room * SIZE
            self._rows[place : place + SIZE] = pack(row)

    def last(self, count: int) -> Iterator[Slice]:
        """The newest slices, oldest first."""
        return map(Slice._make, self._last(count))

    def _last(self, count: int) -> Iterator[tuple[int, ...]]:
        count = min(count, self.count, self.room)
        first, end = ((self.count - count) % self.room) * SIZE, (self.count % self.room) * SIZE
        if first < end or not count:
            return _ROW.iter_unpack(self._rows[first : max(first, end)])
        return _ROW.iter_unpack(self._rows[first:] + self._rows[:end])

    def find(self, number: int) -> Slice | None:
        """The slice with this number, where it is still kept."""
        if not max(0, self.count - self.room) <= number < self.count:
            return None
        return Slice._make(_ROW.unpack_from(self._rows, number % self.room * SIZE))

    def since(self, at: float, most: int) -> list[Slice]:
        """The slices that began at this time or later, of the newest `most`."""
        return [each for each in self.last(most) if each.at >= at]

    def sums(self, at: float, most: int) -> Sums:
        """The sums over these slices."""
        return _sums([row for row in self._last(most) if row[0] >= at])


def pack(row: Slice) -> bytes:
    """A slice in SIZE octets; counts end at 65535."""
    if max(row[1:10]) <= _MOST:
        return _ROW.pack(*row)
    return _ROW.pack(row.at, *(min(value, _MOST) for value in row[1:10]), *row[10:])


def unpack(octets: bytes) -> Iterator[Slice]:
    """The slices of octets that `pack` made."""
    return map(Slice._make, _ROW.iter_unpack(octets))


def sums(rows: Iterable[Slice]) -> Sums:
    """The sums over slices."""
    return _sums(list(rows))


def _sums(rows: Sequence[tuple[int, ...]]) -> Sums:
    if not rows:
        return Sums()
    all_unsent, all_flags = list(zip(*rows, strict=True))[8:10]
    flags = reduce(or_, all_flags)
    good = [row for row in rows if not row[9] & SUSPECT] if flags & SUSPECT else rows
    if not good:
        return Sums(len(rows), len(rows), unsent=sum(all_unsent), flags=flags)
    begins, sent, lost, out, back, late, duplicated, reordered, _, _, low, mean, high = zip(
        *good, strict=True
    )
    answered = list(map(sub, sent, lost))
    replies = sum(answered)
    bad = list(compress(begins, lost))
    return Sums(
        slices=len(rows),
        suspect=len(rows) - len(good),
        bad=len(bad),
        first_bad=min(bad, default=0),
        last_bad=max(bad, default=0),
        sent=sum(sent),
        lost=sum(lost),
        out=sum(out),
        back=sum(back),
        late=sum(late),
        duplicated=sum(duplicated),
        reordered=sum(reordered),
        unsent=sum(all_unsent),
        flags=flags,
        rtt_min=min(compress(low, answered), default=0),
        rtt_mean=sum(map(mul, mean, answered)) // replies if replies else 0,
        rtt_max=max(high),
    )
