"""The scripts run wherever they are put, and say so in one line where they cannot."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support import need
from tests.support.process import CHECKS, HOUSE, NRPE_ENVIRONMENT, PLUGINS

SCRIPTS = sorted(path.name for path in PLUGINS.iterdir() if path.is_file())


def run(command: Sequence[str | Path], environment: dict[str, str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr, started from `/` as NRPE does."""
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd="/", timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


def works(
    command: Sequence[str | Path], check: str, environment: dict[str, str] = NRPE_ENVIRONMENT
) -> None:
    """It finds its library, and what that needs."""
    code, text, error = run([*command, "--replay", "/nonexistent"], environment)
    assert (code, error) == (3, "")
    assert text.startswith(
        f"{check.removeprefix('check_').upper()} UNKNOWN - cannot read /nonexistent"
    )
    assert " | " in text


def test_every_script_is_named_in_setup_cfg() -> None:
    config = configparser.ConfigParser()
    config.read(HOUSE / "setup.cfg")
    named = config["options"]["scripts"].split()
    assert sorted(named) == [f"plugins/{name}" for name in SCRIPTS], (
        "setup.cfg, [options] scripts, must name every file of plugins/ and no other"
    )


def test_every_check_of_the_library_has_its_script() -> None:
    subjects = {path.parent.name for path in (HOUSE / "lib/bothsides/check").glob("*/check.py")}
    missing = sorted({f"check_{subject}" for subject in subjects} - set(SCRIPTS))
    assert not missing or "BOTHSIDES_PLUGINS" in os.environ, (
        f"plugins/{missing[0]} is missing: copy another check's script and change its three words"
    )


def test_every_folder_of_the_library_is_a_package() -> None:
    folders = {path.parent for path in (HOUSE / "lib/bothsides").rglob("*.py")}
    lacking = sorted(
        f"{folder.relative_to(HOUSE)}/__init__.py"
        for folder in folders
        if not (folder / "__init__.py").exists()
    )
    assert not lacking, f"{lacking[0]} is missing: pip installs no folder without one"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_differs_from_the_others_in_its_words_alone(name: str) -> None:
    def bones(script: str) -> str:
        text = (PLUGINS / script).read_text()
        words = re.search(r"from bothsides\.(\S+) import main", text)
        assert words is not None
        text = re.sub(r'^"""[^"]*"""$', '"""."""', text, count=1, flags=re.MULTILINE)
        text = text.replace("sys.exit(main())", "main()")  # whose main returns its exit code
        return re.sub(r"bothsides\.\S+ import|[A-Z_]+ UNKNOWN", "...", text)

    assert os.access(PLUGINS / name, os.X_OK)
    assert bones(name) == bones(SCRIPTS[0]), (
        f"plugins/{name} must be plugins/{SCRIPTS[0]} but for docstring, import and NAME UNKNOWN"
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_old_python_can_read_the_script_up_to_its_guard(name: str) -> None:
    ast.parse((PLUGINS / name).read_text(), feature_version=(3, 4))


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_runs_in_place(check: str) -> None:
    works([PLUGINS / check], check)
    code, text, error = run([PLUGINS / check, "--version"], NRPE_ENVIRONMENT)
    assert (code, text.partition(" v")[0], error) == (3, check, "")


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_runs_through_a_symlink(check: str, tmp_path: Path) -> None:
    (tmp_path / "plugins").symlink_to(PLUGINS)
    (tmp_path / check).symlink_to(tmp_path / "plugins" / check)
    works([tmp_path / check], check)


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_runs_with_an_empty_environment(check: str) -> None:
    works([sys.executable, PLUGINS / check], check, {})


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_runs_where_pip_has_installed_it(
    check: str, installation: Path, tmp_path: Path
) -> None:
    (tmp_path / check).symlink_to(installation / "bin" / check)
    works([tmp_path / check], check)


def test_pip_installs_every_script_and_the_types(installation: Path) -> None:
    assert all(os.access(installation / "bin" / name, os.X_OK) for name in SCRIPTS)
    (package,) = installation.glob("lib/python*/site-packages/bothsides")
    assert (package / "py.typed").exists()
    assert (installation / "share" / "doc" / "bothsides" / "README.md").exists()


def test_pip_installs_what_is_to_be_deployed(installation: Path) -> None:
    def files(folder: Path) -> dict[Path, tuple[bytes, bool]]:
        found = [
            path
            for path in (folder / "nrpe").rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        ]
        return {
            path.relative_to(folder): (path.read_bytes(), os.access(path, os.X_OK))
            for path in found
        }

    assert files(installation / "share" / "bothsides") == files(HOUSE)


@pytest.mark.parametrize("check", CHECKS)
def test_a_pythonpath_brings_in_no_module_of_others(check: str, tmp_path: Path) -> None:
    """As far as our own first line runs.

    `python3 -I` in place, and where README's `sed` puts it.
    """
    for name in ("argparse", "nagiosplugin", "bothsides"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a module of others')")
    if not (HOUSE / ".venv/bin/python3").exists():
        need.missing("no .venv beside the checkout: make test")
    works([PLUGINS / check], check, NRPE_ENVIRONMENT | {"PYTHONPATH": str(tmp_path)})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of scripts and library that has no virtual environment beside it."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(PLUGINS, folder / "plugins")
    shutil.copytree(HOUSE / "lib", folder / "lib", ignore=shutil.ignore_patterns("*.egg-info"))
    return folder


@pytest.fixture
def unreadable(house: Path) -> Iterator[Path]:
    """The copy while its library is none that this Python can read."""
    first = house / "lib" / "bothsides" / "__init__.py"
    text = first.read_text()
    first.write_text("a syntax that this Python does not know\n")
    yield house
    first.write_text(text)


@pytest.fixture
def broken(house: Path) -> Iterator[Path]:
    """The copy beside a virtual environment whose Python is none."""
    python = house / ".venv" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.write_bytes(b"\x7fELF of another machine")
    yield house
    shutil.rmtree(house / ".venv")


@pytest.mark.parametrize("check", CHECKS)
def test_a_missing_dependency_is_one_unknown_line(check: str, house: Path) -> None:
    script = str(house / "plugins" / check)
    bare = [sys.executable, "-I", "-S", script, "--replay", "/nonexistent"]
    code, text, error = run(bare, NRPE_ENVIRONMENT)
    assert (code, error, text.count("\n")) == (3, "", 1)
    assert text.startswith(f"{check.removeprefix('check_').upper()} UNKNOWN - ")
    assert "nagiosplugin" in text


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_python_that_cannot_read_the_library_is_one_unknown_line(
    name: str, unreadable: Path
) -> None:
    script = unreadable / "plugins" / name
    code, text, error = run([sys.executable, "-I", script], NRPE_ENVIRONMENT)
    assert (code, error, text.count("\n")) == (3, "", 1)
    assert re.match(
        rf"[A-Z_]+ UNKNOWN - not installed \(Python"
        rf" {sys.version_info[0]}\.{sys.version_info[1]}\): [^']*$",
        text,
    )


@pytest.mark.parametrize("mode", [0o644, 0o755])  # permission denied; exec format error
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_virtual_environment_that_cannot_be_run_is_passed_by(
    name: str, mode: int, broken: Path
) -> None:
    (broken / ".venv" / "bin" / "python3").chmod(mode)
    command = [sys.executable, str(broken / "plugins" / name), "--help"]
    code, text, error = run(command, NRPE_ENVIRONMENT)
    assert (code, error) == (0 if name in ("bothsides", "mtr_history", "udp_fping") else 3, "")
    assert text.startswith("usage: ")


@pytest.mark.parametrize("name", ["udp-reflector", "udp-mesh"])
def test_systemd_understands_each_unit_and_finds_it_well_locked_up(
    tmp_path: Path, name: str
) -> None:
    analyze = need.program("systemd-analyze", "systemd")
    unit = tmp_path / f"{name}.service"
    unit.write_text(
        (HOUSE / f"nrpe/{name}.service").read_text().replace("/opt/bothsides/bin", str(PLUGINS))
    )
    code, _, error = run([analyze, "verify", unit], NRPE_ENVIRONMENT)
    assert (code, [line for line in error.splitlines() if name in line]) == (0, [])
    code, text, error = run(
        [analyze, "security", "--offline=true", "--threshold=20", unit], NRPE_ENVIRONMENT
    )
    assert code == 0, text[-500:] + error  # exposure 2.0 of 10 at most


def test_every_package_that_a_test_asks_for_is_installed_by_make_test() -> None:
    listed = set((HOUSE / "tests/support/debian.txt").read_text().split("\n"))
    texts = [path.read_text() for path in (HOUSE / "tests").rglob("*.py")]
    asked = {
        package for text in texts for package in re.findall(r'program\("[^"]+", "([^"]+)"\)', text)
    }
    asked |= {
        package
        for text in texts
        for line in re.findall(r"apt-get install ([a-z][a-z0-9.+ -]+)", text)
        for package in line.split()
    }
    assert asked - listed == set()
