"""What this host measures of a peer now: its own half of the evidence, by UDP and by a trace."""

from bothsides.analyse.evidence.from_path import path_evidence
from bothsides.analyse.evidence.from_udp import udp_evidence
from bothsides.analyse.path.past import Past
from bothsides.base.deadline import Deadline, Stop
from bothsides.base.errors import Unable
from bothsides.base.types import Callable, Literal, NamedTuple
from bothsides.model import path, udp
from bothsides.model.evidence import Look, OwnTrouble, PathEvidence, PeerEvidence, UdpEvidence
from bothsides.model.failure import Failure

_PORT = 862  # STAMP (RFC 8762)
_PACKETS, _INTERVAL, _PATIENCE, _FLOWS = 100, 0.01, 0.6, 16
_SHARE = 0.45  # of the time that UDP may take
_FEW = 2  # lost packets of a measurement from which a trace locates the loss


class Measured(NamedTuple):
    """What one peer's measurement gave."""

    peer: PeerEvidence
    troubles: tuple[OwnTrouble, ...]
    stopped: Stop | None  # why it ended early, by a signal


def measured(
    name: str, address: str, family: Literal[0, 4, 6], deadline: Deadline, port: int = _PORT
) -> Measured:
    """Measures a peer within the deadline, UDP first; what fails is a trouble of the host's own."""
    troubles: list[OwnTrouble] = []
    seen, stopped = _udp(address, family, port, deadline, troubles)
    trace = None
    if deadline.left() > 0.5 and not _by_signal(stopped):
        trace, stopped = traced(address, family, deadline, troubles, loses(seen))
    target = trace.target if trace is not None else ""
    return Measured(PeerEvidence(name, target, Look(seen, trace)), tuple(troubles), stopped)


def _by_signal(stopped: Stop | None) -> bool:
    return stopped is not None and stopped.cause != "deadline"


def _udp(
    address: str,
    family: Literal[0, 4, 6],
    port: int,
    deadline: Deadline,
    troubles: list[OwnTrouble],
) -> tuple[UdpEvidence | None, Stop | None]:
    from bothsides.probe.udp.measure import measure

    seconds = _SHARE * deadline.left()
    interval = min(_INTERVAL, max(0.002, (seconds - _PATIENCE - 0.3) / _PACKETS))
    plan = udp.Plan(
        hosts=(address,),
        port=port,
        family=family,
        packets=_PACKETS,
        interval=interval,
        flows=_FLOWS,
        patience=max(0.05, min(_PATIENCE, seconds / 3)),
    )
    run = measure(plan, deadline)
    evidence = udp_evidence(plan, run)
    if evidence is not None and evidence.failure is not None:
        troubles += _own(evidence.failure)
    elif evidence is not None and evidence.unsent and not evidence.sent:
        troubles.append(OwnTrouble("send", f"nothing could be sent to {address}"))
    return evidence, run.stopped


def loses(seen: UdpEvidence | None) -> bool:
    """Whether packets are lost, and more of them than by chance."""
    return seen is not None and seen.lost >= _FEW


def traced(
    address: str,
    family: int,
    deadline: Deadline,
    troubles: list[OwnTrouble],
    lossy: bool | Callable[[], bool] = False,
) -> tuple[PathEvidence | None, Stop | None]:
    """One trace, and why it ended early; what keeps this host from it is added to its troubles.

    lossy: UDP has lost packets, so that the trace locates loss even if it loses none of its own;
    a function where UDP is measured at the same time.
    """
    from bothsides.probe.mtr.measure import measure

    known, later = (lossy, None) if isinstance(lossy, bool) else (False, lossy)
    plan = path.Plan(host=address, family=family, lossy=known)
    try:
        run = measure(plan, Past(), deadline, loses=later)
    except Unable as fault:
        troubles.append(OwnTrouble("local", str(fault)))
        return None, None
    if run.failure is not None:
        troubles += _own(run.failure)
    return path_evidence(plan, run), run.stopped


def _own(failure: Failure) -> list[OwnTrouble]:
    """The failure as a trouble of this host, where it is one."""
    if failure.blame == "dns" or "resolver" in failure.words:
        return [OwnTrouble("resolver", failure.words)]
    return [OwnTrouble("route", failure.words)] if failure.blame in ("local", "config") else []
