"""Round trips as SmokePing and its like keep them."""

from bothsides.analyse import one_way_loss, statistics
from bothsides.model.udp import Target
from bothsides.parse.text import to_number
from bothsides.probe.udp.measure import Plan, Run


def trips(target: Target, plan: Plan) -> list[float | None]:
    """The round trip of every packet in seconds, in the order of sending; None: lost or not sent."""
    settled = one_way_loss.account(target, plan.patience)
    delays = {delay.place: delay.rtt for delay in settled.delays}
    found: list[float | None] = []
    place = 0
    for packet in target.packets:
        found.append(None if packet.fault else delays.get(place))
        place += not packet.fault
    return found + [None] * (plan.packets - len(found))


def rrd_line(target: Target, plan: Plan) -> str:
    """`HOST loss:median:ping1:...:pingN` as SmokePing puts it into its RRD: lost ones as U on both sides."""
    came = sorted(trip for trip in trips(target, plan) if trip is not None)
    lost = plan.packets - len(came)
    padded = ["U"] * (lost // 2) + [to_number(trip) for trip in came] + ["U"] * (lost - lost // 2)
    return (
        f"{target.host} {':'.join([str(lost), to_number(statistics.upper_median(came)), *padded])}"
    )


def lines(plan: Plan, run: Run) -> str:
    """One `rrd_line` per target, for --output smokeping."""
    return "".join(rrd_line(target, plan) + "\n" for target in run.targets)
