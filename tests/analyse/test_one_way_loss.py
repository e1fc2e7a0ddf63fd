"""Loss by direction against a simulated network that does whatever hypothesis wants."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.one_way_loss import OneWayLoss, counts, total
from bothsides.model.interval import Interval
from bothsides.model.udp import FIRST_CLOSING, Packet, Reply, TargetRun
from tests.support.examples import examples
from tests.support.udp_run import analysed, kept

WALL = 1_700_000_000_000_000_000
MS = 1_000_000
PASS, DROP, DOUBLE, HOLD = "pass", "drop", "double", "hold"


class Fate(NamedTuple):
    """What happens to one packet on its way out, and to its copies' replies on their way back."""

    out: str
    back: tuple[str, str]


def network(
    fates: Sequence[Fate], flows: int, first: int, closing_lost: Sequence[int]
) -> tuple[TargetRun, dict[str, int]]:
    """A target as the probe would have kept it, and the truth about it.

    Held packets let the next one of their flow pass. Each flow's first `closing_lost` closing
    probes get no reply: they are lost on the way out or, every second one, on the way back.
    """
    packets = tuple(
        _packet(place % flows, place // flows, place * 0.01) for place in range(len(fates))
    )
    replies: list[Reply] = []
    closing: list[Packet] = []
    closed: list[Reply] = []
    truth = {"out": 0, "back": 0, "dup_out": 0, "dup_back": 0}
    for flow in range(flows):
        own = [
            (packet, fate)
            for packet, fate in zip(packets, fates, strict=True)
            if packet.flow == flow
        ]
        arrivals = _moved(
            [(packet, fate, copy) for packet, fate in own for copy in range(_copies(fate.out))]
        )
        returned: list[tuple[Reply, str]] = []
        for number, (packet, fate, copy) in enumerate(arrivals, first):
            returned += [(_reply(packet, number), fate.back[copy])] * _copies(fate.back[copy])
        came = [answer for answer, _ in _moved_replies(returned)]
        replies += came
        answered = {answer.sequence for answer in came}
        reached = {packet.sequence for packet, _, _ in arrivals}
        truth["out"] += len(own) - len(reached)
        truth["back"] += len(reached - answered)
        truth["dup_out"] += len({(a.sequence, a.number) for a in came}) - len(answered)
        truth["dup_back"] += len(came) - len({(a.sequence, a.number) for a in came})
        count = first + len(arrivals)
        for turn in range(min(8, closing_lost[flow % len(closing_lost)] + 1)):
            probe = _packet(flow, FIRST_CLOSING + turn, 10 + turn)
            closing.append(probe)
            if turn == closing_lost[flow % len(closing_lost)]:
                closed.append(_reply(probe, count))
            count += turn % 2
    return kept(packets, replies, closing, closed), truth


def _copies(fate: str) -> int:
    return {DROP: 0, DOUBLE: 2}.get(fate, 1)


def _moved(arrivals: list[tuple[Packet, Fate, int]]) -> list[tuple[Packet, Fate, int]]:
    moved = list(arrivals)
    for place in range(len(moved) - 1):
        if moved[place][1].out == HOLD:
            moved[place], moved[place + 1] = moved[place + 1], moved[place]
    return moved


def _moved_replies(replies: list[tuple[Reply, str]]) -> list[tuple[Reply, str]]:
    moved = list(replies)
    for place in range(len(moved) - 1):
        if moved[place][1] == HOLD:
            moved[place], moved[place + 1] = moved[place + 1], moved[place]
    return moved


def _packet(flow: int, sequence: int, at: float) -> Packet:
    sent = WALL + round(at * 1e9)
    return Packet(flow, sequence, at, sent, sent + 1000, "")


def _reply(packet: Packet, number: int) -> Reply:
    # the far end's clock shows its own order
    there = WALL + 3600 * 10**9 + number * MS
    return Reply(
        flow=packet.flow,
        sequence=packet.sequence,
        at=packet.at + 0.002,
        read=packet.sent + 2 * MS,
        arrived=packet.sent + 2 * MS - 1000,
        number=number,
        received=there,
        replied=there + 1000,
        error=0x2001,
        ttl_there=60,
        ttl_here=60,
    )


def fates(*kinds: str) -> st.SearchStrategy[list[Fate]]:
    one = st.sampled_from((PASS, PASS, PASS, *kinds))
    return st.lists(st.builds(Fate, one, st.tuples(one, one)), min_size=1, max_size=60)


COUNTS = st.lists(st.integers(0, 8), min_size=1, max_size=4)


@examples(400)
@given(fates(DROP, DOUBLE, HOLD), st.integers(1, 4), st.sampled_from([0, 0, 17]), COUNTS)
def test_whatever_the_network_does_the_truth_lies_within_the_bounds(
    happened: list[Fate], flows: int, first: int, closing_lost: list[int]
) -> None:
    target, truth = network(happened, flows, first, closing_lost)
    settled = analysed(target)
    assert settled.sent == len(happened)
    assert settled.lost == truth["out"] + truth["back"]
    assert settled.answered + settled.lost == settled.sent
    assert settled.duplicates == truth["dup_out"] + truth["dup_back"]
    assert sum(flow.disorder.duplicated_forward for flow in settled.flows) == truth["dup_out"]
    assert sum(flow.disorder.duplicated_backward for flow in settled.flows) == truth["dup_back"]
    if settled.loss is not None and not _unknowable(happened, closing_lost, truth["dup_out"]):
        for bounds, real in zip(settled.loss, (truth["out"], truth["back"]), strict=True):
            assert bounds.low <= real <= bounds.high, (settled.flows, truth)
            assert 0 <= bounds.low <= bounds.high <= settled.lost


def _unknowable(happened: list[Fate], closing_lost: list[int], seen: int) -> bool:
    """Whether nobody could know.

    Either a reordered packet is lost on the way back and no closing probe answered, or copies were
    made on the way out and lost on the way back while no other copy proves that there are any.
    """
    overtaken = max(closing_lost) >= 8 and any(fate.out == HOLD for fate in happened)
    return overtaken or (
        not seen and any(fate.out == DOUBLE and DROP in fate.back for fate in happened)
    )


@examples(200)
@given(fates(DROP), st.integers(1, 4))
def test_loss_alone_has_an_exact_direction_when_the_closing_probes_arrive(
    happened: list[Fate], flows: int
) -> None:
    target, truth = network(happened, flows, 0, [0])
    settled = analysed(target)
    if settled.answered:
        assert settled.direction == "known"
        assert settled.loss == OneWayLoss(
            Interval(truth["out"], truth["out"]), Interval(truth["back"], truth["back"])
        )


def test_both_directions_have_a_number_while_their_bounds_are_narrow() -> None:
    def bounded(low: int, high: int, lost: int) -> OneWayLoss:
        return OneWayLoss(Interval(low, high), Interval(lost - high, lost - low))

    assert [counts(bounded(3, high, 9)) for high in (3, 4, 6, 7)] == [(3, 6), (3, 6), (4, 5), None]
    assert counts(bounded(42, 51, 90)) == (46, 44)
    assert counts(bounded(42, 52, 90)) is None
    assert counts(None) is None


def test_one_flow_without_a_direction_leaves_the_whole_without_one() -> None:
    one, other = (
        OneWayLoss(Interval(1, 2), Interval(0, 1)),
        OneWayLoss(Interval(4, 4), Interval(3, 3)),
    )
    assert total([one, other]) == OneWayLoss(Interval(5, 6), Interval(3, 4))
    assert total([one, None]) is None
