"""README's commands run, its outputs are what the checks print, and the files and options that it names exist."""

import os
import re
import shlex
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.support import daemons, need, readme
from tests.support.process import CHECKS, HOUSE, run

README = (HOUSE / "README.md").read_text()
HINT = """PYTHONPATH=lib .venv/bin/python3 -m tests.support.readme writes the outputs as they are now;
where a record cannot be read any more, tests.support.incidents (as root) makes the records anew before that"""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)```", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[str]:
    """The texts of all fenced blocks of a kind."""
    return [text for found, text in _BLOCK.findall(README) if found == kind]


def test_the_outputs_are_what_the_checks_print() -> None:
    assert readme.rewritten(README) == README, HINT


def test_every_output_comes_from_a_record_and_every_check_has_one() -> None:
    shown = readme.commands(README)
    assert len(shown) == len(blocks("console"))
    programs = {shlex.split(command)[0] for command in shown}
    missing = sorted({*CHECKS, "mtr_history"} - programs)
    assert not missing, (
        f"README.md shows no output of {missing[0]}: write <!-- {missing[0]}-SITUATION --> and a"
        f" ```console block with $ {missing[0]} ..., then run tests.support.readme"
    )
    assert programs == {*CHECKS, "mtr_history"}


def test_the_installation_runs_as_it_is_written(tmp_path: Path) -> None:
    for folder in (
        "opt",
        "usr/lib/nagios/plugins",
        "usr/local/bin",
        "etc/nagios/nrpe.d",
        "etc/nagios4/conf.d",
        "etc/systemd/system",
        "var/lib",
        "bin",
    ):
        (tmp_path / folder).mkdir(parents=True)
    stub(tmp_path / "bin" / "systemctl")
    script = "\n".join(blocks("sh"))
    for folder in ("/opt/", "/usr/lib/nagios/", "/usr/local/bin/", "/etc/", "/var/lib/"):
        script = re.sub(rf"(?<![\w.]){re.escape(folder)}", f"{tmp_path}{folder}", script)
    script = re.sub(r"-o \w+ -g nagios ", "", script)
    environment = dict(os.environ) | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    source = tmp_path / "source"
    shutil.copytree(
        HOUSE, source, ignore=shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build")
    )
    done = subprocess.run(
        ["sh", "-e"],
        input=script,
        capture_output=True,
        text=True,
        cwd=source,
        env=environment,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    links = [
        *(tmp_path / "usr/lib/nagios/plugins" / check for check in CHECKS),
        tmp_path / "usr/local/bin/mtr_history",
    ]
    for program in links:
        told = subprocess.run([program, "-V"], capture_output=True, text=True, check=False)
        assert told.stdout.startswith(f"{program.name} v"), told
    assert stat.S_IMODE((tmp_path / "etc/bothsides.ini").stat().st_mode) == 0o640


def stub(path: Path) -> None:
    """A program that does nothing, for what this host does not have."""
    path.write_text("#!/bin/sh\nexit 0\n")
    path.chmod(0o755)


def test_the_icinga_objects_are_valid() -> None:
    need.root()  # Icinga caches what it has read in a folder of the system's
    icinga = need.program("icinga2", "icinga2-bin")
    objects = "\n".join(blocks("icinga2"))
    assert objects
    with daemons.folder() as folder:  # Icinga reads it as a user of its own
        config = folder / "icinga2.conf"
        config.write_text(f'include <itl>\nconst PluginDir = "/usr/lib/nagios/plugins"\n{objects}')
        user, group = daemons.daemon_user()
        whoever = ["-D", f"RunAsUser={user}", "-D", f"RunAsGroup={group}"]
        done = subprocess.run(
            [icinga, "daemon", "-C", *whoever, "-c", str(config)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout


def test_every_make_target_and_file_that_is_named_exists() -> None:
    targets = re.findall(r"^([a-z]+):", (HOUSE / "Makefile").read_text(), re.MULTILINE)
    for target in re.findall(r"\bmake ([a-z]+)", README):
        assert target in targets, target
    for name in re.findall(r"`((?:nrpe|plugins|tests|lib)/[\w./-]+)`", README):
        assert (HOUSE / name).exists(), name


def test_the_map_that_is_shown_is_the_one_that_the_outputs_used() -> None:
    shown = next(text for text in blocks("ini") if "networks.map" in text)
    assert shown.partition("\n")[2] == (readme.FILES / "networks.map").read_text()


@pytest.mark.parametrize("check", [*CHECKS, "mtr_history"])
def test_every_option_that_is_named_exists(check: str) -> None:
    text = run(check, "--help").text
    for command in readme.commands(README):
        if shlex.split(command)[0] == check:
            for option in re.findall(r"(?<= )--?[a-zA-Z][\w-]*", command):
                assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text), (
                    option,
                    command,
                )
