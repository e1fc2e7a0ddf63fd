"""The order of flows."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.probe.udp.schedule import deal


@given(st.integers(1, 200), st.integers(1, 64), st.integers(0, 2**32))
def test_each_flow_has_its_turn_in_every_round(packets: int, flows: int, seed: int) -> None:
    dealt = list(deal(packets, flows, seed))
    assert len(dealt) == packets
    assert len(set(dealt)) == packets
    assert [sequence for _, sequence in dealt] == [place // flows for place in range(packets)]
    assert {flow for flow, _ in dealt} <= set(range(flows))


def test_the_order_differs_from_round_to_round_and_is_the_same_for_one_seed() -> None:
    dealt = [flow for flow, _ in deal(800, 8, 7)]
    assert len({tuple(dealt[place : place + 8]) for place in range(0, 800, 8)}) > 90
    assert dealt == [flow for flow, _ in deal(800, 8, 7)]
    assert dealt != [flow for flow, _ in deal(800, 8, 8)]


def test_every_flow_is_first_equally_often() -> None:
    firsts = [flow for place, (flow, _) in enumerate(deal(64000, 8, 1)) if place % 8 == 0]
    assert all(850 < firsts.count(flow) < 1150 for flow in range(8))
