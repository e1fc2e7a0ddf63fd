"""Baselines as JSON documents and back; a document that we cannot have written is an empty one."""

from bothsides.analyse.path.alignment import Hops
from bothsides.analyse.path.baseline import MOST_FLOWS, MOST_PATHS, Baseline
from bothsides.analyse.path.baseline_classic import ClassicBaseline
from bothsides.analyse.path.compare import Path
from bothsides.analyse.path.delay_memory import Delays
from bothsides.base.types import Any, Mapping, Sequence

Json = Any  # of the memory's file, in which anybody may have written anything
Document = dict[str, Json]
_LARGEST = 1e11  # no moment, time or count of ours is larger


def to_document(baseline: Baseline) -> Document:
    """The baseline in terms of JSON; version 1."""
    return {
        "version": 1,
        **{
            name: getattr(baseline, name)
            for name in ("runs", "switches", "since", "rtas", "other_rtas", "echo", "losses")
        },
        "normal": _to_path(baseline.normal),
        "other": _to_path(baseline.other),
        "known": [_to_path(path) for path in baseline.known],
        "replies": {str(ttl): pair for ttl, pair in baseline.replies.items()},
        "delays": {
            "target": baseline.delays.target,
            "hops": {str(ttl): times for ttl, times in baseline.delays.hops.items()},
            "ways": baseline.delays.ways,
        },
    }


def from_document(document: Mapping[str, Json] | None) -> Baseline:
    """The baseline of a document; an empty one for None or for what is not ours."""
    if not document or document.get("version") != 1:
        return Baseline()
    try:
        return Baseline(
            runs=whole(document["runs"]),
            normal=_from_path(document["normal"]),
            other=_from_path(document["other"]),
            known=tuple(
                path
                for path in map(_from_path, document["known"][-MOST_PATHS:])
                if path is not None
            ),
            switches=_numbers(document["switches"]),
            since=number(document["since"]),
            replies={
                to_ttl(ttl): (number(asked), number(answered, asked))
                for ttl, (asked, answered) in document["replies"].items()
            },
            rtas=_numbers(document["rtas"]),
            other_rtas=_numbers(document["other_rtas"]),
            echo=bool(document["echo"]),
            losses=_numbers(document.get("losses", ())),
            delays=_from_delays(document.get("delays", {})),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return Baseline()


def to_classic_document(baseline: ClassicBaseline) -> Document:
    """The baseline for classic traces in terms of JSON; version 1."""
    named = {
        name: {str(ttl): value for ttl, value in getattr(baseline, name).items()}
        for name in ("counts", "other", "doubt", "beside")
    }
    return {
        "version": 1,
        "runs": baseline.runs,
        "other_runs": baseline.other_runs,
        "since": baseline.since,
        "beside_runs": baseline.beside_runs,
        "beside_since": baseline.beside_since,
        **named,
    }


def from_classic_document(document: Mapping[str, Json] | None) -> ClassicBaseline:
    """The baseline for classic traces; an empty one for None or for what is not ours."""
    if not document or document.get("version") != 1:
        return ClassicBaseline()
    try:
        counts, other, beside = (
            {
                to_ttl(ttl): {host: whole(count) for host, count in routers.items()}
                for ttl, routers in routers_of.items()
            }
            for routers_of in (document["counts"], document["other"], document.get("beside", {}))
        )
        doubt = {to_ttl(ttl): number(chance, 1.0) for ttl, chance in document["doubt"].items()}
        return ClassicBaseline(
            runs=whole(document["runs"]),
            counts=counts,
            other_runs=whole(document["other_runs"]),
            other=other,
            since=number(document["since"]),
            doubt=doubt,
            beside_runs=whole(document.get("beside_runs", 0)),
            beside=beside,
            beside_since=number(document.get("beside_since", 0.0)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return ClassicBaseline()


def number(data: Json, most: float = _LARGEST) -> float:
    """A number from 0 to `most`; ValueError, TypeError or OverflowError for anything else."""
    value = float(data)
    if not 0 <= value <= most:  # nor is NaN
        raise ValueError("no number of ours")
    return value


def whole(data: Json, most: float = _LARGEST) -> int:
    """A whole number from 0 to `most`; errors as those of `number`."""
    return int(number(data, most))


def to_ttl(data: Json) -> int:
    """A TTL, at most 255: a loop over hops must end; errors as those of `number`."""
    ttl = whole(data, 255)
    if not ttl:
        raise ValueError("no TTL")
    return ttl


def _numbers(data: Sequence[Json]) -> tuple[float, ...]:
    return tuple(number(value) for value in data)


def _from_delays(data: Mapping[str, Json]) -> Delays:
    """Least round trips; none in a document of version 0.1."""
    hops = data.get("hops", {}).items()
    ways = ((float(forward), float(backward)) for forward, backward in data.get("ways", ()))
    return Delays(
        target=_numbers(data.get("target", ())),
        hops={to_ttl(ttl): _numbers(times) for ttl, times in hops},
        ways=tuple(way for way in ways if abs(way[0]) + abs(way[1]) < _LARGEST),
    )


def _to_path(path: Path | None) -> Document | None:
    if path is None:
        return None
    return {
        "first": path.first,
        "last": path.last,
        "runs": path.runs,
        "flows": {
            str(flow): {str(ttl): hosts for ttl, hosts in hops.items()}
            for flow, hops in path.flows.items()
        },
        "lengths": {str(flow): length for flow, length in path.lengths.items()},
        "members": {str(ttl): hosts for ttl, hosts in path.members.items()},
    }


def _from_path(data: Mapping[str, Json] | None) -> Path | None:
    if data is None:
        return None
    lengths = data["lengths"].items()
    return Path(
        first=number(data["first"]),
        last=number(data["last"]),
        runs=whole(data["runs"]),
        flows={whole(flow, MOST_FLOWS): _hops(hops) for flow, hops in data["flows"].items()},
        lengths={whole(flow, MOST_FLOWS): to_ttl(length) for flow, length in lengths},
        members=_hops(data["members"]),
    )


def _hops(data: Mapping[str, Json]) -> Hops:
    made = {to_ttl(ttl): tuple(hosts) for ttl, hosts in data.items()}
    if not all(hosts and all(isinstance(host, str) for host in hosts) for hosts in made.values()):
        raise ValueError("a hop without a router")
    return made
