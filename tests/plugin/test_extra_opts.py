"""--extra-opts: where the file is found, what is taken from it, and who may read it."""

import os
from pathlib import Path

import pytest

from bothsides.check.https.check import CHECK as HTTPS
from bothsides.check.snmp_clock.check import CHECK as SNMP_CLOCK
from bothsides.parse import Unreadable
from bothsides.parse.ini import Entry
from bothsides.plugin import extra_opts
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import understood
from tests.support import need
from tests.support.process import run


def _no_secret(key: str, value: str) -> bool:
    return False


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
    assert extra_opts.read("web", path, _no_secret) == ((Entry("warning", "5", 2),), path)


@pytest.mark.parametrize("name", ["plugins.ini", "nagios-plugins.ini", "monitoring-plugins.ini"])
def test_the_folders_of_the_environment_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = _written(tmp_path / name, "[web]\nv\n")
    monkeypatch.setenv("NAGIOS_CONFIG_PATH", f"/nonexistent:{tmp_path}")
    assert extra_opts.read("web", "", _no_secret) == ((Entry("v", None, 2),), path)


def test_the_file_of_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _written(tmp_path / "own.ini", "[web]\n")
    monkeypatch.setenv("MP_CONFIG_FILE", path)
    monkeypatch.setenv("NAGIOS_CONFIG_PATH", str(tmp_path))
    assert extra_opts.read("web", "", _no_secret) == ((), path)


def test_a_missing_file_or_section_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"cannot read /nonexistent/x\.ini: No such file"):
        extra_opts.read("web", "/nonexistent/x.ini", _no_secret)
    with pytest.raises(Unreadable, match="cannot read /dev/zero: it has more than 1 MiB"):
        extra_opts.read("web", "/dev/zero", _no_secret)
    path = _written(tmp_path / "x.ini", "[web]\n")
    with pytest.raises(Unreadable, match=r"no section \[mail\]"):
        extra_opts.read("mail", path, _no_secret)


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (SNMP_CLOCK, "C = hunter2"),
        (SNMP_CLOCK, "community = hunter2"),
        (SNMP_CLOCK, "A = hunter2"),
        (SNMP_CLOCK, "X = hunter2"),
        (HTTPS, "a = me:hunter2"),
        (HTTPS, "b = me:hunter2"),
        (HTTPS, "k = Authorization: Bearer hunter2"),
        (HTTPS, "x = http://me:hunter2@proxy.example:3128"),
        (HTTPS, "post = token=hunter2"),
    ],
)
def test_a_secret_that_everybody_can_read_is_refused(
    tmp_path: Path, check: AnyCheck, line: str
) -> None:
    path = _written(tmp_path / "x.ini", f"[web]\n{line}\n", 0o644)
    key = line.partition(" ")[0]
    words = f"holds {key}, which may be a secret, and is readable by everybody; run chmod o-r"
    with pytest.raises(Unreadable, match=words) as caught:
        understood(check, [f"--extra-opts=web@{path}"])
    assert "hunter2" not in str(caught.value)
    understood(check, [f"--extra-opts=web@{_written(tmp_path / 'x.ini', f'[web]{chr(10)}{line}')}"])


@pytest.mark.parametrize(
    "line", ["a = @/etc/login", "b = env:LOGIN", "x = http://proxy.example:3128", "x = none"]
)
def test_what_only_says_where_a_secret_is_may_be_read_by_everybody(
    tmp_path: Path, line: str
) -> None:
    path = _written(tmp_path / "x.ini", f"[web]\n{line}\n", 0o644)
    understood(HTTPS, [f"--extra-opts=web@{path}"])


@pytest.mark.parametrize("mode", [0o660, 0o646, 0o666, 0o602])
def test_a_file_that_others_may_change_is_refused(tmp_path: Path, mode: int) -> None:
    path = _written(tmp_path / "x.ini", "[web]\nwarning=1\n", mode)
    with pytest.raises(
        Unreadable, match=r"can be changed by other users; run chmod go-w /.*x\.ini"
    ):
        extra_opts.read("web", path, _no_secret)


def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    need.root()
    path = _written(tmp_path / "x.ini", "[web]\nwarning=1\n", 0o600)
    os.chown(path, 4711, 0)
    with pytest.raises(
        Unreadable, match=r"belongs to another user, 4711; run chown root /.*x\.ini"
    ):
        extra_opts.read("web", path, _no_secret)


def test_root_runs_no_program_that_an_ini_of_another_user_names(tmp_path: Path) -> None:
    need.root()
    path = _written(tmp_path / "x.ini", "[path]\nH=127.0.0.1\nmtr-path=/tmp/evil\n", 0o644)
    os.chown(path, 4711, 0)
    outcome = run("check_mtr_path", f"--extra-opts=path@{path}")
    assert (outcome.code, "belongs to another user" in outcome.line) == (3, True), outcome.text


@pytest.mark.parametrize("check", ["check_https", "check_udp_loss"])
def test_a_comment_behind_a_value_is_named_with_its_line_and_the_remedy(
    check: str, tmp_path: Path
) -> None:
    file = _written(tmp_path / "a.ini", f"[{check}]\nhostname = localhost  # office\n")
    outcome = run(check, f"--extra-opts={check}@{file}")
    assert outcome.code == 3
    words = f"({file} line 2: a comment needs a line of its own)"
    assert words in outcome.line, outcome.text


def test_a_hash_within_a_value_that_is_right_stays(tmp_path: Path) -> None:
    file = _written(tmp_path / "a.ini", "[check_https]\nhostname = localhost\nstring = a # b\n")
    options = understood(HTTPS, [f"--extra-opts=check_https@{file}"])
    assert options.string == ["a # b"]
