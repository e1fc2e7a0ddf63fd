"""The rows of traced paths: hops, the path's name, and one event for each change."""

from pathlib import Path

import pytest

from bothsides.analyse.path.past import Keeping, Past
from bothsides.check.mtr_path.check import CHECK
from bothsides.check.mtr_path.memory import keep, recall
from bothsides.check.mtr_path.options import plan
from bothsides.export.schema import Measured
from bothsides.export.traced_path import events, hop_rows, path_id, rows
from bothsides.model.path import ProbeResult, Run
from bothsides.plugin.command_line import understood
from bothsides.plugin.finding import Remark, State, Target
from tests.export.measured import ORIGIN, judged
from tests.support.sample_path import NOTHING, USUAL, analysed, past, run

OTHER = ("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")
WELL = Target("app", "10.2.9.9", (Remark(State.OK, "well"),))
MEASURED = Measured([WELL], ORIGIN, "bothsides", 1, 1.0)
LEARNING = Keeping(learns=True)


def test_a_path_is_one_row_and_one_for_each_router() -> None:
    run = judged(CHECK, "stable")
    first, *hops = rows(run.analysis, run.measured)
    fields = dict(first.fields)
    assert first.measurement == "bothsides_path"
    assert first.tag("target") == run.analysis.run.host
    assert fields["hops"] == run.figures["hops"]
    assert fields["rtt_avg"] == pytest.approx(run.figures["rta"])
    assert {point.measurement for point in hops} == {"bothsides_hop"}
    assert {point.at for point in hops} == {first.at} == {int(run.analysis.run.at * 1e9)}
    assert {point.tag("hop") for point in hops} == {
        f"{ttl:02d}" for ttl in range(1, run.analysis.length + 1)
    }


def test_probes_and_losses_of_all_rows_of_a_hop_are_those_of_the_hop() -> None:
    for record in ("stable", "rerouted", "outage", "unreached"):
        analysis = judged(CHECK, record).analysis
        made = hop_rows(analysis)
        for hop in analysis.hops:
            mine = [row for row in made if row.hop == hop.ttl]
            assert sum(row.sent for row in mine) == hop.sent
            assert sum(row.lost for row in mine) == hop.lost
            assert set(hop.hosts) <= {row.address for row in mine}


def test_owners_stand_where_they_are_certain_and_a_silent_hop_is_a_row() -> None:
    analysis = analysed(run("10.0.0.1", "", "10.2.0.1", "10.2.0.2", "10.2.9.9"), NOTHING)
    hops = [(row.hop, row.address, row.owner, row.sent, row.lost) for row in hop_rows(analysis)]
    assert hops[:3] == [
        (1, "10.0.0.1", "us", 6, 0),
        (2, "", "", 6, 6),
        (3, "10.2.0.1", "Amazon", 6, 0),
    ]
    assert hop_rows(analysis)[1].rtt_avg is None
    assert hop_rows(analysis)[0].rtt_last == 0.001


def test_a_lost_probe_counts_for_the_router_of_its_flow() -> None:
    made = run(*USUAL)
    split = tuple(
        ProbeResult(flow, 3, "silent" if flow == 5 else "expired", host, None if flow == 5 else 0.1)
        for flow, host in enumerate(("10.2.0.1",) * 3 + ("10.2.0.7",) * 2 + ("",))
    )
    again = tuple(
        ProbeResult(flow, 3, "expired", "10.2.0.7" if flow > 2 else "10.2.0.1", 0.1)
        for flow in range(6)
    )
    first = (*(result for result in made.first if result.ttl != 3), *split)
    analysis = analysed(made._replace(first=first, second=again), NOTHING)
    counts = {row.address: (row.sent, row.lost) for row in hop_rows(analysis) if row.hop == 3}
    assert counts == {"10.2.0.1": (6, 0), "10.2.0.7": (6, 1)}


def test_carbolymers_rows_are_those_of_its_own_dashboard() -> None:
    analysis = analysed(run(*USUAL, took=2.0), NOTHING)
    points = list(rows(analysis, MEASURED._replace(style="carbolymer")))
    assert {point.measurement for point in points} == {"app"}
    assert [point.tag("hop") for point in points][:2] == ["01-10.0.0.1", "02-10.1.0.1"]
    assert {point.at for point in points} == {int((1e9 + 2) * 1e9)}


def remembered(folder: Path) -> Past:
    options = understood(CHECK, ["-H", "app", "--state-dir", str(folder), "--state", "rw"])
    return recall(options, plan(options))


def runs(folder: Path, *lines: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Path and events of runs that follow each other every five minutes, with their memory."""
    known = []
    for number, line in enumerate(lines):
        made: Run = run(*line, looks=2, at=1e9 + 300.0 * number, took=1.0)
        analysis = analysed(made, remembered(folder))
        known.append((path_id(analysis), [event.text for event in events(analysis, MEASURED)]))
        assert list(keep(analysis, [WELL])) == []
    return known


def test_each_change_is_one_event_and_so_is_the_way_back(tmp_path: Path) -> None:
    known = runs(tmp_path, *[USUAL] * 4, *[OTHER] * 3, *[USUAL] * 2)
    names, marks = [name for name, _ in known], [mark for _, mark in known]
    assert marks[:4] == [[]] * 4
    assert marks[4] == ["hop 3: 10.2.0.1 became 10.3.0.1"]
    assert marks[5:7] == [[]] * 2
    assert marks[7] == ["hop 3: 10.3.0.1 became 10.2.0.1"]
    assert marks[8] == []
    usual, other = names[0], names[4]
    assert usual != other
    assert names == [usual] * 4 + [other] * 3 + [usual] * 2


def test_a_run_that_learns_nothing_tells_of_no_change() -> None:
    changed = analysed(run(*OTHER, looks=2), past(*USUAL))
    assert changed.verdict.switched
    assert list(events(changed, MEASURED)) == []
    ours = past(*USUAL)._replace(keeping=LEARNING)
    (event,) = events(analysed(run(*OTHER, looks=2), ours), MEASURED)
    assert event.title == "path changed at hop 3"
    assert event.tags == (("source", "mon1"), ("target", "app"), ("route", "a-to-b"))
    assert "Level3" in event.text
    assert event.at == int(1e9 * 1e9)


def test_without_a_memory_a_path_has_no_name() -> None:
    analysis = analysed(run(*USUAL), NOTHING)
    assert path_id(analysis) == ""
    first = next(rows(analysis, MEASURED))
    assert "path_id" not in dict(first.fields)
