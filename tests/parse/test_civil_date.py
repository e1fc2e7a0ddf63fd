"""Days of the calendar against those of the standard library."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.civil_date import from_days, is_date, to_days

EPOCH = date(1970, 1, 1).toordinal()


@given(st.dates())
def test_days_are_those_of_the_standard_library(day: date) -> None:
    days = day.toordinal() - EPOCH
    assert to_days(day.year, day.month, day.day) == days
    assert from_days(days) == (day.year, day.month, day.day)


@given(st.integers(1, 9999), st.integers(-1, 14), st.integers(-1, 33))
def test_a_date_is_one_where_the_standard_library_has_it(year: int, month: int, day: int) -> None:
    try:
        date(year, month, day)
    except ValueError:
        assert not is_date(year, month, day)
    else:
        assert is_date(year, month, day)


@pytest.mark.parametrize(("year", "leap"), [(2000, True), (1900, False), (2024, True)])
def test_leap_years_are_those_of_gregory(year: int, leap: bool) -> None:
    assert is_date(year, 2, 29) is leap
