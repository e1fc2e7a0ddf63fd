"""Since when a fault is seen."""

from bothsides.incident.join import verdict
from bothsides.incident.span import Span, span_of
from bothsides.model.evidence import Look
from tests.support.evidence import BACK, NOW, OUT, WELL, case, document, trace, udp

LOST = udp(out=40)


def test_loss_is_seen_since_the_first_measurement_that_shows_it() -> None:
    there = document("A", {"B": Look(LOST._replace(at=NOW - 30), trace(OUT))})
    here = document("B", {"A": Look(udp(back=40)._replace(at=NOW - 10), trace(BACK))})
    assert span_of(case(there, here)) == Span(NOW - 30, None)


def test_loss_that_begins_while_it_is_measured_has_its_very_begin() -> None:
    there = document("A", {"B": Look(LOST._replace(turned=0.9, worst=0.5, ended=False))})
    assert span_of(case(there)) == Span(NOW + 0.9, None)


def test_loss_that_ended_says_when() -> None:
    turned = LOST._replace(turned=1.2, worst=0.5, ended=True)
    there = document("A", {"B": Look(turned, trace(OUT, 4, 0.2))})
    here = document("B", {"A": Look(udp(back=40), trace(BACK))})
    assert span_of(case(there)) == Span(NOW, NOW + 1.2)
    assert verdict(case(there)).until == NOW + 1.2
    assert span_of(case(there, here)).until is None


def test_a_healthy_way_has_no_since() -> None:
    assert verdict(case(*WELL)).since is None
