"""Several routers at one hop become one row where a store's names hold no address."""

import statistics

import pytest

from bothsides.export.merged_hops import merged
from bothsides.export.path_rows import HopRow, hop_points
from tests.export.samples import AT, ORIGIN, ROWS, run_points


def test_counts_are_added_and_times_are_those_of_all_replies() -> None:
    first, second = [0.001, 0.002, 0.003], [0.010, 0.020]
    rows = tuple(
        HopRow(4, address, owner, 1, len(times) + 1, 1, *_summary(times), times[-1])
        for address, owner, times in (("b", "Y", first), ("a", "X", second))
    )
    (hop,) = merged(
        hop_points((*rows, HopRow(4, "", "", None, 5, 5, *[None] * 5)), "t", ORIGIN, AT)
    )
    fields = dict(hop.fields)
    every = [*first, *second]
    assert (fields["sent"], fields["lost"]) == (12, 7)
    assert fields["rtt_avg"] == pytest.approx(statistics.mean(every))
    assert fields["rtt_stddev"] == pytest.approx(statistics.pstdev(every))
    assert (fields["rtt_min"], fields["rtt_max"]) == (0.001, 0.020)
    assert (hop.tag("address"), hop.tag("owner"), fields["asn"]) == ("a b", "X Y", 1)


def _summary(times: list[float]) -> tuple[float, float, float, float]:
    return min(times), statistics.mean(times), max(times), statistics.pstdev(times)


def test_what_is_alone_at_its_hop_stays_as_it_is() -> None:
    assert merged(run_points()) == run_points()
    assert merged(hop_points(ROWS[1:2], "t", ORIGIN, AT))[0].tag("address") == "*"


def test_hops_of_other_targets_and_times_stay_apart() -> None:
    points = [
        point
        for target, at in (("t", AT), ("u", AT), ("t", AT + 1))
        for point in hop_points(ROWS[:1], target, ORIGIN, at)
    ]
    assert len(merged(points)) == 3
