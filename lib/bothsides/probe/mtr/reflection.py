"""Asks the far end's reflector on which way packets are lost, while the path is traced."""

import threading
import time

from bothsides.analyse import udp_run
from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.model import udp
from bothsides.model.path import Plan, Reflection, Run
from bothsides.parse import stamp
from bothsides.probe.udp.arrivals import Arrivals, arrivals
from bothsides.probe.udp.measure import measure

_PACKETS, _FLOWS = 200, 16  # enough flows to see parallel paths, as trace and echoes do
_INTERVALS = (0.005, 0.02)  # s between packets, least and most
_PATIENCE = (0.3, 1.0)  # s for the last reply, at least and at most; as long again for questions
_ARRIVALS = 0.3  # s for our own reflector on this host


class Inquiry:
    """A measurement by UDP in a thread of its own, so that it lasts as long as the trace does."""

    def __init__(self, plan: Plan, run: Run, seconds: float) -> None:
        self._plan, self._run, self._seconds = plan, run, seconds
        self._result = Reflection(plan.reflector, plan.reflector_port, trouble="no time left")
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def result(self, seconds: float) -> Reflection:
        """What was learnt, waited for so many seconds at most."""
        self._thread.join(max(0.0, seconds))
        return self._result

    def _ask(self) -> None:
        began = time.monotonic()
        try:
            self._result = _reflection(self._plan, self._run, self._seconds, began)
        except (Unable, OSError) as fault:
            self._result = self._result._replace(trouble=str(fault))


def _reflection(plan: Plan, run: Run, seconds: float, began: float) -> Reflection:
    slowest = max((echo for echo in run.echoes if echo is not None), default=_PATIENCE[1])
    patience = min(_PATIENCE[1], max(_PATIENCE[0], 3 * slowest), seconds / 4)
    sending = max(0.3, seconds - 2.5 * patience - _ARRIVALS)
    interval = min(_INTERVALS[1], max(_INTERVALS[0], sending / _PACKETS))
    asked = udp.Plan(
        hosts=(plan.reflector,),
        port=plan.reflector_port,
        family=6 if ":" in run.target else 4,
        packets=max(1, min(_PACKETS, int(sending / interval))),
        interval=interval,
        flows=_FLOWS,
        patience=patience,
        size=stamp.SEALED if plan.key else stamp.PLAIN,
        key=plan.key,
        ssid=plan.ssid,
        local_address=plan.local_address,
    )
    measured = measure(asked, Deadline(max(0.1, seconds - _ARRIVALS)))
    analysis = udp_run.analyse(asked, measured).targets[0]
    samples = analysis.samples
    arrived = None if analysis.answered or not samples.address else _arrived(plan, run)
    loss = analysis.loss
    return Reflection(
        host=plan.reflector,
        port=plan.reflector_port,
        address=samples.address,
        sent=analysis.sent,
        answered=analysis.answered,
        forward=None if loss is None else (int(loss.forward.low), int(loss.forward.high)),
        backward=None if loss is None else (int(loss.backward.low), int(loss.backward.high)),
        delays=_least_delays(analysis),
        lasted=round(time.monotonic() - began, 3),
        arrived=None if arrived is None or not arrived.known else arrived.last,
        trouble=samples.failure.words if samples.failure else "",
    )


def _arrived(plan: Plan, run: Run) -> Arrivals | None:
    """When the target's own requests arrived at the reflector of this host, if it has one."""
    key = bytes.fromhex(plan.key)
    loopback = "::1" if ":" in run.source else "127.0.0.1"
    for address in (loopback, run.source):  # it may listen on one of them, or trust one of them
        try:
            place = address, plan.reflector_port
            arrived = arrivals(place, run.target, _ARRIVALS / 2, key, plan.ssid)
        except OSError:
            continue
        if arrived is not None and arrived.allowed:
            return arrived
    return None


def _least_delays(analysis: udp_run.TargetAnalysis) -> tuple[float, float] | None:
    pairs = [
        (delay.forward, delay.backward)
        for delay in analysis.delays
        if delay.forward is not None and delay.backward is not None
    ]
    if not pairs:
        return None
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
