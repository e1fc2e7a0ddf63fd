"""Numbers of a landscape: what is read, and what is refused with a remedy."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.faults import Wrong
from bothsides.inventory.quantities import duration, loss, port, rate, whole, wrong

Reader = Callable[[object], float]
READERS: tuple[Reader, ...] = (duration, rate)
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


@given(st.integers(1, 50), st.sampled_from(sorted(UNITS)))
def test_a_duration_is_a_number_with_its_unit(count: int, unit: str) -> None:
    assert duration(f"{count}{unit}") == pytest.approx(count * UNITS[unit])


@given(st.integers(1, 31622400) | st.floats(0.001, 1e6))
def test_a_bare_number_is_seconds(seconds: float) -> None:
    assert duration(seconds) == seconds


@pytest.mark.parametrize(
    ("value", "expected"), [("40/s", 40.0), ("30/m", 0.5), ("7200/h", 2.0), (3, 3.0), (0.1, 0.1)]
)
def test_a_rate_is_packets_a_second(value: object, expected: float) -> None:
    assert rate(value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "expected"), [(20, 20), ("10%", 0.1), ("2.5 %", 0.025), ("100%", 1.0)]
)
def test_a_loss_is_a_number_of_packets_or_a_share(value: object, expected: float) -> None:
    read = loss(value)
    assert read == pytest.approx(expected)
    assert isinstance(read, float) == isinstance(value, str)


def test_ports_and_counts_are_whole_numbers_in_their_range() -> None:
    assert [port(1), port(65535)] == [1, 65535]
    assert [whole(1), whole(2**31 - 1)] == [1, 2**31 - 1]


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (whole, [0, -1, 1 << 31, 1.0, "1", True, None]),
        (port, [0, 65536, "862", True, 1.5]),
        (duration, [0, -1, math.nan, math.inf, "1", "s", "1 s", "1y", "367d", 367 * 86400, True]),
        (rate, [0, "40", "40/d", "10001/s", 10001, math.inf, False, []]),
        (loss, [0, "10", "0%", "101%", 0.1, True, 1 << 32, {}]),
    ],
)
def test_anything_else_is_wrong_with_a_remedy(
    read: Callable[[object], object], values: list[object]
) -> None:
    for value in values:
        with pytest.raises(Wrong) as caught:
            read(value)
        assert caught.value.remedy


@given(st.text(max_size=10) | st.text("0123456789./%smhdwu ", max_size=10))
def test_any_text_is_a_number_above_0_or_wrong(text: str) -> None:
    for read in READERS:
        try:
            assert 0 < read(text) < math.inf
        except Wrong as fault:
            assert fault.remedy


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x", '"x"'),
        (True, "true"),
        (1.5, "1.5"),
        (10**50, "1" + "0" * 39),
        ([1], "an array"),
        ({}, "a table"),
        (None, "a date"),
    ],
)
def test_a_value_that_is_wrong_is_shown_as_in_the_file(value: object, shown: str) -> None:
    assert str(wrong(value, "a port", "write 862")) == f"{shown} is not a port; write 862"
