"""The network path to a host: whether it is whole, whether and where it changed, and in whose network."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from bothsides import cli, history, survey
from bothsides.finding import Figure, Finding, Limits, Reading, Remark, State, Table
from bothsides.learn import LEARNING, Memory, Verdict, decide, from_document, learnt, to_document, usual
from bothsides.options import nearest
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_count, from_host
from bothsides.path import Walk, join
from bothsides.probe import Unable
from bothsides.probe.mtr import Plan, Run
from bothsides.stats import mean

FIGURES = (
    Figure("rta", "s", "mean round trip of echo requests to the target"),
    Figure("pl", "%", "echo requests to the target without an answer", 0.0, 100.0),
    Figure("rtmax", "s", "longest round trip"),
    Figure("rtmin", "s", "shortest round trip"),
    Figure("hops", "", "hops to the target, or to the last one that answers"),
    Figure("as_hops", "", "networks on the path, where an owner is known"),
    Figure("flows", "", "flows that answered"),
    Figure("flows_changed", "", "of them, those that left the normal path"),
    Figure("path_changed", "", "1 when the path is not the normal one", 0.0, 1.0),
    Figure("path_age", "s", "since when the path is as it is"),
    Figure("known_paths", "", "paths to this target that are remembered"),
    Figure("switches_24h", "", "confirmed changes of path in the last 24 hours"),
    Figure("balanced_hops", "", "hops at which several routers share the load"),
    Figure("silent_hops", "", "hops on the way that did not answer"),
    Figure("diverge_hop", "", "first hop that differs from the normal path; 0: none"),
    Figure("reached", "", "1 when the target answered", 0.0, 1.0),
    Figure("probes", "", "packets sent"),
)
EVENTS = {
    "change": "the path is not the normal one",
    "flapping": "more than 4 changes of path in 24 hours",
    "unreached": "the target does not answer",
    "loop": "routers send the packets round in circles",
    "prohibited": "a router refuses to forward",
    "known": "an earlier path is in use again",
    "reshuffled": "flows changed places among known routers",
    "sibling": "a balanced hop has a new member",
    "quiet": "a hop stopped answering",
    "target": "the name has other addresses than before",
}
_MANY_SWITCHES = 4
_FLOOR = 0.005  # seconds that a round trip may grow before +50% of it means anything


class Relative(NamedTuple):
    """A limit above what is usual: by a share of it, or by an amount in the figure's unit."""

    share: float
    amount: float

    def range(self, centre: float, spread: float) -> Range:
        """The range for a usual value; growth within 5 ms or three deviations is noise."""
        return Range(0.0, centre + max(self.share * centre, self.amount, _FLOOR, 3 * spread))


class Terms(NamedTuple):
    """What the judge holds the run against: ranges, events by state, and limits relative to what is usual."""

    limits: Limits
    warning: frozenset[str]
    critical: frozenset[str]
    relative: Mapping[str, tuple[Relative | None, Relative | None]]
    sticky: bool = False

    def state(self, event: str) -> State:
        """What an event means."""
        if event in self.critical:
            return State.CRITICAL
        return State.WARNING if event in self.warning else State.OK


class Past(NamedTuple):
    """What is remembered: of the path, and which addresses the name had; trouble: why it is not."""

    memory: Memory = Memory()
    addresses: tuple[str, ...] = ()
    trouble: str = ""


class View(NamedTuple):
    """A run as the judge sees it. length: hops to the target, or to the last one that answered."""

    run: Run
    past: Past
    walk: Walk
    verdict: Verdict
    reached: bool
    length: int


# Command line -------------------------------------------------------------------------------------


def options(parser: cli.Parser) -> None:
    """Adds the check's own options."""
    group = parser.add_argument_group("path")
    group.add_argument("-H", "--hostname", "--host", dest="host", metavar="HOST", help="the target: a name or an address")
    group.add_argument(
        "--engine", choices=("auto", "mtr-packet", "mtr"), default="auto",
        help="what probes: mtr's engine (fixed flows, 2 s), or mtr itself (default auto: the best that works)",
    )  # fmt: skip
    group.add_argument("--mtr-path", default="", metavar="FILE", help="mtr or mtr-packet, when it is not in a usual place")
    group.add_argument(
        "--flows", type=cli.valued(from_count, 1, 16), default=6, metavar="N", help="flows to follow, 1 to 16 (default 6)"
    )
    group.add_argument(
        "--echoes", type=cli.valued(from_count, 1, 200), default=20, metavar="N",
        help="echo requests that measure loss and delay of the target (default 20)",
    )  # fmt: skip
    history.options(parser)


def plan(options: Any) -> Plan:
    """The Plan of the options; Misuse or Unreadable for what makes no sense."""
    if not options.host:
        raise cli.Misuse("missing option -H")
    if options.mtr_path and not options.mtr_path.startswith("/"):
        raise cli.Misuse(f"--mtr-path {options.mtr_path}: write an absolute path")
    return Plan(
        from_host(options.host),
        options.family,
        options.engine,
        options.mtr_path,
        options.flows,
        options.echoes,
        options.state_dir,
        history.mode(options),
    )


def own(item: str) -> bool:
    """Whether an item of -w or -c is an event, or a limit relative to what is usual."""
    label, separator, limit = item.partition("=")
    return item in EVENTS or item == "none" or (bool(separator) and limit.startswith("+") and label in ("rta", "pl"))


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare word that is no event is a mistake."""
    raise cli.Misuse(nearest("event", items[0], EVENTS))


def limits(options: Any, limits: Limits) -> Terms:
    """Ranges, events and relative limits of -w and -c; events that are given replace the default ones."""
    given = [_items(texts) for texts in (options.warning, options.critical)]
    usual = [_items([CHECK.warning]), _items([CHECK.critical])]
    events = [
        frozenset(item for item in (mine if any(_is_event(item) for item in mine) else default) if item in EVENTS)
        for mine, default in zip(given, usual, strict=True)
    ]
    relative = [_relative(default) | _relative(mine) for mine, default in zip(given, usual, strict=True)]
    absolute = [{item.partition("=")[0] for item in mine if not own(item)} for mine in given]
    pairs = {
        label: (_unless(relative[0], absolute[0], label), _unless(relative[1], absolute[1], label))
        for label in relative[0].keys() | relative[1].keys()
    }
    return Terms(limits, events[0], events[1], pairs)


def _items(texts: Sequence[str]) -> list[str]:
    return [item.strip() for text in texts for item in text.split(",")]


def _is_event(item: str) -> bool:
    return item in EVENTS or item == "none"


def _relative(items: Sequence[str]) -> dict[str, Relative]:
    found = {}
    for item in items:
        label, separator, limit = item.partition("=")
        if separator and own(item):
            if limit.endswith("%") and label == "rta":
                found[label] = Relative(from_range(limit[1:], "%").end / 100, 0.0)
            else:
                found[label] = Relative(0.0, from_range(limit[1:], "s" if label == "rta" else "%").end)
    return found


def _unless(relative: Mapping[str, Relative], absolute: set[str], label: str) -> Relative | None:
    return None if label in absolute else relative.get(label)


# Memory -------------------------------------------------------------------------------------------


def recall(options: Any, plan: Plan, run: Run) -> Past:
    """What is remembered about the target of the run."""
    mode = history.mode(options)
    if mode == "off" or not run.target:
        return Past()
    try:
        with history.opened(history.place(options.state_dir), write=False) as past:
            memory = from_document(past.document(survey.path_key(run.target)))
            return Past(memory, survey.known_addresses(past, run.host))
    except Unable as fault:
        return Past(trouble="" if mode == "rw" else str(fault))  # a writer mends it, or says so himself


def keep(options: Any, plan: Plan, run: Run, past: Past, findings: list[Finding]) -> Iterator[Finding]:
    """Lets the memory learn from the run and keeps the run itself."""
    if history.mode(options) != "rw" or not run.target or run.failure is not None or run.stopped is not None:
        return
    first, second = _walks(run)

    def learned(document: dict[str, Any] | None) -> dict[str, Any]:
        memory = from_document(document)
        if not (_heard(run) or first.lengths):
            return to_document(memory)  # half a path teaches nothing
        verdict = decide(memory, first, second, run.at, _kin)
        after = learnt(memory, verdict, join(first, second or Walk({}, {})), run.at, mean(_heard(run)), _asked(run))
        return to_document(after._replace(echo=after.echo or bool(_heard(run))))

    def addressed(document: dict[str, Any] | None) -> dict[str, Any]:
        before = [str(address) for address in (document or {}).get("addresses", ())]
        return {"addresses": list(dict.fromkeys((run.target, *run.aliases, *before)))[:8]}

    try:
        with history.opened(history.place(options.state_dir)) as store:
            store.change(survey.path_key(run.target), learned)
            store.change(f"target {run.host}", addressed)
            if store.mended:
                yield Remark(State.WARNING, store.mended)
    except Unable as fault:
        yield Remark(State.UNKNOWN, f"nothing learnt: {fault}")


def _kin(one: str, other: str) -> bool:
    return True


# Judging ------------------------------------------------------------------------------------------


def judge(run: Run, terms: Terms, past: Past) -> Iterator[Finding]:
    """What the run says about the path, the most telling first."""
    if run.failure is not None:
        yield Remark(State.UNKNOWN, run.failure.words)
        return
    past = past or Past()
    view = _view(run, terms, past)
    yield from _broken(view, terms)
    yield from _changes(view, terms)
    if past.trouble:
        yield Remark(State.UNKNOWN, past.trouble)
    if run.stopped is not None and view.reached:
        yield Remark(State.UNKNOWN, f"out of time while {run.stopped.stage}, after {run.stopped.after:.1f} s", late=True)
    yield from _readings(view, terms)
    yield Table(tuple(_table(view)), 1)


def _view(run: Run, terms: Terms, past: Past) -> View:
    first, second = _walks(run)
    both = join(first, second or Walk({}, {}))
    verdict = decide(past.memory, first, second, run.at, _kin, terms.sticky)
    reached = bool(both.lengths) or bool(_heard(run))
    length = max(both.lengths.values(), default=0) or max((ttl for hops in both.flows.values() for ttl in hops), default=0)
    return View(run, past, both, verdict, reached, length)


def _walks(run: Run) -> tuple[Walk, Walk | None]:
    return survey.walk(run.first, run.target), None if run.second is None else survey.walk(run.second, run.target)


def _heard(run: Run) -> list[float]:
    return [echo for echo in run.echoes if echo is not None]


def _asked(run: Run) -> dict[int, tuple[int, int]]:
    counts: dict[int, tuple[int, int]] = {}
    for answer in run.first:
        probes, answers = counts.get(answer.ttl, (0, 0))
        counts[answer.ttl] = (probes + 1, answers + (answer.kind != "silent"))
    return counts


def _broken(view: View, terms: Terms) -> Iterator[Remark]:
    """Why the target is not reached, if it is not."""
    if view.reached:
        return
    late = view.run.stopped is not None
    last = max((ttl for hops in view.walk.flows.values() for ttl in hops), default=0)
    where = f"the last answer comes from hop {last} ({_at(view, last)})" if last else "nobody on the way answers either"
    refusing = next((answer for answer in (*view.run.first, *(view.run.second or ())) if answer.kind == "refused"), None)
    ring = _ring(view.walk)
    if refusing is not None:
        place = min((a.ttl for a in view.run.first if a.host == refusing.host), default=refusing.ttl)
        yield Remark(terms.state("prohibited"), f"hop {place} ({refusing.host}) refuses to forward")
    elif ring:
        yield Remark(terms.state("loop"), f"loop between {' and '.join(ring)}")
    state = terms.state("unreached")
    if state is not State.OK or not (refusing or ring):
        yield Remark(state, f"the target does not answer, {where}", late)


def _ring(walk: Walk) -> tuple[str, ...]:
    """The routers between which packets go round: met again with others in between."""
    for hops in walk.flows.values():
        line = [hops[ttl][0] for ttl in sorted(hops)]
        for place, host in enumerate(line):
            again = [later for later in range(place + 2, len(line)) if line[later] == host]
            if len(again) >= 2:
                return tuple(dict.fromkeys(line[place : again[0]]))
    return ()


def _changes(view: View, terms: Terms) -> Iterator[Remark]:
    """What became of the path."""
    verdict = view.verdict
    if view.past.addresses and view.run.target not in view.past.addresses:
        was = view.past.addresses[0]
        yield Remark(terms.state("target"), f"{view.run.host} has another address: {view.run.target}, was {was}")
    if verdict.switches > _MANY_SWITCHES:
        yield Remark(terms.state("flapping"), f"the path changed {verdict.switches} times in 24 h")
    event = {"changed": "change", "known": "known", "reshuffled": "reshuffled", "sibling": "sibling"}.get(verdict.word, "")
    state = terms.state(event) if event else State.OK
    if view.reached or verdict.word == "changed":
        yield Remark(state, _story(view))
    for ttl in verdict.quiet:
        yield Remark(terms.state("quiet"), f"hop {ttl} has stopped answering")


def _story(view: View) -> str:
    """The verdict in words."""
    verdict, turn = view.verdict, view.verdict.turn
    word = verdict.word
    if turn is not None and word in ("changed", "promoted", "known", "unconfirmed"):
        head = {
            "changed": f"path changed {_ago(view)}",
            "promoted": "path changed and has stayed, now the normal one",
            "known": f"on an earlier path {_ago(view)}",
            "unconfirmed": "path looks different, not confirmed",
        }[word]
        same = f"same until hop {turn.common} ({_at(view, turn.common)})" if turn.common else "different from the start"
        flows = f"{len(verdict.comparison.turns)} of {verdict.comparison.flows} flows"
        longer = f", {turn.longer:+d} hop{'s' * (abs(turn.longer) > 1)}" if turn.longer else ""
        then = f"hop {turn.ttl} {turn.old or 'nobody'} became {turn.new or 'nobody'}"
        return f"{head}: {same}, then {then}, {flows}{longer}{_rtt(view)}"
    hops = f"{view.length} hop{'s' * (view.length != 1)}"
    if word == "learning":
        return f"{hops}, learning {min(view.past.memory.runs + 1, LEARNING)}/{LEARNING}{_rtt(view)}"
    if word == "reshuffled":
        moved = len(verdict.comparison.turns)
        return f"{hops}, {moved} of {verdict.comparison.flows} flows changed places among known routers{_rtt(view)}"
    back = "back on the normal path" if verdict.switched else f"path unchanged for {_span(view.run.at - verdict.since)}"
    return f"{hops}, {back}{_rtt(view)}"


def _ago(view: View) -> str:
    seconds = view.run.at - view.verdict.since
    return "just now" if seconds < 1 else f"{_span(seconds)} ago"


def _span(seconds: float) -> str:
    for least, worth, unit in ((172800, 86400, "d"), (7200, 3600, "h"), (120, 60, "min")):
        if seconds >= least:
            return f"{seconds / worth:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"


def _rtt(view: View) -> str:
    now, before = mean(_heard(view.run)), usual(view.past.memory)
    if now is None:
        return ""
    moved = before is not None and abs(now - before[0]) > max(_FLOOR, 0.1 * before[0], 3 * before[1])
    if moved and before is not None:
        return f", rtt {before[0] * 1e3:.3g} to {now * 1e3:.3g} ms"
    return f", rta {now * 1e3:.3g} ms"


def _at(view: View, ttl: int) -> str:
    hosts = dict.fromkeys(host for hops in view.walk.flows.values() for host in hops.get(ttl, ()))
    return "/".join(list(hosts)[:2]) + ("..." if len(hosts) > 2 else "")


def _readings(view: View, terms: Terms) -> Iterator[Reading]:
    run, verdict, memory = view.run, view.verdict, view.past.memory
    heard = _heard(run)
    loss = _loss(view)
    met: dict[int, set[str]] = {}
    for hops in view.walk.flows.values():
        for ttl, hosts in hops.items():
            met.setdefault(ttl, set()).update(hosts)
    changed = verdict.word in ("changed", "known")
    paths = len(memory.known) + (memory.normal is not None) + (memory.other is not None)
    balanced = {ttl for ttl, hosts in met.items() if len(hosts) > 1}
    if memory.normal is not None:
        balanced |= {ttl for ttl in memory.normal.members if memory.normal.balanced(ttl)}
    values: dict[str, tuple[float | None, str]] = {
        "rta": (mean(heard), f"rta {(mean(heard) or 0) * 1e3:.3g} ms"),
        "pl": (loss, f"{loss or 0:.3g} % loss{_begins(view)}"),
        "rtmax": (max(heard, default=None), ""),
        "rtmin": (min(heard, default=None), ""),
        "hops": (view.length, f"{view.length} hops"),
        "as_hops": (None, ""),
        "flows": (sum(bool(hops) for hops in view.walk.flows.values()), ""),
        "flows_changed": (len(verdict.comparison.turns) if verdict.word != "unconfirmed" else 0, ""),
        "path_changed": (int(changed), ""),
        "path_age": (max(0.0, run.at - verdict.since), ""),
        "known_paths": (paths, ""),
        "switches_24h": (verdict.switches, ""),
        "balanced_hops": (len(balanced), ""),
        "silent_hops": (sum(ttl not in met for ttl in range(1, view.length)), ""),
        "diverge_hop": (verdict.turn.ttl if verdict.turn and changed else 0, ""),
        "reached": (int(view.reached), ""),
        "probes": (len(run.first) + len(run.second or ()) + len(run.echoes) + len(run.segments), ""),
    }
    for figure in FIGURES:
        value, words = values[figure.label]
        yield _limited(figure, value, words, view, terms)


def _limited(figure: Figure, value: float | None, words: str, view: View, terms: Terms) -> Reading:
    """The reading with its ranges, those relative to what is usual included; a figure that cannot be has no limit."""
    reading = terms.limits.reading(figure.label, value, words)
    before = usual(view.past.memory)
    for place, relative in enumerate(terms.relative.get(figure.label, (None, None))):
        if relative is not None and before is not None and figure.label == "rta":
            made = relative.range(*before)
            reading = reading._replace(warning=made) if place == 0 else reading._replace(critical=made)
    return reading if value is not None else Reading(figure, None, words)


def _loss(view: View) -> float | None:
    """Lost echoes in percent; None for a target that answers UDP but has never answered an echo."""
    echoes = view.run.echoes
    if not echoes or (not _heard(view.run) and view.reached and not view.past.memory.echo):
        return None
    return 100.0 * sum(echo is None for echo in echoes) / len(echoes)


def _begins(view: View) -> str:
    return ""


def _table(view: View) -> Iterator[str]:
    """The path hop by hop, every address of every flow."""
    yield f"path from {view.run.source} to {view.run.target}, by {view.run.engine}, {view.run.took:.1f} s"
    for ttl in range(1, view.length + 1):
        yield f"{ttl:3d}  {_at(view, ttl) or '*'}"


CHECK = cli.Check(
    name="MTR_PATH",
    summary="The path to a host: whether it changed, where, and in whose network.",
    figures=FIGURES,
    options=options,
    plan=plan,
    measure=survey.measure,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    warning="change,flapping,pl=10,rta=+50%",
    critical="unreached,loop,prohibited,pl=40",
    limits=limits,
    own=own,
    recall=recall,
    keep=keep,
    examples=(
        "-H app.example",
        "-H app.example -w change,pl=5,rta=+20ms -c unreached,pl=20",
        "-H 192.0.2.1 --state-dir /var/lib/bothsides -v",
    ),
)


def main() -> NoReturn:
    """Runs the check."""
    cli.main(CHECK)
