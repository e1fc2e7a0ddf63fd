"""--extra-opts: where the file is found, what is taken from it, and who may read it."""

from pathlib import Path

import pytest

from bothsides.parse import Unreadable
from bothsides.parse.ini import Entry
from bothsides.plugin import extra_opts


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MP_CONFIG_FILE", raising=False)
    monkeypatch.delenv("NAGIOS_CONFIG_PATH", raising=False)


def _written(path: Path, text: str, mode: int = 0o640) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_named_file_is_read(tmp_path: Path) -> None:
    path = _written(tmp_path / "x.ini", "[web]\nwarning=5\n")
    assert extra_opts.read("web", path) == ((Entry("warning", "5", 2),), path)


@pytest.mark.parametrize("name", ["plugins.ini", "nagios-plugins.ini", "monitoring-plugins.ini"])
def test_the_folders_of_the_environment_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = _written(tmp_path / name, "[web]\nv\n")
    monkeypatch.setenv("NAGIOS_CONFIG_PATH", f"/nonexistent:{tmp_path}")
    assert extra_opts.read("web", "") == ((Entry("v", None, 2),), path)


def test_the_file_of_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _written(tmp_path / "own.ini", "[web]\n")
    monkeypatch.setenv("MP_CONFIG_FILE", path)
    monkeypatch.setenv("NAGIOS_CONFIG_PATH", str(tmp_path))
    assert extra_opts.read("web", "") == ((), path)


def test_a_missing_file_or_section_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"cannot read /nonexistent/x\.ini: No such file"):
        extra_opts.read("web", "/nonexistent/x.ini")
    path = _written(tmp_path / "x.ini", "[web]\n")
    with pytest.raises(Unreadable, match=r"no section \[mail\]"):
        extra_opts.read("mail", path)


def test_a_secret_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path / "x.ini", "[web]\ncommunity=hunter2\n[open]\nwarning=1\n", 0o644)
    with pytest.raises(
        Unreadable, match="holds community and is readable by everybody; run chmod o-r"
    ) as caught:
        extra_opts.read("web", path)
    assert "hunter2" not in str(caught.value)
    assert extra_opts.read("open", path)[0] == (Entry("warning", "1", 4),)
