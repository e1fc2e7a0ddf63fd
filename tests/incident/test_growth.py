"""By how much a round trip has grown, and in front of which hop packets wait."""

import pytest

from bothsides.incident.growth import growth_of, queue, queued, unsteady
from bothsides.model.evidence import Look, UdpEvidence
from bothsides.model.interval import Interval
from tests.support.evidence import OUT, case, document, trace, udp

BEFORE = {"B": Look(udp(), trace(OUT))}


def timed(least: float, median: float, out: float, back: float) -> UdpEvidence:
    return udp()._replace(rtt=Interval(least, median), owd=Interval(out, back))


def look(now: UdpEvidence, before: UdpEvidence | None = None) -> tuple[float, float]:
    """The growth of the median, and that of the median alone, in milliseconds."""
    made = case(document("A", {"B": Look(now)}, {"B": Look(before or udp())}))
    assert made.there is not None
    growth = growth_of(made.there)
    return round(1e3 * growth.median, 1) if growth else 0.0, round(1e3 * unsteady(made.there), 1)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (timed(0.052, 0.053, 0.051, 0.001), None, (50.9, 0.0)),
        (timed(0.002, 0.053, 0.051, 0.001), None, (0.0, 50.9)),  # it began in the run
        (timed(0.002, 0.005, 0.004, 0.001), None, (0.0, 0.0)),  # a busy host
        (timed(0.331, 0.345, 0.2, 0.1), timed(0.265, 0.272, 0.164, 0.108), (73.0, 0.0)),
        (timed(0.291, 0.300, 0.2, 0.1), timed(0.265, 0.272, 0.164, 0.108), (0.0, 0.0)),
    ],
)
def test_a_growth_is_felt_or_half_as_long_again_and_no_jitter(
    now: UdpEvidence, before: UdpEvidence | None, expected: tuple[float, float]
) -> None:
    assert look(now, before) == expected


def test_packets_wait_in_front_of_the_first_hop_behind_which_all_are_late() -> None:
    slow = timed(0.002, 0.062, 0.061, 0.001)
    late = trace(OUT, slow_from=3, slower=0.06)
    made = case(document("A", {"B": Look(slow, late)}, BEFORE))
    places = queue(made, "A", "B")
    assert max(places, key=lambda hop: places[hop]) == 3
    assert queue(made, "B", "A") == {}
    assert queue(case(document("A", {"B": Look(udp(), late)}, BEFORE)), "A", "B") == {}


def test_behind_parallel_ways_of_two_lengths_later_links_come_into_question_too() -> None:
    def places(line: tuple[str, ...]) -> set[int]:
        slow = timed(0.002, 0.062, 0.061, 0.001)
        late = trace(OUT, slow_from=5, slower=0.06)
        other = [hop._replace(flow=9, host=line[hop.ttl - 1]) for hop in late.hops if not hop.flow]
        late = late._replace(hops=(*late.hops, *other), flows=(*late.flows, 9))
        return set(queue(case(document("A", {"B": Look(slow, late)}, BEFORE)), "A", "B"))

    assert places(OUT) == {5, 6}
    assert places((*OUT[:3], "62.2.99.1", OUT[3], *OUT[5:])) == {5, 6, 7}


def test_a_longer_way_varies_no_more_than_before() -> None:
    for median, waits in ((0.062, True), (0.0301, False)):
        slow = timed(0.030, median, median - 0.001, 0.001)
        made = case(document("A", {"B": Look(slow, trace(OUT))}, BEFORE))
        assert bool(queued(made, "out")) is waits
        assert queued(made, "back") == ""
