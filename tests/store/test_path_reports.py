"""The text files of runs: their names, what is in them, and which of them are taken away again."""

import os
from pathlib import Path

import pytest

from bothsides.parse.mtr.detect import from_mtr
from bothsides.store.path_reports import keep, name_of, report_of
from bothsides.store.path_runs import StoredHop, StoredRun

HOPS = (
    StoredHop(1, ("192.0.2.1",), "us", 6, 0, 0.001, 0.002, 1.5),
    StoredHop(2, (), "", 6, 6, None, None, None),
    StoredHop(3, ("10.0.0.1", "10.0.0.2"), "", 6, 3, 0.02, 0.03, 0.04),
    StoredHop(4, ("2001:db8::1",), "", 6, 0, 0.02, 0.03, 0.04),
)
ENTRY = StoredRun(
    1547136900.0,
    "app.example",
    "2001:db8::1",
    "2001:db8::2",
    "x",
    "OK",
    "same",
    "",
    20,
    5,
    0.03,
    HOPS,
    {},
)


def test_names_sort_by_time_and_hold_both_ends() -> None:
    assert (
        name_of(ENTRY, "a-to-b", False)
        == "a-to-b__2019-01-10-16-15-00Z__2001-db8--2_to_2001-db8--1.txt"
    )
    assert (
        name_of(ENTRY, "a-to-b", True)
        == "a-to-b/2019-01-10-16-15-00Z/2001-db8--2_to_2001-db8--1.txt"
    )
    assert "/" not in name_of(ENTRY, "../../etc/x", False)


def test_the_report_is_read_back_as_it_was() -> None:
    trace = from_mtr(report_of(ENTRY))[0]
    assert trace.started == ENTRY.at
    assert [[host.address for host in hop.hosts] for hop in trace.hops] == [
        list(seen.hosts) for seen in HOPS
    ]
    assert [hop.loss for hop in trace.hops] == [0.0, 1.0, 0.5, 0.25]
    assert trace.hops[0].worst == pytest.approx(1.5)
    assert trace.hops[3].sent == 20


def test_the_losses_of_a_silent_target_are_never_those_of_the_last_router_that_answers() -> None:
    dead = from_mtr(report_of(ENTRY._replace(hops=HOPS[:3], lost=20, rta=None)))[0]
    assert [
        (hop.ttl, [host.address for host in hop.hosts], hop.sent, hop.loss) for hop in dead.hops[2:]
    ] == [
        (3, ["10.0.0.1", "10.0.0.2"], 6, 0.5),
        (4, [], 20, 1.0),
    ]
    assert dead.reached is False
    nobody = from_mtr(report_of(ENTRY._replace(hops=(), lost=20, rta=None)))[0]
    assert [(hop.ttl, hop.hosts, hop.loss) for hop in nobody.hops] == [(1, (), 1.0)]
    only_echoes = from_mtr(report_of(ENTRY._replace(hops=HOPS[:3])))[0]
    assert [(hop.hosts[0].address, hop.loss) for hop in only_echoes.hops[2:]] == [
        ("10.0.0.1", 0.5),
        ("2001:db8::1", 0.25),
    ]
    ignored = from_mtr(report_of(ENTRY._replace(hops=(*HOPS[:3], HOPS[1]._replace(ttl=4)))))[0]
    assert [(hop.ttl, hop.hosts[0].address) for hop in ignored.hops[2:]] == [
        (3, "10.0.0.1"),
        (4, "2001:db8::1"),
    ]


@pytest.mark.parametrize("tree", [False, True])
def test_only_old_files_of_our_own_go(tmp_path: Path, tree: bool) -> None:
    keep(str(tmp_path), ENTRY, "a-to-b", tree, None)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "a-to-b").mkdir(exist_ok=True)
    (tmp_path / "a-to-b" / "notes.txt").write_text("mine")
    old = (
        tmp_path / "b__2017-12-18-12-33__1-1-1-1_to_2-2-2-2.txt"
    )  # the minute names of older tools
    old.write_text("x")
    for path in (old, tmp_path / "notes.txt", tmp_path / "a-to-b/notes.txt"):
        os.utime(path, (1e9, 1e9))
    keep(str(tmp_path), ENTRY._replace(at=ENTRY.at + 60), "a-to-b", tree, 86400.0)
    left = sorted(path.name for path in tmp_path.rglob("*.txt"))
    assert old.name not in left
    assert left.count("notes.txt") == 2
    assert len(left) == 4
