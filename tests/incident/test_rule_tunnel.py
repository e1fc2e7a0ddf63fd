"""Inside a tunnel nobody is accused, and the underlay speaks in its place."""

from bothsides.analyse.path.ownership import Owner
from bothsides.incident.case import addresses_of, joined_case
from bothsides.incident.join import verdict
from bothsides.model.evidence import Evidence, Look
from bothsides.model.verdict import Verdict
from tests.support.evidence import BACK, OUT, document, owners_of, trace, udp

INNER = ("10.0.0.1", "172.16.0.2", "10.0.5.10")
RETURN = ("10.0.5.1", "172.16.0.1", "10.0.0.10")


def judged(*documents: Evidence) -> Verdict:
    owners = owners_of(addresses_of(documents))
    owners |= {address: Owner("vpn", 0, "tunnel") for address in ("172.16.0.1", "172.16.0.2")}
    return verdict(joined_case("A", "B", documents, owners))


ENDS = (
    document("A", {"B": Look(udp(out=40), trace(INNER, 2, 0.2))}),
    document("B", {"A": Look(udp(back=42), trace(RETURN, 3, 0.2))}),
)


def test_loss_inside_a_tunnel_accuses_nobody() -> None:
    said = judged(*ENDS)
    assert said.side == ()
    assert any("its carriers are not seen from here" in step.words for step in said.steps)
    assert "measure the underlay from both gateways" in said.settle


def test_the_underlay_s_own_evidence_names_its_carrier() -> None:
    under = (
        document("U", {"V": Look(udp(out=40), trace(OUT, 3, 0.2))}),
        document("V", {"U": Look(udp(back=42), trace(BACK, 6, 0.2))}),
    )
    said = judged(*ENDS, *under)
    assert said.side == ("TalNet",)
    assert said.faults[0].way == "out"


def test_a_healthy_underlay_is_said_and_accuses_nobody() -> None:
    under = (
        document("U", {"V": Look(udp(), trace(OUT))}),
        document("V", {"U": Look(udp(), trace(BACK))}),
    )
    said = judged(*ENDS, *under)
    assert said.side == ()
    assert any("carriers" in step.words for step in said.steps)


def test_few_losses_that_may_be_inside_of_a_tunnel_accuse_nobody_beside_it() -> None:
    few = (
        document("A", {"B": Look(udp(out=5), trace(INNER))}),
        document("B", {"A": Look(udp(back=4), trace(RETURN))}),
    )
    said = judged(*few)
    assert said.side == ()
    assert "vpn" in said.also


def test_a_label_that_says_tunnel_is_one_without_a_role() -> None:
    owners = owners_of(addresses_of(ENDS))
    owners |= {address: Owner("our VPN", 0, "") for address in ("172.16.0.1", "172.16.0.2")}
    said = verdict(joined_case("A", "B", ENDS, owners))
    assert said.side == ()
    assert said.faults[0].suspects[0].role == "tunnel"
