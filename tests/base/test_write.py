"""Whole writes, and files that are replaced at once."""

import os
import threading
from pathlib import Path

import pytest

from bothsides.base.write import locked, overwrite, place, replace_file, write_all
from tests.support import need


def test_more_than_a_pipe_holds_is_written_whole() -> None:
    reader, writer = os.pipe()
    data = os.urandom(1 << 20)
    taken: list[bytes] = []
    with os.fdopen(reader, "rb") as pipe:
        thread = threading.Thread(target=lambda: taken.append(pipe.read()))
        thread.start()
        write_all(writer, data)
        os.close(writer)
        thread.join()
    assert taken == [data]


def test_a_reader_that_has_gone_is_an_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        write_all(writer, b"x")
    os.close(writer)


def test_a_file_is_replaced_with_its_mode_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for text in (b"first", b"second"):
        replace_file(str(path), text, 0o600)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"second", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "x"
    victim.write_text("untouched")
    path.symlink_to(victim)
    replace_file(str(path), b"new")
    assert victim.read_text() == "untouched"
    assert (path.is_symlink(), path.read_bytes()) == (False, b"new")


def test_what_cannot_be_put_into_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(str(tmp_path / "x"), b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("dangling", [False, True])
def test_what_is_there_or_is_a_link_is_not_written_to(tmp_path: Path, dangling: bool) -> None:
    path = tmp_path / "x"
    if dangling:
        path.symlink_to(tmp_path / "nowhere")
    else:
        path.write_text("old")
    with pytest.raises(FileExistsError):
        place(str(path), b"new")
    assert not (tmp_path / "nowhere").exists()


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        place(str(tmp_path / "x"), b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_held_by_one_until_it_is_closed(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    first = locked(path)
    order: list[str] = []

    def wait() -> None:
        second = locked(path)
        order.append("second")
        os.close(second)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(0.1)
    order.append("first")
    os.close(first)
    thread.join()
    assert order == ["first", "second"]


def test_a_lock_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        locked(str(tmp_path / "lock"))
    assert not (tmp_path / "elsewhere").exists()


def test_an_overwritten_file_is_ours_alone_even_without_a_umask(tmp_path: Path) -> None:
    path = tmp_path / "x"
    before = os.umask(0)
    try:
        for text in (b"first and long", b"second"):
            overwrite(str(path), text)
            assert (path.read_bytes(), path.stat().st_mode & 0o777) == (text, 0o600)
            path.chmod(0o666)
    finally:
        os.umask(before)
    overwrite("/dev/null", b"a device is not truncated")


def test_nothing_is_overwritten_through_a_link_or_that_is_not_ours(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "soft").symlink_to(victim)
    (tmp_path / "dangling").symlink_to(tmp_path / "new")
    (tmp_path / "hard").hardlink_to(victim)
    os.mkfifo(tmp_path / "pipe")
    for name, words in (
        ("soft", "it is a symbolic link"),
        ("dangling", "it is a symbolic link"),
        ("hard", "it has a second name"),
        ("pipe", "No such device or address"),
    ):
        with pytest.raises(OSError, match=words):
            overwrite(str(tmp_path / name), b"evil")
    assert victim.read_text() == "untouched"
    assert not (tmp_path / "new").exists()


def test_a_file_of_another_user_is_not_overwritten(tmp_path: Path) -> None:
    need.root()
    path = tmp_path / "theirs"
    path.write_text("untouched")
    os.chown(path, 4711, 0)
    with pytest.raises(OSError, match="it belongs to another user, 4711"):
        overwrite(str(path), b"evil")
    assert path.read_text() == "untouched"
