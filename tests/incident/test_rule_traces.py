"""Traces without UDP: that packets are lost is said, whose fault it is not."""

from bothsides.incident.join import verdict
from bothsides.model.evidence import Look, PathEvidence
from bothsides.model.verdict import NONE, Verdict
from tests.support.evidence import BACK, OUT, case, document, trace, udp


def judged(path: PathEvidence) -> Verdict:
    there, here = (
        document("A", {"B": Look(path=path)}),
        document("B", {"A": Look(path=trace(BACK))}),
    )
    return verdict(case(there, here))


def test_a_lossy_trace_alone_is_neither_nothing_nor_anybody_s() -> None:
    said = judged(trace(OUT, 4, 0.4))
    assert (said.side, said.confidence) == ((), "none")
    assert [fault.kind for fault in said.faults] == ["loss"]
    assert "loses 16 of 40 echo requests" in said.faults[0].words
    assert said.settle == ("check_udp_loss between A and B",)


def test_a_trace_that_ends_on_the_way_is_no_healthy_one() -> None:
    assert [fault.kind for fault in judged(trace(OUT, stop=4)).faults] == ["silence"]


def test_limits_of_echo_requests_alone_and_healthy_traces_harm_nobody() -> None:
    for path in (trace(OUT), trace(OUT)._replace(echoes_lost=20)):
        assert judged(path).side == (NONE,)


def test_where_udp_was_measured_it_counts() -> None:
    there = document("A", {"B": Look(udp(), trace(OUT, 4, 0.4))})
    assert verdict(case(there)).side == (NONE,)
