"""Where memories lie, and whose directories are refused, with the remedy."""

import os
import subprocess
from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.store.place import others, place
from bothsides.store.sqlite import opened
from tests.support import daemons, need


def memory(folder: Path) -> Path:
    return folder / f"memory-{os.geteuid()}.sqlite"


def test_a_folder_that_everybody_can_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(Unable, match="chmod o-w"), opened(str(tmp_path)):
        pass


def test_a_link_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    memory(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unable, match="link"), opened(str(tmp_path)):
        pass


def as_nobody(installation: Path, code: str) -> str:
    """Runs Python code with an installed library as user nobody; its output."""
    need.root()
    done = subprocess.run(
        [installation / "bin" / "python3", "-I", "-c", code],
        capture_output=True, text=True, user=65534, group=65534, extra_groups=[], check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


OPEN = """
from bothsides.store.sqlite import opened
try:
    with opened({!r}) as past:
        past.keep("a", 1, {{}})
    print("kept")
except Exception as fault:
    print(fault)
"""


def test_a_foreign_owner_is_named_with_the_remedy(installation: Path) -> None:
    with daemons.folder() as reachable:
        mine = reachable / "mine"
        mine.mkdir(mode=0o755)
        assert "nobody (uid 65534)" in as_nobody(installation, OPEN.format(str(mine)))
        os.chown(mine, 65534, 65534)
        (mine / "memory-65534.sqlite").write_bytes(b"")
        said = as_nobody(installation, OPEN.format(str(mine)))
        assert "belongs to root, not to nobody" in said
        assert "chown" in said
        os.chown(mine / "memory-65534.sqlite", 65534, 65534)
        assert as_nobody(installation, OPEN.format(str(mine))) == "kept\n"


def test_places_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/run/s:/run/t")
    assert place("x") == os.path.abspath("x")
    assert place("") == "/run/s"
    monkeypatch.delenv("STATE_DIRECTORY")
    assert place("") in ("/var/lib/bothsides", f"/var/tmp/bothsides-{os.geteuid()}")


def test_memories_of_other_users_are_listed(tmp_path: Path) -> None:
    need.root()
    for name in (
        "memory-0.sqlite",
        "memory-65534.sqlite",
        "memory-x.sqlite",
        "memory-1.sqlite.lock",
    ):
        (tmp_path / name).write_bytes(b"")
    assert [found for found in others(str(tmp_path)) if found[1] == str(tmp_path)] == [
        ("nobody", str(tmp_path))
    ]
    assert all(folder != "/nonexistent" for _, folder in others("/nonexistent"))


def test_a_memory_that_began_in_the_temporary_place_goes_on_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tmp_path / "lib"
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr("bothsides.store.place._SYSTEM", str(system))
    monkeypatch.setattr("bothsides.store.place._TEMPORARY", str(tmp_path))
    temporary = tmp_path / f"bothsides-{os.geteuid()}"
    assert place("") == str(temporary)  # the system's does not exist
    with opened(place("")) as past:
        past.keep("a", 1.0, {"runs": 7})
    system.mkdir(mode=0o700)  # by the steps of README, later
    with opened(place(""), write=False) as past:
        assert [row.body for row in past.past("a")] == [{"runs": 7}]
    memory(system).touch(mode=0o600)
    assert place("") == str(system)


def test_a_temporary_place_of_another_user_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need.root()
    system = tmp_path / "lib"
    system.mkdir(mode=0o700)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr("bothsides.store.place._SYSTEM", str(system))
    monkeypatch.setattr("bothsides.store.place._TEMPORARY", str(tmp_path))
    temporary = tmp_path / f"bothsides-{os.geteuid()}"
    temporary.mkdir()
    memory(temporary).write_bytes(b"")
    os.chown(temporary, 65534, 65534)
    assert place("") == str(system)
