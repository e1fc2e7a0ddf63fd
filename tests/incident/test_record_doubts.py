"""Records that look mixed up are said, and count."""

from bothsides.incident.record_doubts import newer_before, two_targets
from bothsides.model.evidence import Look
from tests.support.evidence import NOW, OUT, WELL, document, trace, udp


def test_evidence_from_before_that_is_newer_is_said_once() -> None:
    later = document("A", {"B": Look(udp()._replace(at=NOW + 60))})
    assert list(newer_before(WELL, [later, later])) == [
        "--before is newer than --evidence from A to B: if both were swapped, the verdict is about"
        " the wrong time"
    ]
    assert list(newer_before([later], WELL)) == []
    assert list(newer_before(WELL, WELL)) == []


def test_one_name_with_two_addresses_is_said() -> None:
    (mixed,) = (
        each._replace(peers=tuple(peer._replace(address="192.0.2.1") for peer in each.peers))
        for each in [document("A", {"B": Look(udp(), trace(OUT))})]
    )
    assert list(two_targets([mixed])) == [
        "A to B: one measurement went to 192.0.2.1, check_mtr_path to 52.1.9.10; are both B?"
    ]
    assert list(two_targets(WELL)) == []
