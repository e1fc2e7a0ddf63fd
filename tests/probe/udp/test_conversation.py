"""The schedule of a run."""

import contextlib

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.udp import FIRST_CLOSING, Plan
from bothsides.probe.udp.conversation import Conversation, sent_together
from bothsides.probe.udp.peer import Peer
from tests.support.far_end import far_end, stamping

PLAN = Plan(("127.0.0.1",), 9, packets=12, interval=0.005, flows=4, patience=0.2)


def held(plan: Plan, *ports: int, deadline: Deadline | None = None) -> tuple[bool, list[Peer]]:
    """A whole conversation with far ends on this host."""
    peers = [Peer("127.0.0.1", 4, ("127.0.0.1", port)) for port in ports]
    conversation = Conversation(plan, peers, deadline or Deadline(60))
    try:
        return conversation.hold(), peers
    finally:
        conversation.close()


def test_packets_are_spread_over_flows_and_time() -> None:
    with far_end(stamping()) as port:
        whole, (peer,) = held(PLAN, port)
    assert whole
    assert sorted((sent.sequence, sent.flow) for sent in peer.packets) == [
        (place // 4, place % 4) for place in range(12)
    ]
    assert 10 * 0.005 < peer.packets[-1].at - peer.packets[0].at < 2
    assert peer.closing_packets == []


def test_targets_are_asked_in_turn() -> None:
    with far_end(stamping()) as one, far_end(stamping()) as other:
        whole, peers = held(PLAN, one, other)
    assert whole
    first, second = ([sent.at for sent in peer.packets] for peer in peers)
    both = sorted([*((at, 0) for at in first), *((at, 1) for at in second)])
    assert [which for _, which in both] == [0, 1] * 12


@pytest.mark.parametrize(
    ("interval", "size", "targets", "together"),
    [
        (0.02, 44, 1, 1),
        (0.02, 44, 2, 2),  # 20 ms are one tick
        (1.0, 44, 20, 1),  # one every 50 ms
        (0.1, 44, 200, 40),
        (0.06, 44, 999, 227),  # 16 KiB in one go at most
        (0.1, 1400, 200, 11),
        (0.1, 65000, 200, 1),
        (0.0, 44, 5, 5),
    ],
)
def test_packets_that_are_due_within_a_tick_are_sent_together(
    interval: float, size: int, targets: int, together: int
) -> None:
    assert sent_together(PLAN._replace(interval=interval, size=size), targets) == together


def test_many_targets_are_measured_like_one() -> None:
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(far_end(stamping())) for _ in range(12)]
        whole, peers = held(PLAN._replace(interval=0.05), *ports)
    assert whole
    for peer in peers:
        assert (len(peer.replies), len(peer.stamps), peer.missing) == (12, 12, set())
        assert None not in peer.stamps
        by_packet = {(sent.flow, sent.sequence): sent for sent in peer.packets}
        for reply in peer.replies:
            left = peer.stamps[peer.packets.index(by_packet[reply.flow, reply.sequence])]
            assert left is not None
            assert reply.arrived is not None
            assert reply.received is not None
            assert left < reply.received < reply.arrived < reply.read


def test_closing_probes_go_to_every_flow_once_it_pays() -> None:
    reflect = stamping()
    with far_end(lambda data, source: [] if data[3] == 2 else reflect(data, source)) as port:
        _, (peer,) = held(PLAN, port)
    assert {sent.flow for sent in peer.closing_packets} == {0, 1, 2, 3}
    assert {sent.sequence for sent in peer.closing_packets} >= {FIRST_CLOSING}
    assert len(peer.closing_replies) == 4


def test_nobody_to_ask_is_over_at_once() -> None:
    assert held(PLAN) == (True, [])


def test_the_deadline_cuts_sending_short() -> None:
    with far_end(stamping()) as port:
        whole, (peer,) = held(PLAN._replace(interval=0.1), port, deadline=Deadline(0.3))
    assert not whole
    assert 0 < len(peer.packets) < 12


def test_a_person_who_watches_sees_how_many_came_back() -> None:
    deadline, stages = Deadline(60), list[str]()
    deadline.watch = lambda: stages.append(deadline.stage)
    with far_end(stamping()) as port:
        held(PLAN._replace(interval=0.05), port, deadline=deadline)
    assert stages[0] == "sending 12 packets to 127.0.0.1"
    assert any("answered" in stage for stage in stages)
    assert stages[-1] == "sending closing probes to 127.0.0.1"


@pytest.mark.parametrize("ssid", [5, 0])
def test_packets_carry_the_ssid_of_the_plan_or_a_random_one_for_each_flow(ssid: int) -> None:
    seen: set[int] = set()
    reflect = stamping()

    def noting(data: bytes, source: tuple[str, int]) -> list[bytes]:
        seen.add(int.from_bytes(data[14:16]))
        return list(reflect(data, source))

    with far_end(noting) as port:
        held(PLAN._replace(ssid=ssid), port)
    assert seen == {5} if ssid else seen == set(range(min(seen), min(seen) + 4)) - {0}
