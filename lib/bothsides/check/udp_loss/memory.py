"""Leaves the direction of loss to check_mtr_path, and evidence, in the memory that all share."""

from bothsides.analyse.udp_run import Analysis, TargetAnalysis
from bothsides.base.errors import Unable
from bothsides.base.types import TYPE_CHECKING, Iterator, Sequence
from bothsides.model.udp import Plan
from bothsides.plugin.finding import Finding, Remark, State, Target
from bothsides.plugin.parser import Namespace

if TYPE_CHECKING:  # only a run that remembers loads it
    from bothsides.store.udp_direction import UdpDirection


def recall(options: Namespace, plan: Plan) -> str | None:
    """The directory in which the direction is to be kept, "" for the usual one; None: nowhere."""
    if options.memory != "rw" or options.replay:
        return None
    directory: str = options.state_dir
    return directory


def keep(analysis: Analysis, targets: Sequence[Target]) -> Iterator[Finding]:
    """Keeps the direction of each target that was asked."""
    if analysis.memory is None or analysis.stopped is not None:
        return
    from bothsides.check.left_evidence import leave_udp
    from bothsides.store import udp_direction
    from bothsides.store.place import place
    from bothsides.store.sqlite import opened

    directions = [_direction(target) for target in analysis.targets if target.sent]
    if not directions:
        return
    try:
        with opened(place(analysis.memory)) as store:
            store.change(udp_direction.KEY, lambda known: udp_direction.changed(known, directions))
            leave_udp(store, analysis)
            if store.mended:
                yield Remark(State.WARNING, store.mended)
    except Unable as fault:
        yield Remark(State.UNKNOWN, f"the direction of loss is not kept: {fault}")


def _direction(target: TargetAnalysis) -> "UdpDirection":
    from bothsides.store.udp_direction import UdpDirection

    samples, loss = target.samples, target.loss
    return UdpDirection(
        at=samples.packets[0].sent / 1e9,
        host=samples.host,
        address=samples.address,
        port=samples.port,
        sent=target.sent,
        answered=target.answered,
        forward=None if loss is None else (int(loss.forward.low), int(loss.forward.high)),
        backward=None if loss is None else (int(loss.backward.low), int(loss.backward.high)),
    )
