"""HTTPS alone fails: the server, large packets, or nobody can tell."""

from bothsides.incident.conclusion import Conclusion
from bothsides.incident.rule_https import https_trouble
from bothsides.incident.rule_own import Own
from bothsides.model.evidence import HttpsEvidence, Look
from tests.support.evidence import BACK, OUT, THIRD, case, document, https, trace, udp

NO_TROUBLE = Own(frozenset(), frozenset())
STALLED = https(phase="tls", blame="tls", words="the TLS handshake stalls", status=0, resent=0)
RESENT = STALLED._replace(resent=6)
SLOW = https(total=6.0, slowest="server", slowest_seconds=5.9)
SILENT = https(phase="connect", blame="path", words="no answer", connected=False, status=0)


def judged(
    mine: HttpsEvidence, theirs: HttpsEvidence | None = None, harmed: bool = False
) -> Conclusion:
    """A's request and C's; B's request to A is well."""
    documents = [
        document("A", {"B": Look(udp(), trace(OUT), mine)}),
        document("B", {"A": Look(udp(), trace(BACK), https())}),
    ]
    if theirs is not None:
        documents.append(document("C", {"B": Look(udp(), trace(THIRD), theirs)}))
    return https_trouble(case(*documents), NO_TROUBLE, frozenset({"A", "B"} if harmed else ()))


def codes(found: Conclusion) -> list[str]:
    return [suspect.code for suspect in found.faults[0].suspects]


def test_a_request_that_went_well_is_no_fault() -> None:
    assert judged(https()).faults == ()


def test_a_stall_from_everybody_is_the_host_or_the_network_in_front_of_it() -> None:
    found = judged(STALLED, STALLED)
    assert codes(found) == ["far end", "Nimbus"]
    assert found.faults[0].confidence == "open"


def test_a_stall_of_one_host_alone_names_nobody() -> None:
    assert judged(STALLED, https()).faults[0].confidence == "none"
    assert "far end" not in codes(judged(STALLED, https()))
    assert judged(STALLED).faults[0].confidence == "none"


def test_a_stall_with_own_packets_sent_again_is_no_server_s_fault() -> None:
    found = judged(RESENT)
    assert "large packets from A" in found.faults[0].words
    assert found.faults[0].named != "far end"
    assert "check_udp_loss --size 1400" in found.settle[0]


def test_behind_a_loss_a_server_that_hangs_for_hosts_that_lose_nothing_is_a_fault_too() -> None:
    mute = STALLED._replace(mute=True)
    found = judged(RESENT, mute, harmed=True)
    assert codes(found) == ["far end", "Nimbus"]
    assert found.faults[0].words.startswith("HTTPS from C, which loses nothing, to B: ")
    assert judged(RESENT, https(), harmed=True).faults == ()
    assert judged(RESENT, STALLED, harmed=True).faults == ()  # one host, by a hole perhaps
    assert judged(https(), mute, harmed=True).faults == ()


def test_a_slow_answer_without_loss_is_the_servers() -> None:
    found = judged(SLOW)
    assert (codes(found), found.faults[0].confidence) == (["far end"], "likely")
    assert judged(SLOW._replace(resent=3)).faults == ()


def test_a_slow_answer_is_nobodys_where_its_packets_are_not_known_to_pass() -> None:
    # the server sends again what is lost, and the asking host sees none of that
    for mine in (None, udp(back=40)):
        there = document("A", {"B": Look(mine, trace(OUT), SLOW)})
        found = https_trouble(case(there), NO_TROUBLE, frozenset())
        assert found.faults[0].confidence == "none"


def test_a_server_that_acknowledges_all_and_sends_nothing_is_likelier_than_the_way() -> None:
    found = judged(STALLED._replace(mute=True))
    assert (codes(found)[0], found.faults[0].confidence) == ("far end", "open")
    assert "not one packet" in found.faults[0].words
    assert judged(STALLED._replace(mute=False)).faults[0].confidence == "none"
    assert judged(STALLED._replace(mute=True), https()).faults[0].confidence == "none"


def test_silence_to_everybody_is_the_host_or_its_network() -> None:
    assert codes(judged(SILENT, SILENT))[0] == "far end"
    assert judged(SILENT, https()).faults[0].confidence == "none"


def test_loss_that_is_known_explains_slowness_but_no_refusal() -> None:
    refused = SILENT._replace(answer="refused", blame="server")
    assert judged(STALLED, harmed=True).faults == ()
    assert codes(judged(refused, harmed=True)) == ["far end"]


def test_a_word_of_a_router_is_no_lack_of_the_asking_host() -> None:
    prohibited = SILENT._replace(answer="unreachable", blame="local", words="Permission denied")
    found = judged(prohibited, prohibited)
    assert codes(found)[0] == "far end"
    assert judged(SILENT._replace(blame="local")).faults == ()


def test_a_hole_is_told_once_by_the_end_whose_packets_are_lost() -> None:
    documents = [
        document("A", {"B": Look(udp(), trace(OUT), RESENT)}),
        document("B", {"A": Look(udp(), trace(BACK), RESENT._replace(resent=1, phase="server"))}),
    ]
    found = https_trouble(case(*documents), NO_TROUBLE, frozenset())
    assert len(found.faults) == 1
    assert "large packets from A" in found.faults[0].words


def test_large_answers_that_others_get_acquit_what_they_share_with_a_hole() -> None:
    hole = document("A", {"B": Look(udp(), trace(OUT), RESENT)})
    other = ("62.2.3.1", "81.7.0.9")  # C asks A, and the answers leave by the provider of A
    witness = document("C", {"A": Look(udp(), trace(other), https(bytes_in=30000))})
    back = document(
        "A", {"C": Look(udp(), trace(("10.0.0.1", "62.2.3.1", "62.2.10.2", "81.7.0.9")))}
    )
    both = hole._replace(peers=(*hole.peers, *back.peers))
    alone = https_trouble(case(hole), NO_TROUBLE, frozenset())
    found = https_trouble(case(both, witness), NO_TROUBLE, frozenset())
    share = {each.code: each.share for each in found.faults[0].suspects}
    before = {each.code: each.share for each in alone.faults[0].suspects}
    assert share.get("Office", 0.0) < before["Office"] / 3
    assert share["Nimbus"] > before["Nimbus"]
