"""Evidence of one version of IP: what IPv4 shows says nothing about a loss by IPv6, nor the other.

Both take other routers, and often other ways. So where packets are lost by one of them, results of
the other one that are well are left out, and what was left out is said.
"""

from bothsides.analyse.evidence.family import family_of
from bothsides.base.types import Iterator
from bothsides.incident.case import Case, View, dropped
from bothsides.incident.counts import FEW
from bothsides.model.evidence import Look, PathEvidence


def lossy_family(case: Case) -> int | None:
    """4 or 6, by which packets are lost between both hosts; None: by neither, or not known."""
    lossy = [
        view.now.udp
        for view in (case.there, case.here)
        if view is not None and view.now.udp is not None and view.now.udp.lost >= FEW
    ]
    worst = max(lossy, key=lambda udp: udp.lost / max(1, udp.sent), default=None)
    return worst.family if worst is not None else None


def within(case: Case, family: int | None) -> Case:
    """The case without what went by the other version of IP; family None: all of it."""
    if family is None:
        return case
    views = {key: _only(view, family) for key, view in case.views.items()}
    return case._replace(views=views)


def left_out(case: Case, family: int | None) -> Iterator[str]:
    """What `within` leaves out, in words."""
    for view in within(case, family).views.values():
        checks = [check for check, _ in dropped(case.views[view.start, view.target].now, view.now)]
        if checks:
            yield (
                f"no {' nor '.join(checks)} from {view.start} to {view.target} by IPv{family},"
                " as the lost packets went"
            )


def _only(view: View, family: int) -> View:
    """The view without results by the other version of IP; those of a fault stay."""
    now, before = _of_look(view.now, family), _of_look(view.before, family)
    kept = all(
        look.path is None or family_of(look.path.target) in (family, None)
        for look in (view.now, view.before)
    )
    return view._replace(now=now, before=before, way=view.way if kept else None)


def _of_look(look: Look, family: int) -> Look:
    udp, path, https = look
    if udp is not None and udp.family not in (family, None):
        udp = None
    if path is not None and family_of(path.target) not in (family, None):
        path = _refusals_alone(path)
    if https is not None and https.family not in (family, None) and not https.phase:
        https = None
    return Look(udp, path, https)


def _refusals_alone(path: PathEvidence) -> PathEvidence | None:
    """A trace by the other version of IP: that routers refuse there is a fault of its own."""
    if not path.refusals and not path.loop:
        return None
    return path._replace(hops=(), length=0, echoes=0, echoes_lost=0, echo_hops=())
