"""Who else reaches the same host, and who another host of its address."""

from bothsides.incident.case import Case
from bothsides.incident.join import verdict
from bothsides.incident.witnesses import another_instance, doubts, to_target
from bothsides.model.evidence import Look, UdpEvidence
from bothsides.model.interval import Interval
from tests.support.evidence import BACK, OUT, THIRD, case, document, silent, trace, udp

ELSEWHERE = (*THIRD[:2], "81.1.9.1", OUT[-1])
"""C's way to another host of B's address, in a network of its own."""


def took(seconds: float, measured: UdpEvidence) -> UdpEvidence:
    return measured._replace(rtt=Interval(seconds, seconds))


def anycast(apart: float) -> Case:
    """B is silent for A, which is so many seconds from C; both are near to what they call B."""
    before = {"B": Look(took(0.002, udp()), trace(OUT))}
    there = document("A", {"B": Look(silent(), trace(OUT, 7, 1.0, stop=7))}, before)
    here = document("B", {"A": Look(silent(), trace(BACK, stop=2))})
    well = Look(took(0.002, udp()), trace(ELSEWHERE))
    return case(there, here, document("C", {"B": well, "A": Look(took(apart, udp()))}))


def test_hosts_that_are_farther_apart_than_by_way_of_the_target_reach_two_hosts() -> None:
    assert another_instance(anycast(0.150), "A", "B", "C")
    assert not another_instance(anycast(0.006), "A", "B", "C")


def test_a_witness_of_another_instance_acquits_nobody_and_this_is_said() -> None:
    far, near = anycast(0.150), anycast(0.006)
    assert far.there is not None
    assert near.there is not None
    assert [view.start for view in to_target(far, far.there)] == []
    assert [view.start for view in to_target(near, near.there)] == ["C"]
    said = verdict(far)
    assert "far end" in (*said.side, *said.also)
    assert [step.title for step in said.steps if step.rule == "R8"] == ["another instance"]


def test_a_witness_that_enters_by_another_network_is_doubted_in_words() -> None:
    (step,) = doubts(anycast(0.006))
    assert step.title == "another entry"
    assert step.words.endswith("only if both reach the same host (no anycast)")


def test_a_silent_reflector_is_not_acquitted_by_that_of_another_instance() -> None:
    there = document("A", {"B": Look(silent(), trace(OUT))}, {"B": Look(took(0.002, udp()))})
    well = Look(took(0.002, udp()), trace(ELSEWHERE))

    def likeliest(apart: float) -> str:
        witness = document("C", {"B": well, "A": Look(took(apart, udp()))})
        return verdict(case(there, witness)).faults[0].suspects[0].code

    assert likeliest(0.006) == "monitor"  # the reflector replies to C
    assert likeliest(0.150) == "far end"  # that of C is another host
