"""Days on which calendars break: the end of 32-bit time, daylight saving, a clock without time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from bothsides.analyse.clock_offset import knowledge
from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.model.clock import Plan, Sample
from bothsides.parse.snmp import from_source
from bothsides.probe.snmp.measure import measure
from tests.support import daemons, need
from tests.support.process import run

CONFIG = """rocommunity public
extend -cacheTime -1 epoch /bin/date +%s
extend -cacheTime -1 here /bin/date +%Y-%m-%dT%H:%M:%S
"""
NAMES = ("hrSystemDate", "extend:epoch", "extend:here")
EARLY = 3  # seconds before its edge at which an agent is started


class Edge(NamedTuple):
    """An instant (UTC seconds), the agent's zone, and the minutes east that it shows around it."""

    instant: int
    zone: str
    zones: tuple[int, int]


EDGES = {
    "the end of signed 32-bit seconds": Edge(2**31, "UTC", (0, 0)),
    "summer time begins": Edge(1_806_195_600, "Europe/Berlin", (60, 120)),  # 2027-03-28 01:00 UTC
    "summer time ends": Edge(1_792_890_000, "Europe/Berlin", (120, 60)),  # 2026-10-25 01:00 UTC
    "the half hour of Lord Howe": Edge(
        1_791_041_400, "Australia/Lord_Howe", (630, 660)
    ),  # 2026-10-03 15:30 UTC
}


@contextmanager
def agent(edge: Edge) -> Iterator[tuple[int, int]]:
    """An agent that is just before its edge: its port, and by how many seconds its clock is off."""
    faketime = need.program("faketime", "faketime")
    shift = edge.instant - EARLY - int(time.time())
    with (
        daemons.folder() as root,
        daemons.snmpd(CONFIG, root, (faketime, "-f", f"{shift:+d}"), {"TZ": edge.zone}) as daemon,
    ):
        yield daemon.port, shift


def asked(port: int, source: str, zone: str, shift: int) -> Sample:
    """One question, whose answer must allow the truth."""
    plan = Plan(
        ("127.0.0.1",), port, community=Secret("public"), source=from_source(source), zone=zone
    )
    hosts = [measure(plan, Deadline(4)).hosts[0]]
    while not hosts[-1].samples and len(hosts) < 3:  # an agent that starts date(1) can be slow
        hosts.append(measure(plan, Deadline(4)).hosts[0])
    assert len(hosts[-1].samples) == 1, [host.failure for host in hosts]
    sample = hosts[-1].samples[0]
    assert sample.look is not None, sample.fault
    bounds = knowledge([sample.look]).offset
    assert bounds.low - 0.001 <= shift <= bounds.high + 0.001, (source, bounds, shift)
    return sample


@pytest.mark.parametrize("name", EDGES)
def test_the_offset_is_the_same_on_both_sides(name: str) -> None:
    edge = EDGES[name]
    sources = (
        NAMES[:2] if "ends" in name else NAMES
    )  # an hour that comes twice says nothing without its zone
    with agent(edge) as (port, shift):
        while time.time() + shift < edge.instant + 1.5:
            for source in sources:
                moment = asked(port, source, edge.zone, shift).moment
                assert moment is not None
                if source == "hrSystemDate":
                    assert moment.zone == edge.zones[moment.ns >= edge.instant * 10**9]
            time.sleep(0.1)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_mikrotik_without_gps_has_no_time_to_tell(version: str) -> None:
    with daemons.folder() as root:
        config = "rocommunity public\noverride .1.3.6.1.4.1.14988.1.1.12.1.0 integer 0\n"
        with daemons.snmpd(config, root) as daemon:
            common = (
                "-H",
                "127.0.0.1",
                "-p",
                str(daemon.port),
                "-P",
                version,
                "--local-sync",
                "ignore",
            )
            outcome = run("check_snmp_clock", *common, "-o", "mtxrDate")
    assert outcome.code == 3, outcome.text
    assert (
        "mtxrDate: it is 0, which is no time from a GPS receiver, use hrSystemDate" in outcome.line
    )
