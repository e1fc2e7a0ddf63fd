"""All that a run proves, as values."""

from bothsides.analyse.path.analysis import may_share_network
from bothsides.analyse.path.baseline import usual_rtt
from bothsides.analyse.path.loss_location import Segment
from bothsides.analyse.path.ownership import Owner
from bothsides.model.failure import Failure
from bothsides.model.path import ECHO, ProbeResult, Run
from tests.support.sample_path import NOTHING, USUAL, analysed, baseline_of, past, run

OTHER = ("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")


def test_the_usual_path() -> None:
    analysis = analysed(run(*USUAL), past(*USUAL))
    assert (analysis.verdict.word, analysis.reached, analysis.length) == ("same", True, 5)
    assert analysis.line == USUAL
    assert [str(owner) for owner in analysis.networks] == ["us", "ISP", "Amazon"]
    assert (analysis.other_networks, analysis.faults.refusal, analysis.faults.loop) == (
        False,
        None,
        (),
    )
    assert [hop.sent for hop in analysis.hops] == [6] * 5
    figures = analysis.figures
    assert (figures.rta, figures.pl, figures.hops, figures.as_hops) == (0.02, 0.0, 5, 3)
    assert (figures.flows, figures.known_paths, figures.reached, figures.probes) == (6, 1, 1, 50)


def test_a_change_and_the_networks_that_it_passes() -> None:
    analysis = analysed(run(*OTHER, looks=2), past(*USUAL))
    assert analysis.verdict.turn is not None
    assert (analysis.verdict.word, analysis.verdict.turn.ttl) == ("changed", 3)
    assert analysis.other_networks
    figures = analysis.figures
    assert (figures.path_changed, figures.diverge_hop, figures.flows_changed) == (1, 3, 6)
    assert usual_rtt(analysis.baseline) == (0.02, 0.0)


def test_a_silent_target_and_one_that_answers_no_echo_requests() -> None:
    dead = analysed(run(*USUAL[:2], lost=20), past(*USUAL))
    assert (dead.reached, dead.figures.pl, dead.figures.rta) == (False, 100.0, None)
    assert analysed(run(*USUAL, lost=20), past(*USUAL)).figures.pl == 100.0
    unknown = analysed(run(*USUAL, lost=20), NOTHING)
    assert (unknown.reached, unknown.figures.pl) == (True, None)


def test_a_refusal_is_at_the_hop_where_its_router_answers_first() -> None:
    made = run(*USUAL[:2], lost=20)
    refused = tuple(ProbeResult(flow, 3, "refused", "10.1.0.1", 0.1) for flow in range(6))
    analysis = analysed(made._replace(first=made.first + refused), NOTHING)
    refusal = analysis.faults.refusal
    assert refusal is not None
    assert (refusal.ttl, refusal.host) == (2, "10.1.0.1")


def test_a_loop_needs_a_router_three_times_with_others_in_between() -> None:
    ring = analysed(run("10.0.0.1", *("10.1.0.1", "10.2.0.1") * 4, lost=20), NOTHING)
    assert ring.faults.loop == ("10.1.0.1", "10.2.0.1")
    assert analysed(run("10.0.0.1", "10.1.0.1", "10.1.0.1", lost=20), NOTHING).faults.loop == ()


def test_where_loss_begins() -> None:
    probes = tuple(
        ProbeResult(0, ttl, "silent" if ttl >= 4 and turn % 2 else "expired", USUAL[ttl - 1], 0.01)
        for turn in range(32)
        for ttl in range(1, 5)
    )
    echoes = tuple(
        ProbeResult(ECHO, 0, "silent") if turn % 2 else ProbeResult(ECHO, 0, "reply", "x", 0.01)
        for turn in range(32)
    )
    analysis = analysed(run(*USUAL, lost=10)._replace(segments=probes + echoes), past(*USUAL))
    loss = analysis.faults.loss
    assert loss is not None
    assert (loss.direction, loss.span, loss.place) == ("unknown", Segment(3, 4, 0.5), None)
    assert (analysis.echoes.sent, analysis.echoes.lost) == (52, 26)


def test_a_run_that_failed_proves_nothing() -> None:
    failed = Run("app", "app", failure=Failure("local", "no way from here"))
    analysis = analysed(failed, NOTHING)
    assert (analysis.verdict.word, analysis.length, analysis.figures.rta) == ("silent", 0, None)


def test_addresses_of_unknown_owners_may_share_a_network() -> None:
    same = may_share_network({"a": Owner("A", 1), "b": Owner("B", 2), "c": Owner("A", 1)})
    assert (same("a", "c"), same("a", "b"), same("a", "x")) == (True, False, None)


def test_what_was_known_stays_as_it_was() -> None:
    known = past(*USUAL)
    assert analysed(run(*OTHER, looks=2), known).baseline == baseline_of(known)
