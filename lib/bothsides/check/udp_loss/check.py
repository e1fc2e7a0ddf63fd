"""check_udp_loss: loss, delay and jitter of UDP to far ends that answer, out and back apart."""

import re
import zlib

from bothsides.analyse import statistics
from bothsides.analyse.one_way_loss import Account, account, known
from bothsides.base import files
from bothsides.base.errors import Misuse
from bothsides.base.secret import Secret
from bothsides.base.types import Any, Iterator, Mapping, NamedTuple, NoReturn, Sequence
from bothsides.check.udp_loss import smokeping
from bothsides.check.udp_loss.figures import FIGURES, figures, together
from bothsides.check.udp_loss.text import (
    SEVERITY,
    Verdict,
    dead_paths,
    faults,
    flow_table,
    histogram,
    loss,
    notes,
    overview,
    packet_table,
    target_table,
)
from bothsides.model.udp import Target
from bothsides.parse import Unreadable, mehsh, stamp
from bothsides.parse.dscp import from_dscp
from bothsides.parse.range import Range, from_range
from bothsides.parse.stamp_keys import from_keys
from bothsides.parse.text import from_count, from_duration, from_host, to_number, to_words
from bothsides.plugin.check import Check, no_past
from bothsides.plugin.finding import Figure, Finding, Ranges, Reading, Remark, State, Table, worst
from bothsides.plugin.main import run
from bothsides.plugin.parser import valued
from bothsides.probe.udp.measure import Plan, Run, measure
from bothsides.probe.udp.protocol import PORTS, PROTOCOLS


def main() -> NoReturn:
    """Runs check_udp_loss as a process."""
    run(CHECK)


# Command line -------------------------------------------------------------------------------------


def options(parser: Any) -> None:
    """The check's own options."""
    group = parser.add_argument_group(
        "measurement",
        "bare limits are check_ping's: a round trip in ms and a loss in percent,\nas in -w 100.0,5%",
    )
    add = group.add_argument
    add(
        "-H",
        "--hostname",
        type=valued(_hosts),
        metavar="HOST[,HOST...]",
        help="far ends, with the same port",
    )
    add("-p", "--port", type=valued(from_count, 1, 65535), metavar="PORT",
        help="UDP port (default 862 for stamp, 7 for echo, 4232 for mehsh)")  # fmt: skip
    add(
        "-n",
        "--packets",
        type=valued(from_count, 1, 1000000),
        default=100,
        metavar="N",
        help="packets (default 100)",
    )
    add("-i", "--interval", type=valued(from_duration), metavar="TIME",
        help="time between packets (default 20ms, down to 1ms when -t is short)")  # fmt: skip
    add("--wait", type=valued(from_duration), metavar="TIME",
        help="an answer that takes longer is late (default 1s, less when -t is short)")  # fmt: skip
    add("--flows", type=valued(from_count, 1, 64), default=8, metavar="N",
        help="source ports, so that parallel paths are seen (default 8); a dead one of 4 links is missed by 8"
        " flows once in 10 runs, by 16 once in 100, by 32 once in 10000")  # fmt: skip
    add(
        "--protocol",
        choices=PROTOCOLS,
        default="stamp",
        help="stamp (default; RFC 8762), echo (RFC 862) or mehsh",
    )
    add(
        "--size",
        type=valued(from_count, 1, 65000),
        metavar="OCTETS",
        help="UDP payload (default 44, the least)",
    )
    add(
        "--targets",
        metavar="FILE",
        help="a file of far ends, - for standard input; # starts a comment",
    )
    add("--key-file", metavar="FILE",
        help="authenticated mode; lines of SSID and key, mode 0640; the first one is used")  # fmt: skip
    add("--confidence", type=valued(_percent), default=0.0, metavar="PERCENT",
        help="hold loss against its limits only as far as it is certain, as in 95 (default: as counted)")  # fmt: skip
    add(
        "--dscp",
        type=valued(from_dscp),
        default=0,
        metavar="CLASS",
        help="DSCP as 46, EF, AF41 or CS5 (default 0)",
    )


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(from_host(part) for part in text.split(",")))


def _percent(text: str) -> float:
    bare = from_range(text.rstrip("%")).end
    if not 50 <= bare < 100:
        raise Unreadable(f"{text[:40]!r}: a confidence lies between 50 and 100 %")
    return bare


def plan(given: Any, terms: Any = None) -> Plan:
    """Options to Plan; the schedule has to fit into the deadline."""
    hosts = dict.fromkeys(
        (
            *(given.hostname or ()),
            *(files.listed(given.targets, from_host) if given.targets else ()),
        )
    )
    if not hosts:
        raise Misuse("missing option -H")
    key = files.private(given.key_file, from_keys)[0] if given.key_file else None
    interval, patience = _schedule(given.packets, given.interval, given.wait, given.timeout)
    return Plan(
        hosts=tuple(hosts),
        port=given.port or PORTS[given.protocol],
        family=given.family,
        protocol=given.protocol,
        packets=given.packets,
        interval=interval,
        flows=min(given.flows, given.packets),
        patience=patience,
        size=_size(given.size, given.protocol, key is not None),
        dscp=given.dscp,
        key=Secret(key.octets.hex() if key else ""),
        ssid=key.ssid or 0 if key else 0,
    )


def _size(asked: int | None, protocol: str, sealed: bool) -> int:
    """Octets of a request; the protocol has a least size."""
    if protocol == "mehsh":
        if sealed or asked not in (None, mehsh.SIZE):
            raise Misuse(f"mehsh's packets have {mehsh.SIZE} octets and no key")
        return mehsh.SIZE
    least = stamp.SEALED if sealed else stamp.PLAIN
    if asked is not None and asked < least:
        raise Misuse(f"--size: a packet has at least {least} octets, not {asked}")
    return asked or least


_BRISK = (
    0.001  # seconds between packets: beyond 1000 a second, udp_reflector takes a sender for a flood
)


def _schedule(
    packets: int, interval: float | None, wait: float | None, timeout: float
) -> tuple[float, float]:
    """Interval and patience; what was not asked for is made to fit, what was asked for must fit."""
    chosen = min(0.02, max(_BRISK, 0.4 * timeout / packets)) if interval is None else interval
    sending = (packets - 1) * chosen
    patience = min(1.0, max(0.1, 0.9 * (timeout - sending) - 0.1)) if wait is None else wait
    if sending + patience > timeout:
        hasty = interval is None and chosen == _BRISK
        raise Misuse(
            f"{packets} packets every {to_words(chosen)} and {to_words(patience)} for the last answer take "
            f"{to_words(sending + patience)}, more than -t {timeout:g}"
            + (
                ": give a longer -t, or -i below 1ms if --rate of the reflector allows it"
                if hasty
                else ""
            )
        )
    return chosen, patience


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """`100.0,5%` as check_ping has it: a round trip in ms and a loss in percent, each at most once."""
    found: dict[str, Range] = {}
    for item in items:
        label = "pl" if item.endswith("%") else "rta"
        if label in found:
            raise Unreadable(
                f"{item[:40]!r}: write one round trip in ms and one loss in %, as in 100.0,5%"
            )
        if label == "pl" or item[-1:].isalpha():
            found[label] = from_range(item, "%" if label == "pl" else "s")
        else:
            bare = from_range(item)
            found[label] = Range(bare.start / 1000, bare.end / 1000, bare.inside)
    return found


# Judgement ----------------------------------------------------------------------------------------


class Terms(NamedTuple):
    """Ranges, and the confidence (0 to 1) with which a loss must be beyond them; 0: as it was counted."""

    limits: Ranges
    confidence: float = 0.0


class Analysis(NamedTuple):
    """What happened, for the judge."""

    run: Run


def analyse(plan: Plan, run: Run, past: None) -> Analysis:
    """All that is known, for the judge."""
    return Analysis(run)


def judge(analysis: Analysis, terms: Terms) -> Iterator[Finding]:
    """What the run means; the most telling first."""
    run = analysis.run
    ended = run.ended if run.stopped else None
    settled = [(target, account(target, run.patience, ended)) for target in run.targets]
    if len(settled) == 1:
        yield from _one(run, *settled[0], terms)
    else:
        yield from _many(run, settled, terms)


def _one(run: Run, target: Target, settled: Account, terms: Terms) -> Iterator[Finding]:
    """One target in all detail."""
    values = figures(settled, run)
    yield from _stated(run, target, settled, values, terms)
    yield from notes(target, settled, run, terms.confidence)
    yield Table(
        (*overview(run, target, settled, values), *histogram(settled), *flow_table(settled)), 1
    )
    yield Table(packet_table(target, settled), 2)


def _stated(
    run: Run,
    target: Target,
    settled: Account,
    values: Mapping[str, float | None],
    terms: Terms,
    shown: tuple[Figure, ...] = FIGURES,
) -> Iterator[Reading | Remark]:
    """All that has a state about one target; the most telling first. shown: the figures besides the loss."""
    yield from faults(target, settled, run)
    lost = _confident(terms, settled, "pl", values["pl"], settled.lost, loss(settled))
    if lost.state is State.OK and settled.received:
        lost = lost._replace(
            words=f"{loss(settled)}, rta {to_words(values['rta'])}, p95 {to_words(values['rtp95'])}"
        )
    yield lost
    for figure in shown:
        if figure.label in ("pl_out", "pl_back"):
            count = known(settled.out if figure.label == "pl_out" else settled.back)
            yield _confident(terms, settled, figure.label, values[figure.label], count, "")
        elif figure.label != "pl":
            yield _reading(terms.limits, figure, values[figure.label], settled)


def _confident(
    terms: Terms, settled: Account, label: str, value: float | None, count: int | None, words: str
) -> Reading:
    """A share of lost packets, held against its limits by the lower end of its confidence interval."""
    reading = terms.limits.reading(label, value, words)
    if not terms.confidence or count is None or value is None:
        return reading
    lower = reading._replace(
        value=100 * statistics.wilson(count, settled.sent, terms.confidence).low
    )
    return reading._replace(certain=lower.state)


def _reading(limits: Ranges, figure: Figure, value: float | None, settled: Account) -> Reading:
    words = f"{figure.label} {to_words(value)}" if figure.uom == "s" and value is not None else ""
    if figure.label == "flows_bad":
        words = dead_paths(settled)
    reading = limits.reading(figure.label, value, words)
    if figure.label == "senderr" and not settled.sent:
        return reading._replace(
            certain=State.OK
        )  # nothing at all could be asked: that is said, and UNKNOWN
    # line 1 has the mean already
    return (
        reading._replace(words="")
        if figure.label == "rta" and reading.state is State.OK
        else reading
    )


# Many targets -------------------------------------------------------------------------------------

_WITH_FIGURES = 4  # targets whose own loss and round trip find room on line 1


def _many(run: Run, settled: list[tuple[Target, Account]], terms: Terms) -> Iterator[Finding]:
    """Many targets: the worst one's words, the worst of every figure, one line each, worst first."""
    lines = []
    limited = tuple(
        figure
        for figure in FIGURES
        if figure.label in terms.limits.warning or figure.label in terms.limits.critical
    )
    for target, account_ in settled:
        values = figures(account_, run)
        found = list(_stated(run, target, account_, values, terms, limited))
        state = worst(finding.state for finding in found)
        words = next(finding.words for finding in found if finding.state is state and finding.words)
        lines.append(Verdict(target, account_, values, state, words))
    lines.sort(
        key=lambda verdict: (
            SEVERITY.index(verdict.state),
            -(verdict.values["pl"] or 0),
            -(verdict.values["rta"] or 0),
        )
    )
    bad = sum(verdict.state is not State.OK for verdict in lines)
    first = lines[0]
    if bad:
        yield Remark(
            first.state,
            f"{bad} of {len(lines)} targets in trouble, worst {first.target.host}: {first.words}",
        )
    else:
        yield Remark(
            State.OK, f"all {len(lines)} targets answer, worst {first.target.host}: {first.words}"
        )
    for label, value in together([verdict.values for verdict in lines]).items():
        reading = terms.limits.reading(label, value)
        yield reading if reading.state is State.OK else reading._replace(words=_worst(reading))
    if len(lines) <= _WITH_FIGURES:
        yield from _own_figures(lines)
    for verdict in lines:
        yield Remark(verdict.state, f"{verdict.target.host}: {verdict.words}")
    yield Table(target_table(lines), 1)


def _worst(reading: Reading) -> str:
    value = (
        to_words(reading.value)
        if reading.figure.uom == "s"
        else f"{to_number(reading.value)}{reading.figure.uom}"
    )
    return f"worst {reading.figure.label} of all targets {value}"


def _own_figures(lines: list[Verdict]) -> Iterator[Reading]:
    """Loss and mean round trip of every target, under labels made of their names."""
    hosts = sorted(verdict.target.host for verdict in lines)
    names = dict(zip(hosts, _names(hosts), strict=True))
    for verdict in sorted(lines, key=lambda verdict: verdict.target.host):
        for label, figure in (("pl", FIGURES[1]), ("rta", FIGURES[0])):
            yield Reading(
                figure._replace(label=f"{label}_{names[verdict.target.host]}"),
                verdict.values[label],
                "",
            )


_LONGEST = (
    15  # characters of a target's name: with rta_ before it, all that RRD's data sources hold
)


def _names(hosts: Sequence[str]) -> Iterator[str]:
    """A name for every host that a label can hold and no other host has, nor a figure such as pl_out.

    Where it takes a checksum to tell hosts apart, that is of the host alone: another target renames no graph.
    """
    plain = [re.sub(r"[^a-z0-9]", "_", host.lower()) for host in hosts]
    taken = {figure.label.partition("_")[2] for figure in FIGURES}
    for host, name in zip(hosts, plain, strict=True):
        if len(name) <= _LONGEST and plain.count(name) == 1 and name not in taken:
            yield name
        else:
            yield f"{name[: _LONGEST - 5].rstrip('_')}_{zlib.crc32(host.encode()) & 0xFFFF:04x}"


CHECK = Check(
    name="UDP_LOSS",
    summary="Loss, delay and jitter of UDP to a far end that answers, out and back apart.",
    figures=FIGURES,
    options=options,
    plan=plan,
    recall=no_past,
    measure=lambda plan, past, deadline: measure(plan, deadline),
    analyse=analyse,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    limits=lambda options, limits: Terms(limits, options.confidence / 100),
    warning="100.0,5%,flows_bad=0,overflow=0,senderr=0",
    critical="200.0,15%",
    outputs={"smokeping": smokeping.lines},
    examples=(
        "-H reflector.example.net",
        "-H 192.0.2.7 -p 8620 -n 200 -i 10ms -w 50,1% -c 100,5%",
        "-H 192.0.2.7 -w jitter=5ms,pl_back=1 --flows 16 -v",
        "-H 192.0.2.7,192.0.2.8,192.0.2.9 -n 50 --confidence 95",
        "-H 192.0.2.7 --protocol echo",
    ),
)
