"""Hops in figures."""

import pytest

from bothsides.analyse.path.hops import hop_figures, summarise_hop
from bothsides.model.path import ECHO, ProbeResult, Run

RESULTS = (
    ProbeResult(0, 1, "expired", "a", 0.01, "16,0,1,1"),
    ProbeResult(1, 1, "expired", "b", 0.03),
    ProbeResult(2, 1, "silent"),
    ProbeResult(0, 2, "silent"),
    ProbeResult(ECHO, 1, "silent"),
)


def test_a_hop_counts_its_own_probes_and_no_echo_requests() -> None:
    hop = summarise_hop(1, RESULTS, {"a": (0,), "b": (1,)})
    assert (hop.hosts, hop.sent, hop.lost, hop.mpls) == (("a", "b"), 3, 1, "16,0,1,1")
    assert (hop.best, hop.worst) == (0.01, 0.03)
    assert hop.mean == pytest.approx(0.02)


def test_a_silent_hop_has_no_delays() -> None:
    hop = summarise_hop(2, RESULTS, {})
    assert (hop.hosts, hop.sent, hop.lost, hop.best, hop.mean, hop.worst) == (
        (),
        1,
        1,
        None,
        None,
        None,
    )


def test_figures_for_graphs_leave_out_the_probes_that_locate_loss() -> None:
    figures = hop_figures(Run("app", "app", first=RESULTS, segments=RESULTS), most=3)
    assert [figure.ttl for figure in figures] == [1, 2, 3]
    assert figures[0].loss == pytest.approx(100 / 3)
    assert [figure.loss for figure in figures[1:]] == [100.0, None]
