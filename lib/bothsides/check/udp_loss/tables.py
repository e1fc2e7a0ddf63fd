"""check_udp_loss in tables: overview, histogram, flows, packets and targets."""

import math

from bothsides.analyse.one_way_loss import counts
from bothsides.analyse.packet_delay import Delay
from bothsides.analyse.udp_run import Flow, TargetAnalysis
from bothsides.base.types import Iterable, Iterator, Sequence
from bothsides.check.udp_loss.figures import Values, lost_backward, lost_forward
from bothsides.parse.text import to_number, to_words

_ROWS = 8  # of the histogram
_WIDTH = 40  # characters of its longest bar
_STEP = 1.05  # least ratio of the bounds of two neighbouring rows


def summary(target: TargetAnalysis, values: Values) -> tuple[str, ...]:
    """Overview, histogram and flows."""
    return (*overview(target, values), *histogram(target.delays), *flow_table(target.flows))


def overview(target: TargetAnalysis, values: Values) -> tuple[str, ...]:
    """The summary as users of ping know it, with both directions, and how it was measured."""
    samples = target.samples
    lines = [
        f"{target.sent} packets sent to {samples.address} port {samples.port}"
        f" in {to_words(target.lasted)} by {len(target.flows)} flows,"
        f" {target.answered} answered, {target.lost} lost, {target.late} late,"
        f" {target.duplicates} duplicated"
    ]
    if target.answered:
        lines += [_round_trips(values), *_ways(target, values), *_odd(target), _stamps(target)]
    return tuple(lines)


def _round_trips(values: Values) -> str:
    labels = ("rtmin", "rta", "rtmedian", "rtp95", "rtmax")
    times = "/".join(to_words(values[label]) for label in labels)
    return f"round trip min/mean/median/p95/max {times}, deviation {to_words(values['rtsdev'])}"


def _ways(target: TargetAnalysis, values: Values) -> Iterator[str]:
    """A line for each direction."""
    doubt = "" if values["owd_out"] is None else f" +- {to_words(target.clock_error)}"
    for way in ("out", "back"):
        lost, duplicated, reordered, hops = (
            to_number(values[f"{name}_{way}"]).replace("U", "unknown")
            for name in ("pl", "dup", "reorder", "hops")
        )
        variation, delay = to_words(values[f"ipdv_{way}"]), to_words(values[f"owd_{way}"])
        yield (
            f"way {way}: {lost} % lost, {duplicated} duplicated, {reordered} reordered,"
            f" variation {variation}, delay {delay}{doubt}, {hops} routers"
        )


def _odd(target: TargetAnalysis) -> Iterator[str]:
    """What is said of a reflector whose own stamps are no times."""
    jump = target.delay_statistics.jump
    if jump is not None:
        yield (
            f"the far end's times jump by {to_words(jump)} from packet to packet,"
            " more than a round trip takes: delays by direction are not shown"
        )


def _stamps(target: TargetAnalysis) -> str:
    """How many of the instants are the kernel's."""
    packets, replies = target.samples.packets, target.samples.replies
    sent = sum(packet.left is not None for packet in packets)
    received = sum(reply.arrived is not None for reply in replies)
    there = sum(reply.left_there is not None for reply in replies)
    far = f", {there} of {len(replies)} sent by the far end" if there else ""
    stepped = f"; clock set during {target.stepped} packets" if target.stepped else ""
    return (
        f"stamped by the kernel: {sent} of {len(packets)} sent,"
        f" {received} of {len(replies)} received{far}{stepped}"
    )


def histogram(delays: Iterable[Delay]) -> tuple[str, ...]:
    """How the round trips are spread: rows of equal width on a logarithmic scale."""
    trips = [max(delay.rtt, 1e-7) for delay in delays]
    if not trips:
        return ()
    low, high = min(trips), max(trips)
    step = max(_STEP, (high / low) ** (1 / _ROWS))
    rows = [0] * _ROWS
    for trip in trips:
        rows[min(_ROWS - 1, int(math.log(trip / low) / math.log(step)))] += 1
    most = max(rows)
    used = max(place for place, count in enumerate(rows) if count) + 1
    return (
        "round trips",
        *(
            f"{to_words(low * step**place):>9} to {to_words(low * step ** (place + 1)):>9}"
            f" {count:>6} " + "#" * math.ceil(_WIDTH * count / most)
            for place, count in enumerate(rows[:used])
        ),
    )


def flow_table(flows: Iterable[Flow]) -> tuple[str, ...]:
    """One line per source port: what it sent and lost, and its fastest round trip."""
    lines = [
        "flow   sent  lost   out  back  fastest"
        "   (a flow is one source port; out, back: lost on that way)"
    ]
    for place, flow in enumerate(flows):
        forward, backward = map(_count, counts(flow.loss) or (None, None))
        lines.append(
            f"{place:>4} {flow.sent:>6} {flow.lost:>5} {forward} {backward}"
            f"  {to_words(flow.fastest)}"
        )
    return tuple(lines)


def packet_table(target: TargetAnalysis) -> tuple[str, ...]:
    """One line per packet in the order of sending, as ping prints them."""
    delays = {delay.place: delay for delay in target.delays}
    lines = ["packet flow  seq  sent at     round trip   out and back"]
    for place, packet in enumerate(target.counted):
        delay = delays.get(place)
        head = f"{place:>6} {packet.flow:>4} {packet.sequence:>4} {packet.at:>8.3f} s"
        if delay is None:
            lines.append(f"{head}  lost")
        else:
            ways = f"{to_words(delay.forward)} {to_words(delay.backward)}"
            late = "  late" if delay.late else ""
            lines.append(f"{head}  {to_words(delay.rtt):>10}   {ways}{late}")
    return tuple(lines)


def target_table(targets: Sequence[tuple[TargetAnalysis, Values]]) -> tuple[str, ...]:
    """One line per target, in the order given."""
    width = max(len(target.samples.host) for target, _ in targets)
    lines = [f"{'target':<{width}}   sent  lost   out  back        rta        p95     jitter"]
    for target, values in targets:
        forward, backward = _count(lost_forward(target)), _count(lost_backward(target))
        times = " ".join(f"{to_words(values[label]):>10}" for label in ("rta", "rtp95", "jitter"))
        lines.append(
            f"{target.samples.host:<{width}} {target.sent:>6} {target.lost:>5}"
            f" {forward} {backward} {times}"
        )
    return tuple(lines)


def _count(lost: int | None) -> str:
    """A number of losses in a column; ? when it is not known."""
    return f"{'?' if lost is None else lost:>5}"
