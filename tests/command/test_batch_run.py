"""What of a batch runs together, and that every result is that of a single run."""

import pytest

from bothsides.command.batch_lines import from_text, orders
from bothsides.command.batch_run import Done, Unit, Wish, carried_out, lanes
from bothsides.export.exported import Rows
from bothsides.export.schema import Origin

WISH = Wish(Origin("mon1"), "bothsides", exports=False)


def laid(*commands: str) -> list[list[tuple[int, ...]]]:
    rows = (f"h{number}!s {command}" for number, command in enumerate(commands))
    made = lanes(tuple(orders(from_text("\n".join(rows)).lines)))
    return [[unit.places for unit in lane] for lane in made]


def test_each_check_has_a_lane_and_what_cannot_be_joined_one_of_its_own() -> None:
    commands = (
        "check_udp_loss -H a -n 5",
        "check_https -H a",
        "check_mtr_path -H a",
        "check_udp_loss -H b -n 5",
        "check_udp_loss -H c -n 6",
        "check_mtr_path -H b",
        "check_https -H b",
    )
    assert laid(*commands) == [[(0, 3), (4,)], [(1, 6)], [(2,)], [(5,)]]


def test_long_groups_are_cut_into_runs_that_follow_each_other() -> None:
    commands = [f"check_udp_loss -H 127.0.0.{number} -n 5 -i 1ms" for number in range(1, 21)]
    (lane,) = laid(*commands)
    assert [len(places) for places in lane] == [8, 8, 4]


def test_a_line_that_is_refused_tells_why_as_a_single_run_does() -> None:
    read = tuple(orders(from_text("a!s check_udp_loss --bogus").lines))
    (done,) = carried_out(Unit((0,), 1.0), read, WISH)
    assert isinstance(done, Done)
    assert done.code == 3
    assert done.text.startswith("UDP_LOSS UNKNOWN - unknown option --bogus")
    assert done.rows == Rows()


def test_lines_of_each_engine_are_measured_together() -> None:
    for command, other in (
        (
            "check_udp_loss -p 9 -n 2 -t 2 -H 127.0.0.1",
            "check_udp_loss -p 9 -n 2 -t 2 -H 127.0.0.2",
        ),
        ("check_https https://localhost:1/ -t 2", "check_https https://localhost:2/ -t 2"),
        ("check_snmp_clock -p 9 -t 2 -H 127.0.0.1", "check_snmp_clock -p 9 -t 2 -H 127.0.0.2"),
    ):
        read = tuple(orders(from_text(f"a!s {command}\nb!s {other}").lines))
        ((unit,),) = lanes(read)
        done = list(carried_out(unit, read, WISH))
        assert [(each.place, each.note) for each in done] == [(0, ""), (1, "")]
        assert done[0].began == done[1].began


def test_a_measurement_that_cannot_be_joined_is_made_line_by_line_and_told() -> None:
    text = "\n".join(
        f"h{n}!s check_snmp_clock -p 9 -t 2 -H 127.0.0.{n} --timezone No/Where" for n in (1, 2)
    )
    read = tuple(orders(from_text(text).lines))
    ((unit,),) = lanes(read)
    for done in carried_out(unit, read, WISH):
        assert done.note.startswith(
            "2 lines of check_snmp_clock ran one by one: Unable: no time zone"
        )
        assert done.text.startswith("SNMP_CLOCK UNKNOWN - no time zone No/Where")


def test_many_units_of_one_engine_run_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    text = "\n".join(
        f"h{n}!s check_udp_loss -H 127.0.{n // 200}.{1 + n % 200}" for n in range(3000)
    )
    made = lanes(tuple(orders(from_text(text).lines)))
    assert len(made) == 2
    assert sorted(place for lane in made for unit in lane for place in unit.places) == list(
        range(3000)
    )
    few = lanes(tuple(orders(from_text("\n".join(text.splitlines()[:300])).lines)))
    assert len(few) == 1
