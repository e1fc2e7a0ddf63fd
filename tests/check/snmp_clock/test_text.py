"""Words about clocks."""

import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bothsides.analyse.clock_drift import Drift
from bothsides.check.snmp_clock.text import (
    bounds_words,
    drift_words,
    instant,
    offset_words,
    reach_words,
    remedy,
    zone_words,
)
from bothsides.model.interval import Interval
from bothsides.parse.snmp import from_source
from bothsides.parse.text import to_number
from tests.support.clocks import RANGES, SOURCE, START


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (Interval(-42.007, -41.999), "42.003 s behind (+-0.004 s)"),
        (Interval(6.8, 7.8), "7.3 s ahead (+-0.5 s)"),
        (Interval(-0.0002, 0.0002), "on time (+-0.0002 s)"),
        (Interval(7199.9, 7200.1), "7200.00 s ahead (+-0.10 s, about 2 h)"),
    ],
)
def test_offsets_in_words(known: Interval, words: str) -> None:
    assert offset_words(known) == words


@given(st.floats(-1e6, 1e6), st.floats(0, 1e4))
def test_an_offset_in_words_has_no_more_digits_than_its_uncertainty(
    middle: float, half: float
) -> None:
    words = offset_words(Interval(middle - half, middle + half))
    size, _, rest = words.partition(" (+-")
    digits = rest.split(" ")[0].partition(".")[2]
    assert len(digits) <= 6
    assert size == "on time" or len(size.split(" ")[0].partition(".")[2]) == len(digits)


@pytest.mark.parametrize(("minutes", "words"), [(120, "+2 h"), (-345, "-5 h 45 min")])
def test_zones_in_words(minutes: int, words: str) -> None:
    assert zone_words(minutes) == words


@pytest.mark.parametrize(
    ("drift", "words", "reach"),
    [
        (Drift(99.94, 0.42), "drifts +99.9 ppm (+-0.46)", ": reaches +5 s in 11.1 h"),
        (Drift(-1000.0, 20.0), "drifts -1000 ppm (+-20)", ": reaches -5 s in 100 min"),
        (Drift(0.0001, 0.00001), "drifts +0.0001 ppm (+-1e-05)", ""),
    ],
)
def test_a_drift_in_words_says_where_it_leads(drift: Drift, words: str, reach: str) -> None:
    assert drift_words(drift) == words
    assert reach_words(1.0, drift, RANGES) == reach


@given(st.integers(-(10**22), 10**22))
def test_every_instant_has_words(ns: int) -> None:
    assert instant(ns)


def test_an_instant_is_given_to_the_millisecond() -> None:
    assert instant(START + 250 * 10**6) == "2026-11-20 21:37:53.250"


def test_the_remedy_of_a_missing_variable_is_a_line_of_snmpd_conf() -> None:
    assert remedy(SOURCE, ()) == "snmpd.conf: view systemonly included .1.3.6.1.2.1.25.1"
    source = from_source(".1.3.6.1.4.1.9999.1.0")
    assert remedy(source, ()) == "snmpd.conf: view systemonly included .1.3.6.1.4.1.9999.1.0"


def test_the_remedy_fits_the_product() -> None:
    products = (1, 3, 6, 1, 4, 1)
    assert remedy(SOURCE, (*products, 9, 1, 1745)).startswith("Cisco: configure ntp server")
    assert remedy(SOURCE, (*products, 8072, 3, 2, 10)).startswith("snmpd.conf: view")
    other = remedy(SOURCE, (*products, 99999, 1))
    assert other == "its product (.1.3.6.1.4.1.99999.1) is not known here; see its MIBs"


def interval_in(words: str) -> tuple[Fraction, Fraction]:
    """The interval that the words state."""
    read = re.fullmatch(
        r"(?:on time|([0-9.]+) s (ahead|behind)) \(\+-([0-9.]+) s(?:, about .*)?\)", words
    )
    assert read is not None, words
    middle = Fraction(read[1] or 0) * (-1 if read[2] == "behind" else 1)
    return middle - Fraction(read[3]), middle + Fraction(read[3])


@given(st.floats(-1e5, 1e5), st.floats(0, 1e4))
@example(-0.840374, 1.0)
@example(-1.49, 2.98)
def test_the_words_contain_the_figures_and_the_measured_interval(low: float, width: float) -> None:
    offset = Interval(low, low + width)
    least, most = interval_in(offset_words(offset))
    assert least <= Fraction(offset.low) + Fraction(2, 10**8)
    assert most >= Fraction(offset.high) - Fraction(2, 10**8)
    figure, half = Fraction(to_number(offset.middle)), Fraction(to_number(offset.half))
    assert least <= figure - half
    assert figure + half <= most


@given(st.floats(-600, 600), st.floats(0, 20))
def test_the_doubt_is_told_with_bounds_that_contain_the_interval(low: float, width: float) -> None:
    least, most = bounds_words(Interval(low, low + width)).removesuffix(" s").split(" to ")
    assert float(least) <= low + 2e-8
    assert float(most) >= low + width - 2e-8


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 500))
def test_a_drift_in_words_contains_the_drift_in_figures(ppm: float, bound: float) -> None:
    read = re.fullmatch(r"drifts (\S+) ppm \(\+-(\S+)\)", drift_words(Drift(ppm, bound)))
    assert read is not None
    assert float(read[1]) - float(read[2]) <= ppm - bound + 1e-6
    assert float(read[1]) + float(read[2]) >= ppm + bound - 1e-6
