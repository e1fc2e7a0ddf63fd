"""The ways between hosts: what does not answer now is known from before."""

from bothsides.analyse.path.ownership import Owner
from bothsides.incident.case import joined_case, way_of
from bothsides.incident.routers import UNSEEN
from bothsides.model.evidence import Look
from bothsides.model.verdict import FAR_END, MONITOR
from tests.support.evidence import BACK, OUT, case, document, owners_of, trace, udp


def test_silent_hops_are_taken_from_before() -> None:
    way = way_of(trace(OUT, stop=4), trace(OUT), owners_of(OUT))
    assert way is not None
    assert tuple(hop.address for hop in way.line) == OUT
    assert way.usual


def test_behind_a_router_that_was_never_there_nothing_is_taken_from_before() -> None:
    other = (*OUT[:2], "62.2.99.1", *OUT[3:])
    way = way_of(trace(other, stop=4), trace(OUT), owners_of((*OUT, "62.2.99.1")))
    assert way is not None
    assert [hop.address for hop in way.line] == [*other[:3], "", "", "", OUT[-1]]


def test_a_target_that_was_never_reached_is_no_neighbour_of_the_last_router() -> None:
    way = way_of(trace(OUT, stop=5), None, owners_of(OUT))
    assert way is not None
    assert [hop.address for hop in way.line] == [*OUT[:4], "", "", OUT[-1]]
    assert UNSEEN in way.line[3].sides
    assert UNSEEN in way.line[4].sides


def test_a_way_by_other_routers_does_not_end_at_the_hop_where_the_target_was() -> None:
    other = (*OUT[:4], "52.1.77.1", "52.1.77.2")
    now = trace((*other, OUT[-1]), stop=7)
    way = way_of(now, trace(OUT), owners_of((*OUT, *other)))
    assert way is not None
    assert [hop.address for hop in way.line] == [*other, "", "", OUT[-1]]
    hops = tuple(hop._replace(host=OUT[4]) if hop.host == other[4] and not hop.flow else hop
                 for hop in now.hops if hop.ttl < 6)  # fmt: skip
    one_as_before = way_of(now._replace(hops=hops), trace(OUT), owners_of((*OUT, *other)))
    assert one_as_before is not None
    assert one_as_before.length == len(OUT)


def test_behind_a_router_that_is_met_again_the_way_of_before_counts() -> None:
    circle = (*OUT[:4], OUT[4], OUT[3], OUT[4])
    way = way_of(trace(circle)._replace(length=0, target=OUT[-1]), trace(OUT), owners_of(OUT))
    assert way is not None
    assert tuple(hop.address for hop in way.line) == OUT


def test_nothing_traced_is_no_way() -> None:
    assert way_of(None, None, {}) is None


def test_hosts_have_codes_and_third_ones_none() -> None:
    made = case(
        document("A", {"B": Look(udp(), trace(OUT))}), document("C", {"B": Look(udp())}),
        document("B", {"A": Look(udp(), trace(BACK))}),
    )  # fmt: skip
    assert (made.host("A"), made.host("B"), made.host("C")) == (MONITOR, FAR_END, "")
    assert [(view.start, view.target) for view in made.witnesses()] == [("C", "B")]
    assert made.role("TalNet") == "isp"


def test_a_label_that_is_a_word_of_the_verdict_is_no_host_and_not_nobody() -> None:
    labels = ("monitor", "far end", "none", "unknown network", "TalNet")
    owners = {f"62.2.3.{place}": Owner(label, 0, "isp") for place, label in enumerate(labels)}
    made = joined_case("A", "B", (), owners)
    assert [owner.label for owner in made.owners.values()] == [
        "monitor (network)", "far end (network)", "none (network)", "", "TalNet",
    ]  # fmt: skip
