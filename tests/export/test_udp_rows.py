"""The rows of recorded UDP runs."""

import pytest

from bothsides.check.udp_loss.check import CHECK
from bothsides.export.udp_rows import rows
from tests.export.measured import judged


def test_a_run_is_one_row_with_the_figures_of_the_report() -> None:
    run = judged(CHECK, "return_loss")
    (point,) = rows(run.analysis, run.measured)
    fields = dict(point.fields)
    assert point.measurement == "bothsides_udp"
    assert point.tag("target") == run.analysis.targets[0].samples.host
    assert fields["sent"] == run.figures["sent"]
    assert fields["received"] == run.figures["recv"]
    assert fields["loss"] == pytest.approx((run.figures["pl"] or 0) / 100)
    assert fields["loss_back"] == pytest.approx((run.figures["pl_back"] or 0) / 100)
    assert fields["loss_low"] < fields["loss"] < fields["loss_high"]  # type: ignore[operator]
    assert fields["run_duration"] == 1.5


def test_its_time_is_that_of_the_first_packet() -> None:
    run = judged(CHECK, "healthy")
    (point,) = rows(run.analysis, run.measured)
    assert point.at == run.analysis.targets[0].samples.packets[0].sent


def test_each_packet_is_a_row_where_that_is_asked_for() -> None:
    run = judged(CHECK, "return_loss", "packets")
    first, *packets = rows(run.analysis, run.measured)
    assert first.measurement == "bothsides_udp"
    assert len(packets) == run.figures["sent"]
    lost = [point for point in packets if dict(point.fields)["lost"]]
    assert len(packets) - len(lost) == run.figures["recv"]
    assert not any("rtt" in dict(point.fields) for point in lost)
    trips = [dict(point.fields)["rtt"] for point in packets if point not in lost]
    assert sum(map(float, trips)) / len(trips) == pytest.approx(run.figures["rta"])
    assert len({(point.tags, point.at, point.fields[0]) for point in packets}) == len(packets)


def test_a_target_that_was_not_asked_has_its_state_alone() -> None:
    run = judged(CHECK, "not_running")
    (point,) = rows(run.analysis, run.measured)
    assert dict(point.fields)["state"] == 2
