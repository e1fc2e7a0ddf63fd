"""What waits goes first, what fails waits, and nothing raises."""

import fcntl
import os
from pathlib import Path

import pytest

from bothsides.base.deadline import Interrupted
from bothsides.export.outcome import Undelivered
from bothsides.export.spool import Spool
from bothsides.export.through_spool import Way, through_spool


class Server:
    """A destination that takes what is not named otherwise."""

    def __init__(self, **fates: Undelivered) -> None:
        self.fates, self.taken, self.tried = fates, [], 0  # type: ignore[var-annotated]

    def __call__(self, parcel: bytes) -> None:
        self.tried += 1
        if fault := self.fates.get(parcel.decode(), self.fates.get("all")):
            raise fault
        self.taken.append(parcel.decode())


def test_what_a_signal_interrupts_waits_with_all_behind_it(tmp_path: Path) -> None:
    class Slow(Server):
        def __call__(self, parcel: bytes) -> None:
            super().__call__(parcel)
            if parcel == b"two":
                raise Interrupted("SIGTERM")

    with pytest.raises(Interrupted):
        go(Slow(), tmp_path, "one", "two", "three")
    later = Server()
    assert go(later, tmp_path) == ()
    assert later.taken == ["two", "three"]


def go(server: Server, directory: Path, *parcels: str) -> tuple[str, ...]:
    sent = [parcel.encode() for parcel in parcels]
    return through_spool(Way("db", server, bytes), sent, str(directory), 5)


def test_after_a_failure_the_rest_is_not_even_tried_and_all_comes_later_once(
    tmp_path: Path,
) -> None:
    dead = Server(all=Undelivered("no answer"))
    assert go(dead, tmp_path, "a", "b") == ("not taken by db: no answer; 2 parcels wait",)
    assert dead.tried == 1
    assert go(dead, tmp_path, "c") == ("not taken by db: no answer; 3 parcels wait",)
    alive = Server()
    assert go(alive, tmp_path, "d") == ()
    assert sorted(alive.taken) == ["a", "b", "c", "d"]
    assert alive.taken[-1] == "d"
    assert go(alive, tmp_path) == ()
    assert len(alive.taken) == 4


def test_a_parcel_that_fails_alone_holds_up_no_other(tmp_path: Path) -> None:
    server = Server(b=Undelivered("no b", alone=True))
    assert go(server, tmp_path, "a", "b", "c") == ("not taken by db: no b; 1 parcel waits",)
    assert server.taken == ["a", "c"]
    assert go(server, tmp_path, "d") == ("not taken by db: no b; 1 parcel waits",)
    assert server.taken == ["a", "c", "d"]


def test_what_is_refused_for_ever_is_told_once(tmp_path: Path) -> None:
    server = Server(a=Undelivered("type conflict", again=False))
    assert go(server, tmp_path, "a", "b") == ("refused by db: type conflict",)
    assert go(server, tmp_path) == ()


def test_without_a_spool_it_is_told_and_lost() -> None:
    server = Server(a=Undelivered("gone"))
    assert through_spool(Way("db", server, bytes), [b"a", b"b"], "", 5) == (
        "not taken by db: gone",
    )
    assert server.taken == ["b"]


def test_a_spool_that_cannot_be_used_does_not_stop_the_delivery(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    server = Server()
    (line,) = go(server, tmp_path / "file" / "spool", "a")
    assert line.startswith("nothing is kept for later: cannot use")
    assert server.taken == ["a"]


def test_while_another_run_sends_what_waits_the_new_goes_its_own_way(tmp_path: Path) -> None:
    assert len(go(Server(all=Undelivered("dead")), tmp_path, "a")) == 1
    (folder,) = tmp_path.iterdir()
    with open(folder / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = Server()
        assert go(server, tmp_path, "b") == ()
        assert server.taken == ["b"]
    assert go(server, tmp_path) == ()
    assert server.taken == ["b", "a"]


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    lines = go(Server(all=Undelivered("dead")), tmp_path, "a", "b")
    assert lines[0].startswith("2 for db are lost: cannot keep a parcel")
    assert len(Spool(str(tmp_path), "db").waiting()) == 0
