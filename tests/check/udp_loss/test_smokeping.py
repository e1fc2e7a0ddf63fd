"""Round trips as SmokePing keeps them."""

import re

from bothsides.base.record import from_record
from bothsides.check.udp_loss.check import CHECK
from bothsides.check.udp_loss.smokeping import lines, rrd_line
from bothsides.model.udp import Plan, Run
from tests.support.process import HOUSE, run

RECORDS = HOUSE / "tests/data/records"


def recorded(name: str) -> tuple[Plan, Run]:
    return from_record((RECORDS / name).read_text(), CHECK.program, Plan, Run)


def test_a_healthy_run_has_its_round_trips_in_ascending_order() -> None:
    plan, made = recorded("check_udp_loss-healthy.json")
    host, _, figures = rrd_line(made.targets[0], plan).partition(" ")
    lost, median, *trips = figures.split(":")
    assert (host, lost, len(trips)) == (made.targets[0].host, "0", plan.packets)
    assert trips == sorted(trips, key=float)
    assert median == trips[len(trips) // 2]


def test_lost_ones_stand_on_both_sides_and_a_dead_target_is_all_unknown() -> None:
    plan, made = recorded("check_udp_loss-not_running.json")
    assert lines(plan, made).strip().partition(" ")[2] == ":".join(
        [str(plan.packets), "U", *["U"] * plan.packets]
    )
    plan, made = recorded("check_udp_loss-return_loss.json")
    lost, _, *trips = lines(plan, made).strip().partition(" ")[2].split(":")
    unknown = [place for place, trip in enumerate(trips) if trip == "U"]
    assert len(unknown) == int(lost) > 0
    assert unknown == [
        *range(int(lost) // 2),
        *range(plan.packets - (int(lost) - int(lost) // 2), plan.packets),
    ]


def test_the_check_prints_them_on_request_and_keeps_its_exit_code() -> None:
    record = str(RECORDS / "check_udp_loss-return_loss.json")
    plain, smoke = (
        run("check_udp_loss", "--replay", record),
        run("check_udp_loss", "--replay", record, "--output", "smokeping"),
    )
    assert smoke.code == plain.code
    assert re.fullmatch(r"\S+ [0-9]+(:([0-9.]+|U))+\n", smoke.text)
    unable = run(
        "check_udp_loss", "-H", "127.0.0.1", "--key-file", "/nonexistent", "--output", "smokeping"
    )
    assert (unable.code, unable.text.startswith("UDP_LOSS UNKNOWN - ")) == (3, True)
