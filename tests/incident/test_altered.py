"""Kept faults as other networks would show them: whoever is named must be at fault."""

import random
from collections.abc import Iterator, Mapping

import pytest

from bothsides.incident.clocks import by_one_clock
from bothsides.model.whose_fault import Run
from tests.support.side import (
    altered_hosts,
    altered_maps,
    altered_packets,
    altered_routers,
    altered_silence,
    joined,
)
from tests.support.side.altered import Altering

APART = ("corner", "longway")
"""Worlds whose faults test_join_evidence.py judges apart, as they are."""
KEPT = sorted({path.name.split(".")[0] for path in joined.KEPT.iterdir()} - {*APART})

KINDS: Mapping[str, Altering] = {
    "one silent router": altered_silence.silent_row(1),
    "two silent routers in a row": altered_silence.silent_row(2),
    "three silent routers in a row": altered_silence.silent_row(3),
    "routers silent to one end": altered_silence.silent_to_one_end,
    "routers silent only now": altered_silence.silent_now,
    "routers silent only before": altered_silence.silent_before,
    "all routers limit answers": altered_silence.limited(always=True),
    "all routers limit answers now": altered_silence.limited(always=False),
    "private addresses": altered_routers.private_addresses,
    "an innocent private network": altered_routers.private_network(guilty=False),
    "the guilty network private": altered_routers.private_network(guilty=True),
    "other interfaces for each": altered_routers.other_interface_for_one,
    "10.0.0.1 before every host": altered_routers.same_first_hop,
    "hops in the other order": altered_routers.swapped,
    "packets take links in turn": altered_packets.alternating,
    "other flows before": altered_packets.other_flows_before,
    "no directions": altered_packets.no_directions,
    "one flow": altered_packets.one_flow,
    "no echoes": altered_silence.no_echoes,
    "a mute target": altered_silence.mute_target,
    "few packets": altered_packets.few_packets,
    "an innocent network unmapped": altered_maps.unmapped(guilty=False),
    "the guilty network unmapped": altered_maps.unmapped(guilty=True),
    "an innocent network mislabelled": altered_maps.mislabelled,
    "link networks unmapped": altered_maps.one_prefix_unmapped,
    "an AS table alone": altered_maps.roles_of_tables,
    "a prefix of another network": altered_maps.wide_prefix,
    "without a third": altered_hosts.without("C", "D", "U", "V"),
    "one end and three witnesses": altered_hosts.one_end_and_three,
    "an end asked 10 min before": altered_hosts.earlier_look("AB", 600.0),
    "a witness asked 10 min before": altered_hosts.earlier_look("CD", 600.0),
    "a clock 5 min off": altered_hosts.clock_off(300.0, echoing=False),
    "a clock 5 min off, unseen": altered_hosts.clock_off(300.0, echoing=True),
    "a clock 20 min off, unseen": altered_hosts.clock_off(1200.0, echoing=True),
    "traces by the other family": altered_hosts.other_family,
    "A behind NAT": altered_hosts.behind_nat("A"),
    "B behind NAT": altered_hosts.behind_nat("B"),
    "one provider for both": altered_maps.one_provider,
    "another instance of B": altered_hosts.another_instance,
    "a witness with a trouble": altered_hosts.witness_with_a_trouble,
}
"""What is altered, by its words."""


def outcome(
    kind: str, name: str, truth: joined.Truth, run: Run, seed: str = ""
) -> joined.Scored | None:
    """The verdict about an altered fault; None where it cannot be altered in this way."""
    changed = KINDS[kind](run, truth, random.Random(f"{name} {kind} {seed}"))
    if changed is None:
        return None
    timed = by_one_clock(changed.documents, changed.start)
    changed = changed._replace(documents=timed.documents)
    truth = {**truth, "side": altered_maps.sides_now(truth, run, changed)}
    return joined.scored(kind, name, truth, joined.case_of(changed))


def wrong(world: str, first: int, every: int) -> Iterator[str]:
    """Every wrong verdict about some faults of a world."""
    for name, truth, run in list(joined.kept(world))[first::every]:
        for kind in KINDS:
            row = outcome(kind, name, truth, run)
            yield from joined.complaints([row] if row is not None else [])


@pytest.mark.soak
@pytest.mark.parametrize("world", KEPT)
def test_evidence_of_other_networks_accuses_nobody_else(world: str) -> None:
    assert list(wrong(world, 1, 6)) == []


def test_evidence_of_other_networks_accuses_nobody_else_in_one_fault() -> None:
    assert list(wrong("short", 3, 100)) == []
