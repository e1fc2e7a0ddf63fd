"""What is kept over restarts, and what happens when nothing can be kept."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.mesh.completion import Kept
from bothsides.mesh.memory import Memory
from bothsides.mesh.peer import Far, Peer
from bothsides.mesh.ring import Ring, unpack
from bothsides.model.mesh import Slice
from bothsides.store.mesh_slices import incidents, slices
from bothsides.store.sqlite import opened

NOW = 1_700_000_000
ZERO = Slice(0, 200, 0, 0, 0, 0, 0, 0, 0, 0, 240, 300, 812)


def peers() -> dict[str, Kept]:
    found = {}
    for mark, name in enumerate(("db1", "db2"), 1):
        far = Far(name, "192.0.2.7", 862, "stamp", 40.0, 1.0, "")
        found[name] = Kept(Peer(far, mark, 5.0, 0.0), Ring(720))
    return found


def memory(folder: Path) -> Memory:
    return Memory(str(folder), "web1", 5.0, 86400.0)


def closed(made: Memory, known: dict[str, Kept], at: int, **more: int) -> None:
    """One more slice of every peer."""
    for name, kept in known.items():
        row = ZERO._replace(at=at, **more)
        kept.ring.put(row)
        made.note(name, kept.ring.count - 1, row)
    made.store(known, at)


def test_a_restart_brings_the_last_hour_back(tmp_path: Path) -> None:
    made, known = memory(tmp_path), peers()
    for number in range(10):
        closed(made, known, NOW + 5 * number, lost=number)
    made.close(known, NOW)
    again, fresh = memory(tmp_path), peers()
    assert again.recall(fresh, NOW + 60) == 10
    assert [row.lost for row in fresh["db1"].ring.last(720)] == list(range(10))
    assert list(fresh["db2"].ring.last(720)) == list(known["db2"].ring.last(720))
    assert again.recall(peers(), NOW + 4000) == 0
    again.close(fresh, NOW)


def test_a_slice_is_stored_when_it_is_settled(tmp_path: Path) -> None:
    made, known = memory(tmp_path), peers()
    for number in range(5):
        closed(made, known, NOW + 5 * number)
    with opened(str(tmp_path), write=False) as history:
        assert [stored.at for stored in slices(history, "web1", 0)] == [NOW, NOW + 5]
    made.close(known, NOW)


def test_a_clock_that_is_set_back_stores_no_slice_too_early_and_none_twice(tmp_path: Path) -> None:
    """What is learnt of a slice later is stored too; two slices may begin at one time."""
    made, known = memory(tmp_path), peers()
    begins = [NOW, NOW + 5, NOW + 10, NOW - 5, NOW, NOW + 5, NOW + 10, NOW + 15]
    for place, at in enumerate(begins):
        closed(made, known, at, lost=place)
        for kept in known.values():  # the direction is known a moment later
            kept.ring.replace(place, ZERO._replace(at=at, lost=place, out=place))
    made.close(known, NOW)
    with opened(str(tmp_path), write=False) as history:
        rows = [next(unpack(each.rows["db1"])) for each in slices(history, "web1", 0)]
    assert sorted((row.at, row.out) for row in rows) == sorted(
        (at, place) for place, at in enumerate(begins)
    )


def test_incidents_are_kept(tmp_path: Path) -> None:
    made, known = memory(tmp_path), peers()
    for number, lost in enumerate([20, 30, *[0] * 12]):
        closed(made, known, NOW + 5 * number, lost=lost, out=lost)
    made.close(known, NOW)
    with opened(str(tmp_path), write=False) as history:
        found = incidents(history, "web1")
    assert [(each.peer, each.begin, each.end, each.out) for each in found] == [
        ("db1", NOW, NOW + 10, 50), ("db2", NOW, NOW + 10, 50),
    ]  # fmt: skip


def test_a_second_prober_of_the_host_is_refused(tmp_path: Path) -> None:
    made = memory(tmp_path)
    with pytest.raises(Unable, match=r"another udp_mesh of web1 keeps its slices in .*; end it or"):
        memory(tmp_path)
    Memory(str(tmp_path), "web2", 5.0, 86400.0).close({}, NOW)
    made.close({}, NOW)
    memory(tmp_path).close({}, NOW)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """A disk that is full while the list holds True."""
    state = [False]
    real = sqlite3.connect

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:
            if state[0] and sql.startswith("INSERT"):
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(
        sqlite3, "connect", lambda *a, **k: real(*a, **{**k, "factory": Connection})
    )
    yield state


def test_a_full_disk_is_said_and_nothing_is_lost_when_there_is_room_again(
    tmp_path: Path, full: list[bool]
) -> None:
    made, known = memory(tmp_path), peers()
    for number in range(20):
        full[0] = 5 <= number < 15
        closed(made, known, NOW + 5 * number)
        assert ("slices are not stored" in made.trouble) == full[0]
    made.close(known, NOW)
    with opened(str(tmp_path), write=False) as history:
        assert len(list(slices(history, "web1", 0))) == 20


def test_a_directory_that_takes_nothing_stops_nothing() -> None:
    made, known = memory(Path("/proc/none")), peers()
    for number in range(5):
        closed(made, known, NOW + 5 * number)
    assert made.trouble.startswith("slices are not stored: ")
    assert len(list(known["db1"].ring.last(9))) == 5
    made.close(known, NOW)


def test_what_waits_is_bounded(tmp_path: Path, full: list[bool]) -> None:
    made, known = memory(tmp_path), peers()
    closed(made, known, NOW)
    full[0] = True
    for number in range(1, 900):
        closed(made, known, NOW + 5 * number)
    assert len(made._waiting) <= 724
    full[0] = False
    made.close(known, NOW)


def test_the_lock_is_no_link(tmp_path: Path) -> None:
    os.symlink("/etc/passwd", tmp_path / "mesh-web1.lock")
    made = memory(tmp_path)
    assert "cannot write" in made.trouble
    made.close({}, NOW)
