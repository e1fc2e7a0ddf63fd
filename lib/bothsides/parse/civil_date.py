"""Dates of the Gregorian calendar as days since 1970-01-01, and back.

`datetime` would cost every run 1 ms of CPU.
"""

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the calendar has such a day."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= _LENGTHS[month - 1] + leap


def to_days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date; years begin in March here, so that a leap day comes last."""
    shifted = year - (month <= 2)
    of_year = (153 * (month + (9 if month <= 2 else -3)) + 2) // 5 + day - 1
    return shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + of_year - 719468


def from_days(days: int) -> tuple[int, int, int]:
    """Year, month and day, so many days after 1970-01-01."""
    era, of_era = divmod(days + 719468, 146097)
    of_years = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * of_years + of_years // 4 - of_years // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    day = of_year - (153 * shifted + 2) // 5 + 1
    return of_years + era * 400 + (month <= 2), month, day
