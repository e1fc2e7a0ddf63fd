"""Time values as agents write them."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.clock_value import (
    Moment,
    from_date_and_time,
    from_ntp,
    from_text,
    from_value,
)
from bothsides.parse.snmp import CISCO_CLOCK, Value
from tests.support.date_and_time import to_date_and_time

NOW = 1795210673
ZONES = [
    sign * (hours * 60 + minutes)
    for hours in range(14)
    for minutes in range(60)
    for sign in (1, -1)
]


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


def text_value(text: str | bytes) -> Value:
    return Value("OctetString", text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("value", "ns", "grain"),
    [
        (Value("Integer32", NOW), NOW * 10**9, 10**9),
        (Value("Gauge32", 4_000_000_000), 4 * 10**18, 10**9),
        (Value("Counter64", NOW * 1000 + 250), NOW * 10**9 + 250 * 10**6, 10**6),
        (Value("Counter64", NOW * 10**6 + 1), NOW * 10**9 + 1000, 1000),
        (Value("Counter64", NOW * 10**9 + 7), NOW * 10**9 + 7, 1),
        (Value("Integer32", -(2**31)), 2**31 * 10**9, 10**9),
        (text_value(f"{NOW}\n"), NOW * 10**9, 10**9),
        (text_value(f'"{NOW}.5"'), NOW * 10**9 + 5 * 10**8, 10**8),
        (text_value(f"{NOW}.296016555"), NOW * 10**9 + 296016555, 1),
        (text_value(f"{NOW}250"), NOW * 10**9 + 25 * 10**7, 10**6),
        (text_value(f"{NOW}250.5"), NOW * 10**9 + 250_500_000, 10**5),
        (text_value("Fri Nov 20 21:37:53 2026"), NOW * 10**9, 10**9),
        (text_value("Fri Nov 20 21:37:53 UTC 2026"), NOW * 10**9, 10**9),
        (text_value("2026-11-20T21:37:53.25Z"), NOW * 10**9 + 25 * 10**7, 10**7),
        (text_value("2026-11-20 22:37:53+01:00"), NOW * 10**9, 10**9),
        (text_value("2026-11-20,21:37:53.0,+0:0"), NOW * 10**9, 10**8),
        (text_value(octets("07EA0B1415253500 2B0000")), NOW * 10**9, 10**9),
        (text_value(octets("07EA0B1415253503")), NOW * 10**9 + 3 * 10**8, 10**8),
    ],
)
def test_every_spelling_of_an_instant_is_read(value: Value, ns: int, grain: int) -> None:
    moment = from_value(value)
    assert (moment.ns, moment.grain) == (ns, grain)


@pytest.mark.parametrize(
    "value",
    [
        Value("TimeTicks", 12345),
        Value("IpAddress", b"\x7f\0\0\1"),
        Value("Integer32", 0),
        Value("noSuchObject"),
        text_value(""),
        text_value("0"),
        text_value("never"),
        text_value("2026-13-20 21:37:53"),
        text_value("2026-11-20 24:37:53"),
        text_value("Fri Foo 20 21:37:53 2026"),
        text_value("2026-11-20T21:37:53+15:00"),
        text_value(octets("0000010100000000 2B0000")),
        text_value(octets("07EA0D1415253500 2B0000")),
        text_value(octets("07EA0B14152535002B0F00")),
        text_value(octets("07EA0B1415253500 580000")),
        text_value(octets("07EA0B141525350B")),
        text_value(octets("07EA0B14152535002B00")),
    ],
)
def test_what_is_no_time_is_refused(value: Value) -> None:
    with pytest.raises(Unreadable):
        from_value(value)


@given(st.binary(max_size=16), st.sampled_from(["OctetString", "Opaque", "Gauge32"]))
def test_arbitrary_octets_raise_nothing_but_unreadable(data: bytes, kind: str) -> None:
    try:
        from_value(
            Value(kind, data), CISCO_CLOCK if kind == "Opaque" else (), ZoneInfo("Europe/Berlin")
        )
    except Unreadable:
        pass


@given(st.text(max_size=40), st.integers())
def test_arbitrary_text_and_numbers_raise_nothing_but_unreadable(text: str, number: int) -> None:
    for value in (Value("Integer32", number), text_value(text.encode("utf-8", "replace"))):
        try:
            from_value(value)
        except Unreadable:
            pass


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(8000, 1, 1)),
    st.one_of(st.none(), st.integers(-14 * 60 - 59, 14 * 60 + 59)),
    st.integers(0, 9),
)
def test_date_and_time_comes_back_from_its_own_octets(
    civil: datetime, zone: int | None, tenth: int
) -> None:
    since = civil.replace(microsecond=0) - datetime(1970, 1, 1)
    grain = 10**8 if tenth else 10**9
    form = "DateAndTime of 8 octets" if zone is None else "DateAndTime of 11 octets"
    moment = Moment((since.days * 86400 + since.seconds) * 10**9 + tenth * 10**8, grain, form, zone)
    assert from_date_and_time(to_date_and_time(moment)) == moment


def test_every_offset_from_utc_leads_to_the_same_instant() -> None:
    for zone in [*ZONES, 840, -840]:
        local = datetime.fromtimestamp(NOW, timezone(timedelta(minutes=zone)))
        sign = b"+" if zone >= 0 else b"-"
        written = bytes(
            (
                *local.year.to_bytes(2, "big"),
                local.month,
                local.day,
                local.hour,
                local.minute,
                local.second,
                0,
            )
        )
        moment = from_date_and_time(written + sign + bytes(divmod(abs(zone), 60)))
        assert (moment.ns, moment.zone) == (NOW * 10**9, zone)


def test_the_leap_second_is_the_second_before_the_next_one() -> None:
    leap = from_date_and_time(octets("07E00C1F173B3C00 2B0000"))
    assert leap.ns == int(datetime(2017, 1, 1, tzinfo=UTC).timestamp()) * 10**9


def test_local_time_follows_the_zone_through_summer() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert (
        from_text("2026-07-01 12:00:00", berlin).ns
        == int(datetime(2026, 7, 1, 10, tzinfo=UTC).timestamp()) * 10**9
    )
    assert from_text("2026-11-20 22:37:53", berlin).ns == NOW * 10**9


def test_an_hour_that_exists_twice_is_the_one_next_to_now() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()) * 10**9
    second = first + 3600 * 10**9
    assert from_text("2026-10-25 02:30:00", berlin, first + 10**9).ns == first
    assert from_text("2026-10-25 02:30:00", berlin, second + 10**9).ns == second


def test_ntp_stamps_know_their_era() -> None:
    stamp = ((NOW + 2208988800) % 2**32).to_bytes(4, "big") + b"\x80\0\0\0"
    assert from_ntp(stamp, NOW * 10**9) == Moment(NOW * 10**9 + 5 * 10**8, 1, "NTPTimeStamp")
    later = int(datetime(2040, 1, 1, tzinfo=UTC).timestamp())
    stamp = ((later + 2208988800) % 2**32).to_bytes(4, "big") + bytes(4)
    assert from_value(text_value(stamp), CISCO_CLOCK, near=later * 10**9).ns == later * 10**9


def test_the_last_leap_second_of_the_calendar_is_read_in_any_zone() -> None:
    """`datetime` knows no later second."""
    berlin = from_text("9999-12-31 23:59:60", ZoneInfo("Europe/Berlin"))
    assert berlin.ns == from_text("9999-12-31 22:59:60Z").ns
