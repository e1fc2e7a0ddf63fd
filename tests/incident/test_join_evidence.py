"""The joined verdict: what silent routers, full queues, few losses and spared traces prove."""

import pytest

from bothsides.check.whose_fault.text import line
from bothsides.incident.join import verdict
from bothsides.model.evidence import Look, OwnTrouble
from bothsides.model.interval import Interval
from bothsides.model.verdict import FAR_END, NONE, UNKNOWN, Verdict
from tests.support.evidence import BACK, OUT, THIRD, case, document, silent, trace, udp
from tests.support.side import joined

UNSEEN = {"corner": 0.2, "longway": 0.2}
"""Worlds that the rules were not made on, and the share of their faults that is named rightly at
least, alone or with others: half of the routers of both never answer, or not to all."""

OPEN = {
    "065-detour-to-B-slow-at-q2-q1": "the slow other way is not slower than the usual one",
}
"""Faults of these worlds that are judged wrongly, and why."""


def judged(world: str, every: int) -> list[joined.Scored]:
    """Some kept faults of such a world; whoever is named wrongly is among those that are known."""
    rows = joined.all_scored(world, list(joined.kept(world))[::every])
    assert [
        words for words in joined.complaints(rows) if not any(known in words for known in OPEN)
    ] == []
    assert all(row.mark == "exact" for row in rows if not row.harmful), joined.table(rows)
    return rows


@pytest.mark.soak
@pytest.mark.parametrize("world", UNSEEN)
def test_in_worlds_of_another_shape_the_true_side_is_not_excluded(world: str) -> None:
    harmful = [row for row in judged(world, 1) if row.harmful]
    named = sum(row.mark in ("exact", "open") for row in harmful)
    assert named >= UNSEEN[world] * len(harmful), joined.table(harmful)
    assert sum(row.mark == "missed" for row in harmful) <= 1, joined.table(harmful)


def test_a_part_of_the_faults_in_worlds_of_another_shape_is_judged_rightly() -> None:
    for world in UNSEEN:
        judged(world, 8)


def test_the_link_in_front_of_a_host_that_loses_for_all_both_ways_is_not_excluded() -> None:
    def seen(line: tuple[str, ...], out: int, back: int) -> Look:
        quiet = (*line[:-2], "", line[-1])  # the router in front of the host never answers
        return Look(udp(out=out, back=back), trace(quiet, len(quiet), 0.1))

    documents = [
        document("A", {"B": seen(OUT, 10, 10)}),
        document("B", {"A": Look(udp(out=10, back=10), trace(("", *BACK[1:]), 2, 0.1))}),
        document("C", {"B": seen(THIRD, 12, 11)}),
        document("D", {"B": seen(("84.1.0.1", "84.1.1.2", "", "52.1.9.10"), 11, 12)}),
    ]
    said = verdict(case(*documents))
    assert FAR_END in (*said.side, *said.also)
    assert {"Nimbus", UNKNOWN} & {*said.side, *said.also}


def test_replies_that_die_behind_a_host_are_not_put_to_the_host_alone() -> None:
    # a silent witness proves that its requests or the replies are lost, not both
    before = {"A": Look(udp(), trace(BACK)), "B": Look(udp(), trace(THIRD))}
    arrived = trace(BACK, stop=1)._replace(arrived=0.2)
    documents = [
        document("A", {"B": Look(silent(), trace(OUT, stop=7))}, {"B": Look(udp(), trace(OUT))}),
        document("B", {"A": Look(silent(), arrived)}, before),
        document("C", {"B": Look(silent(), trace(THIRD, stop=5))}, before),
    ]
    said = verdict(case(*documents))
    assert said.faults[0].way == "back"
    assert "Nimbus" in (*said.side, *said.also)


def test_a_trace_that_loses_nothing_does_not_show_where_other_packets_are_lost() -> None:
    noisy = [hop._replace(lost=3) if hop.ttl == 3 else hop for hop in trace(OUT).hops]
    path = trace(OUT)._replace(hops=tuple(noisy))  # a router that limits its answers
    documents = [
        document("A", {"B": Look(udp(out=56), path)}, {"B": Look(udp(), trace(OUT))}),
        document("B", {"A": Look(udp(back=55), trace(BACK))}, {"A": Look(udp(), trace(BACK))}),
    ]
    said = verdict(case(*documents))
    assert said.side == ()
    assert {"Office", "TalNet", "Nimbus"} <= {*said.also}


def test_requests_that_are_lost_where_replies_pass_are_limited_by_somebody() -> None:
    documents = [
        document("A", {"B": Look(udp(out=110), trace(OUT))}),
        document("B", {"A": Look(udp(), trace(BACK))}),
    ]
    said = verdict(case(*documents))
    assert said.side == ()
    assert {"monitor", FAR_END, "Office", "TalNet", "Nimbus"} <= {*said.also}
    assert "limits or filters" in said.faults[0].words
    both = document("B", {"A": Look(udp(back=60), trace(BACK))})
    assert "limits or filters" not in verdict(case(documents[0], both)).faults[0].words


def test_so_few_losses_that_they_may_be_chance_are_neither_a_fault_nor_none() -> None:
    def judged(lost: int) -> Verdict:
        return verdict(case(document("A", {"B": Look(udp(out=lost, sent=400), trace(OUT))})))

    assert judged(2).side == (NONE,)
    assert judged(7).side == ()
    assert [(fault.kind, fault.way) for fault in judged(7).faults] == [("few", "out")]
    assert "7 of 400 packets" in judged(7).faults[0].words
    assert judged(20).faults[0].kind == "loss"


def test_few_losses_are_not_said_where_a_trace_shows_that_nothing_gets_through() -> None:
    few = document("A", {"B": Look(udp(out=7, sent=400), trace(OUT))})
    dead = trace(BACK, stop=len(BACK))
    said = verdict(case(few, document("B", {"A": Look(path=dead)})))
    assert [fault.kind for fault in said.faults] == ["silence"]
    assert not line(said).startswith("no fault is proved")


def test_a_host_that_could_not_send_some_packets_has_a_trouble_and_is_not_cut_off() -> None:
    some = OwnTrouble("send", "20 of 200 packets could not be sent (EPERM)")
    there = Look(udp(sent=180)._replace(unsent=20), trace(OUT))
    here = Look(udp(back=40), trace(BACK, 6, 0.2))
    said = verdict(case(document("A", {"B": there}, troubles=(some,)), document("B", {"A": here})))
    assert said.faults[0].words == f"A: {some.words}"
    assert [fault.kind for fault in said.faults] == ["own", "loss"]


def test_loss_and_a_longer_round_trip_are_one_full_queue_in_front_of_a_link() -> None:
    slow = Interval(0.002, 0.062)
    there = Look(
        udp(out=40)._replace(rtt=slow, owd=Interval(0.061, 0.001)),
        trace(OUT, 2, 0.2, slow_from=2, slower=0.06),
    )
    here = Look(udp(back=42)._replace(rtt=slow, owd=Interval(0.001, 0.061)), trace(BACK, 6, 0.2))
    before = {"A": Look(udp(), trace(BACK)), "B": Look(udp(), trace(OUT))}
    said = verdict(case(document("A", {"B": there}, before), document("B", {"A": here}, before)))
    assert (said.side, said.also) == (("Office",), ("TalNet",))
    alone = there._replace(udp=udp(out=40), path=trace(OUT, 2, 0.2))
    here = here._replace(udp=udp(back=42))
    both = document("A", {"B": alone}, before), document("B", {"A": here}, before)
    assert verdict(case(*both)).faults[0].suspects[0].share < said.faults[0].suspects[0].share
