"""Another way, and what only looks like one."""

import pytest

from bothsides.incident.rule_change import changed
from bothsides.model.evidence import Look, PathEvidence
from bothsides.model.interval import Interval
from bothsides.model.verdict import UNKNOWN, Fault
from tests.support.evidence import OUT, case, document, trace, udp

BEFORE = {"B": Look(udp(), trace(OUT))}
ROUND = (*OUT[:3], "81.1.7.1", "81.1.7.2", "52.1.8.1", OUT[-1])


def found(path: PathEvidence) -> list[tuple[str, str]]:
    there = document("A", {"B": Look(udp(), path)}, BEFORE)
    return [(fault.named, fault.words) for fault in changed(case(there)).faults]


def test_the_network_that_turns_off_is_named_and_those_that_are_entered() -> None:
    ((side, words),) = found(trace(ROUND))
    assert side == "TalNet"
    assert words.endswith("turns off after hop 3 (TalNet), now by Bergnet")


def test_a_queue_on_the_other_way_may_be_of_a_network_that_it_enters() -> None:
    def judged(median: float) -> Fault:
        slow = udp()._replace(rtt=Interval(0.030, median), owd=Interval(median - 0.001, 0.001))
        there = document("A", {"B": Look(slow, trace(ROUND))}, BEFORE)
        (fault,) = changed(case(there)).faults
        return fault

    waiting, longer = judged(0.045), judged(0.0301)
    assert (waiting.kind, waiting.confidence) == ("delay", "open")
    assert [each.code for each in waiting.suspects] == ["Bergnet", "TalNet"]
    assert "varies by 15 ms more" in waiting.words
    assert (longer.kind, longer.named) == ("change", "TalNet")  # it may only be a longer way
    assert [each.code for each in longer.suspects] == ["TalNet", "Bergnet"]
    assert longer.words.endswith("; the round trip is 28 ms longer")


@pytest.mark.parametrize(
    "path",
    [
        trace(OUT),
        trace((*OUT[:3], "62.2.99.9", *OUT[4:])),  # a router with another address
        trace((*OUT[:3], *OUT[4:])),  # a tunnel that hides a hop
        trace(ROUND)._replace(fixed=False),  # flows that vary
        trace(ROUND)._replace(flows=(0,)),  # a single flow
        trace(ROUND, stop=5),
    ],
)
def test_what_is_no_other_way_is_none(path: PathEvidence) -> None:
    assert found(path) == []


def test_two_routers_in_a_row_that_were_never_there_are_another_way() -> None:
    ((side, words),) = found(trace((*OUT[:2], "62.2.98.1", "62.2.98.2", *OUT[4:])))
    assert side == "TalNet"
    assert "now by other routers" in words


def silent(path: PathEvidence, *ttls: int) -> PathEvidence:
    """The trace with nobody at these hops."""
    hops = tuple(
        hop._replace(host="", lost=hop.sent, best=None) if hop.ttl in ttls else hop
        for hop in path.hops
    )
    return path._replace(hops=hops)


def found_since(before: PathEvidence, now: PathEvidence) -> list[tuple[str, str]]:
    there = document("A", {"B": Look(udp(), now)}, {"B": Look(udp(), before)})
    return [(fault.named, fault.confidence) for fault in changed(case(there)).faults]


def test_the_last_router_has_another_address_before_a_target_that_answers_echoes_alone() -> None:
    last = len(OUT)
    now = trace((*OUT[:-2], "52.1.9.1", OUT[-1]))
    line = (*OUT[:-2], "62.2.77.2", OUT[-1])
    assert found_since(silent(trace(line), last), silent(now, last)) == []


def test_silent_hops_hide_where_the_way_turns_off() -> None:
    before, now = silent(trace(OUT), 2, 3), silent(trace(ROUND), 2, 3)
    assert found_since(before, now) == [("", "none")]


def test_one_other_address_is_no_other_network_where_silent_hops_were_before() -> None:
    now = trace((*OUT[:3], "81.1.7.1", *OUT[4:]))  # which was in TalNet's network before
    assert found_since(trace(OUT), now) == [("TalNet", "likely")]
    assert found_since(silent(trace(OUT), 2), silent(now, 2)) == []


def test_a_router_that_was_silent_before_is_no_new_one() -> None:
    now = trace((*OUT[:2], "62.2.98.1", "62.2.98.2", *OUT[4:]))
    assert found_since(trace(OUT), now) == [("TalNet", "likely")]
    assert found_since(silent(trace(OUT), 4), now) == []


def test_a_private_router_that_turns_off_may_be_of_the_network_that_was_behind_it() -> None:
    before = (OUT[0], "10.7.7.7", *OUT[2:])
    now = (OUT[0], "10.7.7.7", "81.1.7.1", "81.1.7.2", "81.1.7.3", "52.1.8.1", OUT[-1])
    there = document("A", {"B": Look(udp(), trace(now))}, {"B": Look(udp(), trace(before))})
    (fault,) = changed(case(there)).faults
    shares = {each.code: round(each.share, 2) for each in fault.suspects}
    assert shares == {"Office": 0.78, "TalNet": 0.1, "Bergnet": 0.1, UNKNOWN: 0.02}
