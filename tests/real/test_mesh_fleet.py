"""A mesh of real hosts: the pair, host or data centre that loses is named, and health alarms nobody."""

import time
from pathlib import Path

import pytest

from tests.support.mesh_fleet import Fleet, fleet, states
from tests.support.process import Outcome

_HOUR = 3600.0


def named(made: Fleet, host: str, words: str, seconds: float = 60.0) -> tuple[str, float]:
    """Line 1 of a host's check_mesh once it has these words, and how long that took."""
    began = time.monotonic()
    line = ""
    while time.monotonic() - began < seconds:
        line = made.check(host).line
        if words in line:
            break
        time.sleep(2)
    return line, time.monotonic() - began


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_three_percent_of_loss_are_named_within_a_minute(tmp_path: Path) -> None:
    """One pair, one host's way out, one data centre: two of each, between real hosts."""
    with fleet(tmp_path, 6) as made:
        made.probe(40.0)
        time.sleep(65)
        for host, target in (("h1", "h2"), ("h4", "h6")):
            made.drop(host, target, 3)
            line, took = named(made, host, f"{host} to {target}: lost ")
            assert f"{host} to {target}: lost " in line, line
            assert " out, 0 back" in line, line
            print(f"{took:.0f} s: {line}")
            other = made.check(target).line
            print(other)
            made.heal()
            time.sleep(70)
        for host in ("h3", "h5"):
            made.drop(host, "", 3)
            line, took = named(made, host, f"{host} to all 5 hosts: lost ")
            assert f"{host} to all 5 hosts: lost " in line, line
            assert " out, 0 back" in line, line
            print(f"{took:.0f} s: {line}")
            made.heal()
            time.sleep(70)
        for datacenter, members in (("us.east", ("h1", "h4")), ("us.west", ("h2", "h5"))):
            for member in members:
                made.drop("", member, 3)
            line, took = named(made, "h3", f"h3 to all 2 hosts of {datacenter}: lost ")
            assert f"h3 to all 2 hosts of {datacenter}: lost " in line, line
            print(f"{took:.0f} s: {line}")
            made.heal()
            time.sleep(70)


@pytest.mark.soak
@pytest.mark.timeout(4000)
def test_an_hour_of_health_between_ten_hosts_alarms_nobody(tmp_path: Path) -> None:
    """Every host's check_mesh once a minute. What this machine spoils is UNKNOWN, and no alarm."""
    with fleet(tmp_path, 10) as made:
        made.probe(10.0)
        time.sleep(70)
        found: list[Outcome] = []
        until = time.monotonic() + _HOUR
        while time.monotonic() < until:
            for host in made.hosts:
                found.append(made.check(host))
                if found[-1].code:
                    print(time.strftime("%H:%M:%S"), found[-1].line, flush=True)
                time.sleep(6)
        print(len(found), "runs, by exit code:", states(found), flush=True)
        assert not [each.line for each in found if each.code in (1, 2)]
