"""NTP timestamps: exact to the nanosecond, in every era."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.ntp_time import from_ntp, to_ntp

SECOND = 10**9
ERA = 2**32 * SECOND
INSTANTS = st.integers(0, (2**32 + 2**31 - 2208988800) * SECOND - 1)


@given(INSTANTS)
def test_nanoseconds_survive_ntp_exactly(ns: int) -> None:
    assert from_ntp(to_ntp(ns)) == ns


def test_time_goes_on_after_2036() -> None:
    assert from_ntp(0) == 2085978496 * SECOND


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        (1 << 63, 2**31 - 2208988800),
        ((1 << 63) - 1, 2**32 + 2**31 - 2208988800),
        (2208988800 << 32, 0),
    ],
)
def test_seconds_without_their_top_bit_are_after_2036(stamp: int, seconds: int) -> None:
    assert from_ntp(stamp) == pytest.approx(seconds * SECOND, abs=1)


@given(st.integers(0, 2**64 - 1), st.integers(-3 * ERA, 3 * ERA))
def test_the_era_is_the_one_closest_to_the_instant_given(stamp: int, near: int) -> None:
    ns = from_ntp(stamp, near)
    assert -ERA // 2 <= ns - near <= ERA // 2
    assert to_ntp(ns) >> 32 == stamp >> 32


@given(INSTANTS)
def test_timestamps_are_in_the_order_of_time(ns: int) -> None:
    assert (to_ntp(ns + 1) - to_ntp(ns)) % 2**64 in (4, 5)
