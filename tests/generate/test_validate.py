"""The validators of products: what nagios is given, and what is made of its complaints.

What the real validators say about whole trees is tested beside the trees.
"""

from pathlib import Path

import pytest

from bothsides.generate import icinga2_validate, smokeping_validate, validate
from bothsides.generate.tree import File

FILES = [
    File("nagios/hosts.cfg", "define host {\n    contact_groups noc,boss\n}\n", "#", 0o644),
    File("nagios/services.cfg", "define service {\n    contact_groups noc\n}\n", "#", 0o644),
]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for nagios; it has the configuration as $2 and does nothing yet."""
    path = tmp_path / "nagios"
    monkeypatch.setattr(validate, "_NAGIOS", ("/nonexistent/nagios", str(path)))
    write(path, "exit 0")
    return path


def write(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_each_product_with_a_validator_has_its_folder() -> None:
    validators = {
        "icinga2": icinga2_validate.icinga2,
        "nagios": validate.nagios,
        "smokeping": smokeping_validate.smokeping,
    }
    assert validators == validate.VALIDATORS


def test_without_the_program_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "_NAGIOS", ("/nonexistent/nagios",))
    assert validate.nagios(FILES) is None


def test_a_tree_that_is_accepted_has_no_complaint(program: Path) -> None:
    assert validate.nagios(FILES) == []


def test_errors_and_warnings_are_complaints_without_the_temporary_folder(program: Path) -> None:
    folder = '$(dirname "$2")'
    write(
        program, f'echo "  Error: in {folder}/objects/x"\necho "Reading"\necho Warning: y\nexit 1'
    )
    assert validate.nagios(FILES) == ["Error: in /objects/x", "Warning: y"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("printf '1\\n\\n2\\n3\\n4\\n'; exit 1", ["2", "3", "4"]),
        ("exit 7", ["exit code 7"]),
    ],
)
def test_a_failure_without_an_error_shows_the_last_lines(
    program: Path, script: str, expected: list[str]
) -> None:
    write(program, script)
    assert validate.nagios(FILES) == expected


def test_the_program_reads_the_files_and_the_contact_groups_that_they_name(
    program: Path, tmp_path: Path
) -> None:
    write(program, f'test "$1" = -v && cp -r "$(dirname "$2")" {tmp_path}/seen')
    assert validate.nagios(FILES) == []
    seen = tmp_path / "seen"
    objects = {path.name: path.read_text() for path in (seen / "objects").iterdir()}
    contacts = objects.pop("contacts.cfg")
    assert objects == {"hosts.cfg": FILES[0].body, "services.cfg": FILES[1].body}
    names = [line.split()[1] for line in contacts.splitlines() if "contactgroup_name" in line]
    assert names == ["bothsides-check", "boss", "noc"]
    config = (seen / "nagios.cfg").read_text()
    assert "cfg_dir=" in config
    assert (seen / "resource.cfg").read_text() == "$USER1$=/usr/lib/nagios/plugins\n"
