"""Which other views concern the same host, and by which link they enter it."""

from bothsides.base.types import Iterator
from bothsides.incident.case import Case, View


def to_target(case: Case, view: View) -> Iterator[View]:
    """The views of other hosts to the same target."""
    for other in case.views.values():
        if other.target == view.target and other.start != view.start:
            yield other


def same_entry(view: View, other: View) -> bool | None:
    """Whether both ways reach the target by the same router; None where that is not known."""
    if view.way is None or other.way is None:
        return None
    mine = {line[-2] for line in view.way.flows.values() if len(line) > 1 and line[-2]}
    theirs = {line[-2] for line in other.way.flows.values() if len(line) > 1 and line[-2]}
    if not mine or not theirs:
        return None
    if mine & theirs:
        return True
    # other addresses in front of the target: another router, or the same by another interface
    return False if _other_network(view, other) else None


def _other_network(view: View, other: View) -> bool:
    """Whether the addresses in front of the target belong to different networks by the map."""
    assert view.way is not None
    assert other.way is not None
    mine, theirs = view.way.line[-2].label, other.way.line[-2].label
    return bool(mine and theirs and mine != theirs)
