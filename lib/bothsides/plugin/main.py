"""The way of one check from the command line to the exit code, the same for all of them."""

import os
import sys
import warnings

from bothsides.base.deadline import TIMEOUT, Deadline, Interrupted, Stop, arm, disarm
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Any, Iterable, Iterator, NoReturn, Sequence
from bothsides.parse import Unreadable
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import Told, limits_of, understood
from bothsides.plugin.finding import Finding, Reading, Remark, State, Table, Target
from bothsides.plugin.output import Report, Style, brief, leave, render
from bothsides.plugin.parser import Namespace

_BURDEN = 256  # no parent hands over so many descriptors on purpose

__all__ = ["perform", "run"]


def run(check: AnyCheck, argv: Sequence[str] | None = None) -> NoReturn:
    """Runs the check as a process; does not return.

    It leaves with os._exit: a resolver thread may still be waiting, and an interpreter that is torn
    down has more to say on stderr than anyone wants.
    """
    open_stdout = _occupied()
    _unburden()
    warnings.simplefilter("ignore")  # a library's deprecation is nothing that an operator can mend
    deadline = Deadline(TIMEOUT)
    try:
        arm(deadline)
        report = perform(check, sys.argv[1:] if argv is None else argv, deadline)
        disarm()
    except Interrupted as cause:
        disarm()
        report = brief(check.name, _interrupted(deadline.stop(str(cause))))
    leave(report if open_stdout else report._replace(code=3))


def perform(check: AnyCheck, argv: Sequence[str], deadline: Deadline) -> Report:
    """The whole run but for printing and leaving."""
    try:
        options = understood(check, argv)
        _timed(options, deadline)
    except Told as text:
        return Report(f"{text}\n", 3)
    except (Misuse, Unreadable) as fault:
        return brief(check.name, f"{fault}; see {check.program} --help")
    style = _style(options)
    subject = own = ""
    findings: list[Finding] = []
    try:
        limits = check.limits(options, limits_of(check, options))
        subject, findings, own = _run(check, options, limits, deadline)
    except (Misuse, Unreadable) as fault:
        return brief(check.name, f"{fault}; see {check.program} --help")
    except Unable as fault:
        findings = [Remark(State.UNKNOWN, str(fault))]
    except Interrupted as cause:
        findings = [
            Remark(_late_state(options, str(cause)), _interrupted(deadline.stop(str(cause))))
        ]
    except ImportError as fault:
        findings = [Remark(State.UNKNOWN, f"not installed: {fault}")]
    except Exception as fault:  # a bug of ours must not look like a state of the network
        words = _bug(fault) if not options.replay else _torn(options.replay, fault)
        findings = [Remark(State.UNKNOWN, words), Table(_traceback(fault), 3)]
    finally:
        _progress(deadline, "")
    try:
        report = render(
            check.name,
            subject,
            _remapped(findings, options),
            check.printed(options, check.figures),
            style,
        )
        return report._replace(text=own) if own else report
    except ImportError as fault:
        return brief(check.name, f"not installed: {fault}")


def _timed(options: Any, deadline: Deadline) -> None:
    """Gives the deadline the seconds that were asked for, and a person the stages as they come."""
    if options.timeout != deadline.seconds:
        deadline.seconds = options.timeout
        arm(deadline)
    if options.verbose and sys.stderr is not None and sys.stderr.isatty():
        deadline.watch = lambda: _progress(
            deadline, f"{deadline.stage} ... {deadline.spent():.1f} s"
        )


def _run(
    check: AnyCheck, options: Namespace, limits: Any, deadline: Deadline
) -> tuple[str, list[Finding], str]:
    """Recall, measure or replay, analyse, judge, keep: the data's one direction.

    Whom it is about, the findings, and the whole text where a format of the check's own is asked for.
    """
    replayed = _replayed(check, options.replay) if options.replay else None
    plan = replayed[0] if replayed else check.plan(options, limits)
    deadline.enter("recalling earlier runs")
    past = check.recall(options, plan)
    run = replayed[1] if replayed else check.measure(plan, past, deadline)
    deadline.enter("judging")
    analysis = check.analyse(plan, run, past)
    findings = list(check.judge(analysis, limits))
    if run.stopped is not None and run.stopped.cause != "deadline":
        findings = [Remark(State.UNKNOWN, _interrupted(run.stopped)), *_unjudged(findings)]
    elif check.keep:
        deadline.enter("remembering this run")
        try:
            findings += check.keep(analysis, _targets(run.subject, findings))
        except Interrupted as cause:
            words = _interrupted(deadline.stop(str(cause)))
            findings.append(Remark(State.UNKNOWN, words, late=True))
    if options.record:
        deadline.enter("recording")
        findings += _recorded(check, options.record, plan, run)
    if options.explain:
        findings += _explained(plan, run, findings)
    own = check.outputs[options.output](plan, run) if options.output in check.outputs else ""
    return run.subject, findings, own


def _targets(subject: str, findings: list[Finding]) -> list[Target]:
    """The report on each target; a run about one target is one report."""
    many = [finding for finding in findings if isinstance(finding, Target)]
    alone = tuple(finding for finding in findings if not isinstance(finding, Target))
    return many or [Target(subject, "", alone)]


def _unjudged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What half a measurement leaves: figures and tables, but no state."""
    for finding in findings:
        if isinstance(finding, Reading):
            yield Reading(finding.figure, finding.value, finding.words)
        elif isinstance(finding, Remark):
            yield Table((finding.words,), 0)
        else:
            yield finding


def _interrupted(stop: Stop | None) -> str:
    if stop is None:
        return "interrupted"
    if stop.cause == "deadline":
        return f"own deadline reached while {stop.stage}, after {stop.after:.1f} s"
    return f"interrupted by {stop.cause} while {stop.stage}, after {stop.after:.1f} s"


def _late_state(options: Any, cause: str) -> State:
    return (options.timeout_state or State.UNKNOWN) if cause == "deadline" else State.UNKNOWN


def _remapped(findings: Iterable[Finding], options: Any) -> list[Finding]:
    """--timeout-state for every remark that says that time ran out."""
    state = options.timeout_state
    return [
        finding._replace(state=state)
        if state and isinstance(finding, Remark) and finding.late
        else finding
        for finding in findings
    ]


def _replayed(check: AnyCheck, path: str) -> tuple[Any, Any]:
    from bothsides.base import files
    from bothsides.base.record import from_record

    return files.parsed(
        path, lambda text: from_record(text, check.program, check.plan_type, check.run_type)
    )


def _recorded(check: AnyCheck, path: str, plan: Any, run: Any) -> list[Finding]:
    from bothsides.base.record import to_record

    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(to_record(check.program, plan, run) + "\n")
    except OSError as fault:
        return [Remark(State.UNKNOWN, f"cannot write the record {path}: {fault.strerror}")]
    return []


def _style(options: Any) -> Style:
    tty = sys.stdout is not None and sys.stdout.isatty()
    colour = tty and "NO_COLOR" not in os.environ
    return Style(
        options.verbose, options.perfdata_missing, options.output == "json", colour, options.exit_ok
    )


def _progress(deadline: Deadline, line: str) -> None:
    if deadline.watch is not None:
        try:
            os.write(2, f"\r\x1b[K{line[:79]}".encode("ascii", "replace"))
        except OSError:
            deadline.watch = None


def _explained(plan: Any, run: Any, findings: Iterable[Finding]) -> list[Finding]:
    import json

    from bothsides.base.record import to_json

    sections = [
        ("Plan", json.dumps(to_json(plan), indent=1)),
        ("Run", json.dumps(to_json(run), indent=1)),
    ]
    said = [
        f"{finding.state.value} {finding.words}"
        for finding in findings
        if isinstance(finding, Reading | Remark)
    ]
    lines = [line for title, text in sections for line in (f"{title}:", *text.splitlines())]
    return [Table((*lines, "Findings:", *said), 0)]


def _bug(fault: BaseException) -> str:
    place = fault.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = (
        f" in {os.path.basename(place.tb_frame.f_code.co_filename)} line {place.tb_lineno}"
        if place
        else ""
    )
    return f"internal error, please report: {type(fault).__name__}: {fault}{where}"


def _torn(record: str, fault: BaseException) -> str:
    """A record that was changed by hand can say what no measurement says; nobody checks each value against the others."""
    return f"{record} does not fit together: no measurement leaves such values ({type(fault).__name__}: {fault})"


def _traceback(fault: BaseException) -> tuple[str, ...]:
    import traceback

    return tuple("".join(traceback.format_exception(fault)).splitlines())


def _occupied() -> bool:
    """Puts /dev/null where a standard descriptor is closed; False when stdout was.

    Otherwise the first socket would be given number 1, and the report be sent to the far end.
    """
    closed = []
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.append(os.open(os.devnull, os.O_RDWR))
    return 1 not in closed


def _unburden() -> None:
    """Closes what a careless parent has left open to us: select(2), in libcurl and in mtr, knows no descriptor above 1023.

    Low ones may be meant, as in `--urls <(list)`.
    """
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        if int(name) >= _BURDEN:
            try:
                os.close(int(name))
            except OSError:
                pass  # the listing's own
