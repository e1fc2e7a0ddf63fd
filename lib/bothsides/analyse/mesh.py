"""What a window of the mesh proves: each pair's loss, how certain it is, sums by data centre."""

from bothsides.base.types import Literal, NamedTuple, Sequence
from bothsides.model.mesh import FAR, PairWindow, Plan, Run, Well

Trouble = Literal["", "new", "none", "suspect"]
"""Why a pair cannot be judged: just added, no slice in the window, or most of them suspect."""

_SURE = 3.0  # standard deviations by which a loss must be above a limit
_FEW = 2  # slices with loss; a loss in fewer is one event, which no limit is held against
_PART = 0.5  # of a window's slices that may be suspect or missing


class Pair(NamedTuple):
    """One pair, or several that are well, and what their figures prove."""

    seen: PairWindow
    trouble: Trouble
    loss: float | None  # share of its packets, 0 to 1; None when it cannot be judged
    certain: float  # the share that is lost at least, as good as certainly
    number: int = 1  # pairs that it stands for; others than 1 have no name


class Total(NamedTuple):
    """Sums over pairs that can be judged."""

    prefix: str  # dotted data centre of the far ends; "" for all
    pairs: tuple[Pair, ...]
    sent: int  # packets
    lost: int
    out: int
    back: int

    @property
    def loss(self) -> float | None:
        """Share of all packets; None where none was sent."""
        return self.lost / self.sent if self.sent else None


class Analysis(NamedTuple):
    """All that a window proves; sums by data centre are made by `by_prefix`, where they matter."""

    plan: Plan
    run: Run
    age: float | None  # s since the end of the last slice; None without an answer
    pairs: tuple[Pair, ...]  # in the order of the run, and behind them those that are well
    number: int  # pairs
    total: Total  # of all pairs that are not in maintenance


def analyse(plan: Plan, run: Run, past: None) -> Analysis:
    """Pure: no limit and no state in here."""
    few = min(_FEW, run.expected)
    added = dict(run.added)
    pairs = (
        *[_pair(seen, few, seen.name in added) for seen in run.pairs],
        *[_well(each) for each in run.well if each.number],
    )
    number = len(run.pairs) + sum([each.number for each in run.well])
    age = None if run.now is None else max(0.0, run.now - run.closed)
    alarming = [pair for pair in pairs if not pair.seen.maintenance]
    total = _total("", alarming)
    return Analysis(plan=plan, run=run, age=age, pairs=pairs, number=number, total=total)


def _well(each: Well) -> Pair:
    """Pairs that are well, as one of which nothing was lost."""
    seen = PairWindow(
        "", "", each.datacenter, "", True, each.slices, 0, 0, 0, 0, each.sent, 0, 0, 0,
        *each[5:],
    )  # fmt: skip
    return Pair(seen, "", 0.0, 0.0, each.number)


def without(analysis: Analysis, names: frozenset[str]) -> Analysis:
    """The analysis without the pairs with some hosts."""
    pairs = tuple([pair for pair in analysis.pairs if pair.seen.name not in names])
    run = analysis.run._replace(pairs=tuple([pair.seen for pair in pairs]))
    alarming = [pair for pair in pairs if not pair.seen.maintenance]
    return analysis._replace(run=run, pairs=pairs, total=_total("", alarming))


def _pair(seen: PairWindow, few: int, added: bool) -> Pair:
    if not seen.lost and not seen.suspect and seen.sent:  # as nearly always
        return Pair(seen, "", 0.0, 0.0)
    trouble: Trouble = ""
    if not seen.slices:
        trouble = "new" if added else "none"
    elif seen.suspect > _PART * seen.slices or not seen.sent:
        trouble = "suspect"
    if trouble:
        return Pair(seen, trouble, None, 0.0)
    certain = at_least(seen.lost, seen.sent) if seen.bad >= few else 0.0
    return Pair(seen, "", seen.lost / seen.sent, certain)


def at_least(lost: int, sent: int) -> float:
    """The share that is lost at least: the low end of Wilson's interval, 3 standard deviations."""
    share, square = lost / sent, _SURE * _SURE
    spread = _SURE * (share * (1 - share) / sent + square / (4 * sent * sent)) ** 0.5
    least: float = (share + square / (2 * sent) - spread) / (1 + square / sent)
    return max(0.0, least)


def _total(prefix: str, pairs: Sequence[Pair]) -> Total:
    judged = [pair.seen for pair in pairs if not pair.trouble]
    return Total(
        prefix=prefix,
        pairs=tuple(pairs),
        sent=sum([seen.sent for seen in judged]),
        lost=sum([seen.lost for seen in judged]),
        out=sum([seen.out for seen in judged]),
        back=sum([seen.back for seen in judged]),
    )


def by_prefix(analysis: Analysis) -> tuple[Total, ...]:
    """Sums over the pairs of every dotted prefix of their data centres, widest first."""
    exact: dict[str, list[Pair]] = {}
    for pair in analysis.total.pairs:
        exact.setdefault(pair.seen.datacenter, []).append(pair)
    groups: dict[str, list[Pair]] = {}
    for datacenter, members in exact.items():
        parts = datacenter.split(".") if datacenter else []
        for count in range(1, len(parts) + 1):
            groups.setdefault(".".join(parts[:count]), []).extend(members)
    ordered = sorted(groups, key=lambda prefix: (prefix.count("."), prefix))
    return tuple([_total(prefix, groups[prefix]) for prefix in ordered])


def leaving(total: Total, host: str) -> Total:
    """The sums without the pair of a host with itself, whose packets never leave the host."""
    pairs = [pair for pair in total.pairs if pair.seen.name != host]
    return total if len(pairs) == len(total.pairs) else _total(total.prefix, pairs)


def is_far(pair: Pair) -> bool:
    """Whether the far end's reflector itself was restarted, or dropped or refused requests."""
    return bool(pair.seen.flags & FAR)
