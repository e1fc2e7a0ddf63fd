"""Only UDP to the reflector fails."""

from bothsides.incident.conclusion import Conclusion
from bothsides.incident.rule_network import lost_packets
from bothsides.incident.rule_own import Own
from bothsides.incident.rule_udp import silent_reflector
from bothsides.model.evidence import Arrived, IcmpWord, Look, UdpEvidence
from tests.support.evidence import NOW, OUT, THIRD, WELL, case, document, silent, trace, udp

NO_TROUBLE = Own(frozenset(), frozenset())
ELSEWHERE = ("85.4.5.1", "81.1.1.2", OUT[-1])


def judged(theirs: UdpEvidence | None = None, line: tuple[str, ...] = THIRD) -> Conclusion:
    documents = [document("A", {"B": Look(silent(), trace(OUT))}), WELL[1]]
    if theirs is not None:
        documents.append(document("C", {"B": Look(theirs, trace(line))}))
    return silent_reflector(case(*documents), NO_TROUBLE)


def test_a_reflector_that_is_silent_to_all_is_the_far_end_s_or_behind_a_filter() -> None:
    (fault,) = judged(silent()).faults
    assert [suspect.code for suspect in fault.suspects] == ["far end", "Nimbus"]
    assert fault.confidence == "open"


def test_a_host_that_is_silent_by_two_entries_is_not_the_network_s() -> None:
    (fault,) = judged(silent(), ELSEWHERE).faults
    assert [suspect.code for suspect in fault.suspects] == ["far end"]


def test_a_reflector_that_replies_to_others_may_still_not_accept_this_host() -> None:
    found = judged(udp())
    assert found.faults[0].confidence == "open"
    assert [each.code for each in found.faults[0].suspects] == [
        "monitor",
        "far end",
        "Office",
        "TalNet",
        "Nimbus",
    ]
    assert found.acquitted == ()
    assert "--allow" in found.settle[1]
    assert "arrivals of A" in found.settle[0]


def test_nobody_is_named_where_nobody_else_has_asked() -> None:
    assert judged().faults[0].confidence == "none"


def test_arrivals_put_it_to_the_asking_host_s_side() -> None:
    there = document("A", {"B": Look(silent(), trace(OUT))})
    peer = WELL[1].peers[0]._replace(arrived=Arrived(True, 0.5))
    here = WELL[1]._replace(peers=(peer,), at=NOW + 3)
    found = silent_reflector(
        case(there, here, document("C", {"B": Look(udp(), trace(THIRD))})), NO_TROUBLE
    )
    assert found.faults[0].suspects[0].code == "monitor"
    assert "requests of A arrive there" in found.faults[0].words


def test_a_port_that_the_host_itself_calls_closed_is_certain() -> None:
    word = IcmpWord(OUT[-1], 3, 3, False, 4)
    there = document("A", {"B": Look(silent((word,)), trace(OUT))})
    (fault,) = silent_reflector(case(there, WELL[1]), NO_TROUBLE).faults
    assert (fault.named, fault.confidence) == ("far end", "certain")


def test_a_host_that_refuses_is_reached_though_its_path_was_never_traced() -> None:
    for address, word in (
        ("192.0.2.9", IcmpWord("192.0.2.9", 3, 3, False, 4)),
        ("2001:db8::9", IcmpWord("2001:db8::9", 1, 4, True, 4)),
    ):
        there = document("A", {"B": Look(silent((word,)))})
        peer = there.peers[0]._replace(address=address)
        made = case(there._replace(peers=(peer,)))
        (fault,) = silent_reflector(made, NO_TROUBLE).faults
        assert (fault.named, fault.confidence) == ("far end", "certain")
        assert lost_packets(made).faults == (), "its words have come through"


def test_a_refusal_by_another_host_proves_nothing_of_the_target() -> None:
    there = document("A", {"B": Look(silent((IcmpWord("192.0.2.1", 3, 3, False, 4),)))})
    made = case(there._replace(peers=(there.peers[0]._replace(address="192.0.2.9"),)))
    assert silent_reflector(made, NO_TROUBLE).faults == ()
    assert [fault.kind for fault in lost_packets(made).faults] == ["silence"]


def test_a_closed_port_that_answers_is_no_silence() -> None:
    there = document("A", {"B": Look(silent()._replace(host_lives=True))})
    assert lost_packets(case(there)).faults == ()
    assert silent_reflector(case(there), NO_TROUBLE).faults[0].kind == "service"


def test_a_host_that_no_packet_reaches_is_another_rule_s() -> None:
    there = document("A", {"B": Look(silent(), trace(OUT, stop=4))})
    assert silent_reflector(case(there), NO_TROUBLE).faults == ()
