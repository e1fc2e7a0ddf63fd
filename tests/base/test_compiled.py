"""Modules by their compiled files, beside Python's own way to find them."""

import importlib.util
import inspect
import os
import py_compile
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bothsides.base.compiled import LARGEST, CompiledFiles
from tests.support.process import HOUSE

NAME = "bothsides.found_by_a_test"


def written(folder: Path, text: str = '"""Text."""\n\nVALUE = 1\n') -> Path:
    """A source and its compiled file."""
    source = folder / "found_by_a_test.py"
    source.write_text(text)
    py_compile.compile(str(source), doraise=True)
    return source


def loaded(spec: object) -> ModuleType:
    assert isinstance(spec, importlib.machinery.ModuleSpec)
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_module_is_as_python_itself_would_make_it(tmp_path: Path) -> None:
    written(tmp_path)
    ours = loaded(CompiledFiles.find_spec(NAME, [str(tmp_path)]))
    theirs = loaded(importlib.machinery.PathFinder.find_spec(NAME, [str(tmp_path)]))
    assert ours.VALUE == theirs.VALUE == 1
    for name in ("__name__", "__file__", "__cached__", "__package__", "__doc__"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert inspect.getsource(ours) == inspect.getsource(theirs)
    assert ours.__spec__.origin == theirs.__spec__.origin  # type: ignore[union-attr]
    assert not hasattr(ours, "__path__")


def test_a_package_has_the_place_of_its_modules(tmp_path: Path) -> None:
    folder = tmp_path / "found_by_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("VALUE = 2\n")
    py_compile.compile(str(folder / "__init__.py"), doraise=True)
    ours = loaded(CompiledFiles.find_spec(NAME, [str(tmp_path / "nowhere"), str(tmp_path)]))
    theirs = loaded(importlib.machinery.PathFinder.find_spec(NAME, [str(tmp_path)]))
    assert ours.VALUE == 2
    assert list(ours.__path__) == list(theirs.__path__)
    assert (ours.__package__, ours.__file__) == (theirs.__package__, theirs.__file__)


@pytest.mark.parametrize("kind", ["changed", "larger", "gone", "not compiled", "other Python"])
def test_a_compiled_file_that_may_be_outdated_is_not_used(tmp_path: Path, kind: str) -> None:
    source = written(tmp_path)
    cached = Path(importlib.util.cache_from_source(str(source)))
    if kind == "changed":
        os.utime(source, (1_000_000_000, 1_000_000_000))
    elif kind == "larger":
        before = source.stat()
        source.write_text(source.read_text() + "\n")
        os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif kind == "gone":
        source.unlink()
    elif kind == "not compiled":
        cached.unlink()
    else:
        cached.write_bytes(b"\0\0\r\n" + cached.read_bytes()[4:])
    assert CompiledFiles.find_spec(NAME, [str(tmp_path)]) is None


@pytest.mark.parametrize("length", [0, 7, 15, 16])
def test_a_compiled_file_that_was_cut_is_not_used(tmp_path: Path, length: int) -> None:
    cached = Path(importlib.util.cache_from_source(str(written(tmp_path))))
    cached.write_bytes(cached.read_bytes()[:length])
    assert CompiledFiles.find_spec(NAME, [str(tmp_path)]) is None


@pytest.mark.parametrize("length", [17, 40, 60])
def test_half_a_compiled_file_is_compiled_anew(tmp_path: Path, length: int) -> None:
    cached = Path(importlib.util.cache_from_source(str(written(tmp_path))))
    cached.write_bytes(cached.read_bytes()[:length])
    assert loaded(CompiledFiles.find_spec(NAME, [str(tmp_path)])).VALUE == 1


def test_files_that_are_compared_by_their_hash_are_left_to_python(tmp_path: Path) -> None:
    source = written(tmp_path)
    mode = py_compile.PycInvalidationMode.CHECKED_HASH
    py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
    assert CompiledFiles.find_spec(NAME, [str(tmp_path)]) is None


def test_modules_of_others_are_left_to_python(tmp_path: Path) -> None:
    written(tmp_path)
    assert CompiledFiles.find_spec("found_by_a_test", None) is None
    assert CompiledFiles.find_spec("others.found_by_a_test", [str(tmp_path)]) is None


@pytest.mark.parametrize(
    ("switches", "used"),
    [((), True), (("-O",), False), (("-X", "pycache_prefix=elsewhere"), False)],
)
def test_it_is_used_where_python_has_its_usual_compiled_files(
    tmp_path: Path, switches: tuple[str, ...], used: bool
) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r}); import bothsides.check;"
        " print(sys.meta_path[0].__name__, len(sys.meta_path))"
    )
    command = [sys.executable, "-I", *switches, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert (done.stdout == "CompiledFiles 4\n") is used


def test_every_module_is_small_enough_to_be_read_at_once() -> None:
    sources = [str(path) for path in (HOUSE / "lib/bothsides").rglob("*.py")]
    cached = [Path(importlib.util.cache_from_source(source)) for source in sources]
    sizes = {path.name: path.stat().st_size for path in cached if path.exists()}
    assert sizes
    assert max(sizes.values()) < LARGEST, max(sizes, key=sizes.__getitem__)
