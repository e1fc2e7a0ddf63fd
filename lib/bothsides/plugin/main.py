"""The way of one check from the command line to the exit code, the same for all of them."""

import _warnings
import os
import sys
import time

from bothsides.base.deadline import Deadline, Interrupted, Stop, arm, disarm, of_process, settle
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import TYPE_CHECKING, Iterable, NamedTuple, NoReturn, Sequence
from bothsides.parse import Unreadable
from bothsides.plugin.check import AnalysisT, AnyCheck, Check, LimitsT, PastT, PlanT, RunT
from bothsides.plugin.command_line import TextAsked, explained, limits_of, understood
from bothsides.plugin.finding import (
    Facts,
    Finding,
    Part,
    Reading,
    Remark,
    State,
    Table,
    Target,
    targets_of,
)
from bothsides.plugin.output import Report, Style, brief, leave, render, unreported
from bothsides.plugin.parser import Namespace, with_help

if TYPE_CHECKING:
    from bothsides.plugin.delivery import Prepare

_INHERITED = 256  # a descriptor from this number on was left open to us by mistake


class Outcome(NamedTuple):
    """What a run comes to."""

    subject: str  # whom it is about
    findings: list[Finding]
    text: str = ""  # the whole output, where --output names a format of the check's own
    analysis: object = None  # the check's own; None where the run did not get there


def run(
    check: AnyCheck, argv: Sequence[str] | None = None, prepare: "Prepare | None" = None
) -> NoReturn:
    """Runs the check as a process; does not return. prepare: see `perform`.

    It leaves with os._exit: a resolver's thread may still be waiting, and an interpreter that ends
    in the usual way may print to stderr.
    """
    open_stdout = _fill_standard_descriptors()
    _close_inherited()
    # a library's deprecation is nothing that an operator can mend; `warnings`, which has this list
    # from there, costs 0.3 ms
    _warnings.filters.insert(0, ("ignore", None, Warning, None, 0))
    deadline = of_process()
    try:
        arm(deadline)
        report = perform(check, sys.argv[1:] if argv is None else argv, deadline, prepare)
        disarm()
    except Interrupted as cause:
        disarm()
        report = brief(check.name, _words_of(deadline.stop(str(cause))))
    except Exception as fault:  # of what says faults: it could not be loaded, for one
        report = unreported(check.name, fault)
    leave(report if open_stdout else report._replace(code=3))


def perform(
    check: AnyCheck, argv: Sequence[str], deadline: Deadline, prepare: "Prepare | None" = None
) -> Report:
    """The whole run but for printing and leaving. prepare: what --export and --submit ask for."""
    began, deliver = time.time(), None
    try:
        options = understood(check, argv)
        _set_time(options, deadline)
        if prepare is not None:
            deliver = prepare(options)
        elif options.export or options.submit:
            raise Misuse(f"{check.program} knows neither --export nor --submit")
    except TextAsked as text:
        return Report(f"{text}\n", 3)
    except (Misuse, Unreadable) as fault:
        return _refused(check, fault)
    try:
        outcome = _carried_out(check, options, deadline)
    except (Misuse, Unreadable) as fault:
        return _refused(check, fault)
    except (Interrupted, Exception) as fault:
        outcome = Outcome("", failed(options, deadline, fault))
    finally:
        _show_progress(deadline, "")
    if deliver is not None:
        from bothsides.plugin.delivery import Finished, delivered

        subject, findings, _, analysis = outcome
        plain = report_of(check, options, outcome, plain=True)
        finished = Finished(
            check.name, options, subject, findings, analysis, plain, began, time.time()
        )
        if lines := delivered(deliver, finished, deadline):
            outcome = outcome._replace(findings=[*findings, Table(lines, 0)])
    return report_of(check, options, outcome)


def report_of(check: AnyCheck, options: Namespace, outcome: Outcome, plain: bool = False) -> Report:
    """What a run prints. plain: as text without colours, and never --exit-ok."""
    style = Style(options.verbose, options.perfdata_missing) if plain else _style(options)
    try:
        figures = check.printed(options, check.figures)
        findings = _with_timeout_state(outcome.findings, options.timeout_state)
        report = render(check.name, outcome.subject, findings, figures, style)
        return report._replace(text=outcome.text) if outcome.text and not plain else report
    except ImportError as fault:
        return brief(check.name, f"not installed: {fault}")


def _carried_out(check: AnyCheck, options: Namespace, deadline: Deadline) -> Outcome:
    """Recall, measure or replay, analyse, judge, keep."""
    limits = check.limits(options, limits_of(check, options))
    if options.replay:
        from bothsides.plugin.replay import replayed

        plan, run = replayed(check, options.replay)
        past = check.recall(options, plan)
    else:
        plan = check.plan(options, limits)
        deadline.enter("recalling earlier runs")
        past = check.recall(options, plan)
        run = check.measure(plan, past, deadline)
    deadline.enter("judging")
    settle(deadline)
    return concluded(check, options, limits, (plan, run, past), deadline)


def concluded(
    check: Check[PlanT, RunT, PastT, AnalysisT, LimitsT],
    options: Namespace,
    limits: LimitsT,
    measurement: tuple[PlanT, RunT, PastT],
    deadline: Deadline,
) -> Outcome:
    """Analyses, judges and keeps what was measured."""
    plan, run, past = measurement
    analysis = check.analyse(plan, run, past)
    findings = check.around(options, analysis, limits, list(check.judge(analysis, limits)))
    if run.stopped is not None and run.stopped.cause != "deadline":
        findings = _unjudged(run.stopped, findings)
    elif check.keep:
        deadline.enter("remembering this run")
        try:
            findings += check.keep(analysis, targets_of(run.subject, findings))
        except Interrupted as cause:
            words = _words_of(deadline.stop(str(cause)))
            findings.append(Remark(State.UNKNOWN, words, late=True))
    if options.record:
        from bothsides.plugin.replay import recorded

        deadline.enter("recording")
        findings += recorded(check, options.record, plan, run)
    if options.explain:
        from bothsides.plugin.explain import explained

        findings.append(explained(plan, run, findings))
    own = check.outputs[options.output](plan, run) if options.output in check.outputs else ""
    return Outcome(run.subject, findings, own, analysis)


def _unjudged(stop: Stop, findings: Iterable[Finding]) -> list[Finding]:
    """The findings of half a measurement: figures and words, and no state but UNKNOWN."""
    interrupted = Remark(State.UNKNOWN, _words_of(stop))
    left: list[Finding] = [interrupted]
    for finding in findings:
        if isinstance(finding, Target):
            parts = (_without_state(part) for part in finding.findings)
            left.append(finding._replace(findings=(interrupted, *parts)))
        elif isinstance(finding, Facts):
            left.append(finding)
        else:
            left.append(_without_state(finding))
    return left


def _without_state(finding: Part) -> Part:
    if isinstance(finding, Reading):
        return Reading(finding.figure, finding.value, finding.words)
    return Table((finding.words,), 0) if isinstance(finding, Remark) else finding


def _with_timeout_state(findings: Iterable[Finding], state: State | None) -> list[Finding]:
    """The findings with --timeout-state for every remark that says that time ran out."""
    if state is None:
        return list(findings)
    changed: list[Finding] = []
    for finding in findings:
        if isinstance(finding, Target):
            parts = (_late(part, state) for part in finding.findings)
            changed.append(finding._replace(findings=tuple(parts)))
        elif isinstance(finding, Facts):
            changed.append(finding)
        else:
            changed.append(_late(finding, state))
    return changed


def _late(part: Part, state: State) -> Part:
    if isinstance(part, Remark) and part.late:
        return part._replace(state=state)
    return part


def failed(options: Namespace, deadline: Deadline, fault: BaseException) -> list[Finding]:
    """What a run comes to that ended by an exception."""
    if isinstance(fault, Unable):
        return [Remark(State.UNKNOWN, str(fault))]
    if isinstance(fault, Interrupted):
        late = str(fault) == "deadline"
        return [Remark(State.UNKNOWN, _words_of(deadline.stop(str(fault))), late)]
    if isinstance(fault, ImportError):
        return [Remark(State.UNKNOWN, f"not installed: {fault}")]
    from bothsides.plugin.explain import bug

    return bug(fault, options.replay)


def _refused(check: AnyCheck, fault: Misuse | Unreadable) -> Report:
    return brief(check.name, with_help(explained(fault), check.program))


def _words_of(stop: Stop) -> str:
    if stop.cause == "deadline":
        return f"own deadline reached while {stop.stage}, after {stop.after:.1f} s"
    return f"interrupted by {stop.cause} while {stop.stage}, after {stop.after:.1f} s"


def _set_time(options: Namespace, deadline: Deadline) -> None:
    """Sets the deadline to -t; at a terminal, shows the stages as they come."""
    if options.timeout != deadline.seconds:
        deadline.seconds = options.timeout
        arm(deadline)
    if options.verbose and sys.stderr is not None and sys.stderr.isatty():
        deadline.watch = lambda: _show_progress(
            deadline, f"{deadline.stage} ... {deadline.spent():.1f} s"
        )


def _show_progress(deadline: Deadline, line: str) -> None:
    if deadline.watch is not None:
        try:
            os.write(2, f"\r\x1b[K{line[:79]}".encode("ascii", "replace"))
        except OSError:
            deadline.watch = None


def _style(options: Namespace) -> Style:
    tty = sys.stdout is not None and sys.stdout.isatty()
    return Style(
        verbosity=options.verbose,
        missing=options.perfdata_missing,
        json=options.output == "json",
        colour=tty and "NO_COLOR" not in os.environ,
        exit_ok=options.exit_ok,
        terminal=tty,
    )


def _fill_standard_descriptors() -> bool:
    """Puts /dev/null where a standard descriptor is closed; False when stdout was closed.

    Otherwise the first socket would get number 1, and the report would go to the far end.
    """
    closed = []
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.append(os.open(os.devnull, os.O_RDWR))
    return 1 not in closed


def _close_inherited() -> None:
    """Closes the descriptors that our parent left open by mistake; low ones may be meant.

    select(2), in libcurl and in mtr, takes no descriptor above 1023. `--urls <(list)` is a low one.
    """
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        if int(name) >= _INHERITED:
            try:
                os.close(int(name))
            except OSError:
                pass  # the listing's own
