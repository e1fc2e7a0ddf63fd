"""Who is held: by the landscape, by flags, for how long, and what when the flags are unreadable."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bothsides.inventory.files import write_flags
from bothsides.inventory.maintenance import Flag
from bothsides.mesh.maintenance import Held
from tests.support.mesh_far import THREE, roster_of

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def held(directory: Path, text: str = THREE, at: datetime = NOW) -> dict[str, str]:
    found = Held(str(directory))
    found.read(roster_of(text, "web1"), at.timestamp())
    assert found.trouble == ""
    return found.why


def flag(what: str) -> Flag:
    return Flag(what, NOW - timedelta(hours=1), NOW + timedelta(hours=1), "ann", "new switch")


def test_nobody_is_held(tmp_path: Path) -> None:
    assert held(tmp_path) == {}
    assert held(tmp_path / "missing") == {}


def test_a_flag_holds_a_peer_with_its_reason(tmp_path: Path) -> None:
    write_flags(str(tmp_path), [flag("db1")])
    assert held(tmp_path) == {"db1": "new switch (ann, until 2026-01-31 13:00 UTC)"}
    assert held(tmp_path, at=NOW + timedelta(hours=2)) == {}


def test_maintenance_of_this_host_holds_all_its_peers(tmp_path: Path) -> None:
    write_flags(str(tmp_path), [flag("web1")])
    assert set(held(tmp_path)) == {"db1", "old"}


def test_the_landscape_holds_too(tmp_path: Path) -> None:
    planned = (
        '[[maintenance]]\nwhat = "dc:us"\nbegin = 2026-01-31T11:00:00Z\n'
        "end = 2026-01-31T13:00:00Z\n"
        'reason = "power"\n'
    )
    assert list(held(tmp_path, THREE + planned)) == ["db1"]


def test_a_flag_of_a_host_that_is_gone_holds_nobody(tmp_path: Path) -> None:
    write_flags(str(tmp_path), [flag("gone")])
    assert held(tmp_path) == {}


def test_flags_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    (tmp_path / "maintenance").write_text("nonsense\n")
    found = Held(str(tmp_path))
    found.read(roster_of(THREE, "web1"), NOW.timestamp())
    assert found.why == {}
    assert "line 1 is not a maintenance flag" in found.trouble
