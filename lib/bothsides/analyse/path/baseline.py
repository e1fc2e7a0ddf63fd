"""The baseline of a path: learnt from runs, compared with each new one, changed slowly."""

from bothsides.analyse.path.compare import (
    Comparison,
    Path,
    SameNetwork,
    Turn,
    Walk,
    compare,
    divergence,
)
from bothsides.analyse.path.delay_memory import Delays
from bothsides.analyse.statistics import median
from bothsides.base.types import Literal, Mapping, NamedTuple

LEARNING = 3  # runs until the path counts as known
PROMOTED = 12  # runs that make a new path the normal one: an hour at one run in five minutes
FLAPS = 4  # switches in 24 hours that are not flapping yet
MOST_PATHS, MOST_FLOWS, MOST_MEMBERS = 16, 96, 64  # how much a baseline holds
_DAY = 86400.0


class Baseline(NamedTuple):
    """What earlier runs taught about the path to one address."""

    runs: int = 0
    normal: Path | None = None  # the path that is expected
    other: Path | None = None  # the path in use instead, since the last change
    known: tuple[Path, ...] = ()  # earlier paths
    switches: tuple[float, ...] = ()  # s, UTC, changes of path in the last 24 hours
    since: float = 0.0  # s, UTC, when the path in use began
    replies: Mapping[int, tuple[float, float]] = {}  # TTL: probes, answers; old ones count less
    rtas: tuple[float, ...] = ()  # s, mean round trips of the last runs on the normal path
    other_rtas: tuple[float, ...] = ()  # s, mean round trips of the last runs on the other path
    echo: bool = False  # whether the target ever answered an echo request
    losses: tuple[float, ...] = ()  # %, echoes lost in the last runs on the normal path
    delays: Delays = Delays()  # least round trips on the normal path


Word = Literal[
    "learning",
    "same",
    "reshuffled",  # flows changed places among known routers
    "sibling",  # a balanced hop has a new member
    "readdressed",  # a router answers from another address
    "tunnelled",  # a tunnel hides hops, or shows them again
    "unconfirmed",  # a difference that no second look confirmed
    "changed",
    "known",  # changed to an earlier path
    "promoted",  # a change that has lasted and becomes the normal path
    "silent",  # no router answered: nothing to compare
]


_NORMAL = ("learning", "same", "reshuffled", "sibling", "readdressed", "tunnelled")
"""Words of a run on the normal path."""


class Verdict(NamedTuple):
    """What a run means for the path."""

    word: Word
    comparison: Comparison
    turn: Turn | None  # where most flows leave the normal path
    since: float  # s, UTC, when the present path began
    switched: bool  # whether this run is the first on the present path
    quiet: tuple[int, ...]  # hops that stopped answering
    switches: int  # changes of path in the last 24 hours, this run included


def decide(
    baseline: Baseline,
    first: Walk,
    second: Walk | None,
    at: float,
    same_network: SameNetwork,
    sticky: bool = False,
) -> Verdict:
    """The verdict on one run; `sticky`: no change ever becomes the normal path."""
    recent = sum(at - _DAY < moment <= at for moment in baseline.switches)
    nothing = Comparison("same", 0)
    if not any(first.flows.values()):
        return Verdict("silent", nothing, None, baseline.since or at, False, (), recent)
    if baseline.normal is None:
        return Verdict("learning", nothing, None, at, False, (), 0)
    comparison = compare(baseline.normal, first, second, same_network)
    turn = divergence(comparison.turns)
    if (
        comparison.turns
        and baseline.other is not None
        and _fits(baseline.other, first, second, same_network)
    ):
        lasting = baseline.other.runs + 1 >= PROMOTED and not sticky
        word: Word = "promoted" if lasting else "known" if _familiar(baseline.other) else "changed"
        return Verdict(word, comparison, turn, baseline.since, False, (), recent)
    if comparison.verdict == "unconfirmed":
        return Verdict("unconfirmed", comparison, turn, baseline.since, False, (), recent)
    if comparison.verdict != "changed" or _still_learning(baseline, comparison):
        back = baseline.other is not None
        word = "learning" if baseline.runs < LEARNING else comparison.verdict
        return Verdict(
            word=word,
            comparison=comparison,
            turn=turn,
            since=at if back else baseline.since,
            switched=back,
            quiet=_quiet(baseline, first),
            switches=recent + back,
        )
    earlier = _earlier(baseline, first, second, same_network)
    return Verdict("known" if earlier else "changed", comparison, turn, at, True, (), recent + 1)


def learn(
    baseline: Baseline,
    verdict: Verdict,
    walk: Walk,
    at: float,
    rta: float | None,
    asked: Mapping[int, tuple[int, int]],
    loss: float | None = None,
) -> Baseline:
    """The baseline after a run; `asked`: probes and answers by TTL; `loss`: of the target, %."""
    if verdict.word in ("silent", "unconfirmed"):
        return baseline
    switches = tuple(moment for moment in baseline.switches if moment > at - _DAY) + (
        (at,) if verdict.switched else ()
    )
    rtas = () if rta is None else (round(rta, 6),)
    losses = baseline.losses if loss is None else (*baseline.losses, round(loss, 3))[-PROMOTED:]
    after = baseline._replace(
        runs=baseline.runs + 1,
        switches=switches,
        since=verdict.since,
        replies=_counted(baseline.replies, asked),
    )
    if baseline.normal is None or verdict.word in _NORMAL:
        left = baseline.known if baseline.other is None else _stored(baseline.known, baseline.other)
        normal = merge(baseline.normal, walk, at)
        after = after._replace(normal=normal, other=None, known=left, losses=losses)
        return after._replace(rtas=(*baseline.rtas, *rtas)[-PROMOTED:], other_rtas=())
    return _elsewhere(after, baseline.normal, verdict, walk, at, rtas)


def _elsewhere(
    baseline: Baseline,
    normal: Path,
    verdict: Verdict,
    walk: Walk,
    at: float,
    rtas: tuple[float, ...],
) -> Baseline:
    """The baseline after a run on another path than the normal one."""
    known = baseline.known
    if verdict.switched:
        if baseline.other is not None:
            known = _stored(known, baseline.other)
        before = next(
            (path for path in known if compare(path, walk, walk).verdict != "changed"), None
        )
        other = merge(before, walk, at)
        known = tuple(path for path in known if path is not before)
        rtas_there = rtas
    else:
        other = merge(baseline.other, walk, at)
        rtas_there = (*baseline.other_rtas, *rtas)[-PROMOTED:]
    if verdict.word == "promoted":
        known = _stored(known, normal)
        return baseline._replace(
            normal=other, other=None, known=known, rtas=rtas_there, other_rtas=(), losses=()
        )
    return baseline._replace(other=other, known=known, other_rtas=rtas_there)


def accept_current(baseline: Baseline) -> Baseline:
    """The baseline with the present path as the normal one, as --accept demands."""
    if baseline.other is None or baseline.normal is None:
        return baseline
    known = _stored(baseline.known, baseline.normal)
    return baseline._replace(
        normal=baseline.other,
        other=None,
        known=known,
        rtas=baseline.other_rtas,
        other_rtas=(),
        losses=(),
    )


def usual_rtt(baseline: Baseline) -> tuple[float, float] | None:
    """Median round trip of the normal path and median deviation from it, in seconds."""
    centre = median(baseline.rtas)
    spread = None if centre is None else median(abs(value - centre) for value in baseline.rtas)
    return None if centre is None or spread is None else (centre, spread)


def usual_loss(baseline: Baseline) -> float | None:
    """The median loss of the target on the normal path, in percent."""
    return median(baseline.losses)


def merge(path: Path | None, walk: Walk, at: float) -> Path:
    """The path with one more run in it."""
    if path is None:
        path = Path(at, at, 0, {}, {}, {})
    flows = {flow: dict(hops) for flow, hops in path.flows.items()}
    members = {ttl: list(hosts) for ttl, hosts in path.members.items()}
    for flow, hops in walk.flows.items():
        mine = flows.setdefault(flow, {})
        for ttl, hosts in hops.items():
            same = set(hosts) & set(mine.get(ttl, ()))
            mine[ttl] = (
                tuple(dict.fromkeys((*mine[ttl], *hosts)))[-MOST_MEMBERS:] if same else hosts
            )
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
    kept = sorted(flow for flow in flows if flows[flow])[:MOST_FLOWS]
    return Path(
        path.first,
        at,
        path.runs + 1,
        {flow: flows[flow] for flow in kept},
        {flow: length for flow, length in lengths.items() if flow in kept},
        {ttl: tuple(hosts[-MOST_MEMBERS:]) for ttl, hosts in members.items()},
    )


def _still_learning(baseline: Baseline, comparison: Comparison) -> bool:
    """While learning, a change needs every flow: a single new router may be one still unseen."""
    return baseline.runs < LEARNING and len(comparison.turns) < comparison.flows


def _fits(path: Path, first: Walk, second: Walk | None, same_network: SameNetwork) -> bool:
    return compare(path, first, second, same_network).verdict not in ("changed", "unconfirmed")


def _familiar(path: Path) -> bool:
    return path.runs >= PROMOTED


def _earlier(
    baseline: Baseline, first: Walk, second: Walk | None, same_network: SameNetwork
) -> bool:
    return any(
        _familiar(path) and _fits(path, first, second, same_network) for path in baseline.known
    )


def _stored(known: tuple[Path, ...], path: Path) -> tuple[Path, ...]:
    return tuple(sorted((*known, path), key=lambda each: each.last)[-MOST_PATHS:])


def _counted(
    replies: Mapping[int, tuple[float, float]], asked: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[float, float]]:
    """Exponential forgetting: the last ten runs weigh as much as all before them."""
    counts = {ttl: (a * 0.9, b * 0.9) for ttl, (a, b) in replies.items() if a > 0.1}
    for ttl, (probes, answers) in asked.items():
        before = counts.get(ttl, (0.0, 0.0))
        counts[ttl] = (round(before[0] + probes, 3), round(before[1] + answers, 3))
    return counts


def _quiet(baseline: Baseline, walk: Walk) -> tuple[int, ...]:
    """Hops whose silence is no chance (below 1 in 1000), by how often they answered before."""
    if baseline.normal is None:
        return ()
    answering = {ttl for hops in walk.flows.values() for ttl in hops}
    ends = max(walk.lengths.values(), default=0)
    quiet = []
    for ttl, (probes, answers) in sorted(baseline.replies.items()):
        share = answers / probes if probes else 0.0
        expected = ttl in baseline.normal.members and ttl < ends and probes >= 12
        if expected and ttl not in answering and (1 - share) ** len(walk.flows) < 1e-3:
            quiet.append(ttl)
    return tuple(quiet)
