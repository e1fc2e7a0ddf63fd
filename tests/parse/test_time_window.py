"""Times as people give them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.time_window import from_moment, from_window, to_instant

NOW = datetime(2019, 1, 10, 17, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("16:15", "2019-01-10 16:15:00Z"),
        ("17:30", "2019-01-09 17:30:00Z"),
        ("16:15:30", "2019-01-10 16:15:30Z"),
        ("yesterday 16:15", "2019-01-09 16:15:00Z"),
        ("today 18:15", "2019-01-10 18:15:00Z"),
        ("2016-02-29 00:00", "2016-02-29 00:00:00Z"),
        ("2019-01-10T16:15:00Z", "2019-01-10 16:15:00Z"),
        ("-30m", "2019-01-10 16:30:00Z"),
        ("now", "2019-01-10 17:00:00Z"),
    ],
)
def test_a_moment(text: str, told: str) -> None:
    assert to_instant(from_moment(text, NOW)) == told


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("16:00-16:05", "2019-01-10 16:00:00Z", "2019-01-10 16:05:00Z"),
        ("18:00-18:05", "2019-01-09 18:00:00Z", "2019-01-09 18:05:00Z"),
        ("yesterday 23:55-00:05", "2019-01-09 23:55:00Z", "2019-01-10 00:05:00Z"),
        ("2018-12-31 16:00-16:05", "2018-12-31 16:00:00Z", "2018-12-31 16:05:00Z"),
        ("-2h/-1h", "2019-01-10 15:00:00Z", "2019-01-10 16:00:00Z"),
        ("16:15", "2019-01-10 16:12:30Z", "2019-01-10 16:17:30Z"),
    ],
)
def test_a_window(text: str, start: str, end: str) -> None:
    window = from_window(text, NOW)
    assert (to_instant(window.start), to_instant(window.end)) == (start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "25:00",
        "16:60",
        "2019-02-29 10:00",
        "2019-13-01 10:00",
        "-3x",
        "16:00-",
        "-1h/-2h",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        from_window(text, NOW)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2999, 12, 31)))
def test_instants_are_those_of_the_standard_library(moment: datetime) -> None:
    exact = moment.replace(microsecond=0, tzinfo=UTC)
    told = to_instant(exact.timestamp())
    assert told == exact.strftime("%Y-%m-%d %H:%M:%SZ")
    assert from_moment(told, 4e10) == exact.timestamp()


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_unreadable(text: str) -> None:
    try:
        from_window(text, NOW)
    except Unreadable:
        pass
