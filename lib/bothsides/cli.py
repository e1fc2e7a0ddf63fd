"""The way of one check from the command line to the exit code, the same for all of them."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, Protocol

from bothsides import __version__
from bothsides.deadline import Deadline, Interrupted, Stop, arm
from bothsides.finding import Figure, Finding, Limits, Reading, Remark, State, Table
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_duration
from bothsides.probe import Unable
from bothsides.report import Report, Style, brief, render

TIMEOUT = 8.0  # ends before check_nrpe's 10 s, so that our words arrive and not its own
_PIPE = 4096  # Nagios reads no more than this after the plugin has exited


class Run(Protocol):
    """What every probe's Run has: whom it is about, and why it ended early if it did."""

    @property
    def subject(self) -> str: ...

    @property
    def stopped(self) -> Stop | None: ...


class Check(NamedTuple):
    """All that makes up one check.

    name: "UDP_LOSS"; summary: one sentence; figures: its perfdata, in the order for ever;
    options: adds its own options; plan: options -> Plan (raises Unreadable or Misuse);
    measure: Plan, Deadline -> Run; judge: Run, limits, past -> findings, worst first among equals;
    plan_type and run_type: for --replay; short: what bare items of -w and -c mean, by label;
    warning and critical: defaults as one would write them; limits: where the check has limits
    beyond ranges; recall and keep: where it has a memory; examples: argument lists for --help.
    """

    name: str
    summary: str
    figures: tuple[Figure, ...]
    options: Callable[["Parser"], None]
    plan: Callable[[Any], Any]
    measure: Callable[[Any, Deadline], Any]
    judge: Callable[[Any, Any, Any], Iterator[Finding]]
    plan_type: Any
    run_type: Any
    short: Callable[[Sequence[str]], Mapping[str, Range]]
    warning: str = ""
    critical: str = ""
    limits: Callable[[Any, Limits], Any] = lambda options, limits: limits
    recall: Callable[[Any, Any, Any], Any] | None = None
    keep: Callable[[Any, Any, Any, Any, list[Finding]], Iterable[Finding]] | None = None
    examples: tuple[str, ...] = ()
    libraries: Callable[[], str] = lambda: ""

    @property
    def program(self) -> str:
        return "check_" + self.name.lower()


class Misuse(Exception):
    """The command line is wrong; the text says what and what to write instead."""


class _Told(Exception):
    """--help and the like: a text to print instead of a measurement."""


def main(check: Check, argv: Sequence[str] | None = None) -> NoReturn:
    """Runs the check as a process; does not return.

    It leaves with os._exit: a resolver thread may still be waiting, and an interpreter that is torn
    down has more to say on stderr than anyone wants.
    """
    deadline = Deadline(TIMEOUT)
    try:
        arm(deadline)
        report = perform(check, sys.argv[1:] if argv is None else argv, deadline)
    except Interrupted as cause:
        report = brief(check.name, _interrupted(deadline.stop(str(cause))))
    leave(report)


def perform(check: Check, argv: Sequence[str], deadline: Deadline) -> Report:
    """The whole run but for printing and leaving."""
    try:
        options, deadline = _understood(check, argv, deadline)
    except _Told as text:
        return Report(f"{text}\n", 3)
    except (Misuse, Unreadable) as fault:
        return brief(check.name, f"{fault}; see {check.program} --help")
    style = _style(options)
    subject = ""
    findings: list[Finding] = []
    try:
        limits = check.limits(options, _limits(check, options))
        subject, findings = _run(check, options, limits, deadline)
    except (Misuse, Unreadable) as fault:
        return brief(check.name, f"{fault}; see {check.program} --help")
    except Unable as fault:
        findings = [Remark(State.UNKNOWN, str(fault))]
    except Interrupted as cause:
        findings = [Remark(_late_state(options, str(cause)), _interrupted(deadline.stop(str(cause))))]
    except ImportError as fault:
        findings = [Remark(State.UNKNOWN, f"not installed: {fault}")]
    except Exception as fault:  # a bug of ours must not look like a state of the network
        findings = [Remark(State.UNKNOWN, _bug(fault)), Table(_traceback(fault), 3)]
    finally:
        _progress(deadline, "")
    try:
        return render(check.name, subject, _remapped(findings, options), check.figures, style)
    except ImportError as fault:
        return brief(check.name, f"not installed: {fault}")


def _run(check: Check, options: Any, limits: Any, deadline: Deadline) -> tuple[str, list[Finding]]:
    """Measure or replay, recall, judge, keep: the data's one direction."""
    if options.replay:
        plan, run = _replayed(check, options.replay)
    else:
        plan = check.plan(options)
        run = check.measure(plan, deadline)
    if options.record:
        _recorded(check, options.record, plan, run)
    interrupted = run.stopped is not None and run.stopped.cause != "deadline"
    past = check.recall(options, plan, run) if check.recall and not interrupted else ()
    findings = list(check.judge(run, limits, past))
    if interrupted:
        findings = [Remark(State.UNKNOWN, _interrupted(run.stopped)), *_unjudged(findings)]
    elif check.keep:
        findings += check.keep(options, plan, run, past, findings)
    if options.explain:
        findings += _explained(plan, run, findings)
    return run.subject, findings


def _unjudged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What half a measurement leaves: figures and tables, but no state."""
    for finding in findings:
        if isinstance(finding, Reading):
            yield Reading(finding.figure, finding.value, finding.words)
        elif isinstance(finding, Table):
            yield finding
        else:
            yield Table((finding.words,), 0)


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
        finding._replace(state=state) if state and isinstance(finding, Remark) and finding.late else finding
        for finding in findings
    ]


# Options ------------------------------------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """argparse with the plugin guidelines' manners: no abbreviations, and every error is a Misuse."""

    def __init__(self, program: str, summary: str, epilog: str) -> None:
        super().__init__(
            prog=program,
            description=summary,
            epilog=epilog,
            add_help=False,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=28, width=79),
        )

    def error(self, message: str) -> NoReturn:
        raise Misuse(message.replace("the following arguments are required: ", "missing option "))

    def names(self) -> tuple[str, ...]:
        """Every spelling of every option."""
        return tuple(self._option_string_actions)

    def takes_value(self, name: str) -> bool:
        """Whether the option is followed by a value."""
        action = self._option_string_actions.get(name)
        return action is not None and action.nargs != 0


def valued(parse: Callable[..., Any], *extra: Any) -> Callable[[str], Any]:
    """A parser of ours as argparse's `type`: its Unreadable becomes the error message."""

    def convert(text: str) -> Any:
        try:
            return parse(text, *extra)
        except Unreadable as fault:
            raise argparse.ArgumentTypeError(str(fault)) from None

    return convert


def _parser(check: Check) -> Parser:
    parser = Parser(check.program, check.summary, _epilog(check))
    whom = parser.add_argument_group("whom and how")
    whom.add_argument("-4", "--use-ipv4", dest="family", action="store_const", const=4, default=0, help="IPv4 only")
    whom.add_argument("-6", "--use-ipv6", dest="family", action="store_const", const=6, help="IPv6 only")
    check.options(parser)
    judging = parser.add_argument_group("limits and time")
    defaults = f" (default {check.warning})" if check.warning else "", f" (default {check.critical})" if check.critical else ""
    for letter, name, default in (("-w", "warning", defaults[0]), ("-c", "critical", defaults[1])):
        judging.add_argument(
            letter,
            f"--{name}",
            action="append",
            default=[],
            metavar="LIMITS",
            help=f"{name} when outside: RANGE, or LABEL=RANGE,... for any figure below; repeatable{default}",
        )
    judging.add_argument(
        "-t", "--timeout", type=valued(_timeout), default=(TIMEOUT, None), metavar="SECONDS[:STATE]",
        help=f"deadline of the whole run, name look-up included (default {TIMEOUT:g})",
    )  # fmt: skip
    judging.add_argument(
        "--timeout-state", type=valued(_state), metavar="STATE",
        help="state when time runs out: ok, warning, critical or unknown (default critical when the"
        " far end was silent, unknown when we were too slow)",
    )  # fmt: skip
    output = parser.add_argument_group("output")
    output.add_argument("-v", "--verbose", action="count", default=0, help="tables; -vv samples; -vvv everything")
    output.add_argument("--output", choices=("text", "json"), default="text", help="text (default) or json")
    output.add_argument("--perfdata-missing", choices=("U", "omit"), default="U", help="figures not measured (default U)")
    output.add_argument("--exit-ok", action="store_true", help="exit 0 whatever the state; the text still says it")
    output.add_argument("--record", metavar="FILE", help="keep the measurement as JSON")
    output.add_argument("--replay", metavar="FILE", help="judge a kept measurement instead of measuring")
    output.add_argument("--explain", action="store_true", help="also print plan, measurement and findings")
    output.add_argument("--list-perfdata", action="store_true", help="print the figures' labels and units")
    general = parser.add_argument_group("general")
    general.add_argument(
        "--extra-opts", metavar="[SECTION][@FILE]",
        help=f"take options from an ini file (default section {check.program}); they come before the command line's",
    )  # fmt: skip
    general.add_argument("-h", "-?", "--help", action="store_true", help="this text")
    general.add_argument("-V", "--version", action="store_true", help="the version")
    return parser


def _understood(check: Check, argv: Sequence[str], deadline: Deadline) -> tuple[Any, Deadline]:
    """Options and the deadline that they set; raises _Told for --help, --version, --list-perfdata."""
    parser = _parser(check)
    words = _joined(parser, _expanded(parser, check.program, list(argv)))
    _tell(check, parser, words)
    options, unknown = parser.parse_known_args(words)
    if unknown:
        raise Misuse(_nearest("option" if unknown[0].startswith("-") else "argument", unknown[0], parser.names()))
    seconds, state = options.timeout
    options.timeout_state = options.timeout_state or state
    if seconds != deadline.seconds:
        deadline.seconds = seconds
        arm(deadline)
    if options.verbose and sys.stderr is not None and sys.stderr.isatty():
        deadline.watch = lambda: _progress(deadline, f"{deadline.stage} ... {deadline.spent():.1f} s")
    return options, deadline


def _tell(check: Check, parser: Parser, words: list[str]) -> None:
    """The options that ask for a text win over everything else on the line, also over errors."""
    if any(word in ("-h", "-?", "--help") for word in words):
        raise _Told(parser.format_help().rstrip())
    if any(word in ("-V", "--version") for word in words):
        libraries = check.libraries()
        raise _Told(f"{check.program} v{__version__} (bothsides{', ' + libraries if libraries else ''})")
    if "--list-perfdata" in words:
        raise _Told("\n".join(f"{figure.label} {figure.uom}".rstrip() for figure in check.figures))


def _joined(parser: Parser, words: list[str]) -> list[str]:
    """`-w -5:5` as `-w-5:5`: argparse would take a range that starts with a minus for an option."""
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        if parser.takes_value(word):
            value = next(rest, None)
            if value is not None and value[:1] == "-" and value[1:2] in tuple("0123456789.~@"):
                joined.append(f"{word}={value}" if word.startswith("--") else f"{word}{value}")
                continue
            joined += [word] if value is None else [word, value]
        else:
            joined.append(word)
    return joined


def _nearest(kind: str, word: str, names: Iterable[str]) -> str:
    import difflib

    bare = word.split("=")[0]
    close = difflib.get_close_matches(bare, list(names), 1, 0.5)
    return f"unknown {kind} {bare[:60]}" + (f", did you mean {close[0]}?" if close else "")


def _timeout(text: str) -> tuple[float, State | None]:
    seconds, colon, state = text.partition(":")
    duration = from_duration(seconds)
    if not 0.05 <= duration <= 3600:
        raise Unreadable(f"{text[:40]!r}: a timeout lies between 0.05 and 3600 seconds")
    return duration, _state(state) if colon else None


def _state(text: str) -> State:
    if text.upper() not in State.__members__:
        raise Unreadable(f"{text[:40]!r} is not a state; write ok, warning, critical or unknown")
    return State[text.upper()]


# Limits -------------------------------------------------------------------------------------------


def _limits(check: Check, options: Any) -> Limits:
    return Limits(
        check.figures,
        _ranges(check, [check.warning]) | _ranges(check, options.warning),
        _ranges(check, [check.critical]) | _ranges(check, options.critical),
    )


def _ranges(check: Check, texts: Iterable[str]) -> dict[str, Range]:
    """Ranges by label from `RANGE`, `LABEL=RANGE` and comma-separated lists of them."""
    ranges: dict[str, Range] = {}
    for text in texts:
        items = [item.strip() for item in text.split(",")] if text else []
        short = [item for item in items if "=" not in item]
        if short:
            ranges |= check.short(short)
        for item in items:
            label, separator, limit = item.partition("=")
            if separator:
                figure = next((figure for figure in check.figures if figure.label == label), None)
                if figure is None:
                    raise Misuse(_nearest("label", label, (figure.label for figure in check.figures)))
                ranges[label] = from_range(limit, figure.uom)
    return ranges


# Files --------------------------------------------------------------------------------------------


def _expanded(parser: Parser, program: str, argv: list[str]) -> list[str]:
    """The command line with every --extra-opts replaced by what it names, in front."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(enumerate(argv))
    for place, word in words:
        if word == "--extra-opts":
            following = argv[place + 1] if place + 1 < len(argv) else "-"
            front += _from_file(parser, program, "" if following.startswith("-") else next(words)[1])
        elif word.startswith("--extra-opts="):
            front += _from_file(parser, program, word.partition("=")[2])
        else:
            rest.append(word)
    return front + rest


def _from_file(parser: Parser, program: str, where: str) -> list[str]:
    from bothsides import extra_opts

    section, _, path = where.partition("@")
    entries, found = extra_opts.read(section or program, path)
    arguments: list[str] = []
    for entry in entries:
        name = f"-{entry.key}" if len(entry.key) == 1 else f"--{entry.key}"
        if name not in parser.names() or name == "--extra-opts":
            raise Misuse(_nearest("key", entry.key, (n.lstrip("-") for n in parser.names())) + f" ({found} line {entry.line})")
        if parser.takes_value(name) != (entry.value is not None):
            wanted = "needs a value" if parser.takes_value(name) else "takes no value"
            raise Misuse(f"key {entry.key} {wanted} ({found} line {entry.line})")
        arguments.append(entry.argument())
    return arguments


def _replayed(check: Check, path: str) -> tuple[Any, Any]:
    from bothsides.record import from_record

    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError as fault:
        raise Unable(f"cannot read {path}: {fault.strerror}") from None
    try:
        return from_record(text, check.program, check.plan_type, check.run_type)
    except Unreadable as fault:
        raise Unable(f"{path}: {fault}") from None


def _recorded(check: Check, path: str, plan: Any, run: Any) -> None:
    from bothsides.record import to_record

    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(to_record(check.program, plan, run) + "\n")
    except OSError as fault:
        raise Unable(f"cannot write the record {path}: {fault.strerror}") from None


# Output -------------------------------------------------------------------------------------------


def _style(options: Any) -> Style:
    tty = sys.stdout is not None and sys.stdout.isatty()
    colour = tty and "NO_COLOR" not in os.environ
    return Style(options.verbose, options.perfdata_missing, options.output == "json", colour, options.exit_ok)


def _progress(deadline: Deadline, line: str) -> None:
    if deadline.watch is not None:
        try:
            os.write(2, f"\r\x1b[K{line[:79]}".encode("ascii", "replace"))
        except OSError:
            deadline.watch = None


def _explained(plan: Any, run: Any, findings: Iterable[Finding]) -> list[Finding]:
    import json

    from bothsides.record import to_json

    sections = [("Plan", json.dumps(to_json(plan), indent=1)), ("Run", json.dumps(to_json(run), indent=1))]
    said = [f"{finding.state.value} {finding.words}" for finding in findings if not isinstance(finding, Table)]
    lines = [line for title, text in sections for line in (f"{title}:", *text.splitlines())]
    return [Table((*lines, "Findings:", *said), 0)]


def _epilog(check: Check) -> str:
    """The part of --help that no option explains."""
    width = max(len(figure.label) for figure in check.figures) + 2
    figures = [f"  {figure.label:<{width}}{figure.uom or '-':<3}{figure.words}" for figure in check.figures]
    return "\n".join(
        [
            "examples:",
            *(f"  {check.program} {example}" for example in check.examples),
            "",
            "figures (perfdata, in this order; any of them may have limits):",
            *figures,
            "",
            "ranges: 10 alerts outside 0 to 10, 10: below 10, ~:10 above 10, 5:10 outside,",
            "@5:10 inside; the bound itself never alerts. Durations may carry ms, us or s.",
            "exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also usage, help, version)",
            f"documentation: {_documentation()}",
        ]
    )


def _documentation() -> str:
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    readme = os.path.join(here, "README.md")
    return "file://" + (readme if os.path.exists(readme) else f"{sys.prefix}/share/doc/bothsides/README.md")


def _bug(fault: BaseException) -> str:
    place = fault.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {os.path.basename(place.tb_frame.f_code.co_filename)} line {place.tb_lineno}" if place else ""
    return f"internal error, please report: {type(fault).__name__}: {fault}{where}"


def _traceback(fault: BaseException) -> tuple[str, ...]:
    import traceback

    return tuple("".join(traceback.format_exception(fault)).splitlines())


def leave(report: Report) -> NoReturn:
    """Prints the report and ends the process; a stdout that takes nothing makes it UNKNOWN."""
    code = report.code
    data = report.text.encode("ascii", "replace")
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(1, rest) :]
        if len(data) > _PIPE:
            _drained(1)
    except OSError:
        code = 3
    os._exit(code)


def _drained(descriptor: int) -> None:
    """Waits until the reader has taken all of it (at most 0.5 s).

    Nagios 4 reads a finished plugin's pipe only once more, 4096 octets (nagioscore issue 625).
    """
    import fcntl
    import struct
    import termios

    for _ in range(500):
        try:
            waiting = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))[0]
        except OSError:
            return  # not a pipe
        if waiting == 0:
            return
        time.sleep(0.001)
