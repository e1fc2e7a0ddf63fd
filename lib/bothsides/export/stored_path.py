"""The rows of runs that the memory of check_mtr_path keeps."""

import hashlib

from bothsides.base.types import Iterator, NamedTuple
from bothsides.export.path_rows import HopRow, hop_points, path_change
from bothsides.export.point import Event, Point, Value
from bothsides.export.schema import Origin, tags_of

_NS = 1_000_000_000
_STATES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}
_ID = 12  # hexadecimal digits of a path's name


class PathRun(NamedTuple):
    """One stored run."""

    at: float  # s, UTC
    host: str  # as it was asked for
    target: str  # its address
    state: str  # OK, WARNING, CRITICAL or UNKNOWN
    sent: int  # echo requests
    lost: int
    rta: float | None  # s
    hops: tuple[HopRow, ...]


def rows(run: PathRun, origin: Origin) -> Iterator[Point]:
    """The rows of the path and of its hops."""
    at = round(run.at * 1e6) * 1000
    fields: dict[str, Value] = {
        "state": _STATES.get(run.state, 3),
        "hops": max((hop.hop for hop in run.hops), default=0),
        "path_id": path_id(run),
    }
    if run.sent:
        fields["loss"] = run.lost / run.sent
    if run.rta is not None:
        fields["rtt_avg"] = run.rta
    yield Point("bothsides_path", tags_of(origin, run.host), tuple(fields.items()), at)
    yield from hop_points(run.hops, run.host, origin, at)


def path_id(run: PathRun) -> str:
    """The name of the routers in their order, silent hops left out: the same for the same path."""
    ways = ",".join(f"{hop.hop} {hop.address}" for hop in run.hops if hop.address)
    return hashlib.sha256(f"{run.target} {ways}".encode()).hexdigest()[:_ID]


def change(before: PathRun, after: PathRun, origin: Origin) -> Event | None:
    """The event where no router of some hop is met again, though both runs met one there."""
    old, new = _routers(before), _routers(after)
    apart = {hop for hop in old.keys() & new.keys() if not old[hop] & new[hop]}
    if not apart:
        return None
    return path_change(
        [hop for hop in before.hops if hop.hop in apart],
        [hop for hop in after.hops if hop.hop in apart],
        after.host,
        origin,
        path_id(after),
        round(after.at * 1e6) * 1000,
    )


def _routers(run: PathRun) -> dict[int, set[str]]:
    per_hop: dict[int, set[str]] = {}
    for hop in run.hops:
        if hop.address:
            per_hop.setdefault(hop.hop, set()).add(hop.address)
    return per_hop
