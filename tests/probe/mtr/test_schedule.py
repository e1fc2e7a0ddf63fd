"""The order of probes: hop by hop, with pauses where results decide what comes next."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.model.path import ECHO, Outcome, ProbeResult
from bothsides.probe.mtr.schedule import Job, Pass, Pause, ladder, with_echoes


def sent(length: int, known: int = 0, target: bool = True) -> list[Job]:
    """The jobs over a path on which every hop answers at once."""
    current = Pass()
    jobs = []
    for job in ladder(current, (0, 1), 30, known, [(7, 2)]):
        jobs.append(job)
        if not isinstance(job, Pause) and job[1] <= length:
            last = target and job[1] == length
            kind: Outcome = "reply" if last else "expired"
            current.results.append(ProbeResult(*job, kind, str(job[1])))
    return jobs


def test_every_flow_is_followed_to_the_target_and_no_further() -> None:
    jobs = sent(3)
    assert jobs == [(7, 2), Pause((0, 1)), (0, 1), (1, 1), (0, 2), (1, 2), (0, 3), (1, 3)]


def test_behind_a_known_length_results_are_awaited_first() -> None:
    jobs = sent(3, known=2)
    assert jobs[4:] == [(7, 2), Pause((0, 1)), (0, 3), (1, 3)]


def test_silent_hops_end_a_trace_sooner_where_the_length_is_known() -> None:
    assert max(job[1] for job in sent(2, known=2, target=False) if not isinstance(job, Pause)) == 6
    assert max(job[1] for job in sent(2, target=False) if not isinstance(job, Pause)) == 14


def late(length: int, known: int, lag: int, silent: tuple[int, ...] = ()) -> list[Job]:
    """The jobs where answers come when `lag` further hops were probed, or at a pause."""
    current = Pass()
    jobs: list[Job] = []
    due: list[ProbeResult] = []
    for job in ladder(current, (0, 1), 30, known):
        jobs.append(job)
        if isinstance(job, Pause):
            current.results += due
            due = []
            continue
        kind: Outcome = "reply" if job[1] >= length else "expired"
        due += [] if job[1] in silent else [ProbeResult(*job, kind, str(min(job[1], length)))]
        current.results += [each for each in due if each.ttl <= job[1] - lag]
        due = [each for each in due if each.ttl > job[1] - lag]
    return jobs


def test_a_long_round_trip_does_not_cut_a_trace() -> None:
    for known in (0, 8, 13, 14):
        reached = [job for job in late(14, known, 6) if not isinstance(job, Pause)]
        assert {(0, 14), (1, 14)} <= set(reached), known
    assert max(job[1] for job in late(14, 14, 6) if not isinstance(job, Pause)) == 14


def test_a_row_of_silent_routers_inside_a_known_path_does_not_cut_a_trace() -> None:
    assert (0, 14) in late(14, 14, 0, tuple(range(5, 13)))


def test_a_refusal_and_a_loop_end_a_flow() -> None:
    current = Pass()
    current.results += [ProbeResult(0, 3, "refused", "a")]
    current.results += [ProbeResult(1, ttl, "expired", "b") for ttl in range(1, 5)]
    current.results += [ProbeResult(2, ttl, "expired", "c") for ttl in range(1, 4)]
    assert [current.ended(flow) for flow in (0, 1, 2)] == [True, True, False]
    assert current.highest() == 4


def test_what_is_unanswered_is_silent() -> None:
    current = Pass()
    current.waiting[7] = (1, 2)
    current.results.append(ProbeResult(0, 1, "expired", "a"))
    assert current.taken() == (ProbeResult(0, 1, "expired", "a"), ProbeResult(1, 2, "silent"))
    current.clear()
    assert current.taken() == ()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 30)), max_size=60), st.integers(0, 40))
def test_echo_requests_are_spread_and_none_is_lost(
    jobs: list[tuple[int, int]], echoes: int
) -> None:
    mixed = list(with_echoes(jobs, echoes))
    assert mixed.count((ECHO, 0)) == echoes
    assert [job for job in mixed if job != (ECHO, 0)] == jobs
