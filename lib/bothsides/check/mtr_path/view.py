"""A run over a path as the judge sees it, and as a person reads it."""

from collections import Counter

from bothsides.analyse.path import baseline_classic
from bothsides.analyse.path.baseline import LEARNING, Memory, Verdict, decide, usual
from bothsides.analyse.path.baseline_classic import Loose
from bothsides.analyse.path.compare import Hops, Kin, Turn, Walk, join
from bothsides.analyse.path.loss_location import Segment, begins
from bothsides.analyse.path.ownership import Owner, along, between, is_network, named, networks
from bothsides.analyse.statistics import mean
from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.check.mtr_path.options import FLOOR, Terms
from bothsides.parse.mtr.model import is_address
from bothsides.parse.text import to_words
from bothsides.probe.mtr.measure import walk
from bothsides.probe.mtr.session import ECHO, Answer, Run
from bothsides.store.path_runs import Entry, Seen

_LINE = 160  # characters of line 1 that a pager shows


class Past(NamedTuple):
    """What is remembered of the path, which addresses the name had, and the AS numbers (with names) of
    addresses; trouble: why something is not known."""

    memory: Memory = Memory()
    addresses: tuple[str, ...] = ()
    loose: Loose = Loose()
    systems: Mapping[str, tuple[int, str]] = {}
    trouble: str = ""


def met(run: Run) -> baseline_classic.Counts:
    """Answers by hop and router, of a run whose flows vary."""
    return baseline_classic.counted(
        (answer.ttl, answer.host) for answer in run.first if answer.flow != ECHO and answer.host
    )


class View(NamedTuple):
    """first and second: the looks; walk: both together; length: hops to the target, or to the last one that
    answered; line: the path of most flows, None for silence; owners: by address; segment: where it loses."""

    run: Run
    past: Past
    walk: Walk
    verdict: Verdict
    reached: bool
    length: int
    line: tuple[str | None, ...]
    owners: Mapping[str, Owner]
    segment: Segment | None

    def owner(self, address: str) -> str:
        """Whose an address is, in a word; nothing when nobody in particular owns it."""
        found = self.owners.get(address.partition("/")[0], Owner())
        return str(found) if is_network(found) else ""

    def labelled(self, address: str) -> str:
        """The address and whose it is."""
        return f"{address} {self.owner(address)}".strip()

    def hosts(self, ttl: int) -> list[str]:
        """Every router met at a hop, the most frequent first."""
        met = Counter(host for hops in self.walk.flows.values() for host in hops.get(ttl, ()))
        return [host for host, _ in met.most_common()]


def walks(run: Run) -> tuple[Walk, Walk | None]:
    """What the looks of a run saw."""
    return walk(run.first, run), None if run.second is None else walk(run.second, run)


def heard(run: Run) -> list[float]:
    """The round trips of the target."""
    return [echo for echo in run.echoes if echo is not None]


def loss_of(view: View) -> float | None:
    """Lost echoes in percent; None for a target that answers UDP but has never answered an echo."""
    run = view.run
    echoes = [*run.echoes, *(answer.rtt for answer in run.segments if answer.flow == ECHO)]
    if not echoes or (not heard(run) and view.reached and not view.past.memory.echo):
        return None
    return 100.0 * sum(echo is None for echo in echoes) / len(echoes)


def view_of(run: Run, terms: Terms, past: Past) -> View:
    """Puts together what a judge needs."""
    first, second = walks(run)
    both = join(first, second or Walk({}, {}))
    known = _addresses(both, past.memory)
    owners = named(known, terms.sources, past.systems, dict(run.systems))
    if run.fixed:
        verdict = decide(past.memory, first, second, run.at, kin(owners), terms.sticky)
    else:
        verdict = baseline_classic.decide(past.loose, met(run), run.at)
    reached = bool(both.lengths) or bool(heard(run))
    ends = Counter(both.lengths.values()).most_common(1)
    length = (
        ends[0][0]
        if ends
        else max((ttl for hops in both.flows.values() for ttl in hops), default=0)
    )
    length = min(
        [length, *walk(run.segments, run).lengths.values()]
    )  # a lossy target may have seemed further away
    line = _line(both.flows, length)
    owned = along(line, owners)
    owners |= {host: owner for host, owner in zip(line, owned, strict=True) if host}
    return View(run, past, both, verdict, reached, length, line, owners, _segment(run, length))


def kin(owners: Mapping[str, Owner]) -> Kin:
    """Whether two addresses may be of one network, as far as owners are known."""

    def same(one: str, other: str) -> bool:
        mine, theirs = owners.get(one, Owner()), owners.get(other, Owner())
        return not (mine.asn and theirs.asn) or mine.asn == theirs.asn

    return same


def _addresses(both: Walk, memory: Memory) -> list[str]:
    met = {host for hops in both.flows.values() for hosts in hops.values() for host in hosts}
    for path in (memory.normal, memory.other):
        met |= {host for hosts in path.members.values() for host in hosts} if path else set()
    return sorted(host for host in met if is_address(host))


def _line(flows: Mapping[int, Hops], length: int) -> tuple[str | None, ...]:
    met = [
        Counter(host for hops in flows.values() for host in hops.get(ttl, ()))
        for ttl in range(1, length + 1)
    ]
    return tuple(hosts.most_common(1)[0][0] if hosts else None for hosts in met)


def _segment(run: Run, length: int) -> Segment | None:
    if not run.segments:
        return None
    counts: dict[int, tuple[int, int]] = {}
    for answer in (*run.first, *run.segments):
        sent, lost = counts.get(answer.ttl, (0, 0))
        if answer.flow != ECHO:
            counts[answer.ttl] = (sent + 1, lost + (answer.kind == "silent"))
    echoes = [answer for answer in run.segments if answer.flow == ECHO]
    lost = sum(answer.kind == "silent" for answer in echoes) + sum(
        echo is None for echo in run.echoes
    )
    return begins(counts, (len(echoes) + len(run.echoes), lost), length)


def entry_of(view: View, state: str) -> Entry:
    """The run as it is remembered."""
    run = view.run
    hops = []
    for ttl in range(1, view.length + 1):
        answers = of_hop(run, ttl)
        times = [answer.rtt for answer in answers if answer.rtt is not None]
        hosts = view.hosts(ttl)
        hops.append(
            Seen(
                ttl,
                tuple(hosts[:8]),
                view.owner(hosts[0]) if hosts else "",
                len(answers),
                sum(answer.kind == "silent" for answer in answers),
                min(times, default=None),
                mean(times),
                max(times, default=None),
            )
        )
    core = {answer.flow for answer in run.first if answer.ttl == 1}
    flows = {
        str(flow): tuple(
            "/".join(view.walk.flows.get(flow, {}).get(ttl, ()))
            for ttl in range(1, view.length + 1)
        )
        for flow in sorted(core)
    }
    echoes = [*run.echoes, *(answer.rtt for answer in run.segments if answer.flow == ECHO)]
    lost = sum(echo is None for echo in echoes)
    words = story(view) + where(view) if view.reached else unreached(view)
    if not view.reached and view.verdict.word == "changed":
        words += f"; {story(view)}"
    return Entry(
        run.at, run.host, run.target, run.source, run.engine, state, view.verdict.word, words, len(echoes), lost,
        mean(heard(run)), tuple(hops), flows,
    )  # fmt: skip


def of_hop(run: Run, ttl: int) -> list[Answer]:
    """Every probe that was to expire at a hop."""
    looks = (*run.first, *(run.second or ()), *run.segments)
    return [answer for answer in looks if answer.ttl == ttl and answer.flow != ECHO]


# Words --------------------------------------------------------------------------------------------


def story(view: View, room: int = _LINE) -> str:
    """The verdict in words, within so many characters: what can be spared goes first."""
    verdict, turn = view.verdict, view.verdict.turn
    word = verdict.word
    if turn is not None and word in ("changed", "promoted", "known", "unconfirmed"):
        return _fitting(list(_turned(view, turn)), room)
    parts = [f"{view.length} hop{'s' * (view.length != 1)}"]
    passed = " ".join(str(owner) for owner in networks(along(view.line, view.owners)))
    if word == "learning":
        runs = view.past.memory.runs if view.run.fixed else view.past.loose.runs
        parts.append(
            f"learning {min(runs + 1, LEARNING)}/{LEARNING}" if view.run.took else "a report"
        )
    elif word == "reshuffled":
        moved = len(verdict.comparison.turns)
        parts.append(
            f"{moved} of {verdict.comparison.flows} flows changed places among known routers"
        )
    elif verdict.switched:
        parts.append("back on the normal path")
    else:
        parts.append(f"unchanged for {span(view.run.at - verdict.since)}")
    if word == "sibling":
        parts.append("a balanced hop has a new member")
    return _fitting(
        [(0, ", ".join(parts)), (1, rtt(view)), (2, f", {passed}" if passed else "")], room
    )


def unreached(view: View) -> str:
    """That the target is silent, and where the answers end."""
    last = max((ttl for hops in view.walk.flows.values() for ttl in hops), default=0)
    host = next(iter(view.hosts(last)), "")
    at = (
        f"the last answer comes from hop {last} ({view.labelled(host)})"
        if last
        else "nor does anybody on the way"
    )
    return f"the target does not answer, {at}{_behind(view, last)}"


def _behind(view: View, last: int) -> str:
    """Who used to come behind the last hop that answers."""
    path = view.past.memory.normal
    usual_next = min((ttl for ttl in path.members if ttl > last), default=0) if path else 0
    if path is None or not usual_next:
        return ""
    return f", not from hop {usual_next} ({view.labelled(path.members[usual_next][0])})"


def _turned(view: View, turn: Turn) -> Iterator[tuple[int, str]]:
    """The parts of the sentence on a change, each with how easily it can be spared (0: never)."""
    verdict = view.verdict
    yield (
        0,
        {
            "changed": "",
            "promoted": "new normal path: ",
            "known": "on an earlier path: ",
            "unconfirmed": "not confirmed: ",
        }[verdict.word],
    )
    common = next(iter(view.hosts(turn.common)), "")
    if common:
        yield 0, f"same until hop {turn.common} ({view.labelled(common)}), then "
    else:
        yield 0, f"different from hop {turn.ttl} on: "
    old, new = (address.partition("/")[0] or "nobody" for address in (turn.old, turn.new))
    yield 0, f"{old} became {new}"
    names = view.owner(old), view.owner(new)
    if any(names):
        yield (
            1,
            f" ({names[0] or 'unknown'} to {names[1] or 'unknown'})"
            if names[0] != names[1]
            else f" ({names[0]})",
        )
    yield 1, f", {_share(view, turn)} flows"
    if turn.longer:
        yield 3, f", {turn.longer:+d} hop{'s' * (abs(turn.longer) > 1)}"
    yield 2, rtt(view)
    if not verdict.switched:
        yield 4, f", since {span(view.run.at - verdict.since)}"


def _share(view: View, turn: Turn) -> str:
    """How many of the flows that are always followed turn off; of all, when only others do."""
    core = {answer.flow for answer in view.run.first if answer.ttl == 1}
    turned = {turn.flow for turn in view.verdict.comparison.turns}
    there = {flow for flow, hops in view.walk.flows.items() if turn.ttl in hops}
    return (
        f"{len(turned & core)} of {len(core)}"
        if turned & core
        else f"{len(turned)} of {len(there | turned)}"
    )


def _fitting(parts: Sequence[tuple[int, str]], room: int) -> str:
    for spared in (9, 4, 3, 2, 1):
        text = "".join(words for rank, words in parts if rank < spared)
        if len(text) <= room:
            return text
    return text


def whose(view: View) -> str:
    """In whose network the path turns off, or the pair of networks between which it does."""
    turn = view.verdict.turn
    if turn is None:
        return ""
    hosts = [next(iter(view.hosts(ttl)), "") for ttl in (turn.common, turn.ttl, turn.ttl + 1)]
    return between(*(view.owners.get(host, Owner()) for host in hosts))


def where(view: View) -> str:
    """Where the loss begins, in words."""
    segment = view.segment
    if segment is None:
        return ""
    one, other = (next(iter(view.hosts(ttl)), "") for ttl in (segment.after, segment.before))
    front = f"after hop {segment.after} ({view.labelled(one)}), " if segment.after else ""
    back = (
        "before the target"
        if segment.before >= view.length
        else f"before hop {segment.before} ({view.labelled(other)})"
    )
    return f", begins {front}{back}"


def rtt(view: View) -> str:
    """The round trip, and what it was when that has changed beyond noise."""
    now, before = mean(heard(view.run)), usual(view.past.memory)
    if now is None:
        return ""
    moved = before is not None and abs(now - before[0]) > max(FLOOR, 0.1 * before[0], 3 * before[1])
    if moved and before is not None:
        return f", rtt {_short(before[0])} to {_short(now)} ms"
    return f", rta {to_words(now)}"


def _short(seconds: float) -> str:
    """Milliseconds with two digits at least, as few as that."""
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def span(seconds: float) -> str:
    """A time span for people: 12 d, 5 h, 4 min, 30 s."""
    for least, worth, unit in ((172800, 86400, "d"), (7200, 3600, "h"), (120, 60, "min")):
        if seconds >= least:
            return f"{seconds / worth:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def table(view: View) -> Iterator[str]:
    """The path hop by hop: owner, answers, delays, every router with its flows, and what is new there."""
    run, memory = view.run, view.past.memory
    yield f"path from {run.source or 'unknown'} to {run.target or run.host}, by {run.engine}, {run.took:.1f} s"
    yield f"{'hop':>3} {'owner':<16} {'loss':>5} {'best':>8} {'mean':>8} {'worst':>8}  router (flows)"
    for ttl in range(1, view.length + 1):
        answers = [
            answer
            for answer in (*run.first, *(run.second or ()), *run.segments)
            if answer.ttl == ttl and answer.flow != ECHO
        ]
        times = [answer.rtt * 1e3 for answer in answers if answer.rtt is not None]
        lost = sum(answer.kind == "silent" for answer in answers)
        loss = f"{100 * lost / len(answers):.0f}%" if answers else "-"
        delays = [f"{value:8.1f}" if times else f"{'-':>8}" for value in _three(times)]
        hosts = view.hosts(ttl)
        lines = [
            f"{host} ({_flows(view, ttl, host)}){_mark(memory, ttl, host)}" for host in hosts
        ] or ["*"]
        owner = str(view.owners.get(hosts[0], Owner()))[:16] if hosts else ""
        labels = sorted({answer.mpls for answer in answers if answer.mpls})
        more = f"  MPLS {labels[0].partition(',')[0]}" if labels else ""
        yield f"{ttl:3d} {owner:<16} {loss:>5} {' '.join(delays)}  {lines[0]}{more}"
        yield from (f"{'':49}{line}" for line in lines[1:])


def _three(times: Sequence[float]) -> tuple[float, float, float]:
    return (min(times), mean(times) or 0.0, max(times)) if times else (0.0, 0.0, 0.0)


def _flows(view: View, ttl: int, host: str) -> str:
    return ",".join(
        str(flow) for flow, hops in sorted(view.walk.flows.items()) if host in hops.get(ttl, ())
    )


def _mark(memory: Memory, ttl: int, host: str) -> str:
    path = memory.normal
    return " new" if path is not None and ttl in path.members and not path.knows(host, ttl) else ""
