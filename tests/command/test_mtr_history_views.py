"""What each command of mtr_history shows of a memory."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.baseline_document import to_document
from bothsides.analyse.path.compare import Path as LearntPath
from bothsides.base.errors import Misuse, Unable
from bothsides.command import mtr_history_views as views
from bothsides.store.path_memory import path_key
from bothsides.store.path_runs import StoredHop, StoredRun, keep
from bothsides.store.sqlite import History, opened

TARGET = "10.0.0.9"
NOON = 1547121600.0  # 2019-01-10 12:00 UTC
HOPS = tuple(
    StoredHop(
        ttl=ttl, hosts=(host,), owner=owner, asked=6, lost=0, best=0.001, avg=0.002, worst=0.003
    )
    for ttl, host, owner in ((1, "10.0.0.1", "us, here"), (2, TARGET, "ISP"))
)
RUN = StoredRun(
    at=NOON,
    host="app",
    target=TARGET,
    source="10.0.0.2",
    engine="mtr-packet",
    state="OK",
    word="same",
    words="2 hops",
    sent=20,
    lost=0,
    rta=0.02,
    hops=HOPS,
    flows={},
)
WINDOWS = ("2019-01-10 12:00-12:05", "2019-01-10 12:10-12:15", "2019-01-10 12:20-12:25")


@pytest.fixture
def past(tmp_path: Path) -> Iterator[History]:
    """Three runs: good, lossy, good; and the baseline of the path."""
    with opened(str(tmp_path)) as store:
        for minutes, lost in ((0, 0), (10, 5), (20, 0)):
            state = "CRITICAL" if lost else "OK"
            keep(store, RUN._replace(at=NOON + 60 * minutes, lost=lost, state=state))
        members = {1: tuple(f"10.0.1.{number}" for number in range(8)), 3: (TARGET,)}
        path = LearntPath(NOON, NOON + 1200, 3, {0: {3: (TARGET,)}}, {0: 3}, members)
        document = to_document(Baseline(3, path, switches=(NOON,)))
        store.change(path_key(TARGET), lambda _: document)
        yield store


def test_the_targets(past: History) -> None:
    assert list(views.list_targets(past)) == [
        "app (10.0.0.9): 3 runs from 2019-01-10 12:00:00Z to 2019-01-10 12:20:00Z, "
        "1 of them bad; last: 2 hops"
    ]
    assert views.target_of(past, "app") == views.target_of(past, TARGET) == TARGET
    with pytest.raises(Misuse, match=r"missing argument HOST \(known: app\)"):
        views.target_of(past, "")
    with pytest.raises(Unable, match=r"nothing is remembered of other in .* \(known: app\)"):
        views.target_of(past, "other")


def test_the_paths(past: History) -> None:
    assert list(views.paths(past, TARGET)) == [
        "1 path to 10.0.0.9, 1 change in the last 24 h",
        "normal: 3 runs from 2019-01-10 12:00:00Z to 2019-01-10 12:20:00Z",
        "   1  10.0.1.0, 10.0.1.1, 10.0.1.2, 10.0.1.3, 10.0.1.4, 10.0.1.5 and 2 more",
        "   2  *",
        "   3  10.0.0.9",
    ]


def test_one_moment(past: History) -> None:
    shown = list(views.show(past, TARGET, ["2019-01-10", "12:11"], NOON + 3600))
    assert shown[0] == "2019-01-10 12:10:00Z CRITICAL: 2 hops"
    assert shown[1] == "app (10.0.0.9) from 10.0.0.2, by mtr-packet"
    far = list(views.show(past, TARGET, ["2019-01-09", "12:20"], NOON + 3600))
    assert far[0] == "no run near 2019-01-09 12:20:00Z; the nearest one is 24 h later:"
    assert far[1].startswith("2019-01-10 12:00:00Z OK")
    assert next(views.show(past, TARGET, [], NOON + 3600)).startswith("2019-01-10 12:20")


def test_windows_side_by_side(past: History) -> None:
    shown = list(views.compare(past, TARGET, WINDOWS[:2], NOON + 3600))
    assert shown[0] == "app (10.0.0.9) from 10.0.0.2, times in UTC"
    assert "the path is the same. The target lost 25% of 20 (before 0% of 20)" in shown[-1]
    with pytest.raises(Misuse, match="two or three"):
        list(views.compare(past, TARGET, WINDOWS[:1], NOON))
    with pytest.raises(Unable, match="no run to"):
        list(views.compare(past, TARGET, ["2019-01-09 12:00", WINDOWS[0]], NOON))


@pytest.mark.parametrize("form", ["json", "csv", "report"])
def test_exports(past: History, form: str) -> None:
    lines = list(views.export(past, TARGET, "2019-01-10 12:05", "2019-01-10 12:30", form, NOON))
    if form == "json":
        assert [run["lost"] for run in json.loads("\n".join(lines))] == [5, 0]
        nothing = views.export(past, TARGET, "2018-01-10 12:05", "2018-01-10 12:06", form, NOON)
        assert list(nothing) == ["[]"]
    elif form == "csv":
        assert lines[0].startswith("time,host,target")
        assert lines[1].split(",")[6:] == [
            *("1", "10.0.0.1", "us  here", "6", "0", "0.001000", "0.002000", "0.003000")
        ]
        assert len(lines) == 5
    else:
        assert sum(line.startswith("HOST: ") for line in lines) == 2


def test_an_export_that_ends_before_it_begins_is_refused(past: History) -> None:
    with pytest.raises(Misuse, match="--until -1h is before --since now"):
        list(views.export(past, TARGET, "now", " -1h", "json", NOON))


def test_evidence_for_a_provider_and_the_way_back(past: History, tmp_path: Path) -> None:
    shown = list(views.report(past, TARGET, WINDOWS, NOON + 3600))
    assert shown[0] == "Path from 10.0.0.2 to app (10.0.0.9), times in UTC"
    assert "DURING (the worst of 1 runs): 2 hops" in shown
    with pytest.raises(Misuse, match="three windows"):
        list(views.report(past, TARGET, WINDOWS[:2], NOON))
    back = list(views.other_direction(str(tmp_path), "app", WINDOWS, NOON + 3600))
    assert back[:2] == ["", f"THE OTHER DIRECTION ({tmp_path})"]
    assert back[-1].startswith("2019-01-10 12:00-12:05 and 2019-01-10 12:10-12:15: ")
