"""The same batch does not run twice at once; different ones do."""

import os
from pathlib import Path

import pytest

from bothsides.base.errors import Misuse, Unable
from bothsides.command.batch_lines import Read, from_text
from bothsides.command.batch_lock import Lock, locked

ONE = from_text("h!a check_udp_loss -H x\nh!b check_udp_loss -H y\n")
TURNED = from_text("h!b check_udp_loss -H y\nh!a check_udp_loss -H x\n")
OTHER = from_text("h!a check_udp_loss -H z\n")


def held(file: str, read: Read, state: Path, host: str = "") -> Lock:
    return locked(file, host, read, str(state))


def test_different_lines_from_standard_input_do_not_hold_each_other_up(tmp_path: Path) -> None:
    first, second = held("-", ONE, tmp_path), held("-", OTHER, tmp_path)
    with pytest.raises(Unable, match="the previous batch still runs, for 0 s; nothing done"):
        held("-", TURNED, tmp_path)
    for lock in (first, second):
        lock.release()
    assert list(tmp_path.iterdir()) == []
    held("-", ONE, tmp_path).release()


def test_a_file_is_the_same_batch_after_a_change(tmp_path: Path) -> None:
    file = tmp_path / "checks"
    file.write_text("")
    lock = held(str(file), ONE, tmp_path)
    (tmp_path / "link").symlink_to(file)
    with pytest.raises(Unable, match="still runs"):
        held(str(tmp_path / "link"), OTHER, tmp_path)
    lock.release()


def test_two_hosts_of_a_landscape_are_two_batches(tmp_path: Path) -> None:
    file = tmp_path / "mesh.toml"
    file.write_text("")
    locks = [held(str(file), ONE, tmp_path, host) for host in ("mon1", "mon2")]
    for lock in locks:
        lock.release()


def test_long_paths_that_end_alike_are_two_batches(tmp_path: Path) -> None:
    files = []
    for name in "ab":
        folder = tmp_path / name / ("x" * 150)
        folder.mkdir(parents=True)
        files.append(folder / "checks")
        files[-1].write_text("")
    for lock in [held(str(file), ONE, tmp_path) for file in files]:
        lock.release()


def test_a_pipe_is_a_batch_by_its_lines(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    lock = held(f"/dev/fd/{reader}", ONE, tmp_path)
    with pytest.raises(Unable, match="still runs"):
        held("-", ONE, tmp_path)
    lock.release()
    os.close(reader)
    os.close(writer)


def test_a_lock_that_its_holder_has_just_removed_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = held("-", ONE, tmp_path)
    opened = os.open
    calls: list[int] = []

    def late(*words: object, **names: object) -> int:
        descriptor = opened(*words, **names)  # type: ignore[arg-type]
        if not calls:
            first.release()
        calls.append(descriptor)
        return descriptor

    monkeypatch.setattr(os, "open", late)
    second = held("-", ONE, tmp_path)
    monkeypatch.undo()
    assert len(calls) == 2
    with pytest.raises(Unable):
        held("-", ONE, tmp_path)
    second.release()


def test_a_place_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misuse, match=r"cannot lock .*; name --state-dir"):
        held("-", ONE, tmp_path / "file")
