"""Whose routers the hops are, silent ones from memory."""

from tests.support.sample_loss import BACK, OUT, analysed, known, stopped, whole


def test_hops_that_are_silent_now_are_known_from_memory_while_the_path_is_the_same() -> None:
    faults = analysed(stopped(BACK, 4), past=known(BACK)).faults
    assert [router.address for router in faults.way] == list(BACK)
    assert [str(owner) for owner in faults.way[4].owners] == ["TalNet", "Rhonelink"]


def test_a_path_that_differs_takes_nothing_from_memory() -> None:
    other = (*OUT[:3], "4.68.7.5", *OUT[4:])
    run = stopped(other, 5)._replace(target=OUT[-1], host=OUT[-1])
    faults = analysed(run, past=known(OUT)).faults
    assert [router.address for router in faults.way] == list(other[:5])


def test_a_target_that_answers_echo_requests_alone_is_behind_the_last_hop() -> None:
    run = stopped(OUT, 6)._replace(echoes=(0.02,) * 20)
    analysis = analysed(run, past=known(OUT))
    assert (analysis.reached, len(analysis.faults.way)) == (True, 7)
    assert analysis.faults.way[-1].address == "52.93.9.10"
    assert analysed(whole(OUT)).faults.loss is None
