"""Losses in one direction out of what both hosts measured."""

import math

import pytest

from bothsides.incident.counts import (
    Counts,
    FlowCount,
    binomial,
    directional,
    likelihood,
    lost_evenly,
    states,
)
from bothsides.model.evidence import Look
from bothsides.model.interval import Interval
from tests.support.evidence import case, document, silent, udp


def counts(low: float, high: float, sent: int = 400) -> Counts:
    return Counts((), sent, Interval(low, high), False)


def test_loss_of_one_kind_of_packets_is_even_and_that_of_some_flows_is_not() -> None:
    whole = case(document("A", {"B": Look(udp(out=40))}), document("B", {"A": Look(udp())}))
    assert 0.14 < lost_evenly(whole, "A", "B") < 0.2  # requests alone, no replies of B
    assert lost_evenly(whole, "B", "A") == 0.0
    flows = [flow._replace(lost=0, forward=Interval(0, 0)) for flow in udp().flows[:5]]
    member = udp(out=40)._replace(flows=(*flows, *udp(out=80).flows[:5]))
    assert lost_evenly(case(document("A", {"B": Look(member)})), "A", "B") == 0.0


def test_requests_of_one_host_and_replies_of_the_other_go_the_same_way() -> None:
    both = case(
        document("A", {"B": Look(udp(out=20, back=10))}), document("B", {"A": Look(udp(back=16))})
    )
    out, back = directional(both, "A", "B"), directional(both, "B", "A")
    assert (out.sent, out.lost) == (400, Interval(36, 36))
    assert (back.sent, back.lost) == (380, Interval(10, 10))  # of 200 requests 180 arrived


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0), (0, 0), ("clean", "clean")),
        ((2, 2), (0, 0), ("clean", "clean")),
        ((40, 40), (0, 0), ("lossy", "clean")),
        ((40, 40), (6, 6), ("lossy", "clean")),
        ((40, 40), (30, 30), ("lossy", "lossy")),
        ((231, 282), (0, 51), ("lossy", "unknown")),
        ((0, 60), (0, 60), ("unknown", "unknown")),
    ],
)
def test_a_direction_loses_when_its_least_number_of_losses_is_no_chance(
    one: tuple[float, float], other: tuple[float, float], expected: tuple[str, str]
) -> None:
    assert states(counts(*one), counts(*other)) == expected


def test_no_reply_at_all_is_silence_and_no_count() -> None:
    both = case(document("A", {"B": Look(silent())}), document("B", {"A": Look(silent())}))
    out, back = directional(both, "A", "B"), directional(both, "B", "A")
    assert states(out, back) == ("silent", "silent")
    assert out.sent == 0


def test_probabilities_of_all_numbers_of_losses_sum_up_to_one() -> None:
    assert sum(binomial(20, lost, 0.3) for lost in range(21)) == pytest.approx(1)
    assert (binomial(5, 0, 0.0), binomial(5, 5, 1.0), binomial(5, 4, 1.0)) == (1, 1, 0)


def test_losses_of_half_of_the_flows_fit_parallel_links_better_than_one() -> None:
    flows = [FlowCount(20, Interval(10, 10))] * 5 + [FlowCount(20, Interval(0, 0))] * 5
    one = max(likelihood(flows, share / 20) for share in range(1, 20))
    parallel = max(likelihood(flows, share / 20, 0.5) for share in range(1, 20))
    assert parallel > one + math.log(1e6)


@pytest.mark.parametrize(("ended", "other", "expected"), [(True, True, True), (True, False, False)])
def test_loss_is_over_only_where_every_measurement_saw_its_end(
    ended: bool, other: bool, expected: bool
) -> None:
    mine = udp(out=40)._replace(turned=0.6, worst=0.9, ended=ended)
    theirs = udp(back=40)._replace(turned=0.5, worst=0.9, ended=other)
    both = case(document("A", {"B": Look(mine)}), document("B", {"A": Look(theirs)}))
    found = directional(both, "A", "B")
    assert (found.steady, found.cut, found.ended) == (False, True, expected)
