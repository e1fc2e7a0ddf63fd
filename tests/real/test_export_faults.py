"""Stores and monitoring servers with faults.

Line 1, exit code and time stay, nothing is lost or twice.

The stand-ins are in tests/support/bad_places.py. The short tests give one fault to all places of a
run at once; the long ones give each place each of its faults alone.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from bothsides.export.deliver import Means, export
from bothsides.export.destination import from_export
from bothsides.export.point import Event
from tests.support.bad_places import Place, places
from tests.support.bad_stores import FAULTS, StandIn, ended, next_second
from tests.support.contract import records_of
from tests.support.forked import run
from tests.support.process import NRPE_ENVIRONMENT, Outcome

TIMEOUT = 2.0  # s, -t
USUAL = 0.25  # s of a run that measures and delivers nothing
LAST_ONLY = ("prometheus", "files")  # what came last is all that they hold
NAMES = (
    *("influx", "victoria", "influx-udp", "graphite", "graphite-tags", "statsd", "elastic"),
    *("jsonl", "prometheus", "nagios", "nagios-cmd", "icinga", "nrdp", "files"),
)
EVERY_FAULT = (*FAULTS, "full")
SHORT = ("dead", "hanging", "silent", "cut", "refusing", "portal", "small", "lying", "full")


def measured_now() -> dict[str, Any]:
    """A record of check_udp_loss as if its packets had been sent just now."""
    record: dict[str, Any] = json.loads(records_of("check_udp_loss")[-1].read_text())
    shift = time.time_ns() - record["run"]["targets"][0]["packets"][0]["sent"]

    def shifted(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shifted(part) for name, part in value.items()}
        if isinstance(value, list):
            return [shifted(part) for part in value]
        return value + shift if isinstance(value, int) and value > 10**18 else value

    return cast(dict[str, Any], shifted(record))


def replayed(state: Path, words: Sequence[str], timeout: float = TIMEOUT) -> Outcome:
    environment = {**NRPE_ENVIRONMENT, "STATE_DIRECTORY": str(state)}
    state.mkdir(exist_ok=True)
    record = state / "record.json"
    record.write_text(json.dumps(measured_now()))
    command = ["check_udp_loss", "--replay", str(record), "-t", str(timeout), *words]
    return run(*command, environment=environment)


def first(outcome: Outcome) -> tuple[str, int, str]:
    return outcome.text.partition("\n")[0], outcome.code, outcome.error


def with_fault(fault: str, there: Mapping[str, Place], state: Path) -> None:
    """A run while the places have the fault, and two when they are well again."""
    words = ["--submit-as", "h!s", *(word for place in there.values() for word in place.words)]
    plain = replayed(state, [])
    bad = {name: place for name, place in there.items() if fault in place.faults}
    for place in bad.values():
        place.become(fault)
    began = int(time.time())
    slow = max(1.0, plain.elapsed / USUAL)  # this machine now
    timeout = TIMEOUT * min(slow, 5.0)  # or a place that is well gets too little of it
    faulty = replayed(state, words, timeout)
    ended = int(time.time())
    assert first(faulty) == first(plain)
    assert faulty.seconds < timeout + 0.3 * slow + plain.seconds, (faulty.seconds, plain.seconds)
    for name, place in bad.items():
        where = place.words[1]
        own = where if name != "prometheus" else where.partition(":")[2]
        lines = [line for line in faulty.text.splitlines() if own.partition("?")[0] in line]
        assert len(lines) == 1, (name, faulty.text)
        assert ("1 parcel waits" in lines[0]) == place.kept, lines
    assert len(list(state.rglob("*.parcel"))) == sum(place.kept for place in bad.values())
    for place in bad.values():
        place.become("")
    next_second()
    for _ in range(2):
        again = replayed(state, words, timeout=30)
        assert again.text == plain.text
    assert not list(state.rglob("*.parcel"))
    for name, place in there.items():
        times = place.times()
        if name in LAST_ONLY:
            assert len(times) == 1, (name, times)
        elif place.kept or name not in bad:
            assert len(times) == 3, (name, times)
            if name != "statsd":  # which has no times
                assert began <= min(times) <= ended, (name, times)
                assert [at > ended for at in sorted(times)] == [False, True, True], (name, times)
        else:
            assert len(times) == 2, (name, times)


@pytest.mark.parametrize(
    "fault",
    [pytest.param(each, marks=[] if each in SHORT else [pytest.mark.soak]) for each in EVERY_FAULT],
)
def test_a_fault_of_all_places_at_once_changes_nothing_and_loses_nothing(
    fault: str, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    with places(tmp_path) as there:
        with_fault(fault, there, state)


@pytest.mark.soak
@pytest.mark.parametrize("name", NAMES)
def test_a_place_alone_with_each_of_its_faults(name: str, tmp_path: Path) -> None:
    for fault in EVERY_FAULT:
        root = tmp_path / fault
        root.mkdir()
        with places(root, [name]) as there:
            if fault in there[name].faults:
                with_fault(fault, there, root / "state")


SUBMITS = ("nagios", "nagios-cmd", "icinga", "nrdp", "files")


@pytest.mark.soak
@pytest.mark.parametrize("fault", EVERY_FAULT)
def test_a_batch_keeps_what_no_place_takes_and_sends_it_once(fault: str, tmp_path: Path) -> None:
    state, file = tmp_path / "state", tmp_path / "checks"
    record = str(records_of("check_udp_loss")[-1])
    file.write_text("".join(f"h{n}!s check_udp_loss --replay {record}\n" for n in range(3)))
    with places(tmp_path, SUBMITS) as there:
        words = ["batch", str(file), *(word for place in there.values() for word in place.words)]
        words += ["--state-dir", str(state)]
        bad = [place for place in there.values() if fault in place.faults]
        for place in bad:
            place.become(fault)
        outcome = run("bothsides", *words, "-t", "1")
        assert (outcome.code, outcome.error) == (2, "")
        assert outcome.text.startswith("BATCH CRITICAL - 0 of 3 results delivered to nagios:")
        assert all(place.words[1] in outcome.text.partition("\n")[2] for place in bad)
        assert len(list(state.rglob("*.parcel"))) == len(bad)
        for place in bad:
            place.become("")
        for _ in range(2):
            again = run("bothsides", *words, "-t", "30")
            assert (again.code, again.error) == (0, ""), again.text
        assert not list(state.rglob("*.parcel"))
        for name, place in there.items():
            assert len(place.times()) == (3 if name == "files" else 9), name


def exported(server: StandIn, state: Path, at: int) -> tuple[str, ...]:
    """What is said of a path's event that goes to this server."""
    event = Event("path_change", "path changed", "a became b", (), ("x",), "", at * 10**9)
    destination = from_export(f"graphite-events:http://127.0.0.1:{server.port}")
    return export(destination, (), (event,), Means(spool=str(state)), 1.0)


@pytest.mark.parametrize("fault", FAULTS)
def test_an_event_for_graphite_waits_and_comes_once(fault: str, tmp_path: Path) -> None:
    server = StandIn("graphite-events")
    with ended(server):
        server.become(fault)
        (line,) = exported(server, tmp_path, 1_700_000_001)
        assert "1 parcel waits" in line
        server.become("")
        assert exported(server, tmp_path, 1_700_000_002) == ()
        assert exported(server, tmp_path, 1_700_000_003) == ()
    assert [json.loads(body)["when"] % 10 for body in server.taken] == [1, 2, 3]


def archived(server: StandIn, state: Path, report: Path) -> Outcome:
    login = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "hush"}
    environment = {**NRPE_ENVIRONMENT, "STATE_DIRECTORY": str(state), **login}
    where = ["--export", f"s3:http://127.0.0.1:{server.port}/bucket", "--route", "a-to-b"]
    words = ["export", "--incident", str(report), *where, "-t", "2"]
    return run("bothsides", *words, environment=environment)


@pytest.mark.parametrize(
    "fault",
    [pytest.param(each, marks=[] if each in SHORT else [pytest.mark.soak]) for each in FAULTS],
)
def test_a_report_for_the_archive_waits_and_comes_once(fault: str, tmp_path: Path) -> None:
    server, reports = StandIn("s3"), [tmp_path / f"{number}.txt" for number in range(2)]
    for number, report in enumerate(reports):
        report.write_text(f"report {number}")
        os.utime(report, (1_700_000_000 + 60 * number,) * 2)
    with ended(server):
        server.become(fault)
        outcome = archived(server, tmp_path, reports[0])
        assert (outcome.code, outcome.error) == (2, "")
        assert outcome.text.startswith("EXPORT CRITICAL - 0 of 1 reports stored in s3:")
        assert "1 parcel waits" in outcome.text
        assert outcome.seconds < 3.5
        assert "hush" not in outcome.text
        server.become("")
        assert archived(server, tmp_path, reports[1]).code == 0
    assert server.taken == [b"report 0", b"report 1"]
