"""The arrows between the rooms: nothing imports upward, and each foreign library has one door."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process import CHECKS, HOUSE

LIB = HOUSE / "lib"
FILES = sorted(LIB.rglob("*.py"))

MAY = {
    "parse": {"parse"},
    "stats": {"stats"},
    "deadline": set(),
    "lean": set(),
    "path": {"path"},
    "segment": set(),
    "finding": {"parse"},
    "record": {"parse"},
    "extra_opts": {"parse"},
    "files": {"parse", "probe", "record"},
    "clock": {"parse"},
    "fault": {"parse"},
    "learn": {"path", "stats"},
    "loose": {"learn", "path", "stats"},
    "probe": {"probe", "parse", "deadline", "lean", "record", "clock"},
    "account": {"parse", "probe", "stats"},
    "smoke": {"account", "parse", "probe", "stats"},
    "screen": {"probe"},
    "history": {"record", "deadline", "parse", "probe"},
    "chronicle": {"history", "parse", "record"},
    "sides": {"chronicle", "path"},
    "archive": {"chronicle", "parse", "probe"},
    "survey": {"deadline", "files", "history", "learn", "parse", "path", "probe", "screen", "segment", "stats"},
    "declaration": {"deadline", "finding", "parse"},
    "options": {"declaration", "deadline", "extra_opts", "finding", "lean", "parse"},
    "report": {"finding", "lean", "parse"},
    "cli": {"declaration", "deadline", "files", "finding", "options", "parse", "probe", "record", "report"},
}
"""What each room and shelf may import of ours; whatever is not named here belongs to SCRIPTS."""

SCRIPTS = {"check", "reflect", "fping", "mtr_history"}
"""What only the scripts in plugins/ import."""

DOORS = {"nagiosplugin": "report", "pycurl": "probe/https", "pysnmp": "probe/snmp", "pyasn1": "probe/snmp"}
"""The one place (a file or the beginning of its name) through which a foreign library comes in."""

WORLD = {"os", "time", "socket", "_socket", "subprocess", "sqlite3", "random", "select", "pathlib", "shutil", "signal"}
PURE = {
    "parse",
    "stats",
    "path",
    "segment",
    "finding",
    "clock",
    "fault",
    "learn",
    "loose",
    "account",
    "smoke",
    "sides",
    "declaration",
}
"""Rooms that think: no clock, no file, no network, no environment."""


def _room(path: Path) -> str:
    return path.relative_to(LIB / "bothsides").parts[0].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    """Every imported module's dotted name, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "bothsides")


def _ours(names: Iterator[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("bothsides.")} - {"__version__"}


def _subject(stem: str) -> str:
    """The check that a file belongs to: https for https_content."""
    subjects = (check.removeprefix("check_") for check in CHECKS)
    return next((subject for subject in subjects if stem == subject or stem.startswith(f"{subject}_")), stem)


def _broken(path: Path) -> list[str]:
    """What the file imports and may not."""
    room, imported = _room(path), set(_imports(path))
    ours = _ours(iter(imported))
    wrong = sorted(ours - {room} - MAY[room] if room in MAY else ours & SCRIPTS - {room})
    if room == "check":
        own = _subject(path.stem)
        wrong += sorted(
            name for name in imported if name.startswith("bothsides.check.") and not name.split(".")[2].startswith(own)
        )
    place = str(path.relative_to(LIB / "bothsides"))
    wrong += [
        library
        for library, door in DOORS.items()
        if any(name.split(".")[0] == library for name in imported) and not place.startswith(door)
    ]
    wrong += sorted(name for name in imported if room in PURE and name.split(".")[0] in WORLD)
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIB)))
def test_nothing_imports_upward(path: Path) -> None:
    assert _broken(path) == []


@pytest.mark.parametrize(
    ("room", "line", "named"),
    [
        ("probe", "from bothsides.check import udp_loss", "check"),
        ("probe", "def f():\n    from bothsides.check.udp_loss import judge", "check"),
        ("probe", "from bothsides import report", "report"),
        ("probe", "import bothsides.finding", "finding"),
        ("parse", "import time", "time"),
        ("parse", "from bothsides.deadline import Deadline", "deadline"),
        ("check", "from bothsides.check.https import judge", "bothsides.check.https"),
        ("check", "import pycurl", "pycurl"),
        ("probe", "import pycurl", "pycurl"),
    ],
)
def test_the_test_itself_sees_a_forbidden_arrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: str, line: str, named: str
) -> None:
    planted = tmp_path / "bothsides" / room / "planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(line + "\n")
    monkeypatch.setattr("tests.test_layers.LIB", tmp_path)
    assert named in _broken(planted)


def test_every_room_has_its_arrows_drawn() -> None:
    rooms = {_room(path) for path in FILES} - {"__init__"}
    assert rooms == set(MAY) | SCRIPTS


def test_exit_codes_live_where_they_belong() -> None:
    leavers = {
        _room(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("exit", "_exit")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("sys", "os")
    }
    assert leavers <= {"report", "cli"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIB)))
def test_every_module_says_in_one_sentence_what_it_is_for(path: Path) -> None:
    documentation = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert documentation
    assert documentation.split("\n\n")[0].rstrip().endswith((".", ":"))
