"""Who is asked when: rates, an even spread, late ticks, dead peers, and the host's budget."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.mesh.peer import Far, Peer
from bothsides.mesh.schedule import Schedule, alive, shared


def peers(count: int, rate: float = 40.0, address: str = "192.0.2.1") -> list[Peer]:
    return [
        Peer(Far(f"p{n}{address[:2]}", address, 862, "stamp", rate, 1.0, ""), n, 5.0, 0.0)
        for n in range(1, count + 1)
    ]


def due(schedule: Schedule, clock: float) -> list[list[str]]:
    """Who is asked at this time, together in each list."""
    return [
        [turn.lane.peers[place].far.name for place in range(turn.low, turn.high)
         if place not in turn.silent]
        for turn in schedule.due(clock)
    ]  # fmt: skip


def asked(
    schedule: Schedule, seconds: float, tick: float = 0.02, begin: float = 0.0
) -> tuple[Counter[str], int]:
    """How often each peer is asked, and the most in one tick."""
    counts: Counter[str] = Counter()
    most = 0
    for number in range(1, round(seconds / tick) + 1):
        chosen = [name for group in due(schedule, begin + number * tick) for name in group]
        counts.update(chosen)
        most = max(most, len(chosen))
    return counts, most


def test_every_peer_has_its_rate() -> None:
    made = [*peers(38), *peers(5, 10.0, "2001:db8::1")]
    counts, most = asked(Schedule("web1", made, 0.0), 10.0)
    assert set(counts.values()) == {400, 100}
    assert len(counts) == 43
    assert most <= 33  # 1570 packets/s in ticks of 20 ms


def test_the_order_is_the_same_after_a_restart() -> None:
    made = peers(9)
    one = due(Schedule("a", made, 0.0), 0.025)
    made.reverse()
    other = due(Schedule("a", made, 7.0), 7.025)
    assert one == other
    assert [len(group) for group in one] == [9]


def test_of_a_long_stop_only_the_last_moment_is_made_up_for() -> None:
    schedule = Schedule("a", peers(4), 0.0)
    assert sum(map(len, due(schedule, 10.0))) == 8  # 50 ms of 160 packets/s
    assert sum(map(len, due(schedule, 10.02))) in (3, 4)


def test_what_is_due_more_than_once_comes_in_groups_without_a_peer_twice() -> None:
    schedule = Schedule("a", peers(4, 400.0), 0.0)
    groups = due(schedule, 0.02)
    assert [len(group) for group in groups] == [4] * 8
    assert all(len(set(group)) == 4 for group in groups)


def test_many_peers_make_ticks_shorter() -> None:
    assert Schedule("a", peers(38), 0.0).tick == 0.025
    assert Schedule("a", peers(1000, 20.0), 0.0).tick == pytest.approx(0.0125)
    assert Schedule("a", peers(1000, 50.0), 0.0).tick == 0.005
    assert Schedule("a", [], 0.0).tick == 0.025


def test_a_dead_peer_is_asked_once_a_second_until_it_answers() -> None:
    made = peers(2)
    made[0].alive = False
    counts, _ = asked(Schedule("a", made, 0.0), 10.0)
    assert counts[made[0].far.name] in (10, 11)
    assert counts[made[1].far.name] == 400
    made[0].arrived[made[0].asked & made[0].mask] = 1
    made[0].resume = 0.0
    counts, _ = asked(Schedule("a", made, 0.0), 1.0)
    assert counts[made[0].far.name] == 40
    assert made[0].alive


def test_a_peer_that_dies_meanwhile_is_passed_and_one_that_lives_again_is_not() -> None:
    made = peers(3)
    schedule = Schedule("a", made, 0.0)
    asked(schedule, 70.0)
    made[1].last_reply, made[0].last_reply, made[2].last_reply = 5.0, 69.0, 69.0
    for peer in made:
        schedule.judge(peer, 70.0)
    assert [peer.alive for peer in made] == [True, False, True]
    counts, _ = asked(schedule, 5.0, begin=70.0)
    assert counts[made[1].far.name] in (5, 6)
    assert counts[made[0].far.name] in (199, 200, 201)
    made[1].last_reply = 75.0
    schedule.judge(made[1], 75.0)
    counts, _ = asked(schedule, 1.0, begin=75.0)
    assert counts[made[1].far.name] in (39, 40, 41)


def test_a_peer_is_dead_after_a_minute_of_silence() -> None:
    assert alive(last_reply=10.0, clock=69.0)
    assert not alive(last_reply=10.0, clock=70.0)


@given(st.lists(st.floats(0.1, 400), min_size=1, max_size=9), st.floats(1, 2000))
def test_a_budget_is_kept_and_shared_fairly(asked_for: list[float], most: float) -> None:
    rates = {str(number): rate for number, rate in enumerate(asked_for)}
    granted = shared(rates, most)
    assert sum(granted.values()) <= max(most, 1e-9) * 1.0001
    shares = [granted[name] / rates[name] for name in rates]
    assert max(shares) <= 1
    assert max(shares) - min(shares) < 1e-9


def test_what_fits_into_the_budget_is_not_touched() -> None:
    assert shared({"a": 10, "b": 40}, 60) == {"a": 10, "b": 40}
    assert shared({"a": 20, "b": 40}, 30) == {"a": 10, "b": 20}
