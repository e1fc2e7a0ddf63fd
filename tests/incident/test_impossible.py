"""Values that no measurement can have found end in one line, wherever evidence comes from."""

import json
import math

import pytest

from bothsides.incident.document import from_text, to_text
from bothsides.incident.impossible import impossible_document, impossible_values
from bothsides.model.evidence import (
    Arrived,
    ClockDifference,
    Evidence,
    FlowLoss,
    IcmpWord,
    Look,
    PeerEvidence,
    Refusal,
)
from bothsides.model.interval import Interval
from bothsides.parse import Unreadable
from tests.support.evidence import OUT, WELL, https, trace, udp


def test_what_was_measured_is_possible() -> None:
    assert list(impossible_values(Look(udp(), trace(OUT), https()))) == []


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (Look(udp()._replace(at=math.nan)), "an impossible time"),
        (Look(udp()._replace(at=1e300)), "an impossible time"),
        (Look(udp()._replace(sent=3, lost=4)), "impossible counts of packets"),
        (Look(udp()._replace(forward=Interval(3, 1))), "impossible bounds of lost packets"),
        (Look(udp()._replace(rtt=Interval(0.1, math.inf))), "impossible delays"),
        (Look(udp()._replace(flows=(FlowLoss(5, 9, None),))), "impossible counts of a flow"),
        (Look(udp()._replace(turned=-1.0)), "an impossible time"),
        (Look(None, trace(OUT)._replace(length=10**9)), "a path with too many hops"),
        (Look(None, trace(OUT)._replace(length=-1)), "a path with too many hops"),
        (Look(udp()._replace(unsent=-1)), "impossible counts of packets"),
        (Look(udp()._replace(overflow=10**400)), "impossible counts of packets"),
        (Look(udp()._replace(dead_flows=(16,))), "a flow that is not there"),
        (Look(udp()._replace(worst=1.5)), "an impossible share of lost packets"),
        (Look(udp()._replace(owd=Interval(0, math.inf))), "impossible delays"),
        (Look(udp()._replace(icmp=(IcmpWord("", 300, 0, False, 1),))), "an impossible ICMP error"),
        (Look(None, trace(OUT)._replace(echoes_lost=99)), "impossible counts of echo requests"),
        (Look(None, trace(OUT)._replace(echoes_lost=-1)), "impossible counts of echo requests"),
        (Look(None, trace(OUT)._replace(echo_best=1e9)), "impossible delays"),
        (Look(None, trace(OUT)._replace(arrived=math.nan)), "an impossible time"),
        (Look(None, trace(OUT)._replace(refusals=(Refusal("", 999),))), "an impossible hop number"),
        (Look(https=https()._replace(total=math.inf)), "impossible delays"),
        (Look(https=https()._replace(resent=-1)), "impossible counts of a request"),
    ],
)
def test_what_cannot_be_is_named(look: Look, words: str) -> None:
    assert words in list(impossible_values(look))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (WELL[0]._replace(at=-1.0), "an impossible time"),
        (WELL[0]._replace(clock_error=math.nan), "an impossible error of the clock"),
        (
            WELL[0]._replace(clocks=(ClockDifference("B", Interval(1, -1)),)),
            "an impossible difference of clocks",
        ),
        (WELL[0]._replace(left_off=-1), "an impossible number of peers"),
        (
            WELL[0]._replace(
                peers=(PeerEvidence("B", "", Look(), arrived=Arrived(True, 0, (-1,))),)
            ),
            "impossible counts of requests",
        ),
    ],
)
def test_what_no_host_can_say_of_itself_is_named(document: Evidence, words: str) -> None:
    assert list(impossible_document(document)) == [words]


def test_a_document_with_a_path_of_a_billion_hops_is_unreadable_at_once() -> None:
    data = json.loads(to_text(WELL[0]))
    data["peers"][0]["now"]["path"]["length"] = 10**9
    with pytest.raises(Unreadable, match="a path with too many hops"):
        from_text(json.dumps(data))
