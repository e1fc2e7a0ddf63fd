"""Evidence of one time: what was well some minutes before a trouble acquits nobody.

A trouble may have begun in between, or be over. So results that are well and far from its time do
not count, and what does not count is said.
"""

from bothsides.base.types import Iterator
from bothsides.incident.case import Case, Part, View, dropped
from bothsides.incident.counts import FEW
from bothsides.model.evidence import Look, PathEvidence

_APART = 120.0  # s between a trouble and a result that is well: it may have begun in between


def at_the_trouble(case: Case) -> Case:
    """The case without results that are well and were measured at another time than the trouble."""
    times = _times(case)
    if not times:
        return case
    views = {key: view._replace(now=_near(view.now, times)) for key, view in case.views.items()}
    return case._replace(views=views)


def of_other_times(case: Case) -> Iterator[str]:
    """What `at_the_trouble` leaves out, in words."""
    times = _times(case)
    kept = at_the_trouble(case)
    for key, view in case.views.items():
        for check, part in dropped(view.now, kept.views[key].now):
            yield _words(view, check, part, times)


def _words(view: View, check: str, part: Part, times: list[float]) -> str:
    away = min((at - part.at for at in times), key=abs)
    return (
        f"{check} from {view.start} to {view.target} at the time of the trouble:"
        f" it ran {abs(away) / 60:.0f} min {'before' if away > 0 else 'after'} it"
    )


def _times(case: Case) -> list[float]:
    """When something was wrong between both hosts; empty where nothing was, or nobody knows."""
    times: list[float] = []
    for view in (case.there, case.here):
        udp, path, https = view.now if view is not None else Look()
        if udp is not None and udp.lost >= FEW:
            times += (udp.at, udp.at + udp.lasted)
        if path is not None and not _is_well(path):
            times.append(path.at)
        if https is not None and https.phase:
            times.append(https.at)
    return [time for time in times if time > 0]


def _near(look: Look, times: list[float]) -> Look:
    udp, path, https = look
    if udp is not None and udp.lost < FEW and _apart(udp.at, udp.at + udp.lasted, times):
        udp = None
    if path is not None and _is_well(path) and _apart(path.at, path.at, times):
        path = None
    if https is not None and not https.phase and _apart(https.at, https.at, times):
        https = None
    return Look(udp, path, https)


def _apart(begin: float, end: float, times: list[float]) -> bool:
    """Whether a measurement was long before or long behind the trouble."""
    return begin > 0 and (end < min(times) - _APART or begin > max(times) + _APART)


def _is_well(path: PathEvidence) -> bool:
    """Whether the target answered, and answered nearly all."""
    return path.failure is None and bool(path.length) and path.echoes_lost < FEW
