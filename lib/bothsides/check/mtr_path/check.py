"""The network path to a host: whether it is whole, whether and where it changed, and in whose network."""

import os
import sys

from bothsides.analyse.path.baseline import FLAPS, usual, usual_loss
from bothsides.analyse.path.compare import Walk
from bothsides.analyse.path.ownership import along, networks
from bothsides.analyse.statistics import mean
from bothsides.base.types import Any, Iterator, NamedTuple, NoReturn, Sequence
from bothsides.check.mtr_path.memory import keep, recall
from bothsides.check.mtr_path.options import (
    CRITICAL,
    FIGURES,
    WARNING,
    Terms,
    limits,
    options,
    own,
    plan,
    short,
)
from bothsides.check.mtr_path.view import (
    Past,
    View,
    heard,
    loss_of,
    story,
    table,
    unreached,
    view_of,
    where,
    whose,
)
from bothsides.parse import Unreadable
from bothsides.parse.ip_owners import to_number, to_span
from bothsides.parse.mtr.model import is_address
from bothsides.parse.text import from_duration
from bothsides.plugin.check import Check
from bothsides.plugin.finding import Figure, Finding, Reading, Remark, State, Table
from bothsides.plugin.main import run
from bothsides.plugin.output import Report, brief, leave
from bothsides.plugin.text import TEXT
from bothsides.probe.mtr import measure
from bothsides.probe.mtr.session import ECHO, Plan, Run

__all__ = ["CHECK", "FIGURES", "Past", "main"]


# Judging ------------------------------------------------------------------------------------------


class Analysis(NamedTuple):
    """What was asked, what happened, and what is remembered."""

    plan: Plan
    run: Run
    past: Past
    options: Any


def analyse(plan: Plan, run: Run, past: Any) -> Analysis:
    """All that is known, for the judge."""
    return Analysis(plan, run, recall(past, plan, run), past)


def judge(analysis: Analysis, terms: Terms) -> Iterator[Finding]:
    """What the run says about the path, the most telling first."""
    run, past = analysis.run, analysis.past
    if run.failure is not None:
        yield Remark(State.UNKNOWN, run.failure.words)
        return
    view = view_of(run, terms, past)
    yield from _broken(view, terms)
    yield from _changes(view, terms)
    if past.trouble:
        yield Remark(State.UNKNOWN, past.trouble)
    yield from _policy(view, terms)
    if run.stopped is not None and view.reached:
        yield Remark(
            State.UNKNOWN,
            f"out of time while {run.stopped.stage}, after {run.stopped.after:.1f} s",
            late=True,
        )
    yield from _readings(view, terms)
    yield Table(tuple(table(view)), 1)


def _broken(view: View, terms: Terms) -> Iterator[Remark]:
    """Why the target is not reached, if it is not."""
    if view.reached:
        return
    refusing = next(
        (
            answer
            for answer in (*view.run.first, *(view.run.second or ()))
            if answer.kind == "refused"
        ),
        None,
    )
    ring = _ring(view.walk)
    if refusing is not None:
        place = min(
            (a.ttl for a in view.run.first if a.host == refusing.host), default=refusing.ttl
        )
        yield Remark(
            terms.state("prohibited"),
            f"hop {place} ({view.labelled(refusing.host)}) refuses to forward",
        )
    elif ring:
        yield Remark(
            terms.state("loop"),
            f"loop between {' and '.join(view.labelled(host) for host in ring)}",
        )
    state = terms.state("unreached")
    if state is not State.OK or not (refusing or ring):
        yield Remark(state, unreached(view), late=view.run.stopped is not None)


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
    verdict, run = view.verdict, view.run
    if view.past.addresses and run.target not in view.past.addresses:
        yield Remark(
            terms.state("target"),
            f"{run.host} has another address: {run.target}, was {view.past.addresses[0]}",
        )
    event = {
        "changed": "change",
        "known": "known",
        "reshuffled": "reshuffled",
        "sibling": "sibling",
    }.get(verdict.word, "")
    state = terms.state(event) if event else State.OK
    inside = whose(view) if verdict.word in ("changed", "known", "promoted") else ""
    if verdict.word == "changed" and _other_networks(view):
        state = max(
            state,
            terms.state("as-change"),
            key=lambda s: (s is not State.OK) + (s is State.CRITICAL),
        )
    if view.reached or verdict.word == "changed":
        room = TEXT - len(f"MTR_PATH {state.value} - {run.subject}: ")
        yield Remark(state, story(view, room))
    if verdict.switches > FLAPS:
        yield Remark(terms.state("flapping"), f"the path changed {verdict.switches} times in 24 h")
    if inside:
        yield Remark(State.OK, f"the path turns off {inside}")
    for ttl in verdict.quiet:
        yield Remark(terms.state("quiet"), f"hop {ttl} has stopped answering")


def _other_networks(view: View) -> bool:
    """Whether the path passes other networks than the normal one, as far as they are certain."""
    path = view.past.memory.normal
    if path is None:
        return False
    line = [
        next(iter(path.members.get(ttl, ())), None)
        for ttl in range(1, max(path.members, default=0) + 1)
    ]
    before = [owner for owner in networks(along(line, view.owners)) if owner.sure]
    now = [owner for owner in networks(along(view.line, view.owners)) if owner.sure]
    return [owner.asn or owner.label for owner in before] != [
        owner.asn or owner.label for owner in now
    ]


def _policy(view: View, terms: Terms) -> Iterator[Remark]:
    """What somebody insists on and does not get."""
    wanted = terms.policy
    passed = [owner.asn for owner in networks(along(view.line, view.owners)) if owner.asn]
    missing = wanted.expected and [
        number for number in passed if number in wanted.expected
    ] != list(wanted.expected)
    forbidden = [number for number in wanted.forbidden if number in passed]
    for number in forbidden:
        yield Remark(terms.state("policy"), f"the path passes AS{number}, which is forbidden")
    if (missing or (wanted.forbidden and not forbidden)) and (view.past.trouble or not passed):
        yield Remark(
            State.UNKNOWN,
            "whose hops they are is not known, so --expect-as and --forbid-as are not judged",
        )
    elif missing:
        told = " ".join(f"AS{number}" for number in passed)
        yield Remark(
            terms.state("policy"),
            f"expected {' '.join(f'AS{n}' for n in wanted.expected)}, but it passes {told}",
        )
    hosts = {host for hops in view.walk.flows.values() for known in hops.values() for host in known}
    for net in wanted.via if view.reached else ():
        if not any(to_span(net).holds(*to_number(host)) for host in hosts if is_address(host)):
            yield Remark(terms.state("policy"), f"the path does not pass {net}")


def _readings(view: View, terms: Terms) -> Iterator[Reading]:
    values = {**_of_target(view), **_of_path(view)}
    for figure in FIGURES:
        value, words = values[figure.label]
        yield _limited(figure, value, words, view, terms)
    if terms.perf_hops:
        yield from _by_hop(view)


def _of_target(view: View) -> dict[str, tuple[float | None, str]]:
    run = view.run
    times, loss = heard(run), loss_of(view)
    average = mean(times)
    sent = len(run.first) + len(run.second or ()) + len(run.echoes) + len(run.segments)
    return {
        "rta": (average, "" if average is None else f"rta {average * 1e3:.3g} ms"),
        "pl": (loss, "" if loss is None else f"{loss:.3g} % loss{where(view)}"),
        "rtmax": (max(times, default=None), ""),
        "rtmin": (min(times, default=None), ""),
        "reached": (int(view.reached), ""),
        "probes": (sent, ""),
    }


def _of_path(view: View) -> dict[str, tuple[float | None, str]]:
    verdict, memory, run = view.verdict, view.past.memory, view.run
    changed = verdict.word in ("changed", "known")
    heard_at = {ttl for hops in view.walk.flows.values() for ttl in hops}
    balanced = {ttl for ttl in heard_at if len(view.hosts(ttl)) > 1}
    if memory.normal is not None:
        balanced |= {ttl for ttl in memory.normal.members if memory.normal.balanced(ttl)}
    passed = networks(along(view.line, view.owners))
    confirmed = verdict.word != "unconfirmed"
    return {
        "hops": (view.length, f"{view.length} hops"),
        "as_hops": (len(passed) if passed else None, ""),
        "flows": (
            len(
                {a.flow for a in run.first if a.ttl == 1}
                & {f for f, hops in view.walk.flows.items() if hops}
            ),
            "",
        ),
        "flows_changed": (
            len({turn.flow for turn in verdict.comparison.turns}) if confirmed else 0,
            "",
        ),
        "path_changed": (int(changed), ""),
        "path_age": (max(0.0, run.at - verdict.since), ""),
        "known_paths": (
            len(memory.known) + (memory.normal is not None) + (memory.other is not None),
            "",
        ),
        "switches_24h": (verdict.switches, ""),
        "balanced_hops": (len(balanced), ""),
        "silent_hops": (sum(ttl not in heard_at for ttl in range(1, view.length)), ""),
        "diverge_hop": (verdict.turn.ttl if verdict.turn and changed else 0, ""),
    }


def _by_hop(view: View) -> Iterator[Reading]:
    """Delay and loss of every hop up to 30, for those who graph them; never an address in a label."""
    for ttl in range(1, 31):
        answers = [
            a
            for a in (*view.run.first, *(view.run.second or ()))
            if a.ttl == ttl and a.flow != ECHO
        ]
        times = [answer.rtt for answer in answers if answer.rtt is not None]
        lost = (
            100.0 * sum(answer.kind == "silent" for answer in answers) / len(answers)
            if answers
            else None
        )
        yield Reading(Figure(f"h{ttl:02d}_rta", "s", ""), mean(times), "")
        yield Reading(Figure(f"h{ttl:02d}_pl", "%", "", 0.0, 100.0), lost, "")


def _limited(figure: Figure, value: float | None, words: str, view: View, terms: Terms) -> Reading:
    """The reading with its ranges, those relative to what is usual included; what cannot be known has none."""
    reading = terms.limits.reading(figure.label, value, words)
    before, loss = usual(view.past.memory), usual_loss(view.past.memory)
    if figure.label == "pl":
        before = None if loss is None else (loss, 0.0)
    for place, relative in enumerate(terms.relative.get(figure.label, (None, None))):
        if relative is not None and before is not None:
            made = relative.range(*before)
            reading = (
                reading._replace(warning=made) if place == 0 else reading._replace(critical=made)
            )
    silent = value is None and figure.label in ("rta", "pl", "rtmax", "rtmin", "as_hops")
    return Reading(figure, None, words) if silent else reading


CHECK = Check(
    name="MTR_PATH",
    summary="The path to a host: whether it changed, where, and in whose network.",
    figures=FIGURES,
    options=options,
    plan=lambda options, terms: plan(options),
    measure=lambda plan, past, deadline: measure.measure(plan, deadline),
    analyse=analyse,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    warning=WARNING,
    critical=CRITICAL,
    limits=limits,
    own=own,
    recall=lambda options, plan: options,
    keep=lambda analysis, targets: keep(
        analysis.options, analysis.plan, analysis.run, analysis.past, targets[0].state
    ),
    examples=(
        "-H app.example",
        "-H app.example -w change,pl=5,rta=+20ms -c unreached,pl=20",
        "-H 192.0.2.1 --map networks.map --as-file ip2asn.tsv -v",
        "--input report.json",
    ),
)


def main() -> NoReturn:
    """Runs the check; with --watch at a terminal, again and again."""
    every = next((word for word in sys.argv if word.startswith("--watch")), "")
    if every and sys.stdout is not None and sys.stdout.isatty():
        _watch(sys.argv)
    run(CHECK)


def _watch(argv: Sequence[str]) -> NoReturn:
    """The check as a process of its own every few seconds, on a clean screen, until Ctrl-C."""
    import time

    place = next(place for place, word in enumerate(argv) if word.startswith("--watch"))
    joined = "=" in argv[place]
    text = (
        argv[place].partition("=")[2]
        if joined
        else argv[place + 1]
        if place + 1 < len(argv)
        else ""
    )
    rest = [*argv[:place], *argv[place + (1 if joined else 2) :], "-v"]
    try:
        every = max(1.0, from_duration(text))
        while True:
            began = time.monotonic()
            sys.stdout.write(f"\x1b[H\x1b[2Jevery {every:g} s, Ctrl-C ends it\n")
            sys.stdout.flush()
            child = os.posix_spawn(sys.executable, [sys.executable, *rest], os.environ)
            os.waitpid(child, 0)
            time.sleep(max(0.0, began + every - time.monotonic()))
    except Unreadable as fault:
        leave(brief(CHECK.name, f"--watch: {fault}; see {CHECK.program} --help"))
    except KeyboardInterrupt:
        leave(Report("\n", 3))
