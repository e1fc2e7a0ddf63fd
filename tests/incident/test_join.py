"""The joined verdict: what is taken out, what is named, and the faults of four worlds."""

import time

import pytest

from bothsides.check.whose_fault.text import line
from bothsides.incident.case import joined_case
from bothsides.incident.join import verdict
from bothsides.model.evidence import HopCount, IcmpWord, Look, OwnTrouble, PathEvidence
from bothsides.model.verdict import FAR_END, MONITOR, NONE, UNKNOWN
from tests.support.evidence import (
    BACK,
    OUT,
    THIRD,
    WELL,
    case,
    document,
    https,
    silent,
    trace,
    udp,
)
from tests.support.side import joined


def test_a_healthy_way_accuses_nobody() -> None:
    said = verdict(case(*WELL))
    assert (said.side, said.also, said.faults) == ((NONE,), (), ())


def test_nothing_measured_is_no_healthy_way() -> None:
    said = verdict(case(document("A", {"B": Look()})))
    assert (said.side, said.confidence) == ((), "none")


def test_loss_inside_a_provider_is_put_to_it_by_the_trace_along_the_loss() -> None:
    # hop 4 has the last TalNet address in front of its customer: it is Nimbus' router
    there = Look(udp(out=40), trace(OUT, 3, 0.2))
    here = Look(udp(back=42), trace(BACK, 6, 0.2))
    said = verdict(case(document("A", {"B": there}), document("B", {"A": here})))
    assert said.side == ("TalNet",)
    assert said.faults[0].way == "out"
    assert said.lost_out is not None
    assert (said.lost_out.low, said.sent_out) == (82, 400)


def test_routers_that_no_map_has_are_named_as_what_is_missing() -> None:
    there = Look(udp(out=40), trace(OUT, 3, 0.2))
    here = Look(udp(back=42), trace(BACK, 6, 0.2))
    ends = document("A", {"B": there}), document("B", {"A": here})
    said = verdict(joined_case("A", "B", ends, {}))
    assert (said.side, said.also) == ((), (UNKNOWN,))
    assert line(said).endswith(" UTC: an unknown network, cannot tell whose")
    assert said.settle == (
        "a map of owners (--map or --as-file) that has the routers 62.2.3.1, 62.2.10.2",
    )
    (words,) = [step.words for step in said.steps if step.rule == "R3"]
    assert words.endswith("packets: an unknown network 100%")


def test_a_trace_against_the_loss_names_nobody_elses_network() -> None:
    # only A's trace is there, and the loss is on the way back
    said = verdict(case(document("A", {"B": Look(udp(back=40), trace(OUT, 3, 0.2))})))
    assert said.side == ()
    assert "no third host was asked" in said.missing


def test_a_witness_that_passes_the_same_link_and_loses_nothing_acquits_it() -> None:
    there = Look(udp(out=40), trace(OUT, 7, 0.2))
    here = Look(udp(back=40), trace(BACK, 6, 0.2))
    ends = document("A", {"B": there}), document("B", {"A": here})
    alone = verdict(case(*ends))
    witness = document("C", {"B": Look(udp(), trace(THIRD), https())})
    assert {*alone.side, *alone.also} == {"Nimbus", "far end"}
    joined_by_c = verdict(case(*ends, witness))
    # the last link and the far end are passed by C as well: only another kind of loss is left
    assert joined_by_c.confidence in ("open", "none")
    assert "far end" not in joined_by_c.side


def test_own_trouble_comes_first_and_is_certain() -> None:
    trouble = (OwnTrouble("send", "nothing could be sent"),)
    there = document("A", {"B": Look(udp(sent=0, flows=1))}, troubles=trouble)
    here = document("B", {"A": Look(silent(), trace(BACK, stop=6))})
    said = verdict(case(there, here))
    assert (said.side, said.also, said.confidence) == (("monitor",), (), "certain")
    assert said.steps[0].rule == "R1"


def test_no_route_is_a_routers_word_where_routers_answer() -> None:
    trouble = (OwnTrouble("route", "no route to host"),)
    there = document("A", {"B": Look(silent(), trace(OUT, stop=4))}, troubles=trouble)
    said = verdict(case(there))
    assert "monitor" not in said.side


def test_a_router_that_refuses_is_named_with_certainty() -> None:
    word = IcmpWord("62.2.10.2", 3, 13, False, 5)
    there = Look(silent((word,)), trace(OUT, stop=4))
    before = {"B": Look(udp(), trace(OUT))}
    here = document("B", {"A": Look(silent(), trace(BACK, stop=4))})
    said = verdict(case(document("A", {"B": there}, before), here))
    assert (said.side, said.confidence) == (("TalNet",), "certain")


@pytest.mark.parametrize("past", [True, False])
def test_silence_names_nobody_where_one_way_was_never_seen_whole(past: bool) -> None:
    before = {"B": Look(udp(), trace(OUT))} if past else None
    there = document("A", {"B": Look(silent(), trace(OUT, stop=4))}, before)
    alone = verdict(case(there))
    assert (alone.side, alone.confidence) == ((), "none")
    assert any("B to A" in words for words in alone.settle)
    here = document("B", {"A": Look(silent(), trace(BACK, stop=4))})
    assert verdict(case(there, here)).side == ()


def test_loss_both_ways_that_may_be_two_faults_names_neither_alone() -> None:
    there = document("A", {"B": Look(udp(out=60, back=40), trace(OUT, 3, 0.3))})
    here = document("B", {"A": Look(udp(out=60, back=40), trace(BACK, 2, 0.3))})
    said = verdict(case(there, here))
    assert (said.side, said.faults[0].way) == ((), "both")
    assert {"TalNet", "Nimbus"} <= set(said.also)


def test_two_faults_that_only_together_explain_the_loss_are_named_both() -> None:
    there, here = (
        document(host, {peer: Look(losses, two_places(line, first, share, last, back))})
        for host, peer, losses, line, first, share, last, back in (
            ("A", "B", udp(out=60, back=28), OUT, 3, 0.3, 7, 0.2),
            ("B", "A", udp(out=40, back=48), BACK, 2, 0.2, 6, 0.3),
        )
    )
    said = verdict(case(there, here))
    assert (set(said.side), said.also, said.confidence) == ({"Nimbus", "TalNet"}, (), "open")


def two_places(
    line: tuple[str, ...], first: int, share: float, turn: int, back: float
) -> PathEvidence:
    """A trace that loses from one hop on, and whose replies lose from another one on."""
    path = trace(line)
    hops = [
        hop._replace(
            lost=round(10 * (1 - (1 - share * (hop.ttl >= first)) * (1 - back * (hop.ttl >= turn))))
        )
        for hop in path.hops
    ]
    lost = round(40 * (1 - (1 - share) * (1 - back)))
    return path._replace(hops=tuple(hops), echoes_lost=lost)


def test_loss_both_ways_names_nobody_where_one_way_was_never_seen() -> None:
    there = document("A", {"B": Look(udp(out=60, back=40), trace(OUT, 3, 0.3))})
    assert verdict(case(there)).side == ()


def test_loss_both_ways_in_networks_that_nobody_knows_is_no_hosts() -> None:
    there = document("A", {"B": Look(udp(out=80, back=80), trace(OUT, 1, 0.4))})
    here = document("B", {"A": Look(udp(out=80, back=80), trace(BACK, 6, 0.4))})
    assert verdict(joined_case("A", "B", (there, here), {})).side == ()


def test_a_refusal_of_the_far_end_is_certain_and_explains_only_itself() -> None:
    word = IcmpWord(OUT[-1], 3, 3, False, 9)
    there = Look(silent((word,)), trace(OUT), https())
    here = Look(udp(out=40), trace(BACK, 3, 0.2))
    said = verdict(case(document("A", {"B": there}), document("B", {"A": here})))
    assert "far end" in said.side
    assert {fault.kind for fault in said.faults} == {"service", "loss"}


def test_a_third_hosts_own_loss_is_no_fault_between_the_two() -> None:
    witness = document("C", {"B": Look(udp(out=50), trace(THIRD, 1, 0.25))})
    assert verdict(case(*WELL, witness)).side == (NONE,)


def test_a_refused_connection_from_everybody_is_the_far_ends() -> None:
    refused = {"phase": "connect", "blame": "server", "answer": "refused", "connected": False}
    there = Look(udp(), trace(OUT), https(**refused))
    witness = document("C", {"B": Look(udp(), trace(THIRD), https(**refused))})
    said = verdict(case(document("A", {"B": there}), WELL[1], witness))
    assert said.side == ("far end",)


def test_the_verdict_is_the_same_whatever_order_the_documents_have() -> None:
    there = document("A", {"B": Look(udp(out=40), trace(OUT, 4, 0.2))})
    here = document("B", {"A": Look(udp(back=42), trace(BACK, 6, 0.2))})
    witness = document("C", {"B": Look(udp(), trace(THIRD))})
    one, other = verdict(case(there, here, witness)), verdict(case(witness, here, there))
    assert (one.side, one.also, one.confidence) == (other.side, other.also, other.confidence)


def test_loss_both_ways_on_long_ways_with_parallel_links_is_judged_in_seconds() -> None:
    def long(last: str, first: int) -> PathEvidence:
        hops = tuple(
            HopCount(
                flow=flow,
                ttl=ttl,
                sent=10,
                lost=3 if ttl >= first else 0,
                host=f"62.2.{ttl}.{flow + 1}" if ttl < 30 else last,
                best=0.001 * ttl,
            )
            for ttl in range(1, 31)
            for flow in range(4)
        )
        return trace((*OUT[:-1], last))._replace(length=30, hops=hops)

    there = document("A", {"B": Look(udp(out=60, back=42), long(OUT[-1], 12))})
    here = document("B", {"A": Look(udp(out=60, back=42), long(BACK[-1], 9))})
    began = time.process_time()
    assert verdict(case(there, here)).faults[0].way == "both"
    assert time.process_time() - began < 15


def test_a_loss_of_all_hops_with_the_share_of_the_packets_is_no_limit_of_all_routers() -> None:
    there = document("A", {"B": Look(udp(out=40), trace(OUT, 1, 0.2))})
    here = document("B", {"A": Look(udp(back=40), trace(BACK))})
    joint = verdict(case(there, here))
    assert joint.side == ("Office",)
    assert MONITOR in joint.also


def test_a_host_that_nobody_reaches_by_two_networks_is_down() -> None:
    other = ("81.1.0.1", "81.1.1.2", "81.1.9.2", "52.1.9.10")
    well = {"B": Look(udp(), trace(OUT))}, {"B": Look(udp(), trace(THIRD))}
    documents = [
        document("A", {"B": Look(silent(), trace(OUT, stop=7))}, well[0]),
        document("B", {"A": Look(silent(), trace(BACK, stop=1))}, {"A": Look(udp(), trace(BACK))}),
        document("C", {"B": Look(silent(), trace(THIRD, stop=5))}, well[1]),
        document(
            "D", {"B": Look(silent(), trace(other, stop=4))}, {"B": Look(udp(), trace(other))}
        ),
    ]
    joint = verdict(case(*documents))
    # the replies to all of them may leave by the one link into Nimbus
    assert (joint.side, joint.also) == ((FAR_END,), ("Nimbus",))
    alone = verdict(case(*documents[:3]))  # all by one router: its link may be cut
    assert FAR_END not in alone.side or alone.also


WORLDS = ("short", "tunnel", "long_haul", "ipv6", "hidden")


@pytest.mark.soak
@pytest.mark.parametrize("world", WORLDS)
def test_nobody_is_accused_wrongly_in_any_kept_fault(world: str) -> None:
    rows = joined.all_scored(world, joined.kept(world))
    assert joined.complaints(rows) == []
    harmful = [row for row in rows if row.harmful]
    named = sum(row.mark in ("exact", "open") for row in harmful)
    assert named >= (0.5 if world == "tunnel" else 0.75) * len(harmful), joined.table(rows)
    assert all(row.mark == "exact" for row in rows if not row.harmful), joined.table(rows)


def test_a_part_of_the_kept_faults_is_judged_rightly() -> None:
    faults = [fault for world in WORLDS for fault in list(joined.kept(world))[::24]]
    rows = joined.all_scored("some", faults)
    assert joined.complaints(rows) == []


def test_a_link_between_two_networks_is_scored_apart_from_exact() -> None:
    truth = {
        "kind": "loss",
        "side": ["host A"],
        "places": [{"at": "A>gw", "side": "host A", "sides": ["host A", "Office"]}],
    }
    harmless = {**truth, "kind": "only C suffers"}
    said = verdict(case(*WELL))
    open_link = said._replace(side=("monitor",), also=("Office",))
    rows = [
        joined.Scored("w", "f", each, words, joined.mark_of(each, words))
        for each, words in (
            (truth, open_link),
            (truth, open_link._replace(also=())),
            (truth, open_link._replace(also=("Office", "TalNet"))),
            (harmless, said),
        )
    ]
    assert [row.mark for row in rows] == ["open", "exact", "open", "exact"]
    assert joined.definitions(rows) == (
        "exact 1 of 3, with the harmless ones 2 of 4, up to the link 2 of 3"
    )


def test_a_true_side_that_no_way_shows_is_not_excluded_beside_an_unknown_network() -> None:
    truth = {"kind": "loss", "side": ["Hidden"], "places": []}
    said = verdict(case(*WELL))._replace(side=("TalNet",), also=(UNKNOWN,))
    assert joined.mark_of(truth, said, {"TalNet"}) == "second"
    assert joined.mark_of(truth, said, {"TalNet", "Hidden"}) == "wrong"
    assert joined.mark_of(truth, said) == "wrong"
    assert joined.mark_of(truth, said._replace(also=()), {"TalNet"}) == "wrong"
    host = {**truth, "side": ["host B"]}
    assert joined.mark_of(host, said, {"TalNet"}) == "wrong"
