"""Nothing in the library needs scrolling, and nothing hides its type.

Functions, classes, modules, lines, Any.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process import HOUSE

LIB = HOUSE / "lib"
FILES = sorted(LIB.rglob("*.py"))
TESTS = sorted((HOUSE / "tests").rglob("*.py"))
SCRIPTS = sorted(path for path in (HOUSE / "plugins").iterdir() if path.is_file())

FUNCTION = 50  # lines, docstring included
CLASS = 150
MODULE = 300
COLUMNS = 100
ANY = 80  # in the whole library, imports included

every_folder = pytest.mark.parametrize(
    "folder", sorted({path.parent for path in FILES}), ids=lambda path: str(path.relative_to(LIB))
)


def long_definitions(text: str) -> Iterator[str]:
    """Every function and class that is too long: where, and what to do."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            most = CLASS if isinstance(node, ast.ClassDef) else FUNCTION
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > most:
                yield (
                    f"line {node.lineno}: {kind} {node.name} has {size} lines, at most {most}; "
                    "give a part of it a name and a place of its own"
                )


def wide_lines(text: str) -> Iterator[str]:
    """Every line that is too wide."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > COLUMNS:
            yield f"line {number} has {len(line)} columns, at most {COLUMNS}; break it"


def count_any(text: str) -> int:
    """How often the name Any stands in the code; words in comments and texts do not count."""
    if "Any" not in text:
        return 0
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(token.type == tokenize.NAME and token.string == "Any" for token in tokens)


def report(path: Path, faults: Iterator[str] | list[str]) -> str:
    """The faults with the file's name in front, for an empty comparison."""
    return "".join(f"\n{path.relative_to(HOUSE)} {fault}" for fault in faults)


def long_file(text: str) -> list[str]:
    """What to do about a file that is too long to be read at once."""
    size = len(text.splitlines())
    fault = f"has {size} lines, at most {MODULE}; split it by what its parts are about"
    return [fault] if size > MODULE else []


@every_folder
def test_no_function_class_module_or_line_is_too_long(folder: Path) -> None:
    faults = ""
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        faults += report(path, [*long_definitions(text), *long_file(text), *wide_lines(text)])
    assert faults == ""


def test_no_file_of_tests_is_too_long_or_too_wide() -> None:
    faults = ""
    for path in TESTS:
        text = path.read_text(encoding="utf-8")
        faults += report(path, [*long_file(text), *wide_lines(text)])
    assert faults == ""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_line_of_a_script_is_too_wide(path: Path) -> None:
    assert report(path, wide_lines(path.read_text(encoding="utf-8"))) == ""


def test_any_is_rare() -> None:
    counts = {path: count_any(path.read_text(encoding="utf-8")) for path in FILES}
    most = sorted(counts, key=lambda path: -counts[path])[:5]
    places = ", ".join(f"{path.relative_to(LIB)} {counts[path]}" for path in most)
    assert sum(counts.values()) <= ANY, (
        f"Any stands {sum(counts.values())} times in lib, at most {ANY}; give types, most of"
        f" all in {places}"
    )


def test_what_is_too_long_is_seen() -> None:
    body = "    pass\n"
    assert list(long_definitions("def f():\n" + body * (FUNCTION - 1))) == []
    (fault,) = long_definitions("def f():\n" + body * FUNCTION)
    assert fault.startswith("line 1: function f has 51 lines, at most 50")
    (fault,) = long_definitions("class C:\n" + body * CLASS)
    assert "class C has 151 lines" in fault
    assert long_file("\n" * MODULE) == []
    assert long_file("\n" * (MODULE + 1)) != []
    assert list(wide_lines("x" * 100)) == []
    assert list(wide_lines("\n" + "x" * 101)) == ["line 2 has 101 columns, at most 100; break it"]
    assert count_any("from typing import Any\nx: Any  # Any\ny = 'Any'\n") == 2
