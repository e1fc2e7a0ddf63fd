"""UDP evidence out of a window of the mesh."""

from bothsides.analyse.evidence.from_mesh import mesh_evidence
from bothsides.model.evidence import FlowLoss
from bothsides.model.interval import Interval
from tests.support.mesh_window import CLOSED, pair, window


def test_a_window_is_one_measurement_with_its_bounds() -> None:
    found = mesh_evidence(window([pair("db1", out=30, back=10, unknown=5)]), 60.0)["db1"]
    assert (found.sent, found.lost, found.forward) == (2400, 45, Interval(30, 35))
    assert found.flows == (FlowLoss(2400, 45, Interval(30, 35), found.rtt and found.rtt.low),)
    assert (found.at, found.lasted, found.protocol) == (CLOSED - 60.0, 60.0, "mesh")


def test_a_peer_that_never_answers_has_no_direction() -> None:
    found = mesh_evidence(window([pair("db1", unknown=2400)]), 60.0)["db1"]
    assert (found.lost, found.forward) == (2400, None)


def test_pairs_without_packets_say_nothing() -> None:
    assert mesh_evidence(window([pair("db1", sent=0)]), 60.0) == {}
