"""Clocks that differ are measured and taken out; what is too old does not count."""

from bothsides.incident.clocks import by_one_clock, differences
from bothsides.model.evidence import ClockDifference, Evidence, Look, UdpEvidence
from bothsides.model.interval import Interval
from tests.support.evidence import NOW, document, udp


def shifted(by: float) -> UdpEvidence:
    """A measurement to a peer whose clock is so far ahead."""
    return udp()._replace(owd=Interval(0.001 + by, 0.001 - by))


def at(evidence: Evidence, seconds: float) -> Evidence:
    peers = tuple(
        peer._replace(now=Look(peer.now.udp and peer.now.udp._replace(at=NOW + seconds)))
        for peer in evidence.peers
    )
    return evidence._replace(at=NOW + seconds, peers=peers)


def test_a_clock_that_is_70_s_ahead_is_named_and_taken_out() -> None:
    ours = document("A", {"B": Look(shifted(70.0))})
    theirs = at(document("B", {"A": Look(shifted(-70.0))}), 70.0)
    timed = by_one_clock([ours, theirs], "A")
    assert [(each.name, each.state) for each in timed.witnesses] == [
        ("A", "heard"), ("B", "clock off"),
    ]  # fmt: skip
    assert "70 s ahead of that of A" in timed.witnesses[1].words
    assert abs(timed.documents[1].at - NOW) < 0.01


def test_a_clock_that_is_an_hour_behind_is_said_in_minutes() -> None:
    ours = document("A", {"B": Look(shifted(-4000.0))})
    timed = by_one_clock([ours, at(document("B", {"A": Look(shifted(4000.0))}), -4000.0)], "A")
    assert timed.witnesses[1].words == "its clock is 67 min behind that of A: corrected"


def test_the_difference_is_found_through_other_hosts() -> None:
    chain = [document("A", {"B": Look(shifted(1.0))}), document("B", {"C": Look(shifted(2.0))})]
    found = differences(chain, "A")
    assert found["C"].low < 3.0 < found["C"].high
    assert found["C"].half < 0.01


def test_what_a_document_says_of_clocks_itself_counts_too() -> None:
    told = document("A", {})._replace(clocks=(ClockDifference("B", Interval(4.9, 5.1)),))
    assert differences([told], "B")["A"] == Interval(-5.1, -4.9)


def test_evidence_that_is_an_hour_older_is_stale_and_left_out() -> None:
    old = at(document("C", {"B": Look(udp())}), -3600.0)
    timed = by_one_clock([document("A", {"B": Look(udp())}), old], "A", 900.0)
    assert [document.host for document in timed.documents] == ["A"]
    assert [(each.name, each.state) for each in timed.witnesses] == [("A", "heard"), ("C", "stale")]
    assert "60 min older" in timed.witnesses[1].words
