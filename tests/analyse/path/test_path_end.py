"""Where answers end, who refuses and who circles.

Named only where it is proved (S1, S2, S9, S18).
"""

from bothsides.analyse.path.past import Past
from bothsides.analyse.path.path_end import PathEnd, Refusal, find_loop
from bothsides.model.path import ECHO, LossDirection, ProbeResult
from tests.support.sample_loss import BACK, OUT, VPN, analysed, known, stopped, whole


def end_of(
    line: tuple[str, ...], last: int, direction: LossDirection = "unknown"
) -> tuple[PathEnd, list[str]]:
    found = analysed(stopped(line, last), direction, known_as(line)).faults.end
    assert found is not None
    return found, [str(owner) for owner in found.place.owners] if found.place else []


def known_as(line: tuple[str, ...]) -> Past:

    return known(line)


def test_a_stop_proves_nobody_while_the_way_back_may_be_broken() -> None:
    end, names = end_of(OUT, 3)
    assert (end.last, end.following, end.length, end.place, names) == (3, 4, 7, None, [])


def test_a_stop_whose_way_back_is_sound_has_a_place() -> None:
    assert end_of(OUT, 3, "out")[1] == ["TalNet", "SwissIX", "Nimbus"]
    assert end_of(BACK, 4, "out")[1] == ["Rhonelink", "TalNet"]
    end, names = end_of(OUT, 6, "out")
    assert end.place is not None
    assert (names, end.place.target) == (["Nimbus"], True)


def test_a_stop_on_the_way_back_has_none() -> None:
    assert end_of(OUT, 3, "back")[0].place is None


def test_silence_of_the_first_hop_too_is_our_own_link() -> None:
    end, names = end_of(OUT, 0)
    assert end.place is not None
    assert (end.place.host, names) == (True, ["Alpenhaus"])


def test_a_stop_in_front_of_a_tunnel_is_inside_it() -> None:
    end, _ = end_of(VPN, 1, "out")
    assert end.place is not None
    assert end.place.tunnel


def refused(line: tuple[str, ...], last: int, *more: ProbeResult) -> Refusal | None:
    run = stopped(line, last)
    first = tuple(each for each in run.first if each.ttl <= last)
    return analysed(run._replace(first=(*first, *more)), past=known_as(line)).faults.refusal


def test_a_refusing_router_has_its_place_on_the_path_not_the_ttl_of_the_probe() -> None:
    found = refused(OUT, 4, ProbeResult(0, 7, "refused", "80.249.208.30", 0.01))
    assert found is not None
    assert (found.ttl, [str(owner) for owner in found.owners]) == (4, ["Nimbus"])


def test_a_refusal_that_answers_an_echo_request_counts() -> None:
    run = stopped(OUT, 4)._replace(
        refusals=(ProbeResult(ECHO, 0, "refused", "80.249.208.30", 0.01),)
    )
    found = analysed(run, past=known_as(OUT)).faults.refusal
    assert found is not None
    assert found.ttl == 4


def test_a_customers_router_with_an_address_of_its_provider_may_be_either() -> None:
    found = refused(BACK, 6, ProbeResult(0, 7, "refused", "62.2.3.6", 0.01))
    assert found is not None
    assert [str(owner) for owner in found.owners] == ["Alpenhaus", "TalNet"]


def test_a_target_that_refuses_has_been_reached() -> None:
    run = whole(OUT)._replace(echoes=(None,) * 20)
    first = tuple(
        each._replace(kind="refused") if each.kind == "reply" else each for each in run.first
    )
    analysis = analysed(run._replace(first=first), past=known_as(OUT))
    assert (analysis.reached, analysis.length, analysis.faults.refusal) == (True, 7, None)


def test_a_ring_behind_the_known_path_keeps_the_owners_that_were_known() -> None:

    ring = (*BACK[:6], *("62.2.3.5", "62.2.3.6") * 4)
    run = stopped(ring, len(ring))._replace(target="193.8.40.10")
    analysis = analysed(run, past=known_as(BACK))
    assert find_loop(analysis.walk) == ("62.2.3.6", "62.2.3.5")
    assert [str(owner) for owner in analysis.faults.operators["62.2.3.6"]] == [
        "Alpenhaus",
        "TalNet",
    ]
