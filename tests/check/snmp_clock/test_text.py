"""Words about clocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.clock_drift import Drift
from bothsides.check.snmp_clock.text import (
    drift_words,
    instant,
    offset_words,
    reach_words,
    remedy,
    zone_words,
)
from bothsides.model.interval import Interval
from bothsides.parse.snmp import from_source
from tests.support.clocks import RANGES, SOURCE, START


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (Interval(-42.007, -41.999), "42.003 s behind (+-0.004 s)"),
        (Interval(6.8, 7.8), "7.3 s ahead (+-0.5 s)"),
        (Interval(-0.0002, 0.0002), "on time (+-0.0002 s)"),
        (Interval(7199.9, 7200.1), "7200.0 s ahead (+-0.1 s, 2 h)"),
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
        (Drift(99.94, 0.42), "drifts +99.9 ppm (+-0.42)", ": reaches +5 s in 11.1 h"),
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
    assert remedy(SOURCE) == "snmpd.conf: view systemonly included .1.3.6.1.2.1.25.1"
    source = from_source(".1.3.6.1.4.1.9999.1.0")
    assert remedy(source) == "snmpd.conf: view systemonly included .1.3.6.1.4.1.9999.1.0"
