"""Times written as text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.clock_text import Epoch, Order, Written, from_written, to_zone
from bothsides.parse.clock_value import from_text, from_value
from bothsides.parse.snmp import Value, from_source

WHEN = int(datetime(2026, 11, 21, 10, 23, 21, tzinfo=UTC).timestamp()) * 10**9
SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "zone", "grain"),
    [
        ("2026/11/21 10:23:21", None, SECOND),
        ("2026.11.21 10:23:21", None, SECOND),
        ("11/21/2026 10:23:21", None, SECOND),
        ("21/11/2026 10:23:21", None, SECOND),
        ("21.11.2026 10:23:21", None, SECOND),
        ("11/21/2026 10:23:21 AM", None, SECOND),
        ("Sat, 21 Nov 2026 10:23:21 +0000", 0, SECOND),
        ("Sat, 21 Nov 2026 11:23:21 +0100", 60, SECOND),
        ("21 Nov 2026 10:23:21", None, SECOND),
        ("21-Nov-2026 10:23:21", None, SECOND),
        ("21 November 2026 10:23:21 GMT", 0, SECOND),
        ("Nov 21 2026 10:23:21", None, SECOND),
        ("Nov 21, 2026 10:23:21 am", None, SECOND),
        ("Sat Nov 21 10:23:21 2026", None, SECOND),
        ("Sat Nov 21 10:23:21 CET 2026", None, SECOND),
        ("20261121T102321Z", 0, SECOND),
        ("20261121T102321", None, SECOND),
        ("20261121102321", None, SECOND),
        ("20261121112321+0100", 60, SECOND),
        ("20261121102321.000000+000", 0, SECOND),
        ("20261121112321.000000+060", 60, SECOND),
        ("20261121102321.000000***", None, SECOND),
        ("2026-11-21 10:23:21.0", None, SECOND // 10),
        ("2026-11-21T10:23:21,000Z", 0, SECOND),
    ],
)
def test_every_spelling_is_understood(text: str, zone: int | None, grain: int) -> None:
    moment = from_text(text)
    assert (moment.ns, moment.zone, moment.grain) == (WHEN, zone, grain)


def test_a_fraction_of_nothing_but_zeros_is_that_of_whole_seconds() -> None:
    assert from_text("20261121102321.250000+000").ns == WHEN + SECOND // 4
    assert from_text("20261121102321.250000+000").grain == 1000
    assert from_text("2026-11-21 10:23:21.5").grain == SECOND // 10


def test_noon_and_midnight_of_twelve_hours() -> None:
    day = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp()) * 10**9
    assert from_text("11/21/2026 12:00:00 AM").ns == day
    assert from_text("11/21/2026 12:00:00 PM").ns == day + 12 * 3600 * 10**9
    with pytest.raises(Unreadable, match="hour 13 of a clock of 12 hours"):
        from_text("11/21/2026 13:00:00 PM")


def test_a_date_that_may_be_two_is_asked_for() -> None:
    with pytest.raises(Unreadable, match="month or day first") as told:
        from_text("10/11/2026 10:23:21")
    assert "--time-format, as %m/%d/%Y %H:%M:%S" in str(told.value)
    orders: list[tuple[Order, int]] = [("mdy", 10), ("dmy", 11)]
    for order, month in orders:
        read = from_written("10/11/2026 10:23:21", order)
        assert isinstance(read, Written)
        assert read.civil[1:3] == (month, 21 - month)
    same = from_written("10/10/2026 10:23:21")
    assert isinstance(same, Written)
    assert same.civil[:3] == (2026, 10, 10)


def test_a_date_alone_is_no_time_of_1970() -> None:
    for value in (Value("OctetString", b"20261121"), Value("Integer32", 20261121)):
        with pytest.raises(Unreadable, match="20261121 is a date without a time of day"):
            from_value(value)


def test_14_digits_are_a_date_and_time_and_not_the_year_2612() -> None:
    for value in (Value("OctetString", b"20261121102321"), Value("Counter64", 20261121102321)):
        assert from_value(value).ns == WHEN
    assert from_written("17952102731234") == Epoch(17952102731234, "")


def test_a_format_that_is_named_is_the_only_one() -> None:
    day_first = "%d/%m/%Y %H:%M:%S"
    assert from_text("10/11/2026 10:23:21", time_format=day_first).ns == (
        int(datetime(2026, 11, 10, 10, 23, 21, tzinfo=UTC).timestamp()) * 10**9
    )
    assert from_text("10:23 21.11.2026", time_format="%H:%M %d.%m.%Y").grain == 60 * SECOND
    assert from_text("2026-11-21 10:23:21 +0100", time_format="%Y-%m-%d %H:%M:%S %z").zone == 60
    with pytest.raises(Unreadable, match="is not in the form of --time-format"):
        from_text("1795210673", time_format=day_first)


def test_stamps_of_ntp_from_2036_on_are_no_date_and_time() -> None:
    later = int(datetime(2040, 1, 1, tzinfo=UTC).timestamp())
    stamp = ((later + 2208988800) % 2**32).to_bytes(4, "big") + bytes(4)
    assert stamp[0] < 0x20
    assert from_value(Value("OctetString", stamp), near=later * 10**9).ns == later * 10**9


def test_two_variables_and_names_with_their_module_are_sources() -> None:
    apc = from_source("mconfigClockTime")
    assert apc.date == from_source(".1.3.6.1.4.1.318.2.1.6.1.0").oid
    assert apc.order == "mdy"
    both = from_source(".1.3.6.1.4.1.9999.1.0+.1.3.6.1.4.1.9999.2.0")
    assert (both.date[-2:], both.oid[-2:]) == ((1, 0), (2, 0))
    date = from_source("hrSystemDate")
    for text in ("HOST-RESOURCES-MIB::hrSystemDate.0", ".1.3.6.1.2.1.25.1.2", "hrSystemDate.0"):
        assert from_source(text) == date
    assert from_source("CISCO-NTP-MIB::cntpSysClock").words == "cntpSysClock"


@given(st.text(max_size=40), st.sampled_from(["", "%Y-%m-%d", "%H:%M:%S %d/%m/%y", "%", "%Q"]))
def test_nothing_but_unreadable_is_raised(text: str, time_format: str) -> None:
    try:
        from_written(text, "mdy", time_format)
    except Unreadable:
        pass


def test_zones() -> None:
    assert [to_zone(text) for text in (None, "CET", "Z", "+0130", "-5", "+05:45")] == [
        None,
        None,
        0,
        90,
        -300,
        345,
    ]
