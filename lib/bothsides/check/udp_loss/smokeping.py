"""Round trips as SmokePing and its like keep them: one line per target, all packets in it."""

from bothsides.analyse import packet_delay, statistics
from bothsides.model.udp import Plan, Run, TargetRun
from bothsides.parse.text import to_number


def round_trips(target: TargetRun, plan: Plan) -> list[float | None]:
    """The round trip of every packet in s, in the order of sending; None: lost or not sent."""
    first = packet_delay.first_replies(target.replies)
    delays = packet_delay.delays(target.packets, first, plan.patience)
    by_place = {delay.place: delay.rtt for delay in delays}
    return [by_place.get(place) for place in range(plan.packets)]


def rrd_line(target: TargetRun, plan: Plan) -> str:
    """`HOST loss:median:ping1:...:pingN` as SmokePing stores it: losses as U at both ends."""
    answered = sorted(trip for trip in round_trips(target, plan) if trip is not None)
    lost = plan.packets - len(answered)
    times = [to_number(trip) for trip in answered]
    padded = ["U"] * (lost // 2) + times + ["U"] * (lost - lost // 2)
    median = to_number(statistics.upper_median(answered))
    return f"{target.host} {':'.join([str(lost), median, *padded])}"


def lines(plan: Plan, run: Run) -> str:
    """One `rrd_line` per target, for --output smokeping."""
    return "".join(rrd_line(target, plan) + "\n" for target in run.targets)
