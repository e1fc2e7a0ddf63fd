"""The report says what the evidence says: who, when, how much by direction."""

import time
from collections.abc import Iterator

import pytest

from bothsides.incident.report import duration, ends_of, moment
from bothsides.model.interval import Interval
from tests.support.evidence import NOW, OUT
from tests.support.reports import lossy, recorded, report


@pytest.fixture(autouse=True)
def _in_zurich() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def test_the_facts_name_ends_times_and_loss_by_direction() -> None:
    facts = dict(report(lossy()).facts)
    assert facts["to"] == f"B ({OUT[-1]}, Nimbus)"
    assert facts["begin"] == "2027-01-15 08:00:00Z (09:00:00 CET)"
    assert facts["duration"] == "5 min"
    assert facts["lost A to B"].startswith("80 of 400 packets (")
    assert facts["lost B to A"].startswith("0 of 360 packets (0 to ")
    assert facts["report"] == "made 2027-01-15 08:10:00Z (09:10:00 CET) by bothsides 9.9"


def test_the_timeline_has_both_directions_of_both_measurements() -> None:
    points = [
        (each.way, each.sent, each.lost)
        for each in report(lossy()).points
        if each.phase == "during"
    ]
    assert sorted(points, key=str) == [
        ("back", 160, Interval(0, 0)),
        ("back", 200, Interval(0, 0)),
        ("out", 200, Interval(40, 40)),
        ("out", 200, Interval(40, 40)),
    ]


def test_a_local_day_that_differs_is_written() -> None:
    assert moment(1_547_162_100.0) == "2019-01-10 23:15:00Z (2019-01-11 00:15:00 CET)"
    assert moment(float("nan")) == moment(-1.0) == "at an unknown time"


def test_durations() -> None:
    assert [duration(each) for each in (12.0, 780.0, 9000.0)] == ["12 s", "13 min", "2.5 h"]


def test_the_addresses_of_both_ends_come_from_the_traces() -> None:
    assert ends_of(lossy()) == ("10.0.0.10", "52.1.9.10")
    assert ends_of(lossy()._replace(run=lossy().run._replace(documents=()))) == ("", "")


@pytest.mark.parametrize("name", ["dead_link", "two_faults", "silence", "well"])
def test_recorded_incidents_have_a_headline_paths_and_the_evidence(name: str) -> None:
    made = report(recorded(name))
    assert made.headline.startswith("A to B: ")
    assert [way.title for way in made.ways] == ["A to B", "B to A"]
    assert len(made.evidence) > 1000
    assert made.verdict.at < NOW


def test_nothing_measured_is_said() -> None:
    kept = lossy()
    empty = report(kept._replace(run=kept.run._replace(documents=()), spans=()))
    assert not (empty.points or empty.ways or empty.spans)
    assert dict(empty.facts)["lost A to B"] == "not measured"
    assert "Nothing is known from before the incident." in empty.limits
