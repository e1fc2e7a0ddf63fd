"""Landscapes and flags on disk: what is refused, and that nothing is half written."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bothsides.inventory.faults import Faulty
from bothsides.inventory.files import Unwritable, load, read_flags, write_flags
from bothsides.inventory.maintenance import Flag
from bothsides.parse import Unreadable

FLAG = Flag(
    what="all",
    begin=datetime(2026, 1, 1, tzinfo=UTC),
    end=datetime(2026, 1, 2, tzinfo=UTC),
    owner="ann",
    reason="new switch",
)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir(mode=0o755)
    return tmp_path / "state"


@pytest.mark.parametrize("name", ["absent", ".", "fifo", "a\0b"])
def test_what_is_no_file_is_unreadable_at_once(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(Unreadable, match="cannot read"):
        load(f"{tmp_path}/{name}")


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"# a\n# b\xff\n")
    with pytest.raises(Unreadable, match=r"x\.toml:2: not UTF-8; save the file in this encoding"):
        load(str(tmp_path / "x.toml"))


def test_a_byte_order_mark_and_carriage_returns_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(
        b'\xef\xbb\xbf[[server]]\r\nname = "a"\r\nip = "192.0.2.1"\r\n'
    )
    server = load(str(tmp_path / "x.toml")).servers["a"]
    assert server.fields["ip"].place == (str(tmp_path / "x.toml"), 3)


def test_flags_are_written_and_read(state: Path) -> None:
    assert read_flags(str(state)) == []
    write_flags(str(state), [FLAG])
    assert read_flags(str(state)) == [FLAG]
    assert (state / "maintenance").stat().st_mode & 0o777 == 0o644
    assert os.listdir(state) == ["maintenance"]


def test_a_directory_that_everybody_may_write_is_refused(state: Path) -> None:
    state.chmod(0o777)
    with pytest.raises(Unwritable, match="chmod o-w"):
        write_flags(str(state), [FLAG])
    assert os.listdir(state) == []


def test_a_planted_link_is_not_followed(state: Path, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("untouched")
    (state / "maintenance").symlink_to(tmp_path / "target")
    with pytest.raises(Unreadable, match="cannot read"):
        read_flags(str(state))
    write_flags(str(state), [FLAG])
    assert (tmp_path / "target").read_text() == "untouched"
    assert read_flags(str(state)) == [FLAG]


def test_flags_that_everybody_may_write_are_refused(state: Path) -> None:
    write_flags(str(state), [FLAG])
    (state / "maintenance").chmod(0o666)
    with pytest.raises(Unreadable, match="chmod o-w"):
        read_flags(str(state))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_flags_of_a_stranger_are_refused(state: Path) -> None:
    write_flags(str(state), [FLAG])
    os.chown(state / "maintenance", 12345, 0)
    with pytest.raises(Unreadable, match="belongs to user 12345"):
        read_flags(str(state))
    os.chown(state, 12345, 0)
    assert read_flags(str(state)) == [FLAG]


@pytest.mark.parametrize("data", [b"\xff\n", b"{}\n", b"[1]\n"])
def test_a_file_of_no_flags_is_unreadable_with_its_name(state: Path, data: bytes) -> None:
    (state / "maintenance").write_bytes(data)
    with pytest.raises(Unreadable, match="maintenance"):
        read_flags(str(state))


def test_a_fifo_in_place_of_the_flags_does_not_block(state: Path) -> None:
    os.mkfifo(state / "maintenance")
    with pytest.raises(Unreadable, match="not a regular file"):
        read_flags(str(state))


def test_a_missing_directory_is_said_in_one_line(tmp_path: Path) -> None:
    assert read_flags(str(tmp_path / "absent")) == []
    with pytest.raises(Unwritable, match="No such file"):
        write_flags(str(tmp_path / "absent"), [FLAG])


def test_included_files_are_part_of_the_landscape(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "main.toml").write_text(
        '[landscape]\ninclude = ["sites/*.toml"]\n[[path]]\nfrom = "a"\nto = "b"\n'
    )
    (tmp_path / "sites" / "a.toml").write_text('[[server]]\nname = "a"\nip = "192.0.2.1"\n')
    (tmp_path / "sites" / "b.toml").write_text('[[server]]\nname = "b"\nip = "192.0.2.2"\n')
    landscape = load(str(tmp_path / "main.toml"))
    assert list(landscape.servers) == ["a", "b"]
    assert landscape.servers["b"].place == (str(tmp_path / "sites" / "b.toml"), 1)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "b",
            '[[server]]\nname = "a"\nip = "192.0.2.2"\n',
            'b.toml:2: [[server]] "a": a second server of this name, the first is at',
        ),
        (
            "b",
            "[landscape]\nversion = 1\n",
            "b.toml:1: [landscape] stands in an included file; move it to",
        ),
        (
            "b",
            "[defaults]\nrate = 1\n",
            "b.toml:1: [defaults] stands in an included file; move it to",
        ),
        ("b", "[[server]\n", "b.toml:1: not TOML"),
        ("b", b"\xff", "main.toml:2: [landscape]: "),
        ("c", "", 'main.toml:2: [landscape]: include "b.toml" matches no file'),
    ],
)
def test_a_mistake_in_an_include_has_the_name_of_its_file(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    (tmp_path / "main.toml").write_text(
        '[landscape]\ninclude = ["b.toml"]\n[[server]]\nname = "a"\nip = "192.0.2.1"\n'
    )
    (tmp_path / f"{name}.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Faulty) as caught:
        load(str(tmp_path / "main.toml"))
    assert len(caught.value.faults) == 1
    assert said in str(caught.value)


def test_a_file_may_not_be_included_twice(tmp_path: Path) -> None:
    (tmp_path / "main.toml").write_text('[landscape]\ninclude = ["b.toml", "?.toml"]\n')
    (tmp_path / "b.toml").write_text('[[server]]\nname = "a"\nip = "192.0.2.1"\n')
    with pytest.raises(Faulty, match="included twice"):
        load(str(tmp_path / "main.toml"))
