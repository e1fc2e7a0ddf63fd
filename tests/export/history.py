"""A memory with runs over one path of eleven hops that took another way for a while."""

from pathlib import Path

from bothsides.store.path_runs import StoredHop, StoredRun, keep
from bothsides.store.sqlite import opened

AWAY = range(25, 38)  # runs over the other way
SILENT = 3


def stored(number: int, at: float) -> StoredRun:
    """One run."""
    away = number in AWAY
    return StoredRun(
        at=at,
        host="aws.example",
        target="10.0.0.11",
        source="10.0.0.2",
        engine="mtr-packet",
        state="WARNING" if away else "OK",
        word="same",
        words="11 hops",
        sent=20,
        lost=5 if away else 0,
        rta=0.066 if away else 0.03,
        hops=tuple(_hop(ttl, away) for ttl in range(1, 12)),
        flows={},
    )


def _hop(ttl: int, away: bool) -> StoredHop:
    if ttl == SILENT:
        return StoredHop(ttl, (), "", 20, 20, None, None, None)
    other = away and ttl in (8, 9)
    rtt = 0.001 * ttl + (0.036 if away and ttl >= 8 else 0.0)
    lost = 5 if away and ttl >= 9 else 0
    owner = "office" if ttl < 4 else "ISP" if ttl < 7 else "Amazon"
    host = f"10.{9 if other else 0}.0.{ttl}"
    return StoredHop(ttl, (host,), owner, 20, lost, rtt, rtt * 1.1, rtt * 1.3)


def remember(folder: Path, until: float, runs: int = 60, step: float = 120.0) -> str:
    """Keeps the runs that ended before `until`; the folder of the memory."""
    with opened(str(folder)) as past:
        for number in range(runs):
            keep(past, stored(number, until - (runs - number) * step))
    return str(folder)
