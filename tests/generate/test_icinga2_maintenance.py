"""Downtimes: whom they cover, and when, in the local time of the machine that loads them."""

import json
import os
import subprocess
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.generate.icinga2_maintenance import _RANGES
from tests.generate.icinga import HOSTS, MESH, tree
from tests.support import need

PLANNED = '[[maintenance]]\nwhat = "{}"\nbegin = {}\nend = {}\nreason = "new \\"router\\""\n'
NIGHT = ("2030-01-10T22:00:00+01:00", "2030-01-11T01:30:00+01:00")
PATHS = '[[path]]\nfrom = "all"\nto = "all"\n'


def ranges(begin: int, end: int, zone: str) -> dict[str, str]:
    """The ranges as Icinga makes them in a time zone."""
    program = need.program("icinga2", "icinga2-bin")
    text = f"{_RANGES}\nJson.encode(bothsides_ranges({begin}, {end}))"
    done = subprocess.run(
        [program, "console", "--eval", text],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TZ": zone},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made: dict[str, str] = json.loads(json.loads(done.stdout))
    return made


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Zurich", {"2030-01-10": "22:00-24:00", "2030-01-11": "00:00-01:30"}),
        ("UTC", {"2030-01-10": "21:00-24:00", "2030-01-11": "00:00-00:30"}),
        ("America/Toronto", {"2030-01-10": "16:00-19:30"}),
    ],
)
def test_a_night_in_any_time_zone(zone: str, expected: dict[str, str]) -> None:
    assert ranges(moment(NIGHT[0]), moment(NIGHT[1]), zone) == expected


@settings(max_examples=15)
@given(
    st.integers(0, 366 * 24 * 60),
    st.integers(1, 20 * 24 * 60),
    st.sampled_from(["Europe/Zurich", "America/Toronto", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_the_parts_make_up_the_whole(start: int, minutes: int, zone: str) -> None:
    begin = moment("2030-01-01T00:00:00+00:00") + 60 * start
    local = ZoneInfo(zone)
    parts = []
    for day, text in ranges(begin, begin + 60 * minutes, zone).items():
        midnight = datetime.fromisoformat(day)
        for clock in text.split("-"):
            hours, rest = map(int, clock.split(":"))
            wall = midnight + timedelta(hours=hours, minutes=rest)
            parts.append(int(wall.replace(tzinfo=local).timestamp()))
    inner = sorted(parts)
    # On the days on which clocks change an end may be off by the change, a hole there is none.
    assert abs(inner[0] - begin) <= 3600
    assert abs(inner[-1] - (begin + 60 * minutes)) <= 3600
    assert inner[1:-1:2] == inner[2::2]


def test_a_downtime_covers_hosts_services_and_what_is_measured_towards_them() -> None:
    body = tree(HOSTS + PATHS + PLANNED.format("b", *NIGHT))["zones.d/master/maintenance.conf"]
    to_host, to_service = body.split("apply ScheduledDowntime")[1:]
    assert 'assign where host.name in [ "b.example" ]\n' in to_host
    assert (
        'assign where host.name in [ "b.example" ]'
        ' || service.vars.bothsides_peer in [ "b.example" ]'
        ' || bothsides_both([ "b.example" ], service.vars.bothsides_outside).len() > 0\n'
        in to_service
    )
    assert 'comment = "new \\"router\\""' in to_host
    assert f"bothsides_ranges({moment(NIGHT[0])}, {moment(NIGHT[1])})" in to_host


def test_without_maintenance_there_is_no_file() -> None:
    assert "zones.d/master/maintenance.conf" not in tree(HOSTS + MESH)


def test_hosts_without_services_have_no_rule_for_services() -> None:
    one = '[[check]]\nfrom = "a"\nto = "b | c"\ncheck = "udp_ping"\n'
    body = tree(HOSTS + one + PLANNED.format("c", *NIGHT))["zones.d/master/maintenance.conf"]
    assert body.count("apply ScheduledDowntime") == 1
