"""One run over a path: resolve the target, trace the path, ask for the owners of its addresses."""

import time

from bothsides.analyse.path.past import Past, look_up
from bothsides.base import files
from bothsides.base.deadline import Deadline, Interrupted, settle
from bothsides.base.errors import Unable
from bothsides.base.types import Callable, Sequence
from bothsides.model.failure import Failure
from bothsides.model.path import Plan, ProbeResult, Reflection, Run
from bothsides.parse import Unreadable
from bothsides.probe.mtr.session import Session, source_of
from bothsides.probe.mtr.trace import partial_run, trace
from bothsides.probe.net.kernel_socket import refuse_foreign
from bothsides.probe.net.resolve import Address, resolve_all

_RESERVE = 0.3  # seconds before the deadline that judging, keeping and printing may take
_FEW = 2  # lost packets of check_udp_loss from which the place of a loss is looked for
_NAMES = 1.6  # seconds that our resolver has, so that a dead one is reported within two

Watch = Callable[[Sequence[ProbeResult]], None]
"""Called with all results so far whenever another hop is probed."""


class _Share(Deadline):
    """What is left of the deadline for measuring; stages are named in the whole one."""

    def __init__(self, whole: Deadline) -> None:
        super().__init__(max(0.02, whole.left() - min(_RESERVE, 0.3 * whole.seconds)))
        self._whole = whole

    def enter(self, stage: str) -> None:
        self.stage = stage
        self._whole.enter(stage)


def measure(
    plan: Plan,
    past: Past,
    deadline: Deadline,
    watch: Watch | None = None,
    loses: Callable[[], bool] | None = None,
) -> Run:
    """Traces the path to the target; whatever prevents that is in Run.failure.

    loses: whether a measurement beside this one loses packets; it may wait for that.

    Raises Unable when nothing here can probe, or not from the address that was named, and when the
    report cannot be read.
    """
    run = _read(plan) if plan.report else _measured(plan, past, deadline, watch, loses)
    deadline.enter("judging")
    seconds = 0.0 if run.stopped else deadline.left() - _RESERVE
    look_up(past.as_source, run, past.path_to(run.target).fixed, seconds)
    return run


def _read(plan: Plan) -> Run:
    from bothsides.probe.mtr.from_report import from_report

    data = files.octets(plan.report)
    try:
        return from_report(plan.host, data)
    except Unreadable as fault:
        raise Unable(f"{plan.report}: {fault}") from None


def _measured(
    plan: Plan,
    past: Past,
    deadline: Deadline,
    watch: Watch | None,
    loses: Callable[[], bool] | None,
) -> Run:
    refuse_foreign(plan.local_address)
    at = round(time.time(), 3)
    looked_up = resolve_all((plan.host,), plan.family, deadline, _NAMES)[plan.host]
    resolved = looked_up.answer
    faults = (looked_up.fault,) if looked_up.fault else ()
    if isinstance(resolved, Failure):
        return Run(plan.host, plan.host, at=at, failure=resolved)
    target = _chosen(resolved, past.addresses)
    subject = plan.host if plan.host == target else f"{plan.host} ({target})"
    aliases = tuple(address.host for address in resolved)
    source = source_of(target, plan.local_address)
    if isinstance(source, Failure):
        return Run(subject, plan.host, target, aliases=aliases, at=at, failure=source)
    run = Run(
        subject=subject,
        host=plan.host,
        target=target,
        source=source,
        aliases=aliases,
        at=at,
        resolver=faults,
    )
    traced = _traced(plan, run, past, deadline, watch, loses)
    lossy = any(echo is None for echo in traced.echoes)
    return traced._replace(took=round(deadline.spent(), 3), gateway=lossy and _forwards(target))


def _forwards(target: str) -> bool:
    """Whether this host forwards packets of the target's family."""
    name = "ipv6/conf/all/forwarding" if ":" in target else "ipv4/ip_forward"
    try:
        with open(f"/proc/sys/net/{name}", encoding="utf-8") as file:
            return file.read().strip() == "1"
    except OSError:
        return False


def _chosen(resolved: Sequence[Address], known: Sequence[str]) -> str:
    """The address to trace: one that was traced before where the name still has it."""
    now = [address.host for address in resolved]
    return next((address for address in known if address in now), now[0])


def _lost_lately(seen: Reflection | None) -> bool:
    """Whether check_udp_loss has lost packets to the target, and more than by chance."""
    return seen is not None and seen.sent - seen.answered >= _FEW


def _traced(
    plan: Plan,
    run: Run,
    past: Past,
    deadline: Deadline,
    watch: Watch | None,
    loses: Callable[[], bool] | None,
) -> Run:
    session: Session | None = None
    share = _Share(deadline)
    plan = plan._replace(lossy=plan.lossy or _lost_lately(past.directions.get(run.target)))
    try:
        session = Session(plan, run.target, run.source, share)
        if watch is not None:
            session.watch(watch)
        run = run._replace(engine=session.words, fixed=session.fixed)
        baseline = past.path_to(run.target).fixed
        for looked in trace(plan, run, session, baseline, share, loses):
            run = looked
    except Interrupted as cause:
        taken = session.taken() if session is not None else ()
        run = partial_run(run, taken)._replace(stopped=deadline.stop(str(cause)))
    finally:
        settle(deadline)  # what was measured must not be lost to an engine that is slow to end
        if session is not None:
            session.end()
    if run.stopped is None and share.left() <= 0 and run.reflection is None:  # asked last of all
        run = run._replace(stopped=deadline.stop())
    return run
