"""check_udp_loss in words: faults, refusals, verdict and pictures."""

import math

from bothsides.analyse import statistics
from bothsides.analyse.one_way_loss import Account, Bounds, bad_flows, known
from bothsides.base.types import Iterator, Mapping, NamedTuple, Sequence
from bothsides.model.udp import Target
from bothsides.parse.text import to_number, to_words
from bothsides.plugin.finding import Remark, State, Table
from bothsides.probe.udp.measure import Run
from bothsides.probe.udp.socket import Refusal, reason


def loss(settled: Account) -> str:
    """`lost 28/100 (28 %: 10 out, 18 back)`."""
    if not settled.sent:
        return "nothing sent"
    share = f"{to_number(round(100 * settled.lost / settled.sent, 2))} %"
    if not settled.lost:
        return f"lost 0/{settled.sent}"
    out, back = known(settled.out), known(settled.back)
    ways = f": {out} out, {back} back" if out is not None and back is not None else ""
    return f"lost {settled.lost}/{settled.sent} ({share}{ways})"


def faults(target: Target, settled: Account, run: Run) -> Iterator[Remark]:
    """What is known beyond numbers to be wrong, worst first."""
    place = f"{target.address}:{target.port}"
    if target.failure is not None:
        yield Remark(State.UNKNOWN, target.failure.words)
        return
    if settled.senderr and not settled.sent:
        yield Remark(
            State.UNKNOWN,
            f"nothing could be sent to {place}: {reason(settled.faults[0][0])} (on this host)",
        )
    elif not settled.received and settled.sent:
        yield _silence(target, settled, run, place)
    elif (
        run.stopped is not None and run.stopped.cause == "deadline"
    ):  # a signal is told by whoever judges no half run
        yield Remark(State.UNKNOWN, f"own deadline reached while {run.stopped.stage}", late=True)
    if settled.direction == "restarted":
        yield Remark(
            State.WARNING,
            f"the reflector on {place} was restarted during the run (its count began again)",
        )
    if target.elsewhere:
        yield Remark(
            State.WARNING, f"answers come from {target.elsewhere[0]} instead of {target.address}"
        )


def _silence(target: Target, settled: Account, run: Run, place: str) -> Remark:
    """Why there may have been no answer at all."""
    late = run.stopped is not None
    if target.refused:
        refusal = max(target.refused, key=lambda pair: pair[1])[0]
        return Remark(State.CRITICAL, _refused(refusal, target), late)
    if any("HMAC" in words for words in target.strays):
        return Remark(State.CRITICAL, f"answers from {place} are not sealed with this key", late)
    if target.strays:
        words, count = max(target.strays.items(), key=lambda pair: pair[1])
        return Remark(
            State.CRITICAL, f"{count} datagrams from {place} are no answers ({words})", late
        )
    return Remark(State.CRITICAL, f"no answer from {place} to {settled.sent} packets", late)


def _refused(refusal: Refusal, target: Target) -> str:
    """An ICMP error in words that name who sent it."""
    place = f"{target.address}:{target.port}"
    kind, code = refusal.kind, refusal.code
    if (refusal.version, kind, code) in ((4, 3, 3), (6, 1, 4)):
        if refusal.source == target.address:
            return f"reflector not running on {place} (port unreachable)"
        return (
            f"packets to {place} are rejected by {refusal.source} (port unreachable: a firewall?)"
        )
    if (refusal.version, kind) in ((4, 11), (6, 3)):
        return f"TTL exceeded at {refusal.source} on the way to {place} (a routing loop?)"
    if (refusal.version, kind, code) == (4, 3, 4) or (refusal.version, kind) == (6, 2):
        return f"packets to {place} are too big for {refusal.source} (MTU {refusal.mtu})"
    if (refusal.version, kind, code) in (
        (4, 3, 9),
        (4, 3, 10),
        (4, 3, 13),
        (6, 1, 1),
        (6, 1, 5),
        (6, 1, 6),
    ):
        return f"administratively prohibited by {refusal.source} on the way to {place}"
    if (refusal.version, kind) in ((4, 3), (6, 1)):
        return f"{place} is unreachable, said {refusal.source} (ICMP type {kind} code {code})"
    return f"ICMP type {kind} code {code} from {refusal.source} about packets to {place}"


def notes(target: Target, settled: Account, run: Run, confidence: float) -> Iterator[Table]:
    """What a person wants to know besides: the verdict, its certainty, how it was measured."""
    lines = []
    if settled.sent:
        sure = confidence or 0.95
        span = statistics.wilson(settled.lost, settled.sent, sure)
        low, high = (to_number(round(100 * bound, 1 if bound >= 0.01 else 3)) for bound in span)
        held = ", limits are held against the lower end" if confidence else ""
        lines.append(
            f"loss is between {low} and {high} % ({to_number(round(100 * sure, 4))} % confidence){held}"
        )
    if settled.lost and settled.received:
        lines += [*verdict(settled, run), *_hasty(target, settled)]
    lines += [
        f"{_refused(refusal, target)}: {count} times"
        for refusal, count in target.refused
        if settled.received
    ]
    if lines:
        yield Table(tuple(lines), 0)


_UNKNOWN = {
    "echo": "the far end echoes and does not count",
    "stateless": "the reflector does not count",
    "restarted": "the reflector was restarted",
    "unsettled": "no closing probe was answered",
}


def verdict(settled: Account, run: Run) -> Iterator[str]:
    """Where the packets were lost, as far as it is known: this host, one path, out, back."""
    if run.overflow:
        yield f"this host: its own sockets dropped {run.overflow} answers, so the loss is not the network's alone"
    if run.corrupt:
        yield f"{run.corrupt} datagrams reached this host damaged (wrong checksum)"
    dead = dead_paths(settled)
    if dead:
        yield dead
    if settled.direction in _UNKNOWN:
        yield f"direction of loss unknown: {_UNKNOWN[settled.direction]}"
    elif settled.out is not None and settled.back is not None:
        yield f"{_way(settled.out, settled.back)}{_pattern(settled)}"


_RATE = 1000  # packets a second that udp_reflector answers to one source without --rate


def _hasty(target: Target, settled: Account) -> Iterator[str]:
    """A reflector that answers only so many a second looks like loss on the way out."""
    lasted = target.packets[-1].at - target.packets[0].at
    pace = (len(target.packets) - 1) / lasted if lasted > 0 else 0.0
    if pace > 1.1 * _RATE and settled.out is not None and settled.out.low:
        yield f"{round(pace)} packets a second were sent, and a reflector answers {_RATE} unless its --rate says more"


def _way(out: Bounds, back: Bounds) -> str:
    if out.value is None or back.value is None:
        return f"lost on the way out: {out.low} to {out.high}, on the way back: {back.low} to {back.high}"
    if out.value and back.value:
        return f"both ways lose: {out.value} packets on the way out, {back.value} on the way back"
    return (
        "all of it was lost on the way out" if out.value else "all of it was lost on the way back"
    )


def _pattern(settled: Account) -> str:
    bursts = settled.bursts
    if bursts.longest < 2:
        return ", in single packets"
    return (
        f", in {bursts.number} runs of up to {bursts.longest} packets"
        if bursts.number > 1
        else ", in one run"
    )


def overview(
    run: Run, target: Target, settled: Account, values: Mapping[str, float | None]
) -> tuple[str, ...]:
    """The summary as ping's users know it, with both directions, and how it was measured."""
    stamped = sum(packet.left is not None for packet in target.packets)
    received = sum(answer.arrived is not None for answer in target.answers)
    lasted = target.packets[-1].at - target.packets[0].at if target.packets else 0.0
    told = f"{settled.received} answered, {settled.lost} lost, {settled.late} late, {settled.doubled} doubled"
    whom = f"{target.address} port {target.port}"
    lines = [
        f"{settled.sent} packets sent to {whom} in {to_words(lasted)} by {len(settled.flows)} flows, {told}"
    ]
    if settled.received:
        times = "/".join(
            to_words(values[label]) for label in ("rtmin", "rta", "rtmedian", "rtp95", "rtmax")
        )
        lines.append(
            f"round trip min/mean/median/p95/max {times}, deviation {to_words(values['rtsdev'])}"
        )
        doubt = (
            ""
            if values["owd_out"] is None
            else f" +- {to_words((run.clock or 0.0) + (settled.error_far or 0.0))}"
        )
        for way in ("out", "back"):
            doubled, over, hops = (values[f"{name}_{way}"] for name in ("dup", "reorder", "hops"))
            counts = [
                f"{to_number(values[f'pl_{way}'])} % lost",
                f"{to_number(doubled)} doubled",
                f"{to_number(over)} overtaken",
            ]
            times = f"variation {to_words(values[f'ipdv_{way}'])}, delay {to_words(values[f'owd_{way}'])}{doubt}"
            lines.append(
                f"way {way}: {', '.join(counts)}, {times}, {to_number(hops)} routers".replace(
                    "U ", "unknown "
                )
            )
        lines.append(
            f"stamped by the kernel: {stamped} of {len(target.packets)} sent, {received} of {len(target.answers)} received"
            + (f"; clock set during {settled.stepped} packets" if settled.stepped else "")
        )
    return tuple(lines)


_ROWS = 8
_WIDTH = 40


def histogram(settled: Account) -> tuple[str, ...]:
    """How the round trips are spread: rows of equal width on a logarithmic scale."""
    trips = [max(delay.rtt, 1e-7) for delay in settled.delays]
    if not trips:
        return ()
    low, high = min(trips), max(trips)
    step = max(1.05, (high / low) ** (1 / _ROWS))
    rows = [0] * _ROWS
    for trip in trips:
        rows[min(_ROWS - 1, int(math.log(trip / low) / math.log(step)))] += 1
    most = max(rows)
    used = max(place for place, count in enumerate(rows) if count) + 1
    return (
        "round trips",
        *(
            f"{to_words(low * step**place):>9} to {to_words(low * step ** (place + 1)):>9} {count:>6} "
            + "#" * math.ceil(_WIDTH * count / most)
            for place, count in enumerate(rows[:used])
        ),
    )


def flow_table(settled: Account) -> tuple[str, ...]:
    """One line per source port: what it sent and lost, and its fastest round trip."""
    lines = [
        "flow   sent  lost   out  back  fastest   (a flow is one source port; out, back: lost on that way)"
    ]
    for place, flow in enumerate(settled.flows):
        ways = [
            "?" if part is None or part.value is None else str(part.value)
            for part in (flow.out, flow.back)
        ]
        lines.append(
            f"{place:>4} {flow.sent:>6} {flow.lost:>5} {ways[0]:>5} {ways[1]:>5}  {to_words(flow.fastest)}"
        )
    return tuple(lines)


def dead_paths(settled: Account) -> str:
    """`2 of 8 flows lose 100 %: one of several parallel paths is dead`."""
    bad = bad_flows(settled)
    if not bad:
        return ""
    flows = [settled.flows[place] for place in bad]
    share = 100 * sum(flow.lost for flow in flows) / sum(flow.sent for flow in flows)
    what = "is dead" if share == 100 else "is broken"
    return f"{len(bad)} of {len(settled.flows)} flows lose {to_number(round(share))} %: one of several parallel paths {what}"


def packet_table(target: Target, settled: Account) -> tuple[str, ...]:
    """One line per packet in the order of sending, as ping prints them."""
    delays = {delay.place: delay for delay in settled.delays}
    sent = [packet for packet in target.packets if not packet.fault][: settled.sent]
    lines = ["packet flow  seq  sent at     round trip   out and back"]
    for place, packet in enumerate(sent):
        delay = delays.get(place)
        head = f"{place:>6} {packet.flow:>4} {packet.sequence:>4} {packet.at:>8.3f} s"
        if delay is None:
            lines.append(f"{head}  lost")
        else:
            late = "  late" if delay.late else ""
            lines.append(
                f"{head}  {to_words(delay.rtt):>10}   {to_words(delay.out)} {to_words(delay.back)}{late}"
            )
    return tuple(lines)


SEVERITY = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)


class Verdict(NamedTuple):
    """One of many targets: its account, figures, state, and the words that tell most."""

    target: Target
    settled: Account
    values: Mapping[str, float | None]
    state: State
    words: str


def target_table(lines: Sequence[Verdict]) -> tuple[str, ...]:
    """One line per target, in the order given."""
    width = max(len(verdict.target.host) for verdict in lines)
    table = [f"{'target':<{width}}   sent  lost   out  back        rta        p95     jitter"]
    for target, settled, values, _, _ in lines:
        ways = [
            "?" if count is None else str(count)
            for count in (known(settled.out), known(settled.back))
        ]
        times = " ".join(f"{to_words(values[label]):>10}" for label in ("rta", "rtp95", "jitter"))
        table.append(
            f"{target.host:<{width}} {settled.sent:>6} {settled.lost:>5} {ways[0]:>5} {ways[1]:>5} {times}"
        )
    return tuple(table)
