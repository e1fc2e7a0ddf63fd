"""What is normal on the way to one target: learnt from runs, held against each new one, changed slowly."""

from bothsides.analyse.path.compare import (
    Comparison,
    Hops,
    Kin,
    Path,
    Turn,
    Walk,
    compare,
    divergence,
)
from bothsides.analyse.statistics import median
from bothsides.base.types import Any, Iterator, Mapping, NamedTuple, Sequence

LEARNING = 3  # runs until the path counts as known
PROMOTED = 12  # runs that make a new path the normal one: an hour at one run in five minutes
FLAPS = 4  # switches in 24 hours that are still no flapping
_KNOWN, _FLOWS, _MEMBERS = 16, 96, 64  # how much is remembered
_DAY = 86400.0
_LARGEST = 1e11  # no moment, time or count of ours is larger
# Flows that exclude one more router behind k known ones with 99 % (the stopping points of the Multipath
# Detection Algorithm; coupon collector with k + 1 equal coupons).
_STOP = (0, 8, 15, 21, 28, 36, 43, 51, 58, 66, 74, 82, 90, 96)


class Memory(NamedTuple):
    """All that is known about the way to one address.

    normal: the path that is expected; other: the one that is walked instead since it changed;
    known: earlier ones; switches: when it changed, in the last 24 hours; since: when the present one
    began; replies: probes asked and answered by TTL, older ones counting less; rtas: median round trips
    of the last runs on the normal path, and of those on the other; echo: the target has answered echoes;
    losses: echoes lost in percent in the last runs on the normal path that reached the target.
    """

    runs: int = 0
    normal: Path | None = None
    other: Path | None = None
    known: tuple[Path, ...] = ()
    switches: tuple[float, ...] = ()
    since: float = 0.0
    replies: Mapping[int, tuple[float, float]] = {}
    rtas: tuple[float, ...] = ()
    other_rtas: tuple[float, ...] = ()
    echo: bool = False
    losses: tuple[float, ...] = ()


class Verdict(NamedTuple):
    """What a run means for the path.

    word: "learning", "same", "reshuffled", "sibling", "unconfirmed", "changed", "known" (an earlier path),
    "promoted" (a change that has lasted) or "silent" (nothing to compare); turn: where most of the flows leave
    the normal path; since: when the present path began; switched: this run is the first on it;
    quiet: hops that have stopped answering; switches: in the last 24 hours, this one included.
    """

    word: str
    comparison: Comparison
    turn: Turn | None
    since: float
    switched: bool
    quiet: tuple[int, ...]
    switches: int


def decide(
    memory: Memory, first: Walk, second: Walk | None, at: float, kin: Kin, sticky: bool = False
) -> Verdict:
    """The verdict on one run; pure."""
    recent = sum(at - _DAY < moment <= at for moment in memory.switches)
    nothing = Comparison("same", 0)
    if not any(first.flows.values()):
        return Verdict("silent", nothing, None, memory.since or at, False, (), recent)
    if memory.normal is None:
        return Verdict("learning", nothing, None, at, False, (), 0)
    comparison = compare(memory.normal, first, second, kin)
    turn = divergence(comparison.turns)
    if comparison.turns and memory.other is not None and _fits(memory.other, first, second, kin):
        word = "promoted" if memory.other.runs + 1 >= PROMOTED and not sticky else "changed"
        word = "known" if word == "changed" and _familiar(memory.other) else word
        return Verdict(word, comparison, turn, memory.since, False, (), recent)
    if comparison.verdict == "unconfirmed":
        return Verdict("unconfirmed", comparison, turn, memory.since, False, (), recent)
    if comparison.verdict != "changed" or _still_learning(memory, comparison):
        back = memory.other is not None
        word = "learning" if memory.runs < LEARNING else comparison.verdict
        return Verdict(
            word,
            comparison,
            turn,
            at if back else memory.since,
            back,
            _quiet(memory, first),
            recent + back,
        )
    earlier = _earlier(memory, first, second, kin)
    return Verdict("known" if earlier else "changed", comparison, turn, at, True, (), recent + 1)


def learnt(
    memory: Memory,
    verdict: Verdict,
    walk: Walk,
    at: float,
    rta: float | None,
    asked: Mapping[int, tuple[int, int]],
    loss: float | None = None,
) -> Memory:
    """The memory after a run; `asked`: probes asked and answered by TTL; `loss`: of the target, in percent."""
    if verdict.word in ("silent", "unconfirmed"):
        return memory
    switches = tuple(moment for moment in memory.switches if moment > at - _DAY) + (
        (at,) if verdict.switched else ()
    )
    rtas = () if rta is None else (round(rta, 6),)
    losses = memory.losses if loss is None else (*memory.losses, round(loss, 3))[-PROMOTED:]
    after = memory._replace(
        runs=memory.runs + 1,
        switches=switches,
        since=verdict.since,
        replies=_counted(memory.replies, asked),
    )
    if memory.normal is None or verdict.word in ("learning", "same", "reshuffled", "sibling"):
        left = memory.known if memory.other is None else _stored(memory.known, memory.other)
        normal = merged(memory.normal, walk, at)
        after = after._replace(normal=normal, other=None, known=left, losses=losses)
        return after._replace(rtas=(*memory.rtas, *rtas)[-PROMOTED:], other_rtas=())
    return _elsewhere(after, memory.normal, verdict, walk, at, rtas)


def _elsewhere(
    memory: Memory, normal: Path, verdict: Verdict, walk: Walk, at: float, rtas: tuple[float, ...]
) -> Memory:
    """The memory after a run on another path than the normal one."""
    known = memory.known
    if verdict.switched:
        if memory.other is not None:
            known = _stored(known, memory.other)
        before = next(
            (path for path in known if compare(path, walk, walk).verdict != "changed"), None
        )
        other = merged(before, walk, at)
        known = tuple(path for path in known if path is not before)
        rtas_there = rtas
    else:
        other = merged(memory.other, walk, at)
        rtas_there = (*memory.other_rtas, *rtas)[-PROMOTED:]
    if verdict.word == "promoted":
        known = _stored(known, normal)
        return memory._replace(
            normal=other, other=None, known=known, rtas=rtas_there, other_rtas=(), losses=()
        )
    return memory._replace(other=other, known=known, other_rtas=rtas_there)


def accepted(memory: Memory) -> Memory:
    """The memory with the present path as the normal one, because somebody says so."""
    if memory.other is None or memory.normal is None:
        return memory
    known = _stored(memory.known, memory.normal)
    return memory._replace(
        normal=memory.other,
        other=None,
        known=known,
        rtas=memory.other_rtas,
        other_rtas=(),
        losses=(),
    )


def usual(memory: Memory) -> tuple[float, float] | None:
    """The median round trip of the normal path in seconds and the median of the deviations from it."""
    centre = median(memory.rtas)
    spread = None if centre is None else median(abs(value - centre) for value in memory.rtas)
    return None if centre is None or spread is None else (centre, spread)


def usual_loss(memory: Memory) -> float | None:
    """The median loss of the target on the normal path, in percent."""
    return median(memory.losses)


def merged(path: Path | None, walk: Walk, at: float) -> Path:
    """The path with one more run in it."""
    if path is None:
        path = Path(at, at, 0, {}, {}, {})
    flows = {flow: dict(hops) for flow, hops in path.flows.items()}
    members = {ttl: list(hosts) for ttl, hosts in path.members.items()}
    for flow, hops in walk.flows.items():
        mine = flows.setdefault(flow, {})
        for ttl, hosts in hops.items():
            same = set(hosts) & set(mine.get(ttl, ()))
            mine[ttl] = tuple(dict.fromkeys((*mine[ttl], *hosts)))[-_MEMBERS:] if same else hosts
            known = members.setdefault(ttl, [])
            known += [host for host in hosts if host not in known]
    lengths = dict(path.lengths)
    for flow, length in walk.lengths.items():
        known_end = lengths.get(flow, length)
        if length < known_end or known_end in walk.flows.get(
            flow, {}
        ):  # else only the target was silent there
            lengths[flow] = length
        lengths.setdefault(flow, length)
    for flow, length in lengths.items():  # what lies behind the target is of a longer path
        flows[flow] = {ttl: hosts for ttl, hosts in flows.get(flow, {}).items() if ttl <= length}
    kept = sorted(flow for flow in flows if flows[flow])[:_FLOWS]
    return Path(
        path.first,
        at,
        path.runs + 1,
        {flow: flows[flow] for flow in kept},
        {flow: length for flow, length in lengths.items() if flow in kept},
        {ttl: tuple(hosts[-_MEMBERS:]) for ttl, hosts in members.items()},
    )


def extra(memory: Memory, core: int, each: int) -> Iterator[tuple[int, int]]:
    """Further probes (flow, ttl) at balanced hops of a known path, `each` per hop.

    New flows until all routers there are likely known; then flows that are known to meet those
    routers which the core flows do not, in turn, so that every one is visited every few runs.
    """
    path = memory.normal if memory.other is None else memory.other
    if path is None:
        return
    for ttl, members in sorted(path.members.items()):
        if len(members) < 2 or path.scattered(ttl):
            continue
        met = {flow: hops[ttl][0] for flow, hops in path.flows.items() if ttl in hops}
        unmet = sorted(set(members) - {host for flow, host in met.items() if flow < core})
        wanted = _STOP[min(len(members), len(_STOP) - 1)] - len(met)
        if wanted > 0:
            beyond = max([core - 1, *met]) + 1
            yield from (
                (flow, ttl) for flow in range(beyond, min(beyond + min(each, wanted), _FLOWS))
            )
        for turn in range(min(each, len(unmet))):
            host = unmet[(memory.runs * each + turn) % len(unmet)]
            yield from [(flow, ttl) for flow, there in met.items() if there == host][:1]


def witnesses(
    path: Path, spots: Mapping[int, set[str]], probed: set[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """For balanced hops where somebody new was met: one flow for each known router, to see whether it is still there."""
    for ttl in sorted(spots):
        if not path.balanced(ttl):
            continue
        for host in path.members[ttl][:16]:
            known = (
                flow
                for flow, hops in sorted(path.flows.items(), reverse=True)
                if hops.get(ttl) == (host,)
            )
            yield from [(flow, ttl) for flow in known if (flow, ttl) not in probed][:1]


def _still_learning(memory: Memory, comparison: Comparison) -> bool:
    """While learning, a change needs every flow: one that meets somebody new may be what is still to be learnt."""
    return memory.runs < LEARNING and len(comparison.turns) < comparison.flows


def _fits(path: Path, first: Walk, second: Walk | None, kin: Kin) -> bool:
    return compare(path, first, second, kin).verdict not in ("changed", "unconfirmed")


def _familiar(path: Path) -> bool:
    return path.runs >= PROMOTED


def _earlier(memory: Memory, first: Walk, second: Walk | None, kin: Kin) -> bool:
    return any(_familiar(path) and _fits(path, first, second, kin) for path in memory.known)


def _stored(known: tuple[Path, ...], path: Path) -> tuple[Path, ...]:
    return tuple(sorted((*known, path), key=lambda one: one.last)[-_KNOWN:])


def _counted(
    replies: Mapping[int, tuple[float, float]], asked: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[float, float]]:
    """Exponential forgetting: the last ten runs weigh as much as all before them."""
    counts = {ttl: (a * 0.9, b * 0.9) for ttl, (a, b) in replies.items() if a > 0.1}
    for ttl, (probes, answers) in asked.items():
        before = counts.get(ttl, (0.0, 0.0))
        counts[ttl] = (round(before[0] + probes, 3), round(before[1] + answers, 3))
    return counts


def _quiet(memory: Memory, walk: Walk) -> tuple[int, ...]:
    """Hops whose silence now is no chance (below 1 in 1000), given how they used to answer."""
    if memory.normal is None:
        return ()
    answering = {ttl for hops in walk.flows.values() for ttl in hops}
    ends = max(walk.lengths.values(), default=0)
    quiet = []
    for ttl, (probes, answers) in sorted(memory.replies.items()):
        share = answers / probes if probes else 0.0
        expected = ttl in memory.normal.members and ttl < ends and probes >= 12
        if expected and ttl not in answering and (1 - share) ** len(walk.flows) < 1e-3:
            quiet.append(ttl)
    return tuple(quiet)


# As a document ------------------------------------------------------------------------------------


def to_document(memory: Memory) -> dict[str, Any]:
    """The memory in terms of JSON; version 1."""
    return {
        "version": 1,
        **{
            name: getattr(memory, name)
            for name in ("runs", "switches", "since", "rtas", "other_rtas", "echo", "losses")
        },
        "normal": _to_path(memory.normal),
        "other": _to_path(memory.other),
        "known": [_to_path(path) for path in memory.known],
        "replies": {str(ttl): pair for ttl, pair in memory.replies.items()},
    }


def from_document(document: Mapping[str, Any] | None) -> Memory:
    """The memory of a document; an empty one for None or for what is not ours."""
    if not document or document.get("version") != 1:
        return Memory()
    try:
        return Memory(
            whole(document["runs"]),
            _from_path(document["normal"]),
            _from_path(document["other"]),
            tuple(
                path for path in map(_from_path, document["known"][-_KNOWN:]) if path is not None
            ),
            _numbers(document["switches"]),
            number(document["since"]),
            {
                to_ttl(ttl): (number(asked), number(answered, asked))
                for ttl, (asked, answered) in document["replies"].items()
            },
            _numbers(document["rtas"]),
            _numbers(document["other_rtas"]),
            bool(document["echo"]),
            _numbers(document.get("losses", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return Memory()


def number(data: Any, most: float = _LARGEST) -> float:
    """A number from 0 to `most`; ValueError, TypeError or OverflowError for what we cannot have written."""
    value = float(data)
    if not 0 <= value <= most:  # nor is NaN
        raise ValueError("no number of ours")
    return value


def whole(data: Any, most: float = _LARGEST) -> int:
    """A whole number from 0 to `most`; errors as those of `number`."""
    return int(number(data, most))


def to_ttl(data: Any) -> int:
    """A TTL: whoever goes from hop to hop must come to an end; errors as those of `number`."""
    ttl = whole(data, 255)
    if not ttl:
        raise ValueError("no TTL")
    return ttl


def _numbers(data: Sequence[Any]) -> tuple[float, ...]:
    return tuple(number(value) for value in data)


def _to_path(path: Path | None) -> dict[str, Any] | None:
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


def _from_path(data: Mapping[str, Any] | None) -> Path | None:
    if data is None:
        return None
    return Path(
        number(data["first"]),
        number(data["last"]),
        whole(data["runs"]),
        {whole(flow, _FLOWS): _hops(hops) for flow, hops in data["flows"].items()},
        {whole(flow, _FLOWS): to_ttl(length) for flow, length in data["lengths"].items()},
        _hops(data["members"]),
    )


def _hops(data: Mapping[str, Any]) -> Hops:
    made = {to_ttl(ttl): tuple(hosts) for ttl, hosts in data.items()}
    if not all(hosts and all(isinstance(host, str) for host in hosts) for hosts in made.values()):
        raise ValueError("a hop of nobody")
    return made
