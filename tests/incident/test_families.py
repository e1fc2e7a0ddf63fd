"""IPv4 and IPv6 side by side: what one of them shows says nothing about the other."""

from bothsides.incident.families import left_out, lossy_family, within
from bothsides.incident.join import verdict
from bothsides.model.evidence import Look, PathEvidence, UdpEvidence
from tests.support.evidence import BACK, OUT, THIRD, case, document, https, silent, trace, udp


def by(family: int, measured: UdpEvidence) -> UdpEvidence:
    return measured._replace(family=family)


def six(path: PathEvidence) -> PathEvidence:
    """The same trace by IPv6."""
    return path._replace(
        target="2001:db8::9",
        hops=tuple(hop._replace(host=f"2001:db8::{hop.ttl}") for hop in path.hops),
    )


def test_the_family_is_the_one_that_loses() -> None:
    there = document("A", {"B": Look(by(4, udp()), None)})
    here = document("B", {"A": Look(by(6, udp(out=40)), None)})
    assert lossy_family(case(there, here)) == 6
    assert lossy_family(case(there)) is None


def test_a_trace_by_ipv4_places_no_loss_by_ipv6() -> None:
    # the trace by IPv4 has a trouble of its own, so that its place looks like that of the loss
    there = document("A", {"B": Look(by(6, udp(out=40)), trace(OUT, 3, 0.2))})
    here = document("B", {"A": Look(by(6, udp(back=42)), trace(BACK))})
    said = verdict(case(there, here))
    assert said.side == ()
    assert "no check_mtr_path from A to B by IPv6, as the lost packets went" in said.missing


def test_a_witness_by_the_other_family_acquits_nobody() -> None:
    there = document("A", {"B": Look(by(4, udp(out=40)), trace(OUT, 7, 0.2))})
    here = document("B", {"A": Look(by(4, udp(back=40)), trace(BACK, 6, 0.2))})
    witness = document("C", {"B": Look(by(6, udp()), six(trace(THIRD)), https(family=6))})
    alone, with_it = verdict(case(there, here)), verdict(case(there, here, witness))
    assert {*with_it.side, *with_it.also} == {*alone.side, *alone.also}
    assert with_it.missing[-1] == (
        "no check_udp_loss nor check_mtr_path nor check_https from C to B by IPv4,"
        " as the lost packets went"
    )


def test_a_reflector_that_is_silent_by_ipv6_is_not_blamed_for_a_way_that_is_dead() -> None:
    there = document("A", {"B": Look(by(6, silent()), trace(OUT), https(family=4))})
    said = verdict(case(there))
    assert said.side == ()
    assert {fault.kind for fault in said.faults} == {"silence"}


def test_packets_by_ipv4_do_not_prove_that_a_server_hangs_by_ipv6() -> None:
    stalls = https(family=6, phase="server", blame="server", words="no answer", mute=True)
    there = document("A", {"B": Look(by(4, udp()), trace(OUT), stalls)})
    here = document("B", {"A": Look(by(4, udp()), trace(BACK))})
    assert verdict(case(there, here)).side == ()
    known = document("A", {"B": Look(by(6, udp()), six(trace(OUT)), stalls)})
    other = document("B", {"A": Look(by(6, udp()), six(trace(BACK)))})
    assert "far end" in (*verdict(case(known, other)).side, *verdict(case(known, other)).also)


def test_a_router_that_refuses_by_the_other_family_stays() -> None:
    from bothsides.model.evidence import Refusal

    refused = trace(OUT, stop=4)._replace(refusals=(Refusal("62.2.10.2", 3),))
    joined = case(document("A", {"B": Look(by(6, udp(out=40)), refused)}))
    path = within(joined, 6).views["A", "B"].now.path
    assert path is not None
    assert (path.hops, path.refusals) == ((), refused.refusals)
    assert list(left_out(joined, 6)) == []
