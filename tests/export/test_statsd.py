"""StatsD's gauges and timers, and the pulse as Semaphore's watchman sends it."""

import pytest

from bothsides.export.schema import Origin, points
from bothsides.export.statsd import pulse, to_lines
from tests.export.samples import AT, CLOCK, HOSTILE, ORIGIN, UDP, run_points


def test_times_are_timers_in_ms_and_all_else_gauges() -> None:
    assert to_lines(points("UDP_LOSS", UDP, ORIGIN, AT)).decode().splitlines() == [
        "bothsides.mon1.udp.office-to-aws.state:1|g",
        "bothsides.mon1.udp.office-to-aws.sent:100|g",
        "bothsides.mon1.udp.office-to-aws.received:86|g",
        "bothsides.mon1.udp.office-to-aws.loss_ratio:0.14|g",
        "bothsides.mon1.udp.office-to-aws.loss_out_ratio:0|g",
        "bothsides.mon1.udp.office-to-aws.rtt_avg:21.3|ms",
    ]


def test_a_negative_gauge_starts_from_zero_since_a_sign_means_a_difference() -> None:
    lines = to_lines(points("SNMP_CLOCK", CLOCK, Origin("mon1"), AT)).decode().splitlines()
    assert lines[1:3] == [
        "bothsides.mon1.clock.db1.offset_seconds:0|g",
        "bothsides.mon1.clock.db1.offset_seconds:-0.001|g",
    ]


def test_hops_and_phases_stay_at_home() -> None:
    text = to_lines(run_points()).decode()
    assert ".hop." not in text
    assert "phase" not in text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_makes_no_second_colon_and_no_comma(name: str) -> None:
    target = UDP._replace(name=name)
    for line in to_lines(points("UDP_LOSS", target, Origin(name), AT)).decode().splitlines():
        assert line.count(":") == 1
        assert line.count("|") == 1
        assert not set(line) & set(", @#/")
        assert line.count(".") - line.partition(":")[2].count(".") == 4


def test_the_pulse_is_named_as_watchman_names_it() -> None:
    assert pulse("prod", ("mon1", "office-to-aws")) == (
        b"tagged.prod.mon1.office-to-aws.no_tag.network.mtr.pulse:1|g\n"
    )
    assert pulse("prod") == b"prod.network.mtr.pulse:1|g\n"
    assert pulse("p", ("a", "b", "c", "d")) == b"tagged.p.a.b.c.network.mtr.pulse:1|g\n"
    assert pulse("p", ("2001:db8::1",)).count(b":") == 1
