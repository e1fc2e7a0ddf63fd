"""The hop from which some flows are slower, by both traces' round trips."""

from bothsides.incident.rule_delay import delayed
from bothsides.incident.slow_flows import SlowFrom, first_slow
from bothsides.model.evidence import Look, PathEvidence, UdpEvidence
from bothsides.model.interval import Interval
from bothsides.model.verdict import FAR_END, MONITOR
from tests.support.evidence import BACK, OUT, case, document, trace, udp


def some_slower(first: int, flows: tuple[int, ...] = (0, 1)) -> PathEvidence:
    """A trace whose flows are 40 ms slower from a hop on."""
    path = trace(OUT)
    hops = tuple(
        hop._replace(best=hop.best + 0.04)
        if hop.best is not None and hop.ttl >= first and hop.flow in flows
        else hop
        for hop in path.hops
    )
    return path._replace(hops=hops)


def spot(now: PathEvidence) -> SlowFrom | None:
    there = document("A", {"B": Look(udp(), now)}, {"B": Look(udp(), trace(OUT))})
    view = case(there).there
    assert view is not None
    return first_slow(view, 0.02)


def test_the_first_hop_at_which_the_slow_flows_are_slow_is_the_place() -> None:
    assert spot(some_slower(4)) == SlowFrom(4, 4, 2, 4, parted=False)


def test_flows_that_all_are_slow_are_no_matter_of_parallel_links() -> None:
    assert spot(some_slower(4, (0, 1, 2, 3))) is None
    assert spot(trace(OUT)) is None


def test_one_slow_flow_proves_nothing() -> None:
    assert spot(some_slower(4, (2,))) is None


def test_the_network_of_a_slow_parallel_link_is_named_where_the_direction_is_known() -> None:
    well = udp()
    slow = tuple(
        flow._replace(fastest=0.042 if number < 6 else 0.002)
        for number, flow in enumerate(well.flows)
    )
    now = well._replace(flows=slow, rtt=Interval(0.002, 0.042), owd=Interval(0.041, 0.001))
    there = document("A", {"B": Look(now, some_slower(3))}, {"B": Look(well, trace(OUT))})
    here = document("B", {"A": Look(well, trace(BACK))})
    (fault,) = delayed(case(there, here)).faults
    assert ([each.code for each in fault.suspects], fault.way) == (["TalNet"], "out")
    assert "from hop 3 on" in fault.words
    unknown = document("A", {"B": Look(now._replace(owd=None), some_slower(3))},
                       {"B": Look(well, trace(OUT))})  # fmt: skip
    (fault,) = delayed(case(unknown, here)).faults
    assert fault.confidence == "none"


def by_two_routers(path: PathEvidence) -> PathEvidence:
    """The trace of `some_slower` whose flows 0 and 1 meet another router at hop 3."""
    hops = tuple(
        hop._replace(host="62.2.10.6") if hop.ttl == 3 and hop.flow < 2 else hop
        for hop in path.hops
    )
    return path._replace(hops=hops)


def some_slow(median: float, owd: Interval) -> UdpEvidence:
    """UDP of which three flows of ten are 40 ms slower."""
    well = udp()
    flows = tuple(
        flow._replace(fastest=0.042 if number < 3 else 0.002)
        for number, flow in enumerate(well.flows)
    )
    return well._replace(flows=flows, rtt=Interval(0.002, median), owd=owd)


def test_the_direction_of_a_slow_parallel_link_may_be_what_the_other_end_knows() -> None:
    usual = Interval(0.001, 0.001)
    there = document("A", {"B": Look(some_slow(0.002, usual), some_slower(4))},
                     {"B": Look(udp(), trace(OUT))})  # fmt: skip
    here = document("B", {"A": Look(some_slow(0.042, Interval(0.001, 0.041)), trace(BACK))},
                    {"A": Look(udp(), trace(BACK))})  # fmt: skip
    (fault,) = delayed(case(there, here)).faults
    assert ([each.code for each in fault.suspects], fault.way) == (["TalNet", "Nimbus"], "out")


def test_without_a_direction_the_trace_whose_slow_flows_go_by_another_router_is_likeliest() -> None:
    now = some_slow(0.002, Interval(0.001, 0.001))
    before = {"B": Look(udp(), by_two_routers(trace(OUT)))}
    there = document("A", {"B": Look(now, by_two_routers(some_slower(3)))}, before)
    here = document("B", {"A": Look(now, trace(BACK))}, {"A": Look(udp(), trace(BACK))})
    (fault,) = delayed(case(there, here)).faults
    assert (fault.named, fault.confidence, fault.way) == ("TalNet", "open", "")
    assert {"Office", "Nimbus", MONITOR, FAR_END} <= {each.code for each in fault.suspects}
    assert "by another router, at hop 3" in fault.words
    all_alike = document("A", {"B": Look(now, some_slower(3))}, {"B": Look(udp(), trace(OUT))})
    (fault,) = delayed(case(all_alike, here)).faults
    assert fault.confidence == "none"
