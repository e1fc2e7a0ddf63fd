"""What could not be delivered is kept for us alone, and sent later once."""

import fcntl
import multiprocessing
import os
from pathlib import Path

import pytest

from bothsides.base.deadline import Interrupted
from bothsides.base.errors import Unable
from bothsides.export.outcome import Undelivered
from bothsides.export.spool import Sent, Spool

WHERE = "influx:http://db:8086/write?db=x"


def never(parcel: bytes) -> None:
    """A delivery that must not be tried."""
    pytest.fail(f"{parcel!r} was to stay")


def test_parcels_are_sent_oldest_first_and_once(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "spools"), WHERE)
    for at in (3, 1, 2):
        assert spool.keep(f"parcel {at}".encode(), at) == 0
    seen: list[bytes] = []
    assert spool.send(seen.append, bytes) == Sent(3, 0, (), "")
    assert seen == [b"parcel 1", b"parcel 2", b"parcel 3"]
    assert spool.send(seen.append, bytes) == Sent(0, 0, (), "")
    assert len(seen) == 3


def test_what_fails_again_stays_and_what_never_will_be_taken_goes(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), WHERE)
    for at in (1, 2, 3):
        spool.keep(str(at).encode(), at)

    def deliver(parcel: bytes) -> None:
        if parcel == b"1":
            raise Undelivered("field type\nconflict", again=False)
        if parcel == b"3":
            raise Undelivered("db: no time left")

    assert spool.send(deliver, bytes) == Sent(
        1, 1, ("field type conflict",), "db: no time left", True
    )
    assert len(spool.waiting()) == 1


def test_each_destination_has_its_own_and_only_we_may_look(tmp_path: Path) -> None:
    one, other = Spool(str(tmp_path), WHERE), Spool(str(tmp_path), "graphite:db:2003")
    one.keep(b"x", 1)
    assert (len(one.waiting()), len(other.waiting())) == (1, 0)
    assert os.stat(one.path).st_mode & 0o777 == 0o700
    file = Path(one.path) / one.waiting()[0]
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_oldest_go_when_there_is_too_much(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), WHERE, most=250)
    assert [spool.keep(b"x" * 100, at) for at in (1, 2, 3, 4)] == [0, 0, 1, 1]
    assert [int(name.split("-")[0]) for name in spool.waiting()] == [3, 4]
    assert spool.keep(b"x" * 1000, 5) == 2
    assert len(spool.waiting()) == 1


def test_while_another_run_sends_nothing_is_sent(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), WHERE)
    spool.keep(b"x", 1)
    with open(Path(spool.path) / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert spool.send(never, bytes) == Sent(0, 0, (), "")
    assert spool.send(lambda parcel: None, bytes).delivered == 1


def test_the_folder_says_which_destination_it_is_for(tmp_path: Path) -> None:
    assert Path(Spool(str(tmp_path), WHERE).path).name == "influx:http:%2F%2Fdb:8086%2Fwrite%3Fdb=x"
    long = [Path(Spool(str(tmp_path), f"jsonl:/{'x' * 300}{end}").path).name for end in "ab"]
    assert len(set(long)) == 2
    assert max(map(len, long)) <= 200


def test_a_link_in_the_place_of_a_parcel_is_not_followed(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "s"), WHERE)
    (tmp_path / "victim").write_text("mine")
    (Path(spool.path) / "00000000000000000001-aa.parcel").symlink_to(tmp_path / "victim")
    assert spool.send(never, bytes).delivered == 0


def test_a_folder_that_is_not_ours_alone_is_refused(tmp_path: Path) -> None:
    path = Path(Spool(str(tmp_path), WHERE).path)
    path.chmod(0o755)
    with pytest.raises(Unable, match="is not ours alone"):
        Spool(str(tmp_path), WHERE)
    path.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unable, match=r"cannot use .* as a spool"):
        Spool(str(tmp_path), WHERE)


def test_a_full_disk_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(str(tmp_path), WHERE)
    spool.keep(b"old", 1)

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unable, match="No space left on device"):
        spool.keep(b"new", 2)
    assert len(os.listdir(spool.path)) == len(spool.waiting()) == 1


def test_what_a_killed_run_left_half_written_goes_after_an_hour(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), WHERE)
    for name, age in (("old", 4000), ("new", 10)):
        half = Path(spool.path) / f".{name}"
        half.write_bytes(b"half")
        os.utime(half, (half.stat().st_mtime - age,) * 2)
    spool.keep(b"x", 1)
    spool.send(lambda parcel: None, bytes)
    assert sorted(os.listdir(spool.path)) == [".new", "lock"]


def _drain(directory: str, log: str) -> None:
    spool = Spool(directory, WHERE)

    def deliver(parcel: bytes) -> None:
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, parcel + b"\n")
        os.close(file)

    for _ in range(40):
        spool.send(deliver, bytes)


def test_four_senders_at_once_send_each_parcel_once(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "s"), WHERE)
    for at in range(100):
        spool.keep(f"{at:03d}".encode(), at)
    log = tmp_path / "log"
    fork = multiprocessing.get_context("fork")
    senders = [fork.Process(target=_drain, args=(str(tmp_path / "s"), str(log))) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(log.read_text().split()) == [f"{at:03d}" for at in range(100)]


class Half:
    """A parcel of letters, of which a server may take some."""

    def __init__(self, octets: bytes) -> None:
        self.left = octets

    def __bytes__(self) -> bytes:
        return self.left


@pytest.mark.parametrize("end", [Undelivered("gone"), Interrupted("SIGTERM")])
def test_of_a_parcel_that_was_taken_in_part_the_rest_waits(
    end: BaseException, tmp_path: Path
) -> None:
    spool = Spool(str(tmp_path), WHERE)
    spool.keep(b"abcd", 1)
    taken: list[bytes] = []

    def deliver(parcel: Half) -> None:
        taken.append(parcel.left[:3])
        parcel.left = parcel.left[3:]
        if parcel.left:
            raise end

    try:
        assert spool.send(deliver, Half).reason == "gone"
    except Interrupted:
        pass
    assert spool.send(deliver, Half).delivered == 1
    assert taken == [b"abc", b"d"]
    assert spool.waiting() == ()
