"""Only one module of the inventory touches the world."""

import ast
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[2] / "lib" / "bothsides" / "inventory"
WORLD = {"os", "time", "socket", "subprocess", "random", "pathlib", "shutil", "glob", "sys"}


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_reads_no_file_and_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert path.stem == "files" or not names & WORLD
    assert "now(" not in path.read_text()
