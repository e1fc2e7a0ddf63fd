"""Sums of packets per data centre prefix."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.rollup import NO_DATACENTER, Row, rolled_up

COUNT = st.integers(0, 50)
ROWS = st.builds(
    lambda dc, sent, lost, split, known, rtt: Row(
        datacenter=dc,
        sent=sent + lost,
        lost=lost,
        lost_forward=int(lost * split) if known else None,
        lost_return=lost - int(lost * split) if known else None,
        rtt_min=rtt if sent else None,
        rtt_max=rtt * 2 if sent else None,
    ),
    st.sampled_from(["", "fra", "fra.dc11", "fra.dc12", "nbg.dc3.r1"]),
    COUNT,
    COUNT,
    st.floats(0, 1),
    st.booleans(),
    st.floats(0.001, 1),
)


def row(datacenter: str, sent: int, lost: int, forward: int | None, back: int | None) -> Row:
    answered = sent > lost
    return Row(
        datacenter=datacenter,
        sent=sent,
        lost=lost,
        lost_forward=forward,
        lost_return=back,
        rtt_min=0.01 if answered else None,
        rtt_max=0.03 if answered else None,
    )


def test_every_prefix_of_a_data_centre_has_a_sum() -> None:
    sums = rolled_up(
        [
            row("fra.dc11", 200, 0, 0, 0),
            row("fra.dc12", 200, 200, None, None),
            row("nbg", 200, 4, 3, 1),
        ]
    )
    assert [(each.prefix, each.targets, each.bad, each.silent) for each in sums] == [
        ("fra", 2, 1, 1),
        ("fra.dc11", 1, 0, 0),
        ("fra.dc12", 1, 1, 1),
        ("nbg", 1, 1, 0),
    ]
    fra = sums[0]
    assert (fra.sent, fra.lost, fra.lost_forward, fra.lost_return, fra.lost_either) == (
        400,
        200,
        0,
        0,
        200,
    )


def test_a_dead_host_does_not_hide_the_delays_of_the_others() -> None:
    (each,) = rolled_up([row("fra", 200, 200, 200, 0), row("fra", 200, 0, 0, 0)])
    assert (each.rtt_min, each.rtt_max) == (0.01, 0.03)
    (silent,) = rolled_up([row("fra", 200, 200, 200, 0)])
    assert (silent.rtt_min, silent.rtt_max) == (None, None)


def test_hosts_without_a_data_centre_are_summed_up_too() -> None:
    assert [each.prefix for each in rolled_up([row("", 1, 0, 0, 0)])] == [NO_DATACENTER]


def test_nothing_sent_is_not_silence() -> None:
    assert rolled_up([row("fra", 0, 0, None, None)])[0].silent == 0
    assert rolled_up([]) == []


@given(st.lists(ROWS, max_size=8))
def test_counts_add_up(rows: list[Row]) -> None:
    for each in rolled_up(rows):
        inside = [
            row
            for row in rows
            if row.datacenter == each.prefix
            or row.datacenter.startswith(f"{each.prefix}.")
            or (each.prefix == NO_DATACENTER and not row.datacenter)
        ]
        assert each.targets == len(inside) > 0
        assert (each.sent, each.lost) == (
            sum(row.sent for row in inside),
            sum(row.lost for row in inside),
        )
        assert each.lost_forward + each.lost_return + each.lost_either == each.lost
        assert min(each.lost_forward, each.lost_return, each.lost_either) >= 0
