"""Which rows a run gives."""

import pytest

from bothsides.check.https.check import CHECK as HTTPS
from bothsides.check.mtr_path.check import CHECK as PATH
from bothsides.check.snmp_clock.check import CHECK as CLOCK
from bothsides.check.udp_loss.check import CHECK as UDP
from bothsides.export.exported import Rows, rows_of
from bothsides.plugin.check import AnyCheck
from tests.export.measured import ORIGIN, judged


@pytest.mark.parametrize(
    ("check", "record", "first"),
    [
        (UDP, "healthy", "bothsides_udp"),
        (HTTPS, "ok", "bothsides_https"),
        (CLOCK, "right", "bothsides_clock"),
        (PATH, "stable", "bothsides_path"),
    ],
)
def test_each_check_gives_rows_of_its_own(check: AnyCheck, record: str, first: str) -> None:
    rows = rows_of(judged(check, record).finished, ORIGIN)
    assert rows.points[0].measurement == first
    assert rows.events == ()
    assert all(point.tag("source") == "mon1" for point in rows.points)


def test_a_run_that_measured_nothing_gives_none() -> None:
    finished = judged(UDP, "healthy").finished
    assert rows_of(finished._replace(analysis=None), ORIGIN) == Rows()


def test_a_check_without_a_place_there_gives_none() -> None:
    finished = judged(UDP, "healthy").finished
    assert rows_of(finished._replace(name="DNS"), ORIGIN) == Rows()
