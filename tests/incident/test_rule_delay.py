"""Where a longer round trip comes from, by one-way medians and by the first slower hop."""

import pytest

from bothsides.incident.rule_delay import delayed
from bothsides.model.evidence import Look, UdpEvidence
from bothsides.model.interval import Interval
from tests.support.evidence import BACK, OUT, case, document, trace, udp


def slow(out: float = 0.0, back: float = 0.0) -> UdpEvidence:
    both = out + back
    return udp()._replace(
        rtt=Interval(0.002 + both, 0.0025 + both), owd=Interval(0.001 + out, 0.001 + back)
    )


BEFORE = {"B": Look(udp(), trace(OUT)), "A": Look(udp(), trace(BACK))}


def test_a_queue_on_the_way_out_is_found_by_the_trace_of_the_way_out() -> None:
    there = document("A", {"B": Look(slow(out=0.05), trace(OUT, slow_from=3, slower=0.05))}, BEFORE)
    here = document(
        "B", {"A": Look(slow(back=0.05), trace(BACK, slow_from=6, slower=0.05))}, BEFORE
    )
    (fault,) = delayed(case(there, here)).faults
    assert (fault.way, fault.named, fault.kind) == ("out", "TalNet", "delay")
    assert "50" in fault.words


def test_at_a_border_the_router_before_the_link_comes_first() -> None:
    there = document("A", {"B": Look(slow(out=0.05), trace(OUT, slow_from=2, slower=0.05))}, BEFORE)
    (fault,) = delayed(case(there)).faults
    assert [suspect.code for suspect in fault.suspects][:2] == ["Office", "TalNet"]
    assert fault.confidence == "open"


def test_inside_a_network_an_exception_of_custom_keeps_its_small_part() -> None:
    there = document("A", {"B": Look(slow(out=0.05), trace(OUT, slow_from=5, slower=0.05))}, BEFORE)
    (fault,) = delayed(case(there)).faults
    assert [suspect.code for suspect in fault.suspects] == ["Nimbus", "TalNet"]
    assert fault.suspects[1].share < 0.1


def test_a_hop_that_was_late_before_does_not_put_the_delay_behind_it() -> None:
    late = tuple(hop._replace(best=0.06) if hop.ttl == 6 else hop for hop in trace(OUT).hops)
    before = {"B": Look(udp(), trace(OUT)._replace(hops=late))}
    there = document("A", {"B": Look(slow(out=0.05), trace(OUT, slow_from=3, slower=0.05))}, before)
    (fault,) = delayed(case(there)).faults
    assert "TalNet" in {suspect.code for suspect in fault.suspects}


@pytest.mark.parametrize("now", [slow(), slow(out=0.0004), udp()])
def test_less_than_the_path_s_own_jitter_is_no_delay(now: UdpEvidence) -> None:
    there = document("A", {"B": Look(now, trace(OUT))}, BEFORE)
    assert delayed(case(there)).faults == ()


def test_one_slow_router_is_no_delay_of_the_way() -> None:
    path = trace(OUT)
    hops = tuple(hop._replace(best=0.08) if hop.ttl == 3 else hop for hop in path.hops)
    there = document("A", {"B": Look(udp(), path._replace(hops=hops))}, BEFORE)
    assert delayed(case(there)).faults == ()


def test_some_slow_flows_are_said_and_nobody_is_named() -> None:
    flows = tuple(
        flow._replace(fastest=0.06 if place % 2 else 0.002)
        for place, flow in enumerate(udp().flows)
    )
    there = document("A", {"B": Look(udp()._replace(flows=flows), trace(OUT))}, BEFORE)
    (fault,) = delayed(case(there)).faults
    assert (fault.confidence, fault.named) == ("none", "")
    assert "5 of 10 flows" in fault.words


def test_a_delay_of_unknown_direction_names_nobody_where_one_way_was_never_traced() -> None:
    slow = udp()._replace(rtt=Interval(0.032, 0.0321), owd=None)
    there = Look(slow, trace(OUT, slow_from=4, slower=0.03))
    before = {"B": Look(udp()._replace(owd=None), trace(OUT))}
    (fault,) = delayed(case(document("A", {"B": there}, before))).faults
    assert (fault.way, fault.confidence) == ("", "none")
