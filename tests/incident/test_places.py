"""Every link of a way, and whose a fault on it may be."""

from bothsides.incident.case import Case
from bothsides.incident.places import Link, links
from bothsides.model.evidence import Look
from bothsides.model.verdict import FAR_END, MONITOR
from tests.support.evidence import OUT, case, document, trace, udp


def made(line: tuple[str, ...] = OUT) -> tuple[Case, tuple[Link, ...]]:
    built = case(document("A", {"B": Look(udp(), trace(line))}))
    view = built.there
    assert view is not None
    assert view.way is not None
    return built, links(built, "A", "B", view.way)


def test_sides_of_a_link_sum_up_to_one_and_are_those_of_both_routers() -> None:
    whole = [link for link in made()[1] if link.whole and not link.host]
    assert [set(link.codes) for link in whole] == [
        {MONITOR, "Office"}, {"Office", "TalNet"}, {"TalNet"}, {"TalNet", "Nimbus"},
        {"TalNet", "Nimbus"}, {"Nimbus"}, {"Nimbus", FAR_END},
    ]  # fmt: skip
    assert whole[4].weight("Nimbus") > 0.9  # who numbers a border is custom, no proof
    assert all(abs(sum(weight for _, weight in link.sides) - 1) < 1e-9 for link in whole)


def test_both_hosts_themselves_are_places() -> None:
    assert [link.host for link in made()[1] if link.host] == ["A", "B"]


def test_parallel_links_are_told_by_the_address_behind_them() -> None:
    built, _ = made()
    path = trace(OUT)
    hops = tuple(
        hop._replace(host="62.2.10.6") if hop.ttl == 3 and hop.flow > 1 else hop
        for hop in path.hops
    )
    there = document("A", {"B": Look(udp(), path._replace(hops=hops))})
    built = case(there)
    assert built.there is not None
    assert built.there.way is not None
    members = [
        link for link in links(built, "A", "B", built.there.way) if not link.whole and link.flows
    ]
    assert [(sorted(link.before), sorted(link.flows)) for link in members] == [
        (["62.2.10.2"], [0, 1]), (["62.2.10.6"], [2, 3]),
    ]  # fmt: skip


def test_a_link_that_no_flow_takes_is_the_less_likely_the_more_flows_there_are() -> None:
    def unseen(fixed: bool) -> float:
        path = trace(OUT)._replace(fixed=fixed)
        built = case(document("A", {"B": Look(udp(), path)}))
        assert built.there is not None
        assert built.there.way is not None
        found = links(built, "A", "B", built.there.way)
        return next(link.prior for link in found if not link.whole and link.hop == 3)

    assert unseen(fixed=True) < unseen(fixed=False) / 5


def test_a_flow_whose_member_is_unknown_counts_for_each_member_if_it_loses() -> None:
    path = trace(OUT)
    hops = []
    for hop in path.hops:
        mine = hop
        if hop.ttl == 3 and hop.flow > 1:
            mine = hop._replace(host="62.2.10.6")
        if hop.ttl == 3 and hop.flow == 3:
            mine = hop._replace(host="", lost=10, best=None)
        hops.append(mine)
    built = case(document("A", {"B": Look(udp(), path._replace(hops=tuple(hops)))}))
    view = built.there
    assert view is not None
    assert view.way is not None
    members = [
        link for link in links(built, "A", "B", view.way) if link.hop == 3 and not link.whole
    ]
    assert [(sorted(link.before), set(link.flows)) for link in members] == [
        (["62.2.10.2"], {0, 1, 3}), (["62.2.10.6"], {2, 3}), ([], {3}),
    ]  # fmt: skip


def test_a_flow_of_unknown_way_that_answers_behind_a_link_does_not_pass_a_dead_one() -> None:
    hops = [hop._replace(sent=1, lost=0) for hop in trace(OUT).hops]
    quiet = {(0, 3), (1, 3), (2, 3), (0, 4), (1, 4), (0, 5), (1, 5), (0, 6), (0, 7), (1, 6), (1, 7)}
    changed = tuple(
        hop._replace(lost=1, host="", best=None) if (hop.flow, hop.ttl) in quiet else hop
        for hop in hops
    )
    built = case(document("A", {"B": Look(udp(), trace(OUT)._replace(hops=changed))}))
    assert built.there is not None
    assert built.there.way is not None
    members = [link for link in links(built, "A", "B", built.there.way) if link.hop == 3]
    flows = {tuple(sorted(link.flows)) for link in members if not link.whole and not link.before}
    assert flows == {(0, 1, 2), (0, 1)}  # flow 2 answered at hop 4 and behind it
