"""Incidents begin with a bad slice and end after half a minute without one."""

from bothsides.mesh.incidents import Incidents
from bothsides.model.mesh import SHORT, Slice
from bothsides.store.mesh_slices import Incident

ZERO = Slice(0, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def noted(losses: list[int], flags: int = 0) -> Incidents:
    found = Incidents(5.0)
    for place, lost in enumerate(losses):
        found.note("db1", ZERO._replace(at=5 * place, lost=lost, out=lost // 2, flags=flags))
    return found


def test_an_incident_has_its_begin_its_end_and_its_losses() -> None:
    found = noted([0, 0, 20, 200, 0, 0, 10, *[0] * 6]).over
    assert found == [Incident("db1", 10, 35, 600, 230, 115, 0)]


def test_single_lost_packets_are_none() -> None:
    assert noted([1, 2, 0, 2, *[0] * 9]).over == []


def test_an_incident_goes_on_as_long_as_slices_are_bad() -> None:
    found = noted([20, *[0] * 5, 20, *[0] * 5])
    assert found.over == []
    found.end()
    assert [(each.begin, each.end) for each in found.over] == [(0, 35)]


def test_suspect_slices_prove_nothing() -> None:
    assert noted([200] * 5 + [0] * 9, SHORT).over == []
