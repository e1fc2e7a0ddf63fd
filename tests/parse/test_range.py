"""Ranges: the guidelines' grammar, every spelling that must be refused, and the way back."""

import math
import struct
from itertools import count
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range, to_range
from bothsides.parse.text import to_number
from tests.support.examples import examples

INF = math.inf


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6", Range(0, 6)),
        ("-7:23", Range(-7, 23)),
        (":5.75", Range(0, 5.75)),
        ("~:-95.99", Range(-INF, -95.99)),
        ("123456789012345:", Range(123456789012345, INF)),
        ("~:0", Range(-INF, 0)),
        ("@0:657.8210567", Range(0, 657.8210567, inside=True)),
        ("1:1", Range(1, 1)),
        ("@~:0", Range(-INF, 0, inside=True)),
        ("10:", Range(10, INF)),
        ("~:", Range(-INF, INF)),
        ("@10:20", Range(10, 20, inside=True)),
        ("1e-3", Range(0, 0.001)),
        (".5", Range(0, 0.5)),
        ("-5:5", Range(-5, 5)),
        ("-0:5", Range(0, 5)),
        ("0", Range(0, 0)),
    ],
)
def test_every_form_of_the_guidelines_is_read(text: str, expected: Range) -> None:
    assert from_range(text) == expected


@pytest.mark.parametrize(
    "text",
    [":", "1:~", "foo", "1-10", "10:~", "1-10:2.4", "1,10", "5,7:10", "10,", "", "@", "~", "nan",
     "inf", "-inf:5",
     "0x10", "010", "1_000", "2:1", " 5 ", "5 ", "\u0665", "1::2", "1:2:3", "--5", "1e", "1e999",
         "5ms", "5%", "@:",
     "1\n", "\x00", "~5", "~:~", "5.", "-"],
)  # fmt: skip
def test_what_is_not_a_range_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        from_range(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["/root:10", "@/root:10", "/home/monitor:5"])
def test_a_tilde_that_the_shell_expanded_is_recognised(text: str) -> None:
    with pytest.raises(Unreadable, match="put it in quotes or write --warning=~:10"):
        from_range(text)


@pytest.mark.parametrize(
    ("text", "uom", "expected"),
    [
        ("100ms", "s", Range(0, 0.1)),
        ("250us:2s", "s", Range(0.00025, 2)),
        ("~:5ms", "s", Range(-INF, 0.005)),
        ("5%", "%", Range(0, 5)),
        ("10%:20%", "%", Range(10, 20)),
        ("14d:", "s", Range(1209600, INF)),
        ("7B", "B", Range(0, 7)),
    ],
)
def test_bounds_carry_the_units_of_their_figure(text: str, uom: str, expected: Range) -> None:
    assert from_range(text, uom) == expected


@pytest.mark.parametrize(
    ("text", "uom"),
    [("5%", "s"), ("5ms", "%"), ("5kB", "B"), ("ms", "s"), ("~ms:5", "s"), ("5:ms", "s")],
)
def test_a_unit_that_does_not_fit_is_refused(text: str, uom: str) -> None:
    with pytest.raises(Unreadable):
        from_range(text, uom)


@pytest.mark.parametrize(
    ("text", "value", "alerts"),
    [
        ("10", 10, False),
        ("10", 10.000001, True),
        ("10", -0.000001, True),
        ("10", 0, False),
        ("~:10", -1e9, False),
        ("10:", 9.999999, True),
        ("10:", 10, False),
        ("@10:20", 10, True),
        ("@10:20", 20, True),
        ("@10:20", 9.999999, False),
        ("-5.5:5.5", -100.5, True),
        ("-5.5:5.5", -1, False),
        ("10", -1, True),
    ],
)
def test_the_boundary_never_alerts_and_an_inside_range_includes_it(
    text: str, value: float, alerts: bool
) -> None:
    assert from_range(text).alerts(value) is alerts


def test_a_value_is_compared_as_it_is_printed() -> None:
    assert not from_range("0.3").alerts(0.1 + 0.2)
    assert not from_range("5").alerts(5.0000004)
    assert from_range("5").alerts(5.0000006)


_bounds = st.one_of(st.just(-INF), st.floats(allow_nan=False, allow_infinity=False))
_ends = st.one_of(st.just(INF), st.floats(allow_nan=False, allow_infinity=False))
_ranges = (
    st.tuples(_bounds, _ends, st.booleans())
    .filter(lambda parts: parts[0] <= parts[1])
    .map(lambda parts: Range(parts[0] + 0.0, parts[1] + 0.0, parts[2]))
)


@examples(2000)
@given(_ranges)
def test_a_range_survives_its_own_spelling(limits: Range) -> None:
    assert from_range(to_range(limits)) == limits


@pytest.mark.soak
def test_a_hundred_thousand_ranges_survive_their_own_spelling() -> None:
    chance = Random(20261122)
    numbers = (struct.unpack("d", chance.randbytes(8))[0] for _ in count())
    finite = (number + 0.0 for number in numbers if math.isfinite(number))
    for _ in range(100_000):
        low, high = sorted((next(finite), next(finite)))
        limits = Range(
            -INF if chance.random() < 0.1 else low,
            INF if chance.random() < 0.1 else high,
            chance.random() < 0.5,
        )
        assert from_range(to_range(limits)) == limits


@examples(2000)
@given(st.text(max_size=40))
def test_no_text_raises_anything_but_unreadable(text: str) -> None:
    try:
        assert isinstance(from_range(text, "s"), Range)
    except Unreadable:
        pass


@examples(1000)
@given(_ranges, st.floats(allow_nan=False, allow_infinity=False))
def test_alerting_is_the_definition_of_the_guidelines(limits: Range, value: float) -> None:
    printed = float(to_number(value))
    outside = printed < limits.start or printed > limits.end
    assert limits.alerts(value) is (not outside if limits.inside else outside)
