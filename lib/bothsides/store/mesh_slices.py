"""What udp_mesh keeps: its slices, a record for all pairs of each, and incidents."""

import base64
import zlib

from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.store.sqlite import History

INCIDENTS_KEPT = 400 * 86400.0  # s


class Incident(NamedTuple):
    """A time in which a pair lost packets."""

    peer: str  # name of the far end
    begin: int  # s since 1970, of its first slice
    end: int  # s since 1970, of its last slice
    sent: int  # packets
    lost: int
    out: int  # of them, on the way out
    back: int  # of them, on the way back


class Stored(NamedTuple):
    """The slices of all pairs that began at one time."""

    at: float  # s since 1970
    rows: Mapping[str, bytes]  # by the peer's name, packed


def keep_slices(history: History, host: str, stored: Stored, kept: float) -> None:
    """Adds the slices of one time in one transaction; kept: for how many s."""
    names = list(stored.rows)
    plain = all(name and " " not in name for name in names)  # as nearly always, and shorter
    body = {
        "peers": " ".join(names) if plain else names,
        "rows": base64.b85encode(zlib.compress(b"".join(stored.rows.values()), 1)).decode(),
    }
    history.keep(f"mesh {host}", stored.at, body, kept)


def slices(history: History, host: str, since: float) -> Iterator[Stored]:
    """The slices that began at this time or later, oldest first; broken records are left out."""
    for record in history.past(f"mesh {host}", 100_000, since):
        try:
            listed = record.body["peers"]
            names = listed.split(" ") if isinstance(listed, str) else list(map(str, listed))
            octets = zlib.decompress(base64.b85decode(str(record.body["rows"])))
            size, rest = divmod(len(octets), len(names))
        except (KeyError, TypeError, ValueError, ZeroDivisionError, zlib.error):
            continue
        if not rest:
            parts = [octets[place : place + size] for place in range(0, len(octets), size)]
            yield Stored(record.at, dict(zip(names, parts, strict=True)))


def keep_incidents(history: History, host: str, ended: Sequence[Incident]) -> None:
    """Adds incidents that are over."""
    for each in ended:
        history.keep(f"mesh incident {host}", each.begin, each._asdict(), INCIDENTS_KEPT)


def incidents(history: History, host: str, since: float = float("-inf")) -> list[Incident]:
    """The incidents that began at this time or later, oldest first."""
    rows = history.past(f"mesh incident {host}", 100_000, since)
    return [Incident(**row.body) for row in rows if set(row.body) == set(Incident._fields)]
