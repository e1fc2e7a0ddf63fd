"""The Debian package as it is declared; tests/real/test_debian_root.py installs it."""

import configparser
import re
import subprocess

import pytest

from bothsides import __version__
from tests.support.process import HOUSE

DEBIAN = HOUSE / "debian"
SCRIPTS = sorted(path for path in DEBIAN.glob("bothsides.p*") if path.suffix != ".substvars")


def test_the_package_has_the_version_of_the_library() -> None:
    newest = re.match(r"bothsides \((.*?)\)", (DEBIAN / "changelog").read_text())
    assert newest is not None
    assert newest[1] == __version__


def test_the_package_needs_the_python_that_the_library_needs() -> None:
    config = configparser.ConfigParser()
    config.read(HOUSE / "setup.cfg")
    least = config["options"]["python_requires"].removeprefix(">= ")
    assert f"python3 (>= {least})" in (DEBIAN / "control").read_text()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_maintainer_script_is_one_for_sh(script: object) -> None:
    assert len(SCRIPTS) == 4
    done = subprocess.run(["sh", "-n", str(script)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    text = (DEBIAN / str(script)).read_text()
    assert text.startswith("#!/bin/sh\nset -e\n")
    assert "#DEBHELPER#\n" in text


def test_every_program_has_a_link_and_the_unit_and_the_list_are_in_it() -> None:
    rules = (DEBIAN / "rules").read_text()
    for path in (HOUSE / "plugins").iterdir():
        if path.is_file() and not path.name.startswith("check_"):
            assert re.search(rf"\b{path.name}\b", rules), f"debian/rules: link {path.name}"
    for name in ("allow", "udp-reflector.service", "bothsides.sysusers"):
        assert f"nrpe/{name}" in rules
        assert (HOUSE / "nrpe" / name).exists()
    for unit in (HOUSE / "nrpe").glob("*.service"):
        assert f"nrpe/{unit.name}" in rules, f"debian/rules: install {unit.name}"


def test_the_daemons_users_are_made() -> None:
    made = re.findall(r"^u (\S+)", (HOUSE / "nrpe/bothsides.sysusers").read_text(), re.MULTILINE)
    units = [path.read_text() for path in (HOUSE / "nrpe").glob("*.service")]
    used = {name for text in units for name in re.findall(r"^User=(\S+)", text, re.MULTILINE)}
    assert used <= set(made)
