"""What a run gives to its destinations: rows and events, from the analysis of each check."""

from bothsides.base.types import Callable, Mapping, NamedTuple
from bothsides.export.point import Event, Point
from bothsides.export.schema import Measured, Origin
from bothsides.plugin.delivery import Finished
from bothsides.plugin.finding import targets_of


class Rows(NamedTuple):
    """All rows of a run."""

    points: tuple[Point, ...] = ()
    events: tuple[Event, ...] = ()


def rows_of(finished: Finished, origin: Origin, style: str = "bothsides") -> Rows:
    """The rows of a run; none where it measured nothing, or of a check that has no place there.

    style: as --style has it.
    """
    made = _MAKERS.get(finished.name)
    if made is None or finished.analysis is None:
        return Rows()
    measured = Measured(
        targets=targets_of(finished.subject, finished.findings),
        origin=origin,
        style=style,
        began=int(finished.began * 1e9),
        duration=finished.ended - finished.began,
    )
    return made(finished.analysis, measured)


def _udp(analysis: object, measured: Measured) -> Rows:
    from bothsides.analyse.udp_run import Analysis
    from bothsides.export.udp_rows import rows

    assert isinstance(analysis, Analysis)
    return Rows(tuple(rows(analysis, measured)))


def _https(analysis: object, measured: Measured) -> Rows:
    from bothsides.analyse.https import Analysis
    from bothsides.export.https_rows import rows

    assert isinstance(analysis, Analysis)
    return Rows(tuple(rows(analysis, measured)))


def _clock(analysis: object, measured: Measured) -> Rows:
    from bothsides.analyse.clock import Analysis
    from bothsides.export.clock_rows import rows

    assert isinstance(analysis, Analysis)
    return Rows(tuple(rows(analysis, measured)))


def _path(analysis: object, measured: Measured) -> Rows:
    from bothsides.analyse.path.analysis import Analysis
    from bothsides.export.traced_path import events, rows

    assert isinstance(analysis, Analysis)
    return Rows(tuple(rows(analysis, measured)), tuple(events(analysis, measured)))


def _mesh(analysis: object, measured: Measured) -> Rows:
    from bothsides.analyse.mesh import Analysis
    from bothsides.export.mesh_rows import rows

    assert isinstance(analysis, Analysis)
    return Rows(tuple(rows(analysis, measured)))


_MAKERS: Mapping[str, Callable[[object, Measured], Rows]] = {
    "UDP_LOSS": _udp,
    "HTTPS": _https,
    "SNMP_CLOCK": _clock,
    "MTR_PATH": _path,
    "MESH": _mesh,
}
