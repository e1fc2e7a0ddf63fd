"""An old report of mtr as a run; its hops are not compared, since its flows are not known."""

from bothsides.base.types import Iterator
from bothsides.model.path import Outcome, ProbeResult, Run
from bothsides.parse import Unreadable
from bothsides.parse.ip_owners import to_number
from bothsides.parse.mtr.detect import from_mtr
from bothsides.parse.mtr.model import Trace, is_address


def from_report(host: str, data: bytes) -> Run:
    """The run of a report in any format; `host`: the target that was asked for, or "".

    Raises Unreadable for what is no report.
    """
    trace = from_mtr(data)[0]
    if not trace.hops:
        raise Unreadable("no hops: mtr has sent nothing, or nothing could be resolved")
    last = trace.hops[-1].hosts if trace.hops else ()
    target = trace.target or host or (last[0].known if last else "")
    reached = _reached(trace, host)
    return Run(
        subject=target or "a report",
        host=host or target,
        target=target,
        source=trace.source,
        at=trace.started or 0.0,
        engine=f"mtr {trace.version} ({trace.format})".replace("  ", " "),
        fixed=False,
        first=tuple(_results(trace, reached)),
        echoes=_echoes(trace, reached),
        systems=tuple(_systems(trace)),
    )


def _results(trace: Trace, reached: bool) -> Iterator[ProbeResult]:
    """One probe for each router of a hop, along a flow of its own."""
    for hop in trace.hops:
        replied = hop is trace.hops[-1] and reached
        for flow, host in enumerate([host.known for host in hop.hosts] or [""]):
            kind: Outcome = "silent" if not host else "reply" if replied else "expired"
            yield ProbeResult(flow, hop.ttl, kind, host, hop.avg if host else None)


def _systems(trace: Trace) -> Iterator[tuple[str, int]]:
    """The AS numbers that the report has itself; of several the first."""
    for hop in trace.hops:
        for host in hop.hosts:
            number = (host.asn.split() or [""])[0]
            if host.address and number.isascii() and number.isdigit() and len(number) <= 10:
                yield host.address, int(number)


def _reached(trace: Trace, host: str) -> bool:
    """Whether the target answered, as far as the report or the address asked for shows."""
    if trace.reached is not None or not is_address(host):
        return trace.reached is not False
    last = [to_number(other.address) for other in trace.hops[-1].hosts if is_address(other.address)]
    return not last or to_number(host) in last


def _echoes(trace: Trace, reached: bool) -> tuple[float | None, ...]:
    """Round trips whose number, mean and extremes are those of the report's last hop."""
    hop = trace.hops[-1] if trace.hops else None
    if hop is None or hop.sent is None or hop.received is None or not reached:
        return (None,) * (trace.hops[0].sent or 1) if trace.hops else ()
    times: list[float | None] = []
    if hop.avg is not None and hop.received:
        times = [hop.avg] * hop.received
        if hop.received > 2 and hop.best is not None and hop.worst is not None:
            middle = (hop.avg * hop.received - hop.best - hop.worst) / (hop.received - 2)
            times = [hop.best, hop.worst, *[middle] * (hop.received - 2)]
    return (*times, *[None] * max(0, hop.sent - len(times)))
