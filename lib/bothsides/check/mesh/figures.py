"""The figures of check_mesh, and how each comes out of the analysis."""

from bothsides.analyse.mesh import Analysis, Pair
from bothsides.base.types import Any, Mapping, Sequence
from bothsides.model.mesh import PairWindow
from bothsides.plugin.finding import Figure

FIGURES = (
    Figure("worst", "%", "packets that the worst pair lost, out or back", 0, 100),
    Figure("pl", "%", "packets that all pairs together lost", 0, 100),
    Figure("pl_out", "%", "packets lost on the way out", 0, 100),
    Figure("pl_back", "%", "replies lost on the way back", 0, 100),
    Figure("rta", "s", "mean round trip, the reflectors' own time taken off"),
    Figure("rtmax", "s", "longest round trip"),
    Figure("pairs", "", "pairs that were read"),
    Figure("bad", "", "pairs that certainly lose more than the limit of `worst`"),
    Figure("unknown", "", "pairs that cannot be judged"),
    Figure("maintenance", "", "pairs in maintenance"),
    Figure("late", "", "replies that came after the timeout"),
    Figure("dup", "", "replies beyond the first to a packet"),
    Figure("reorder", "", "replies that arrived after that to a later packet of the flow"),
    Figure("senderr", "", "packets that this host could not send"),
    Figure("suspect", "%", "slices that this host has spoilt itself", 0, 100),
    Figure("stalled", "s", "time in the window in which the prober did not run"),
    Figure("age", "s", "since the end of the last slice"),
    Figure("sent", "", "packets sent"),
)

_Columns = Mapping[str, tuple[Any, ...]]  # Any: each field of a window has its own type
Values = Mapping[str, float | None]
"""The value of each figure by its label; None: not measured."""


def values(analysis: Analysis, pairs: Sequence[Pair], bad: int) -> Values:
    """The values over some pairs; bad: how many of them lose too much."""
    run = analysis.run
    if run.failure is not None or not pairs:
        return {figure.label: None for figure in FIGURES}
    every = _columns(pairs)
    judged = [pair for pair in pairs if not pair.trouble]
    good = every if len(judged) == len(pairs) else _columns(judged)
    sent, slices = sum(good["sent"]), sum(every["slices"])
    return {
        "worst": max([100 * pair.loss for pair in judged if pair.loss is not None], default=None),
        "pl": _percent(sum(good["lost"]), sent),
        "pl_out": _percent(sum(good["out"]), sent),
        "pl_back": _percent(sum(good["back"]), sent),
        "rta": _mean(good),
        "rtmax": max(every["rtt_max"]) / 1e6 if any(every["rtt_max"]) else None,
        "pairs": sum([pair.number for pair in pairs]),
        "bad": bad,
        "unknown": len(pairs) - len(judged),
        "maintenance": len(pairs) - every["maintenance"].count(""),
        "late": sum(every["late"]),
        "dup": sum(every["duplicated"]),
        "reorder": sum(every["reordered"]),
        "senderr": sum(every["unsent"]),
        "suspect": _percent(sum(every["suspect"]), slices),
        "stalled": run.stalled,
        "age": analysis.age,
        "sent": sent,
    }


def _columns(pairs: Sequence[Pair]) -> _Columns:
    """The values of each field of many windows; sums over columns are made in C."""
    if not pairs:
        return dict.fromkeys(PairWindow._fields, ())
    columns = zip(*[pair.seen for pair in pairs], strict=True)
    return dict(zip(PairWindow._fields, columns, strict=True))


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def _mean(columns: _Columns) -> float | None:
    """The mean round trip in s, each packet counting once."""
    counts = [a - b for a, b in zip(columns["sent"], columns["lost"], strict=True)]
    answered = sum(counts)
    times = [n * mean for n, mean in zip(counts, columns["rtt_mean"], strict=True)]
    return sum(times) / answered / 1e6 if answered else None
