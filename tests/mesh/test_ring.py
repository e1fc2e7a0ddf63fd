"""Packed slices: what is put comes back, the oldest makes room, and sums leave suspect ones out."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.mesh.ring import Ring, Sums, pack, sums, unpack
from bothsides.model.mesh import FAR, SHORT, Slice

ZERO = Slice(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def slice_at(at: int, sent: int = 200, **more: int) -> Slice:
    return ZERO._replace(at=at, sent=sent, **more)


short, long = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)


@given(st.builds(Slice, long, *[short] * 9, *[long] * 3))
def test_a_slice_comes_back_as_it_was(row: Slice) -> None:
    assert list(unpack(pack(row))) == [row]


def test_counts_beyond_their_room_end_there() -> None:
    (row,) = unpack(pack(slice_at(5, sent=70000)))
    assert row.sent == 65535


def test_the_oldest_makes_room() -> None:
    ring = Ring(3)
    numbers = [ring.put(slice_at(at)) for at in range(10, 60, 10)]
    assert numbers == [0, 1, 2, 3, 4]
    assert [row.at for row in ring.last(9)] == [30, 40, 50]
    assert [row.at for row in ring.since(40, 9)] == [40, 50]
    assert ring.find(2) == slice_at(30)
    assert ring.find(1) is None
    assert ring.find(5) is None


def test_a_slice_is_replaced_as_long_as_it_is_kept() -> None:
    ring = Ring(2)
    old, new = ring.put(slice_at(1)), ring.put(slice_at(2))
    ring.put(slice_at(3))
    ring.replace(new, slice_at(2, lost=7))
    ring.replace(old, slice_at(1, lost=9))
    assert [(row.at, row.lost) for row in ring.last(2)] == [(2, 7), (3, 0)]


def test_suspect_slices_are_counted_and_not_summed() -> None:
    rows = [
        slice_at(5, lost=20, out=15, back=5, rtt_min=90, rtt_mean=100, rtt_max=300),
        slice_at(10, lost=100, flags=SHORT, rtt_max=9000, unsent=3),
        slice_at(15, rtt_min=80, rtt_mean=200, rtt_max=400, flags=FAR),
    ]
    found = sums(rows)
    assert found == Sums(
        slices=3, suspect=1, bad=1, first_bad=5, last_bad=5, sent=400, lost=20, out=15, back=5,
        unsent=3, flags=SHORT | FAR, rtt_min=80, rtt_mean=(180 * 100 + 200 * 200) // 380,
        rtt_max=400,
    )  # fmt: skip


def test_a_dead_peer_has_no_delays_and_spoils_no_minimum() -> None:
    dead = slice_at(5, lost=200)
    assert sums([dead]).rtt_min == 0
    assert sums([dead, slice_at(10, rtt_min=70, rtt_mean=80, rtt_max=90)]).rtt_min == 70


def test_nothing_and_only_suspect_slices_have_sums() -> None:
    assert sums([]) == Sums()
    assert sums([slice_at(5, flags=SHORT)]) == Sums(slices=1, suspect=1, flags=SHORT)
