"""Routers that refuse, and packets that circle."""

from bothsides.analyse.path.ownership import Owner
from bothsides.incident.case import joined_case
from bothsides.incident.rule_refusal import refusals
from bothsides.model.evidence import HopCount, IcmpWord, Look, PathEvidence
from bothsides.model.verdict import UNKNOWN
from tests.support.evidence import BACK, NOW, OUT, case, document, silent, trace, udp


def circling(line: tuple[str, ...], loop: tuple[str, str]) -> PathEvidence:
    """A trace whose probes go back and forth between two routers."""
    hops = tuple(
        HopCount(flow, ttl, 2, 0, host, 0.001)
        for flow in range(4)
        for ttl, host in enumerate((*line, loop[0], loop[1], loop[0]), 1)
    )
    return PathEvidence(
        NOW, OUT[-1], "", True, (0, 1, 2, 3), 0, hops, 20, 20, None, loop=loop
    )  # fmt: skip


def test_the_router_up_to_which_packets_take_their_usual_way_sends_them_back() -> None:
    now = circling(OUT[:4], (OUT[4], "62.2.11.9"))
    there = document("A", {"B": Look(silent(), now)}, {"B": Look(udp(), trace(OUT))})
    here = document("B", {"A": Look(silent(), trace(BACK, stop=4))})
    (fault,) = refusals(case(there, here)).faults
    assert ([each.code for each in fault.suspects], fault.confidence) == (["Nimbus"], "likely")
    assert f"up to {OUT[4]}" in fault.words


def test_a_refusal_of_the_last_router_that_answers_is_not_the_targets_network_s() -> None:
    # a provider's address, and behind it a way that nobody has ever seen
    word = IcmpWord(OUT[3], 3, 13, False, 9)
    there = document("A", {"B": Look(silent((word,)), trace(OUT, stop=5))})
    (fault,) = refusals(case(there)).faults
    assert {"TalNet", "Nimbus", UNKNOWN} == {each.code for each in fault.suspects}
    assert fault.confidence == "none"


def test_a_refusal_at_a_border_is_not_certain_by_custom_alone() -> None:
    line = ("52.1.9.1", "52.1.3.2", "4.68.9.1", "4.68.1.2", "62.2.3.2", "10.0.0.10")
    word = IcmpWord("52.1.3.2", 3, 13, False, 9)
    there = document("B", {"A": Look(silent((word,)), trace(line, stop=3))},
                     {"A": Look(udp(), trace(line))})  # fmt: skip
    cloud, transit = Owner("Nimbus", 0, "cloud"), Owner("Rhonelink", 0, "transit")
    owners = {each: cloud if each.startswith("52") else transit for each in line[:4]}
    (fault,) = refusals(joined_case("B", "A", (there,), owners)).faults
    assert [each.code for each in fault.suspects] == ["Nimbus", "Rhonelink"]
    assert fault.confidence == "open"


def test_a_loop_on_one_network_s_addresses_may_be_its_neighbours_without_a_past() -> None:
    there = document("A", {"B": Look(silent(), circling(OUT[:2], (OUT[2], OUT[3])))})
    (fault,) = refusals(case(there)).faults
    assert fault.confidence == "none"


def test_of_a_loop_without_a_past_both_are_open() -> None:
    now = circling((), (OUT[0], OUT[1]))
    there = document("A", {"B": Look(silent(), now)})
    (fault,) = refusals(case(there)).faults
    assert {each.code for each in fault.suspects} >= {"Office", "TalNet", UNKNOWN}
    assert fault.confidence in ("open", "none")


def test_without_a_trace_the_owner_of_an_address_is_not_that_of_its_router() -> None:
    word = IcmpWord("62.2.3.2", 3, 13, False, 9)
    there = document("A", {"B": Look(silent((word,)))})
    (fault,) = refusals(case(there)).faults
    assert (fault.confidence, [each.code for each in fault.suspects]) == (
        "none",
        ["TalNet", UNKNOWN],
    )


def test_packets_that_return_to_a_router_circle_though_the_other_one_is_silent() -> None:
    line = (*OUT[:5], "", OUT[4], "")
    hops = tuple(
        HopCount(flow, ttl, 2, 0 if host else 2, host, 0.001 if host else None)
        for flow in range(4)
        for ttl, host in enumerate(line, 1)
    )
    now = trace(OUT, stop=6)._replace(hops=hops)
    there = document("A", {"B": Look(silent(), now)}, {"B": Look(udp(), trace(OUT))})
    (fault,) = refusals(case(there)).faults
    assert fault.words.startswith(f"packets return to {OUT[4]} (")
    answered = now._replace(length=len(OUT))
    assert refusals(case(document("A", {"B": Look(udp(), answered)}))).faults == ()
