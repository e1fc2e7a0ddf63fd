"""The command file of nrpe/ under a real NRPE: what check_nrpe shows is what the plugin said."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import daemons, need
from tests.support.deployed import DEPLOYED, REPLAYED, SAMPLED, Deployment, deployment
from tests.support.process import HOUSE

REFUSED = set("|`&><'\\[]{};\r\n")


@pytest.fixture(scope="module")
def deployed(installation: Path) -> Iterator[Deployment]:
    with deployment(installation) as made:
        yield made


@pytest.fixture(scope="module")
def nrpe(deployed: Deployment) -> Iterator[daemons.Daemon]:
    commands = deployed.text("bothsides.cfg")
    replayed = re.sub(r"(command\[|--extra-opts=)(check_\w+)", rf"\1\2{REPLAYED}", commands)
    with daemons.nrpe(commands + replayed, deployed.root) as daemon:
        yield daemon


def ask(nrpe: daemons.Daemon, command: str, *options: str) -> tuple[int, str]:
    """Exit code and output of check_nrpe."""
    client = need.program("check_nrpe", "nagios-nrpe-plugin")
    words = [client, "-H", "127.0.0.1", "-p", str(nrpe.port), *options, "-c", command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout


def outline(text: str) -> tuple[str, list[str]]:
    """State and target of line 1 and the labels of the figures.

    What two measurements in a row have in common.
    """
    line, _, figures = text.partition("\n")[0].partition(" | ")
    return line.partition(":")[0], [figure.partition("=")[0] for figure in figures.split()]


@pytest.mark.parametrize("check", DEPLOYED)
def test_nrpe_delivers_what_the_plugin_said(
    check: str, deployed: Deployment, nrpe: daemons.Daemon
) -> None:
    assert ask(nrpe, check + REPLAYED) == deployed.direct(check + REPLAYED)


@pytest.mark.parametrize("check", DEPLOYED)
def test_a_version_2_packet_holds_state_and_figures(
    check: str, deployed: Deployment, nrpe: daemons.Daemon
) -> None:
    code, text = ask(nrpe, check + REPLAYED, "-2")
    direct_code, direct = deployed.direct(check + REPLAYED)
    assert (code, text.partition("\n")[0]) == (direct_code, direct.partition("\n")[0])


@pytest.mark.parametrize("check", DEPLOYED)
def test_a_measurement_through_nrpe_works_like_a_direct_one(
    check: str, deployed: Deployment, nrpe: daemons.Daemon
) -> None:
    code, text = ask(nrpe, check)
    direct_code, direct = deployed.direct(check)
    assert (code, outline(text)) == (direct_code, outline(direct))
    assert code == 0, text


def test_no_command_needs_a_character_that_nrpe_refuses() -> None:
    for line in (HOUSE / "nrpe" / "bothsides.cfg").read_text().splitlines():
        if not line.startswith("#"):
            assert not REFUSED & set(line.partition("=")[2]), line
    for line in (HOUSE / "nrpe" / "bothsides.ini").read_text().splitlines():
        if not line.startswith(("#", "[")):
            assert not REFUSED & set(line), line


def test_there_is_a_command_and_a_section_for_every_check() -> None:
    commands = (HOUSE / "nrpe" / "bothsides.cfg").read_text()
    sections = (HOUSE / "nrpe" / "bothsides.ini").read_text()
    assert re.findall(r"^command\[(check_\w+)\]", commands, re.MULTILINE) == re.findall(
        r"^\[(\w+)\]", sections, re.MULTILINE
    )
    assert sorted(re.findall(r"^\[(\w+)\]", sections, re.MULTILINE)) == list(SAMPLED)
