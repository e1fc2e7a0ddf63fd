"""How a trace fits a fault at each of its links."""

import math

import pytest

from bothsides.incident.case import way_of
from bothsides.incident.places import Link
from bothsides.incident.trace_likelihood import (
    Back,
    Fitting,
    mean_of_logs,
    of_evidence,
    sum_of_logs,
)
from bothsides.model.evidence import HopCount, PathEvidence
from tests.support.evidence import OUT, owners_of, trace


def best(path: PathEvidence, share: float) -> int:
    """The hop behind the link that fits best."""
    way = way_of(path, None, owners_of(OUT))
    assert way is not None
    fit = Fitting(of_evidence(path, len(OUT)))
    flows = frozenset(way.flows)
    places = [
        Link(hop, frozenset(), frozenset({OUT[hop - 1]}), flows, True, (("x", 1.0),))
        for hop in range(1, len(OUT) + 1)
    ]
    return max(places, key=lambda link: fit.log(link, share)).hop


@pytest.mark.parametrize("hop", range(1, 8))
@pytest.mark.parametrize("share", [0.1, 0.3, 0.9])
def test_the_link_in_front_of_the_first_hop_that_loses_fits_best(hop: int, share: float) -> None:
    assert best(trace(OUT, hop, share), share) == hop


def test_a_router_that_leaves_out_answers_does_not_move_the_place() -> None:
    path = trace(OUT, 6, 0.3)
    hops = tuple(hop._replace(lost=7) if hop.ttl == 2 else hop for hop in path.hops)
    assert best(path._replace(hops=hops), 0.3) == 6


def echoes(lossy_from: int, lost: int) -> tuple[HopCount, ...]:
    """30 echo requests to each hop but the last; so many are lost from one hop on."""
    return tuple(
        HopCount(-1, ttl, 30, lost if ttl >= lossy_from else 0, OUT[ttl - 1], 0.001)
        for ttl in range(1, len(OUT))
    )


def test_echo_requests_that_expire_on_the_way_place_a_loss_that_few_flow_probes_leave_open() -> (
    None
):
    few = trace(OUT)._replace(echoes=0, echoes_lost=0)
    few = few._replace(hops=tuple(hop._replace(sent=1) for hop in few.hops))
    assert [best(few._replace(echo_hops=echoes(hop, 9)), 0.3) for hop in (3, 5)] == [3, 5]


@pytest.mark.parametrize(("host", "taken"), [(OUT[4], True), ("10.9.9.9", False)])
def test_echo_requests_pass_the_parallel_link_whose_router_answers_them(
    host: str, taken: bool
) -> None:
    counts = [hop._replace(host=host) if hop.ttl == 5 else hop for hop in echoes(5, 9)]
    path = trace(OUT)._replace(echoes=0, echoes_lost=0)
    fit = Fitting(of_evidence(path._replace(echo_hops=tuple(counts)), len(OUT)))
    member = Link(5, frozenset(), frozenset({OUT[4]}), frozenset({3}), False, (("x", 1.0),))
    unknown = member._replace(before=frozenset())
    assert (fit.log(member, 0.3) > fit.log(unknown, 0.3)) is taken


def test_sums_of_logarithms() -> None:
    assert math.exp(sum_of_logs([math.log(0.25), math.log(0.5)])) == pytest.approx(0.75)
    assert math.exp(mean_of_logs([math.log(0.25), math.log(0.75)])) == pytest.approx(0.5)
    assert sum_of_logs([-math.inf, -math.inf]) == -math.inf


def nearly_silent(path: PathEvidence, lost: int) -> PathEvidence:
    """The trace whose routers all leave out the same share of answers, those that get through."""
    hops = tuple(
        hop._replace(lost=hop.lost + round(lost * (hop.sent - hop.lost) / hop.sent))
        if hop.host != path.target
        else hop
        for hop in path.hops
    )
    return path._replace(hops=hops)


def test_routers_that_all_leave_out_the_same_share_do_not_move_the_place() -> None:
    assert best(nearly_silent(trace(OUT, 6, 0.3), 4), 0.3) == 6
    assert best(nearly_silent(trace(OUT, 4, 0.3), 6), 0.3) == 4


def test_a_trace_in_which_every_hop_loses_is_known_as_such() -> None:
    lossy = (trace(OUT, 1, 0.3), nearly_silent(trace(OUT), 3), trace(OUT, 2, 0.3))
    assert [Fitting(of_evidence(each, len(OUT))).most_lose for each in lossy] == [True, True, False]


def test_replies_of_a_router_take_one_of_parallel_links() -> None:
    path = trace(OUT)
    silent = {4, 6}
    hops = tuple(hop._replace(lost=hop.sent) if hop.ttl in silent else hop for hop in path.hops)
    fit = Fitting(of_evidence(path._replace(hops=hops), len(OUT)))
    one_of_two, whole = Back(1.0, 0.5), Back(0.5)
    assert fit.log(None, 0.0, one_of_two, 3) > fit.log(None, 0.0, whole, 3) + 10
