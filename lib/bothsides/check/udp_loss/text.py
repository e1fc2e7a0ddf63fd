"""check_udp_loss in words: loss, faults, ICMP errors and where packets were lost."""

from bothsides.analyse import statistics
from bothsides.analyse.account_loss import NewCount
from bothsides.analyse.loss_interval import loss_interval, rests_on_few_bursts
from bothsides.analyse.one_way_loss import Direction, OneWayLoss, counts
from bothsides.analyse.udp_run import Analysis, TargetAnalysis
from bothsides.base.types import Iterator, Mapping
from bothsides.check.udp_loss.silence_text import icmp_words, place_of, silence_words
from bothsides.model.interval import Interval
from bothsides.parse.text import to_number
from bothsides.plugin.finding import Lines, Remark, State, Table
from bothsides.probe.udp.socket import reason

_RATE = 1000  # packets a second that udp_reflector answers to one source without --rate
_NEW_COUNT: Mapping[NewCount, str] = {
    "restarted": "the reflector on {} was restarted during the run",
    "evicted": "the reflector on {} began to count again: its table of flows is full",
    "rebound": "packets reach {} from other source ports than before: NAT gave new ones",
    "unknown": "the reflector on {} began to count again: restarted, another NAT port,"
    " or its table was full",
}
_NO_DIRECTION: Mapping[Direction, str] = {
    "echo": "the far end echoes and does not count",
    "stateless": "the reflector does not count",
    "restarted": "the reflector began to count again",
    "unsettled": "no closing probe was answered",
}


def loss(target: TargetAnalysis) -> str:
    """`lost 28/100 (28 %: 10 out, 18 back)`."""
    if not target.sent:
        return "nothing sent"
    if not target.lost:
        return f"lost 0/{target.sent}"
    share = f"{to_number(round(100 * target.lost / target.sent, 2))} %"
    words = f"lost {target.lost}/{target.sent} ({share}{_by_direction(target)})"
    rejected = _rejected(target)
    return f"{words}, {rejected}" if rejected else words


def _rejected(target: TargetAnalysis) -> str:
    """Who rejected packets of which others were answered; "" when nobody did."""
    if not target.answered or not target.samples.icmp_errors:
        return ""
    error, count = max(target.samples.icmp_errors, key=lambda pair: pair[1])
    return f"{count} rejected by {error.source}" if error.source else f"{count} rejected"


def _by_direction(target: TargetAnalysis) -> str:
    """`: 10 out, 18 back`, or the bounds; "" when nothing is known and no figure is given."""
    if target.loss is None:
        return ""
    if counts(target.loss) is None and _bounds(target.loss.forward) == f"0 to {target.lost}":
        return ""
    forward, backward = _on_the_way(target.loss, target)
    ways = f": {_bounds(forward)} out, {_bounds(backward)} back"
    refused = _refused(target)
    return f"{ways}, {refused} refused by its rate limit" if refused else ways


def _refused(target: TargetAnalysis) -> int:
    """Packets that arrived and that the reflector refused, as far as bounds leave no doubt."""
    if target.loss is None or target.at_reflector is None:
        return 0
    return min(target.at_reflector.over_rate, int(target.loss.forward.low))


def _on_the_way(loss: OneWayLoss, target: TargetAnalysis) -> OneWayLoss:
    """The losses without what the reflector refused."""
    refused = _refused(target)
    forward = Interval(loss.forward.low - refused, loss.forward.high - refused)
    return OneWayLoss(forward, loss.backward)


def _bounds(interval: Interval) -> str:
    low, high = to_number(interval.low), to_number(interval.high)
    return low if low == high else f"{low} to {high}"


def faults(target: TargetAnalysis, analysis: Analysis) -> Iterator[Remark]:
    """What is wrong besides any figure, the worst first."""
    samples, stopped = target.samples, analysis.stopped
    if samples.failure is not None:
        yield Remark(State.UNKNOWN, samples.failure.words)
        return
    if target.unsent and not target.sent:
        why = reason(target.faults[0][0])
        words = f"nothing could be sent to {place_of(samples)}: {why} (on this host)"
        yield Remark(State.UNKNOWN, words)
    elif not target.answered and target.sent:
        yield Remark(State.CRITICAL, silence_words(target), late=stopped is not None)
    elif stopped is not None and stopped.cause == "deadline":  # plugin.main speaks of signals
        yield Remark(State.UNKNOWN, f"own deadline reached while {stopped.stage}", late=True)
    if target.direction == "restarted":
        yield Remark(State.WARNING, _NEW_COUNT[target.new_count].format(place_of(samples)))
    if samples.other_sources:
        words = f"answers come from {samples.other_sources[0]} instead of {samples.address}"
        yield Remark(State.WARNING, words)


def unsent(target: TargetAnalysis) -> str:
    """How many packets this host could not send, and why; "" when it sent all."""
    if not target.unsent:
        return ""
    why = reason(max(target.faults, key=lambda pair: pair[1])[0])
    count = f"{target.unsent} of {len(target.samples.packets)} packets"
    return f"this host could not send {count} ({why})"


def notes(target: TargetAnalysis, analysis: Analysis, confidence: float) -> Iterator[Table]:
    """The interval of the loss, where packets were lost, and ICMP errors; without a state."""
    if target.sent or target.samples.silence is not None:
        yield Table(Lines(lambda: _notes(target, analysis, confidence)), 0)


def _notes(target: TargetAnalysis, analysis: Analysis, confidence: float) -> Iterator[str]:
    if target.sent:
        yield _interval(target, confidence)
    if target.lost and target.answered:
        yield from where_lost(target, analysis)
        yield from _rate_limited(target)
    if target.answered:
        for error, count in target.samples.icmp_errors:
            yield f"{icmp_words(error, target.samples)}: {count} times"
    silence = target.samples.silence
    if silence is None or silence.host_lives or silence.echo_answered:
        return  # routers that answer say nothing of a host that answers other packets
    if silence.last_router:
        yield (
            f"the last router that answers is {silence.last_router} (hop {silence.last_ttl}):"
            " packets are lost behind it, or answers on the way back"
        )


def _interval(target: TargetAnalysis, confidence: float) -> str:
    """Within what the loss lies."""
    level = confidence or 0.95
    bursts = target.bursts.number
    interval = loss_interval(target.lost, bursts, target.sent, level, bool(confidence))
    low, high = (to_number(round(100 * end, 1 if end >= 0.01 else 3)) for end in interval)
    held = ", limits are held against the lower end" if confidence else ""
    percent = to_number(round(100 * level, 4))
    words = f"loss is between {low} and {high} % ({percent} % confidence){held}"
    if not target.lost:
        return f"{words}; bursts are allowed for"
    if target.lost == target.sent:
        return words
    if rests_on_few_bursts(target.lost, bursts):
        count = "one burst is" if bursts == 1 else f"{bursts} bursts are"
        return f"{words}; it comes in bursts, and {count} too few to judge"
    return f"{words}; it comes in bursts" if 2 * target.lost > 3 * bursts else words


def where_lost(target: TargetAnalysis, analysis: Analysis) -> Iterator[str]:
    """Where packets were lost, as far as it is known: this host, one path, out, back."""
    if analysis.overflow:
        yield (
            f"this host: its own sockets dropped {analysis.overflow} answers,"
            " so the loss is not the network's alone"
        )
    if analysis.corrupt:
        yield f"{analysis.corrupt} datagrams reached this host damaged (wrong checksum)"
    dead = dead_paths(target)
    if dead:
        yield dead
    if target.loss is None and target.direction in _NO_DIRECTION:
        yield f"direction of loss unknown: {_NO_DIRECTION[target.direction]}"
    elif target.loss is not None and _refused(target) < target.lost:
        words = _ways(_on_the_way(target.loss, target))
        if _is_over_rate(target):
            words = words.replace("on the way out", "on the way out or refused by the reflector")
        yield f"{words}{_pattern(target.bursts)}"


def _is_over_rate(target: TargetAnalysis) -> bool:
    """Whether a reflector that does not say so may have refused packets for their number."""
    return target.at_reflector is None and target.pace > 1.1 * _RATE


def _rate_limited(target: TargetAnalysis) -> Iterator[str]:
    """A reflector that answers only so many packets a second looks like loss on the way out."""
    at_reflector = target.at_reflector
    if at_reflector is not None:
        if at_reflector.over_rate:
            yield (
                f"{at_reflector.over_rate} of them arrived and were refused by the reflector:"
                " they are over its --rate"
            )
        if at_reflector.overflow and target.loss is not None and target.loss.forward.high:
            yield (
                f"the reflector's own sockets dropped {at_reflector.overflow} datagrams meanwhile,"
                " so not all of it was lost on the way out"
            )
        return
    if _is_over_rate(target) and target.loss is not None and target.loss.forward.low:
        yield (
            f"{round(target.pace)} packets a second were sent,"
            f" and a reflector answers {_RATE} unless its --rate is higher"
        )


def _ways(loss: OneWayLoss) -> str:
    forward, backward = loss
    if forward.low != forward.high:
        return f"lost on the way out: {_bounds(forward)}, on the way back: {_bounds(backward)}"
    if forward.low and backward.low:
        return (
            f"both ways lose: {forward.low} packets on the way out, {backward.low} on the way back"
        )
    return (
        "all of it was lost on the way out" if forward.low else "all of it was lost on the way back"
    )


def _pattern(bursts: statistics.Bursts) -> str:
    if bursts.longest < 2:
        return ", in single packets"
    if bursts.number == 1:
        return ", in one run"
    return f", in {bursts.number} runs of up to {bursts.longest} packets"


def dead_paths(target: TargetAnalysis) -> str:
    """`2 of 8 flows lose 100 %: one of several parallel paths is dead`; "" when none is."""
    flows = [target.flows[place] for place in target.bad_flows]
    if not flows:
        return ""
    share = 100 * sum(flow.lost for flow in flows) / sum(flow.sent for flow in flows)
    what = "is dead" if share == 100 else "is broken"
    return (
        f"{len(flows)} of {len(target.flows)} flows lose {to_number(round(share))} %:"
        f" one of several parallel paths {what}"
    )
