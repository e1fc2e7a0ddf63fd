"""The rows of recorded clock runs."""

import pytest

from bothsides.check.snmp_clock.check import CHECK
from bothsides.export.clock_rows import rows
from tests.export.measured import judged


def test_a_host_is_one_row_at_its_first_answer() -> None:
    run = judged(CHECK, "42_s_behind")
    (point,) = rows(run.analysis, run.measured)
    fields = dict(point.fields)
    assert point.measurement == "bothsides_clock"
    assert fields["offset"] == pytest.approx(run.figures["offset"])
    assert fields["uncertainty"] == pytest.approx(run.figures["uncertainty"])
    assert point.at == run.analysis.hosts[0].host.samples[0].sent


def test_many_hosts_are_a_row_each() -> None:
    run = judged(CHECK, "three_hosts")
    points = list(rows(run.analysis, run.measured))
    assert [point.tag("target") for point in points] == [
        host.host.name for host in run.analysis.hosts
    ]


def test_a_host_without_an_answer_has_its_state() -> None:
    run = judged(CHECK, "refused")
    (point,) = rows(run.analysis, run.measured)
    assert dict(point.fields)["state"] == 3
    assert point.at == run.measured.began
