"""Whether a router's replies take the link behind it, by round trips."""

import pytest

from bothsides.analyse.path.ownership import Owner
from bothsides.incident.early import early, shortest
from bothsides.incident.routers import routers_along
from bothsides.model.evidence import Look
from tests.support.evidence import OUT, trace

LINE = routers_along(("a", "b", "c", "d"), {each: Owner("Isp", 0, "isp") for each in "abcd"})
LONG = {1: 0.001, 2: 0.005, 3: 0.010, 4: 0.016}


def test_without_round_trips_replies_inside_a_network_may_take_the_next_link() -> None:
    assert early(LINE, 3, {}) == pytest.approx(0.15)
    assert early(LINE, 1, LONG) == 0.0


def test_a_border_is_hardly_taken() -> None:
    line = routers_along(("a", "x"), {"a": Owner("Isp", 0, "isp"), "x": Owner("Us", 0, "us")})
    assert early(line, 2, {}) < 0.01


def test_other_round_trips_show_another_way_back() -> None:
    assert early(LINE, 3, LONG) < 0.06


def test_the_same_round_trip_on_a_long_way_speaks_for_the_next_link() -> None:
    assert early(LINE, 3, LONG | {2: 0.010}) > 0.25


def test_on_a_way_of_short_links_the_same_round_trip_says_little() -> None:
    assert early(LINE, 3, dict.fromkeys(LONG, 0.0002)) < 0.2


def test_the_shortest_round_trip_of_then_and_now_counts_if_the_router_is_the_same() -> None:
    now, before = trace(OUT, slow_from=3, slower=0.02), trace(OUT)
    assert shortest(Look(path=now), Look(path=before))[3] == pytest.approx(0.0015)
    other = trace((*OUT[:2], "62.2.99.9", *OUT[3:]))
    assert shortest(Look(path=now), Look(path=other))[3] == pytest.approx(0.0215)
    dead = trace(OUT, stop=3)
    assert shortest(Look(path=dead), Look(path=before))[3] == pytest.approx(0.0015)
