"""What is learnt of a path and called a change, over thousands of runs on described networks."""

import json
from collections import Counter
from collections.abc import Callable

import pytest

from bothsides.analyse.path.baseline import (
    LEARNING,
    PROMOTED,
    Baseline,
    accept_current,
    decide,
    learn,
    usual_loss,
)
from bothsides.analyse.path.baseline_document import from_document, to_document
from bothsides.analyse.path.compare import Walk
from tests.support.networks import NASTY, about, changed, inserted, member, rehashed, some
from tests.support.offline import Route
from tests.support.world import Description

Change = Callable[[Description], Description]
ALARMS = {"changed", "known", "promoted"}


def routes(few: int, many: int) -> pytest.MarkDecorator:
    """How many routes are tried: few in `make test`, many in `make soak`."""
    return pytest.mark.parametrize("number", [few, pytest.param(many, marks=pytest.mark.soak)])


def unrelated(one: str, other: str) -> bool:
    return False


def route(seed: int = 1, runs: int = 0) -> Route:
    made = Route({**NASTY, "seed": seed}, seed)
    if runs:
        made.run(runs)
    return made


def detected(change: Change, warm: int, within: int, trials: int) -> float:
    """The share of routes on which a change is called one within so many runs."""
    hits = 0
    for seed in range(trials):
        made = route(seed, warm)
        made.tell(change(made.prober.world.about))
        hits += any(made.run().word == "changed" for _ in range(within))
    return hits / trials


# False alarms -------------------------------------------------------------------------------------


@routes(10, 30)
def test_a_stable_network_with_everything_nasty_is_never_a_change(number: int) -> None:
    words: Counter[str] = Counter()
    for seed in range(number):
        made = route(seed, 20)
        words.update(made.words())
    assert not ALARMS & set(words), words
    assert words["unconfirmed"] == 0


def false_alarms(networks: range, runs: int) -> tuple[int, int]:
    alarms = 0
    for seed in networks:
        made = Route(some(seed), seed)
        made.run(runs)
        alarms += sum(verdict.word in ALARMS for verdict in made.verdicts)
    return alarms, len(networks) * runs


@routes(20, 60)
def test_random_stable_networks_are_hardly_ever_a_change(number: int) -> None:
    alarms, runs = false_alarms(range(number), 10)
    assert alarms <= runs / 1000 + 1


@pytest.mark.soak
def test_a_thousand_random_stable_networks_raise_at_most_one_alarm_in_a_thousand_runs() -> None:
    alarms, runs = false_alarms(range(1000, 2000), 20)
    assert alarms <= runs / 1000


# Detection ----------------------------------------------------------------------------------------


@routes(7, 20)
@pytest.mark.parametrize(
    ("change", "ttl", "old", "new", "longer"),
    [
        (lambda net: changed(net, 4, "80.249.208.99"), 5, "80.249.208.10", "80.249.208.99", 0),
        (lambda net: inserted(net, 4, "80.249.208.99"), 5, "80.249.208.10", "80.249.208.99", 1),
        (lambda net: changed(net, 4), 5, "80.249.208.10", None, -1),
        (lambda net: changed(net, 5, "4.69.1.1", "4.69.2.2"), 6, None, "4.69.1.1", 0),
    ],
    ids=["replaced", "inserted", "removed", "rerouted"],
)
def test_a_change_is_found_in_the_first_run_at_the_right_hop(
    change: Change, ttl: int, old: str | None, new: str | None, longer: int, number: int
) -> None:
    for seed in range(number):
        made = route(seed, 4)
        made.tell(change(made.prober.world.about))
        verdict = made.run()
        turn = verdict.turn
        assert verdict.word == "changed"
        assert turn is not None
        assert (turn.ttl, turn.common, turn.longer) == (ttl, ttl - 1, longer)
        assert old is None or turn.old == old
        assert new is None or turn.new == new
        assert len({turn.flow for turn in verdict.comparison.turns if turn.flow < 6}) == 6


def test_the_hop_where_old_and_new_way_meet_again_is_known() -> None:
    made = route(1, 4)
    made.tell(inserted(made.prober.world.about, 4, "80.249.208.99"))
    turn = made.run().turn
    assert turn is not None
    assert turn.rejoin == 6


@routes(20, 50)
def test_one_of_two_members_replaced_is_found_in_run_one(number: int) -> None:
    assert detected(lambda net: member(net, 3, 0, "203.0.113.77"), 4, 1, number) >= 0.98


@routes(15, 40)
def test_one_of_eight_members_replaced_is_found_within_four_runs(number: int) -> None:
    assert detected(lambda net: member(net, 8, 0, "52.95.1.77"), 20, 4, number) >= 0.95


@pytest.mark.soak
def test_members_replaced_are_found_as_promised() -> None:
    assert detected(lambda net: member(net, 3, 1, "203.0.113.77"), 4, 1, 300) >= 0.98
    assert detected(lambda net: member(net, 3, 1, "203.0.113.77"), 4, 3, 300) >= 0.99
    assert detected(lambda net: member(net, 8, 3, "52.95.1.77"), 20, 4, 300) >= 0.95


# What is no change --------------------------------------------------------------------------------


@routes(10, 30)
def test_a_router_that_hashes_anew_reshuffles_known_paths(number: int) -> None:
    words: Counter[str] = Counter()
    for seed in range(number):
        made = route(seed, 25)
        made.tell(rehashed(made.prober.world.about))
        words.update([made.run().word, made.run().word])
    assert words["changed"] <= 1, words  # one member in a hundred is not met while learning
    assert words["reshuffled"] >= number * 4 / 3


@routes(7, 20)
def test_a_branch_withdrawn_is_reshuffled_and_balancing_by_packet_is_learnt(number: int) -> None:
    for seed in range(number):
        made = route(seed, 6)
        made.tell(changed(made.prober.world.about, 3, "203.0.113.9"))
        assert made.run().word == "reshuffled"
        made = route(seed, 6)
        made.tell(rehashed(made.prober.world.about, "packet", (3,)))
        made.run(8)
        assert not ALARMS & set(made.words()), made.words()


def test_silence_is_no_change_and_is_noted_once_it_is_no_chance() -> None:
    made = route(1, 8)
    made.tell(about(made.prober.world.about, "80.249.208.10", silent=True))
    verdict = made.run()
    assert (verdict.word, verdict.quiet) == ("same", (5,))
    made.tell(about(made.prober.world.about, "80.249.208.10", silent=False))
    assert made.run().word == "same"
    made.tell(about(made.prober.world.about, "52.93.1.1", silent=False))
    assert made.run().word == "same"


def test_a_rate_limit_that_starts_is_no_change() -> None:
    made = route(1, 8)
    network = made.prober.world.about
    for host in ("192.0.2.1", "203.0.113.1", "80.249.208.10", "52.95.0.1"):
        network = about(network, host, rate=[1, 2])
    made.tell(network)
    made.run(10)
    assert not ALARMS & set(made.words())


# The life of a change -----------------------------------------------------------------------------


def test_a_change_and_back_is_two_switches_and_the_fifth_is_flapping() -> None:
    made = route(1, 4)
    normal = made.prober.world.about
    other = changed(normal, 4, "80.249.208.99")
    for round_ in range(5):
        made.tell(other)
        verdict = made.run()
        assert (verdict.word, verdict.switched, verdict.switches) == (
            "changed",
            True,
            2 * round_ + 1,
        )
        made.tell(normal)
        verdict = made.run()
        assert (verdict.word, verdict.switched) == ("same", True)
    made.at += 90000
    assert made.run().switches == 0


def test_a_change_that_lasts_becomes_the_normal_path_and_the_old_one_is_known() -> None:
    made = route(1, 14)
    normal = made.prober.world.about
    began = made.at + made.every
    made.tell(changed(normal, 4, "80.249.208.99"))
    words = [made.run().word for _ in range(PROMOTED + 2)]
    assert words == ["changed"] * (PROMOTED - 1) + ["promoted", "same", "same"]
    assert made.verdicts[-1].since == began
    made.tell(normal)
    verdict = made.run()
    assert (verdict.word, verdict.switched) == ("known", True)


def test_an_accepted_change_is_normal_at_once() -> None:
    made = route(1, 4)
    made.tell(changed(made.prober.world.about, 4, "80.249.208.99"))
    assert made.run().word == "changed"
    made.memory = accept_current(made.memory)
    assert made.run().word == "same"


def test_learning_takes_three_runs_and_a_change_for_all_flows_ends_it_early() -> None:
    made = route(1, 3)
    assert made.words() == ["learning"] * LEARNING
    made = route(1, 1)
    made.tell(changed(made.prober.world.about, 4, "80.249.208.99"))
    assert made.run().word == "changed"


def test_a_run_stays_within_its_manners() -> None:
    made = route(1, 1)
    assert made.probes <= 480
    made.run(20)
    assert made.probes <= 150


def test_the_loss_of_the_normal_path_is_learnt_and_begins_anew_with_another_one() -> None:
    one = Walk({0: {1: ("10.0.0.1",), 2: ("10.0.0.9",)}}, {0: 2})
    other = Walk({0: {1: ("10.7.0.1",), 2: ("10.0.0.9",)}}, {0: 2})
    memory = Baseline()
    for number, loss in enumerate([50.0, 5.0, 0.0, 5.0, *[None] * 20]):
        memory = learn(
            memory, decide(memory, one, one, number, unrelated), one, number, 0.01, {}, loss
        )
    assert usual_loss(memory) == 5.0
    assert usual_loss(from_document(json.loads(json.dumps(to_document(memory))))) == 5.0
    older = {name: value for name, value in to_document(memory).items() if name != "losses"}
    assert from_document(older) == memory._replace(losses=())
    away = learn(memory, decide(memory, other, other, 99.0, unrelated), other, 99.0, 0.01, {}, 80.0)
    assert (away.other is not None, usual_loss(away)) == (True, 5.0)
    assert usual_loss(accept_current(away)) is None
