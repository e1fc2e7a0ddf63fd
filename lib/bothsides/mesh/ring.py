"""The slices of the last hour of one pair, packed: 34 octets each instead of 300."""

from struct import Struct

from bothsides.base.types import Iterable, Iterator, NamedTuple
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
        for number in range(max(0, self.count - min(count, self.room)), self.count):
            yield Slice._make(_ROW.unpack_from(self._rows, number % self.room * SIZE))

    def find(self, at: int) -> Slice | None:
        """The newest slice that began at this time."""
        for number in range(self.count - 1, max(-1, self.count - self.room - 1), -1):
            place = number % self.room * SIZE
            begin = int.from_bytes(self._rows[place : place + 4], "little")
            if begin == at:
                return Slice._make(_ROW.unpack_from(self._rows, place))
        return None

    def since(self, at: float, most: int) -> list[Slice]:
        """The slices that began at this time or later, of the newest `most`."""
        return [each for each in self.last(most) if each.at >= at]


def pack(row: Slice) -> bytes:
    """A slice in SIZE octets; counts end at 65535."""
    return _ROW.pack(row.at, *(min(value, _MOST) for value in row[1:10]), *row[10:])


def unpack(octets: bytes) -> Iterator[Slice]:
    """The slices of octets that `pack` made."""
    return map(Slice._make, _ROW.iter_unpack(octets))


def sums(rows: Iterable[Slice]) -> Sums:
    """The sums over slices."""
    known = list(rows)
    good = (
        [row for row in known if not row.flags & SUSPECT]
        if any(row.flags & SUSPECT for row in known)
        else known
    )
    flags = 0
    for row in known:
        flags |= row.flags
    if not good:
        unsent = sum(row.unsent for row in known)
        return Sums(len(known), len(known), unsent=unsent, flags=flags)
    begins, sent, lost, out, back, late, duplicated, reordered, _, _, low, mean, high = zip(
        *good, strict=True
    )
    answered = [a - b for a, b in zip(sent, lost, strict=True)]
    heard = sum(answered)
    bad = [at for at, n in zip(begins, lost, strict=True) if n]
    return Sums(
        slices=len(known),
        suspect=len(known) - len(good),
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
        unsent=sum(row.unsent for row in known),
        flags=flags,
        rtt_min=min((a for a, n in zip(low, answered, strict=True) if n), default=0),
        rtt_mean=sum(a * n for a, n in zip(mean, answered, strict=True)) // heard if heard else 0,
        rtt_max=max(high),
    )
