"""Findings become rows with the names, units and types that stores keep for ever."""

import importlib

import pytest

from bothsides.export.schema import (
    COLUMNS,
    MEASUREMENTS,
    PHASES,
    Origin,
    PacketRow,
    packet_points,
    points,
)
from bothsides.parse import Unreadable
from bothsides.plugin.finding import Remark, State, Target
from tests.export.samples import AT, CLOCK, HTTPS, ORIGIN, PATH, UDP, finding

# The contract: what is added goes to the end, nothing is ever renamed or changes its type.
PINNED = {
    "bothsides_udp": "sent:int received:int loss:float loss_low:float loss_high:float "
    "loss_out:float loss_back:float rtt_avg:float rtt_min:float rtt_median:float rtt_p95:float "
    "rtt_max:float jitter:float run_duration:float",
    "bothsides_path": "hops:int changed:int path_id:text loss:float rtt_avg:float path_age:float "
    "run_duration:float",
    "bothsides_https": "status:int duration:float size:int cert_days:float chain_days:float "
    "run_duration:float",
    "bothsides_clock": "offset:float uncertainty:float rtt:float run_duration:float",
}


def test_names_and_types_are_pinned() -> None:
    assert {
        measurement: " ".join(f"{column.field}:{column.kind}" for column in columns)
        for measurement, columns in COLUMNS.items()
    } == PINNED
    assert set(MEASUREMENTS.values()) == set(COLUMNS)


def test_percent_becomes_a_ratio_and_a_count_an_integer() -> None:
    (point,) = points("UDP_LOSS", UDP, ORIGIN, AT, more={"loss_low": 0.085})
    assert point.measurement == "bothsides_udp"
    assert point.tags == (
        ("source", "mon1"),
        ("target", "198.51.100.10"),
        ("route", "office-to-aws"),
    )
    assert point.fields == (
        ("state", 1),
        ("sent", 100),
        ("received", 86),
        ("loss", 14.0 * 0.01),
        ("loss_low", 0.085),
        ("loss_out", 0.0),
        ("rtt_avg", 0.0213),
    )
    assert point.at == AT
    assert {name: type(value) for name, value in point.fields}["sent"] is int
    assert {name: type(value) for name, value in point.fields}["loss_out"] is float


def test_what_was_not_measured_is_left_out() -> None:
    target = Target(
        "x", "", (Remark(State.CRITICAL, "dead"), finding("rta", None), finding("pl", float("nan")))
    )
    (point,) = points("UDP_LOSS", target, Origin("mon1"), AT)
    assert point.fields == (("state", 2),)
    assert point.tags == (("source", "mon1"), ("target", "x"))


def test_a_visit_has_a_row_for_each_measured_phase() -> None:
    whole, *phases = points("HTTPS", HTTPS, ORIGIN, AT, url="https://www.example.org/")
    assert dict(whole.fields)["status"] == 200
    assert whole.tag("url") == "https://www.example.org/"
    assert [(point.tag("phase"), point.fields) for point in phases] == [
        ("dns", (("duration", 0.0001),)),
        ("tls", (("duration", 0.0203),)),
    ]


def test_path_and_clock() -> None:
    (path,) = points("MTR_PATH", PATH, ORIGIN, AT, more={"path_id": "c6dd7b296c8c"})
    assert path.fields[:4] == (
        ("state", 2),
        ("hops", 11),
        ("changed", 1),
        ("path_id", "c6dd7b296c8c"),
    )
    (clock,) = points("SNMP_CLOCK", CLOCK, ORIGIN, AT)
    assert clock.fields == (
        ("state", 0),
        ("offset", -0.001),
        ("uncertainty", 0.0005),
        ("rtt", 0.000247),
    )


def test_a_check_or_field_without_a_place_is_told() -> None:
    with pytest.raises(Unreadable, match="NOVEL has no place"):
        points("NOVEL", UDP, ORIGIN, AT)
    with pytest.raises(Unreadable, match="has no field los_low"):
        points("UDP_LOSS", UDP, ORIGIN, AT, more={"los_low": 0.1})


def test_packets_carry_the_time_of_their_sending() -> None:
    kept, lost = packet_points(
        (PacketRow(3, 17, AT, 0.0213, 0.0104), PacketRow(3, 18, AT + 10, None, None)), "t", ORIGIN
    )
    assert kept.fields == (("seq", 17), ("lost", 0), ("rtt", 0.0213), ("out", 0.0104))
    assert lost.fields == (("seq", 18), ("lost", 1))
    assert lost.at == AT + 10
    assert lost.tag("flow") == "3"


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_column_is_a_figure_that_the_check_declares(name: str) -> None:
    check = importlib.import_module(f"bothsides.check.{name.lower()}.check").CHECK
    assert check.name == name
    declared = {figure.label: figure.uom for figure in check.figures}
    for column in COLUMNS[MEASUREMENTS[name]]:
        if column.label:
            assert column.label in declared
            assert (column.scale != 1) == (declared[column.label] == "%")
    if name == "HTTPS":
        assert {f"time_{phase}" for phase in PHASES} <= set(declared)
