"""check_udp_loss: loss, delay and jitter of UDP to far ends that answer, out and back apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from bothsides import cli
from bothsides.account import account
from bothsides.check.udp_loss_figures import FIGURES, figures
from bothsides.check.udp_loss_words import faults, flow_table, histogram, loss, notes
from bothsides.finding import Figure, Finding, Limits, Reading, State, Table
from bothsides.parse import Unreadable, stamp
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_count, from_duration, from_host, to_words
from bothsides.probe.udp import Plan, Run, measure
from bothsides.probe.udp_speech import PORTS, PROTOCOLS


def main() -> NoReturn:
    """Runs check_udp_loss as a process."""
    cli.main(CHECK)


# Command line -------------------------------------------------------------------------------------


def options(parser: Any) -> None:
    """The check's own options."""
    group = parser.add_argument_group("measurement")
    add = group.add_argument
    add("-H", "--hostname", type=cli.valued(_hosts), metavar="HOST[,HOST...]", help="far ends, with the same port")
    add("-p", "--port", type=cli.valued(from_count, 1, 65535), metavar="PORT",
        help="UDP port (default 862 for stamp, 7 for echo, 4232 for mehsh)")  # fmt: skip
    add("-n", "--packets", type=cli.valued(from_count, 1, 1000000), default=100, metavar="N", help="packets (default 100)")
    add("-i", "--interval", type=cli.valued(from_duration), metavar="TIME",
        help="time between packets (default 20ms, less when -t is short)")  # fmt: skip
    add("--wait", type=cli.valued(from_duration), metavar="TIME",
        help="an answer that takes longer is late (default 1s, less when -t is short)")  # fmt: skip
    add("--flows", type=cli.valued(from_count, 1, 64), default=8, metavar="N",
        help="source ports, so that parallel paths are seen (default 8)")  # fmt: skip
    add("--protocol", choices=PROTOCOLS, default="stamp", help="stamp (default; RFC 8762), echo (RFC 862) or mehsh")
    add("--size", type=cli.valued(from_count, 1, 65000), metavar="OCTETS", help="UDP payload (default 44, the least)")
    add("--dscp", type=cli.valued(from_count, 0, 63), default=0, metavar="N", help="DSCP of the packets (default 0)")


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(from_host(part) for part in text.split(",")))


def plan(given: Any) -> Plan:
    """Options to Plan; the schedule has to fit into the deadline."""
    if not given.hostname:
        raise cli.Misuse("missing option -H")
    size = max(given.size or 0, stamp.PLAIN)
    if given.size and given.size < stamp.PLAIN:
        raise cli.Misuse(f"a STAMP packet has at least {stamp.PLAIN} octets, not {given.size}")
    interval, patience = _schedule(given.packets, given.interval, given.wait, given.timeout)
    return Plan(
        hosts=given.hostname,
        port=given.port or PORTS[given.protocol],
        family=given.family,
        protocol=given.protocol,
        packets=given.packets,
        interval=interval,
        flows=min(given.flows, given.packets),
        patience=patience,
        size=size,
        dscp=given.dscp,
    )


def _schedule(packets: int, interval: float | None, wait: float | None, timeout: float) -> tuple[float, float]:
    """Interval and patience; what was not asked for is made to fit, what was asked for must fit."""
    chosen = min(0.02, 0.4 * timeout / packets) if interval is None else interval
    sending = (packets - 1) * chosen
    patience = min(1.0, max(0.1, 0.9 * (timeout - sending) - 0.1)) if wait is None else wait
    if sending + patience > timeout:
        raise cli.Misuse(
            f"{packets} packets every {to_words(chosen)} and {to_words(patience)} for the last answer take "
            f"{to_words(sending + patience)}, more than -t {timeout:g}"
        )
    return chosen, patience


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """`100.0,5%` as check_ping has it: a round trip in ms and a loss in percent, each at most once."""
    found: dict[str, Range] = {}
    for item in items:
        label = "pl" if item.endswith("%") else "rta"
        if label in found:
            raise Unreadable(f"{item[:40]!r}: write one round trip in ms and one loss in %, as in 100.0,5%")
        if label == "pl" or item[-1:].isalpha():
            found[label] = from_range(item, "%" if label == "pl" else "s")
        else:
            bare = from_range(item)
            found[label] = Range(bare.start / 1000, bare.end / 1000, bare.inside)
    return found


# Judgement ----------------------------------------------------------------------------------------


def judge(run: Run, limits: Limits, past: Any) -> Iterator[Finding]:
    """What the run means; the most telling first."""
    target = run.targets[0]
    settled = account(target, run.patience, run.ended if run.stopped else None)
    values = figures(settled, run)
    yield from faults(target, settled, run)
    lost = limits.reading("pl", values["pl"], loss(settled))
    if lost.state is State.OK and settled.received:
        lost = lost._replace(words=f"{loss(settled)}, rta {to_words(values['rta'])}, p95 {to_words(values['rtp95'])}")
    yield lost
    for figure in FIGURES:
        if figure.label != "pl":
            yield _reading(limits, figure, values[figure.label])
    yield from notes(target, settled, run)
    yield Table((*histogram(settled), *flow_table(settled)), 1)


def _reading(limits: Limits, figure: Figure, value: float | None) -> Reading:
    words = f"{figure.label} {to_words(value)}" if figure.uom == "s" and value is not None else ""
    reading = limits.reading(figure.label, value, words)
    # line 1 has the mean already
    return reading._replace(words="") if figure.label == "rta" and reading.state is State.OK else reading


CHECK = cli.Check(
    name="UDP_LOSS",
    summary="Loss, delay and jitter of UDP to a far end that answers, out and back apart.",
    figures=FIGURES,
    options=options,
    plan=plan,
    measure=measure,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    warning="100.0,5%,flows_bad=0,overflow=0,senderr=0",
    critical="200.0,15%",
    examples=(
        "-H reflector.example.net",
        "-H 192.0.2.7 -p 8620 -n 200 -i 10ms -w 50,1% -c 100,5%",
        "-H 192.0.2.7 -w jitter=5ms,pl_back=1 --flows 16 -v",
        "-H 192.0.2.7 --protocol echo",
    ),
)
