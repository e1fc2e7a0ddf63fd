"""Rows as carbolymer's dashboard reads them."""

from bothsides.export.carbolymer import host_points
from bothsides.export.influx import to_lines
from bothsides.export.path_rows import HopRow


def test_lines_are_those_of_its_own_program_but_for_zeros_behind_the_point() -> None:
    rows = (
        HopRow(1, "192.0.2.1", "", None, 30, 0, 0.0005, 0.0005, 0.0005, 0.0, 0.0005),
        HopRow(3, "", "", None, 30, 30, None, None, None, None, None),
    )
    assert to_lines(host_points(rows, "8.8.8.8", 1547136900123456000)).decode().splitlines() == [
        "8.8.8.8,destination=8.8.8.8,hop=01-192.0.2.1 "
        "avg=0.5,best=0.5,last=0.5,loss=0,snt=30i,stdev=0,wrst=0.5 1547136900123456000",
        "8.8.8.8,destination=8.8.8.8,hop=03-??? "
        "avg=0,best=0,last=0,loss=100,snt=30i,stdev=0,wrst=0 1547136900123456000",
    ]
