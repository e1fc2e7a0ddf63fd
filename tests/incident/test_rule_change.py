"""Another way, and what only looks like one."""

import pytest

from bothsides.incident.rule_change import changed
from bothsides.model.evidence import Look, PathEvidence
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
