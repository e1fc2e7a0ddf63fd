"""README's commands run, its outputs are what the checks print, and the files and options that it
names exist.
"""

import re
import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from tests.command.program import run as bothsides
from tests.real.test_smokeping import CONFIG as SMOKEPING
from tests.support import by_hand, daemons, need, readme
from tests.support.process import CHECKS, HOUSE, PLUGINS, run

README = (HOUSE / "README.md").read_text()
HINT = """PYTHONPATH=lib .venv/bin/python3 -m tests.support.readme writes the outputs as they
are now; where a record cannot be read any more, tests.support.incidents (as root) makes the records
anew before that"""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)```", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[str]:
    """The texts of all fenced blocks of a kind."""
    return [text for found, text in _BLOCK.findall(README) if found == kind]


def test_the_outputs_are_what_the_checks_print() -> None:
    assert readme.rewritten(README) == README, HINT


def program_of(command: str) -> str:
    """The program that a command line starts."""
    return shlex.split(command)[0].rpartition("/")[2]


def test_every_output_comes_from_a_record() -> None:
    shown = readme.commands(README)
    assert len(shown) == len(blocks("console"))
    assert {program_of(command) for command in shown} <= {*CHECKS, "mtr_history"}


def test_the_first_table_names_every_check() -> None:
    named = re.findall(r"^\| `(check_\w+)` \|", README, re.MULTILINE)
    assert set(CHECKS) <= set(named), "README.md: add a row to the table of the checks"


def test_it_is_short_and_leads_to_a_result_on_two_screens() -> None:
    lines = README.splitlines()
    assert len(lines) <= 200
    assert lines.index(next(line for line in lines if line.startswith("UDP_LOSS "))) < 80


def test_every_task_has_a_section() -> None:
    sections = " ".join(re.findall(r"^## (.*)$", README, re.MULTILINE))
    for task in (
        "Install", "Nagios", "NRPE", "Icinga", "SmokePing", "Whose fault", "Reading the output",
        "What you can rely on", "Upgrade", "removal", "ports",
    ):  # fmt: skip
        assert task in sections, task
    for word in ("862/udp", "5666/tcp", "allowed_hosts", "umask 022", "python3-venv"):
        assert word in README


def test_the_installation_by_hand_runs_as_it_is_written(tmp_path: Path) -> None:
    steps = [text for text in blocks("sh") if "make deb" not in text]
    done = by_hand.followed(steps, tmp_path, by_hand.sources(tmp_path / "source"))
    assert done.returncode == 0, done.stderr
    links = [
        *(tmp_path / "usr/lib/nagios/plugins" / check for check in CHECKS),
        tmp_path / "usr/local/bin/mtr_history",
    ]
    for program in links:
        told = subprocess.run(
            [program, "-V"], capture_output=True, text=True, check=False, env={"PYTHONPATH": "/x"}
        )
        assert told.stdout.startswith(f"{program.name} v"), told
        assert program.resolve().read_text().split("\n")[0].endswith("/python3 -I")
    assert stat.S_IMODE((tmp_path / "etc/bothsides.ini").stat().st_mode) == 0o640
    commands = (tmp_path / "etc/icinga2/conf.d/bothsides-commands.conf").read_text()
    assert commands.count("object CheckCommand") == len(CHECKS)
    assert (tmp_path / "usr/local/share/man/man1/check_https.1").exists()
    assert (tmp_path / "etc/bothsides/allow").read_text().endswith("\n198.51.100.5\n")


def test_the_icinga_objects_are_valid() -> None:
    need.root()  # Icinga caches what it has read in a folder of the system's
    icinga = need.program("icinga2", "icinga2-bin")
    objects = "\n".join(blocks("icinga2"))
    assert objects
    _, commands = bothsides("icinga-commands")
    objects = f"{commands}\n{objects}"
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


def test_smokeping_takes_the_example() -> None:
    smokeping = need.program("smokeping", "smokeping")
    (text,) = blocks("smokeping")
    with daemons.folder() as folder:
        config = folder / "config"
        own = text.replace("/opt/bothsides/bin/udp_fping", f"{PLUGINS}/udp_fping")
        general = SMOKEPING.partition("*** Probes ***")[0].replace("{d}", str(folder))
        config.write_text(general + own)
        done = subprocess.run(
            [smokeping, f"--config={config}", "--check"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "syntax OK" in done.stdout + done.stderr, done.stderr


@pytest.mark.parametrize("check", [*CHECKS, "mtr_history"])
def test_every_option_that_is_named_exists(check: str) -> None:
    text = run(check, "--help").text
    for command in readme.commands(README):
        if program_of(command) == check:
            for option in re.findall(r"(?<= )--?[a-zA-Z][\w-]*", command):
                assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text), (
                    option,
                    command,
                )
