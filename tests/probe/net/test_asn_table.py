"""AS numbers out of tables, each address asked for once."""

import gzip
import os
from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.probe.net.asn_table import AsTable, from_table

LINES = "10.0.0.0/16\t64500\n10.0.67.0/24\t64501\n"


def test_the_narrowest_prefix_of_a_table_wins(tmp_path: Path) -> None:
    plain, packed = tmp_path / "as.tsv", tmp_path / "as.gz"
    plain.write_text(LINES)
    packed.write_bytes(gzip.compress(LINES.encode()))
    for path in (plain, packed):
        systems = from_table(str(path), ["10.0.1.1", "10.0.67.2", "192.0.2.1"])
        assert systems == {"10.0.1.1": (64500, ""), "10.0.67.2": (64501, "")}


def test_a_table_is_read_once_for_an_address(tmp_path: Path) -> None:
    path = tmp_path / "as.tsv"
    path.write_text(LINES)
    table = AsTable(str(path), False, {"10.9.9.9": (7, "known")}, 1.0)
    first = table.look_up(["10.0.1.1", "10.9.9.9", "192.0.2.1"])
    assert dict(first.systems) == {
        "10.0.1.1": (64500, ""),
        "10.9.9.9": (7, "known"),
        "192.0.2.1": (0, ""),
    }
    path.unlink()
    assert table.look_up(["10.0.1.1", "192.0.2.1"]) == first
    assert "No such file" in table.look_up(["10.0.67.2"]).trouble


def test_a_table_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    table = AsTable("/nonexistent", False, {}, 1.0)
    assert table.look_up(["10.0.1.1"]).trouble.startswith("cannot read /nonexistent")
    assert table.look_up(["10.0.1.1"]).systems == {}
    broken = tmp_path / "as.gz"
    broken.write_bytes(gzip.compress(LINES.encode())[:-9])
    with pytest.raises(Unable, match="cannot read"):
        from_table(str(broken), ["10.0.1.1"])


@pytest.mark.parametrize("text", ["root:x:0:0:root:/root:/bin/sh\n", "\x7fELF\0\0\n", "AS1 x\n"])
def test_a_file_that_is_no_table_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "as.tsv"
    path.write_text(text)
    told = AsTable(str(path), False, {}, 1.0).look_up(["10.0.1.1"]).trouble
    assert told.startswith(f"{path} is no table of AS numbers")
    for good in ("", "; only a comment\n192.0.2.0/24\t64500\n"):
        path.write_text(good)
        assert AsTable(str(path), False, {}, 1.0).look_up(["10.0.1.1"]).trouble == ""


def test_the_dns_is_asked_once_and_never_about_special_ranges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[list[str], float]] = []

    def origins(addresses: list[str], seconds: float) -> dict[str, tuple[int, str]]:
        asked.append((addresses, seconds))
        return {"52.93.0.10": (16509, "AMAZON-02")}

    monkeypatch.setattr("bothsides.probe.net.cymru.origins", origins)
    table = AsTable("", True, {}, 0.7)
    wanted = ["52.93.0.10", "9.9.9.9", "10.0.0.1"]
    assert table.look_up(wanted).systems == {"52.93.0.10": (16509, "AMAZON-02")}
    table.look_up(wanted, 5.0)
    assert asked == [(["52.93.0.10", "9.9.9.9"], 0.7)]
    late = AsTable("", True, {}, 0.7)
    assert (late.look_up(wanted, 0.0).systems, len(asked)) == ({}, 1)


def test_what_has_no_end_or_no_writer_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "as.tsv")
    with pytest.raises(Unable, match="a named pipe"):
        from_table(str(tmp_path / "as.tsv"), ["10.0.1.1"])
    with pytest.raises(Unable, match="/dev/zero is no table of AS numbers"):
        from_table("/dev/zero", ["10.0.1.1"])
