"""bothsides generate and diff as processes."""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.command.program import LANDSCAPES

HOUSE = Path(__file__).parents[2]


def run(*words: str | Path) -> tuple[int, list[str]]:
    """Exit code and lines; nothing is ever on stderr."""
    command = [sys.executable, HOUSE / "plugins" / "bothsides", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd="/", timeout=120, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all validators have accepted of the landscape as it is."""
    folder = tmp_path_factory.mktemp("generated")
    landscape = shutil.copy(LANDSCAPES / "kuenzler.toml", folder / "mesh.toml")
    assert run("generate", landscape, "--to", folder / "tree")[0] == 0
    return folder / "tree"


@pytest.fixture
def tree(generated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(generated, tmp_path / "tree"))


def times(tree: Path) -> dict[str, int]:
    return {
        str(path.relative_to(tree)): path.stat().st_mtime_ns
        for path in tree.rglob("*")
        if path.is_file()
    }


def test_generating_twice_touches_nothing(landscape: Path, tree: Path) -> None:
    before = times(tree)
    folders = Counter(name.split("/")[0] for name in before)
    generated = sum(not name.endswith(".sha256") for name in before)  # without digests beside
    expected = {"ansible": 5, "mesh": 2 * 5, "nagios": 7, "nrpe": 4 * 5, "prometheus": 1}
    expected |= {"reflector": 2 * 5, "smokeping": 3}
    assert expected.items() <= folders.items()
    assert run("diff", landscape, tree) == (0, [])
    assert run("generate", landscape, "--to", tree) == (
        0,
        [f"{tree}: {generated} files as they were, 0 changed"],
    )
    assert times(tree) == before


def test_adding_a_host_touches_what_diff_said_and_nothing_else(landscape: Path, tree: Path) -> None:
    landscape.write_text(
        landscape.read_text()
        + '[[server]]\nname = "api3"\nip = "192.0.2.23"\ndatacenter = "ch.zrh.a"\n'
    )
    code, lines = run("diff", landscape, tree)
    assert code == 1
    said = {line[4:] for line in lines if line.startswith("+++ ") and "/" in line}
    before = times(tree)
    assert run("generate", landscape, "--to", tree)[0] == 0
    after = times(tree)
    changed = {path.removesuffix(".sha256") for path in after if after[path] != before.get(path)}
    assert changed == said
    assert "nrpe/api3/bothsides.ini" in said
    assert "nagios/commands.cfg" not in said


def test_an_edit_is_refused_and_shown_and_adopted_when_asked(landscape: Path, tree: Path) -> None:
    edited = tree / "nrpe" / "api1" / "bothsides.ini"
    edited.write_text(edited.read_text().replace("rta=30.0ms,2%", "rta=30.0ms,9%"))
    code, lines = run("generate", landscape, "--to", tree)
    assert code == 3
    assert "-warning = rta=30.0ms,9%" in lines
    assert (
        lines[-1] == "nrpe/api1/bothsides.ini: edited or not ours; --adopt keeps it as"
        " nrpe/api1/bothsides.ini.local"
    )
    assert run("generate", landscape, "--to", tree, "--adopt")[0] == 0
    assert "rta=30.0ms,9%" in (edited.parent / "bothsides.ini.local").read_text()
    assert run("diff", landscape, tree) == (0, [])


def test_files_of_a_host_that_is_gone_are_listed_and_pruned(landscape: Path, tree: Path) -> None:
    text = landscape.read_text()
    start = text.index('[[server]]\nname = "api2"')
    text = text[:start] + text[text.index("[[server]]", start + 1) :]
    landscape.write_text(text.replace("dc:ch.zrh.b", "dc:ch.zrh.a"))
    code, lines = run("generate", landscape, "--to", tree)
    assert code == 0
    assert "nrpe/api2/bothsides.cfg: no longer generated; --prune removes it" in lines
    assert run("diff", landscape, tree)[0] == 1
    assert (
        "nrpe/api2/bothsides.cfg: removed" in run("generate", landscape, "--to", tree, "--prune")[1]
    )
    assert not (tree / "nrpe" / "api2").exists()


def test_only_some_folders_are_generated_when_asked(landscape: Path, tmp_path: Path) -> None:
    assert run("generate", landscape, "--to", tmp_path / "x", "--only", "nrpe")[0] == 0
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["nrpe"]
    code, lines = run("generate", landscape, "--to", tmp_path / "x", "--only", "nagois")
    assert (code, lines) == (3, ['bothsides: unknown folder "nagois"; did you mean "nagios"?'])


def test_a_landscape_with_a_fault_generates_nothing(landscape: Path, tmp_path: Path) -> None:
    landscape.write_text(landscape.read_text() + "[[servr]]\n")
    code, lines = run("generate", landscape, "--to", tmp_path / "x")
    assert (code, len(lines)) == (3, 1)
    assert not (tmp_path / "x").exists()


def test_a_folder_that_cannot_be_written_is_one_line(landscape: Path, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file")
    code, lines = run("generate", landscape, "--to", tmp_path / "x", "--only", "nrpe")
    assert (code, len(lines)) == (3, 1)
    assert lines[0].startswith("bothsides: cannot ")


def test_a_folder_without_a_name_is_refused(landscape: Path) -> None:
    code, lines = run("generate", landscape, "--to", "")
    assert code == 3
    assert "the folder has no name" in lines[0]
    assert run("generate", landscape, "--to", ".", "--only", "")[0] == 3
