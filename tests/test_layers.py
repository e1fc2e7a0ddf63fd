"""The arrows between the rooms.

No import goes up, none in a circle, and each foreign library has one door.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import bothsides
from tests.support.process import CHECKS, HOUSE

LIB = HOUSE / "lib"
FILES = sorted(LIB.rglob("*.py"))
every_folder = pytest.mark.parametrize(
    "folder", sorted({path.parent for path in FILES}), ids=lambda path: str(path.relative_to(LIB))
)


@cache
def tree(path: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse(path.read_text(encoding="utf-8"))


def table(text: str) -> dict[str, set[str]]:
    """What each room may import, as the docstring of the library draws it."""
    rows = re.findall(r"^\d +(\w+)  +(\w+(?: \w+)*)  +\w", text, re.MULTILINE)
    rooms = {room for room, _ in rows}
    return {room: _allowed(words.split(), rooms) for room, words in rows}


def _allowed(words: list[str], rooms: set[str]) -> set[str]:
    if words == ["nothing"]:
        return set()
    if words == ["everything"]:
        return rooms
    if words[:2] == ["all", "but"]:
        assert set(words[2:]) <= rooms, words
        return rooms - set(words[2:])
    assert set(words) <= rooms, words
    return set(words)


MAY = table(bothsides.__doc__ or "")
"""What each room may import of ours, besides itself."""

DOORS = {
    "argparse": ("plugin/",),
    "nagiosplugin": ("plugin/",),
    "pycurl": ("base/curl.py",),
    "pysnmp": ("probe/snmp/",),
    "pyasn1": ("probe/snmp/",),
    "sqlite3": ("store/",),
}
"""The places through which a foreign library comes in."""

WORLD = {
    "os",
    "time",
    "socket",
    "_socket",
    "subprocess",
    "sqlite3",
    "random",
    "select",
    "pathlib",
    "shutil",
    "signal",
}
PURE = {"parse", "model", "analyse"}
"""Rooms without a clock, a file, the network or the environment."""

EXITS = {"plugin"}
"""Rooms that may end the process."""


def _room(module: str) -> str:
    """The room of a dotted name of ours: probe for bothsides.probe.udp.socket."""
    parts = module.split(".")
    return "types" if parts[1:3] == ["base", "types"] else parts[1] if len(parts) > 1 else ""


def _module(path: Path, lib: Path) -> str:
    return ".".join(path.relative_to(lib).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> Iterator[str]:
    """Every imported module's dotted name, also inside functions and for the type checker alone."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _ours(path: Path, lib: Path) -> set[str]:
    """The modules of ours that a file imports; names within modules are left out."""
    return {name for name in _imports(path) if name in MODULES and name != "bothsides"}


MODULES = {_module(path, LIB) for path in FILES}


def _broken(path: Path, lib: Path = LIB) -> list[str]:
    """What the file imports and may not."""
    module = _module(path, lib)
    room = _room(module)
    ours = _ours(path, lib)
    wrong = sorted(name for name in ours if _room(name) not in {room, *MAY.get(room, set())})
    if room == "check":
        wrong += sorted(name for name in ours if _other_check(name, module))
    place = str(path.relative_to(lib / "bothsides"))
    foreign = {name.split(".")[0] for name in _imports(path)}
    wrong += [
        library
        for library, doors in DOORS.items()
        if library in foreign and not place.startswith(doors)
    ]
    return wrong + sorted(name for name in foreign & WORLD if room in PURE)


def _other_check(name: str, module: str) -> bool:
    """Whether a file of one check imports another check."""
    subjects = {check.removeprefix("check_") for check in CHECKS}
    theirs, own = name.split("."), module.split(".")
    return (
        theirs[1] == "check" and len(theirs) > 2 and theirs[2] in subjects and theirs[2] != own[2]
    )


def _circles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """The circles among files, each as the way round."""
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> None:
        if module in way:
            found.append([*way[way.index(module) :], module])
        elif module not in done:
            for name in sorted(arrows.get(module, set())):
                walk(name, [*way, module])
            done.add(module)

    for module in sorted(arrows):
        walk(module, [])
    return found


@every_folder
def test_no_import_goes_against_the_table(folder: Path) -> None:
    broken = {str(path.relative_to(HOUSE)): _broken(path) for path in sorted(folder.glob("*.py"))}
    assert {name: modules for name, modules in broken.items() if modules} == {}, (
        "these files must not import these modules: see the table in lib/bothsides/__init__.py"
        " and DOORS in this file; move what both need into a lower room, or hand it in as a value"
    )


def test_no_file_imports_itself_through_others() -> None:
    """An import for the type checker alone counts: it is an arrow in the reader's head too."""
    assert _circles({_module(path, LIB): _ours(path, LIB) for path in FILES}) == [], (
        "these files import each other; move what both need into a file of its own"
    )


def test_a_planted_circle_is_seen() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert _circles(arrows) == [["a", "b", "c", "a"]]


@pytest.mark.parametrize(
    ("room", "line", "named"),
    [
        ("probe", "from bothsides.check import udp_loss", "bothsides.check.udp_loss"),
        (
            "probe",
            "def f():\n    from bothsides.check.udp_loss.check import judge",
            "bothsides.check.udp_loss.check",
        ),
        ("probe", "from bothsides.plugin import output", "bothsides.plugin.output"),
        ("probe", "import bothsides.plugin.finding", "bothsides.plugin.finding"),
        (
            "probe",
            "if TYPE_CHECKING:\n    from bothsides.store.sqlite import History",
            "bothsides.store.sqlite",
        ),
        (
            "analyse",
            "from bothsides.probe.udp.measure import measure",
            "bothsides.probe.udp.measure",
        ),
        ("parse", "import time", "time"),
        ("parse", "from bothsides.base.deadline import Deadline", "bothsides.base.deadline"),
        (
            "check/udp_loss",
            "from bothsides.check.https.check import judge",
            "bothsides.check.https.check",
        ),
        ("check", "import pycurl", "pycurl"),
        ("probe/udp", "import pycurl", "pycurl"),
        ("check", "import sqlite3", "sqlite3"),
        ("store", "import argparse", "argparse"),
    ],
)
def test_a_planted_arrow_against_the_table_is_seen(
    tmp_path: Path, room: str, line: str, named: str
) -> None:
    planted = tmp_path / "bothsides" / room / "planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(line + "\n")
    assert named in _broken(planted, tmp_path)


def test_every_room_stands_in_the_table_and_none_is_loose() -> None:
    inside = sorted(path for path in (LIB / "bothsides").iterdir() if path.name != "__pycache__")
    loose = [path.name for path in inside if path.is_file()]
    assert loose == ["__init__.py", "py.typed"], (
        "nothing stands at the top of the library but rooms"
    )
    rooms = {path.name for path in inside if path.is_dir()}
    assert rooms <= set(MAY), (
        f"draw {sorted(rooms - set(MAY))} into the table of lib/bothsides/__init__.py"
    )
    assert len(rooms) <= 16, "at most 16 rooms; find the room that this belongs to"


def test_only_the_plugin_room_ends_the_process() -> None:
    leavers = {
        _room(_module(path, LIB))
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("exit", "_exit")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("sys", "os")
    }
    assert leavers <= EXITS, (
        f"a file in {leavers - EXITS} ends the process; raise Unable or Misuse, plugin/ ends it"
    )


@every_folder
def test_every_module_says_in_one_sentence_what_it_is_for(folder: Path) -> None:
    without = []
    for path in sorted(folder.glob("*.py")):
        documentation = ast.get_docstring(tree(path))
        first = (documentation or "").split("\n\n")[0].rstrip()
        without += [] if first.endswith((".", ":")) else [str(path.relative_to(HOUSE))]
    assert without == [], (
        "begin these files with a docstring whose first sentence says what the module is for"
    )
