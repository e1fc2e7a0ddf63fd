"""Values that no measurement can have found end in one line, wherever evidence comes from."""

import json
import math

import pytest

from bothsides.incident.document import from_text, to_text
from bothsides.incident.impossible import impossible_values
from bothsides.model.evidence import FlowLoss, Look
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
    ],
)
def test_what_cannot_be_is_named(look: Look, words: str) -> None:
    assert words in list(impossible_values(look))


def test_a_document_with_a_path_of_a_billion_hops_is_unreadable_at_once() -> None:
    data = json.loads(to_text(WELL[0]))
    data["peers"][0]["now"]["path"]["length"] = 10**9
    with pytest.raises(Unreadable, match="a path with too many hops"):
        from_text(json.dumps(data))
