"""The last incident is found in stored runs, with the time before and after."""

from bothsides.incident.report_windows import evidence, last_incident, owners, trips
from bothsides.model.report import Span
from bothsides.store.path_runs import StoredHop, StoredRun

STEP = 120.0


def run(number: int, bad: bool = False, word: str = "same") -> StoredRun:
    """One run every two minutes; a bad one loses half."""
    hops = (
        StoredHop(1, ("192.0.2.1",), "Office", 6, 0, 0.001, 0.001, 0.001),
        StoredHop(2, ("198.51.100.7",), "", 6, 3 if bad else 0, 0.01, 0.01, 0.01),
    )
    return StoredRun(
        at=1000.0 + STEP * number,
        host="app",
        target="198.51.100.7",
        source="192.0.2.9",
        engine="mtr-packet",
        state="CRITICAL" if bad else "OK",
        word=word,
        words="",
        sent=20,
        lost=10 if bad else 0,
        rta=0.01,
        hops=hops,
        flows={},
    )


def runs(pattern: str) -> list[StoredRun]:
    """`.` a good run, `x` a bad one, a blank none."""
    return [run(place, mark == "x") for place, mark in enumerate(pattern) if mark != " "]


def test_the_last_bad_runs_are_the_incident() -> None:
    found = last_incident(runs("..x.........xx.x...."))
    assert [(span.phase, span.start) for span in found] == [
        ("before", 1000.0 + 12 * STEP - 3 * STEP),
        ("during", 1000.0 + 12 * STEP),
        ("after", 1000.0 + 16 * STEP),
    ]
    assert found[1].end == 1000.0 + 15 * STEP


def test_bad_runs_are_one_incident_though_each_takes_longer_than_good_ones() -> None:
    stored = runs("........xxx..")
    slower = [
        each._replace(at=each.at + 5 * STEP * max(0, min(3, place - 8)))
        for place, each in enumerate(stored)
    ]
    during = next(span for span in last_incident(slower) if span.phase == "during")
    assert (during.start, during.end) == (slower[8].at, slower[10].at)


def test_windows_end_where_the_runs_end() -> None:
    before, during, after = last_incident(runs(".xxxxx.."))
    assert (before.start, before.end) == (1000.0, 1000.0)
    assert (after.start, after.end) == (1000.0 + 6 * STEP, 1000.0 + 7 * STEP)
    assert during.end < after.start


def test_no_bad_run_is_no_incident() -> None:
    assert last_incident(runs(".....")) == ()
    assert last_incident([]) == ()


def test_an_incident_at_either_edge_lacks_a_window() -> None:
    assert [span.phase for span in last_incident(runs("xx..."))] == ["during", "after"]
    assert [span.phase for span in last_incident(runs("...xx"))] == ["before", "during"]
    assert [span.phase for span in last_incident(runs("x"))] == ["during"]


def test_trips_are_the_runs_inside_the_windows() -> None:
    made = trips(runs("..xx.."), (Span("during", 1000 + 2 * STEP, 1000 + 3 * STEP),))
    assert [(trip.sent, trip.lost, trip.rtt, trip.changed) for trip in made] == [
        (20, 10, 0.01, False), (20, 10, 0.01, False),
    ]  # fmt: skip


def test_very_many_runs_are_counted_together_and_none_is_lost() -> None:
    many = [run(number, number % 2 == 1) for number in range(1500)]
    made = trips(many, (Span("during", 0.0, 1e9),))
    assert len(made) == 500
    assert (sum(trip.sent for trip in made), sum(trip.lost for trip in made)) == (30000, 7500)


def test_stored_runs_become_documents() -> None:
    stored = runs("..x..")
    found = evidence("office", "app", stored, last_incident(stored))
    (peer,) = found.during.peers
    assert peer.now.path is not None
    assert peer.before.path is not None
    assert (peer.now.path.echoes_lost, peer.before.path.echoes_lost) == (10, 0)
    assert (peer.now.path.length, peer.now.path.fixed) == (2, False)
    assert len(found.after) == 1
    assert [(each.address, each.label) for each in owners(stored)] == [("192.0.2.1", "Office")]
