"""How a trace fits a fault at each of its links."""

import math

import pytest

from bothsides.incident.case import way_of
from bothsides.incident.places import Link
from bothsides.incident.trace_likelihood import Fitting, mean_of_logs, of_evidence, sum_of_logs
from bothsides.model.evidence import PathEvidence
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


def test_sums_of_logarithms() -> None:
    assert math.exp(sum_of_logs([math.log(0.25), math.log(0.5)])) == pytest.approx(0.75)
    assert math.exp(mean_of_logs([math.log(0.25), math.log(0.75)])) == pytest.approx(0.5)
    assert sum_of_logs([-math.inf, -math.inf]) == -math.inf
