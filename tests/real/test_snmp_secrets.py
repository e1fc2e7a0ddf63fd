"""check_snmp_clock: users, passwords and where secrets may stand."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import daemons
from tests.support.forked import run
from tests.support.process import Outcome

CONFIG = """
rocommunity public 127.0.0.1
createUser shaaes SHA authpass12 AES privpass12
createUser sha256 SHA-256 authpass12 AES privpass12
rouser shaaes priv
rouser sha256 auth
"""
V3 = ("-P", "3", "-A", "authpass12", "-X", "privpass12", "-U", "shaaes")


@pytest.fixture(scope="module")
def agent() -> Iterator[daemons.Daemon]:
    with daemons.folder() as root, daemons.snmpd(CONFIG, root) as daemon:
        yield daemon


def check(agent: daemons.Daemon, *arguments: str) -> Outcome:
    return run(
        "check_snmp_clock", "-H", "127.0.0.1", "-p", str(agent.port), "--local-sync", "ignore",
        *arguments,
    )  # fmt: skip


def test_secrets_come_from_files_ini_and_environment(agent: daemons.Daemon, tmp_path: Path) -> None:
    secret = tmp_path / "community"
    secret.write_text("public\n")
    secret.chmod(0o640)
    assert check(agent, "--community-file", str(secret)).code == 0
    secret.chmod(0o644)
    refused = check(agent, "--community-file", str(secret))
    assert refused.code == 3
    assert "holds a secret and is open to everybody" in refused.line
    assert "run chmod o=" in refused.text
    ini = tmp_path / "snmp.ini"
    ini.write_text("[v3]\nsecname = shaaes\nauthpasswd = authpass12\nprivpasswd = privpass12\n")
    ini.chmod(0o600)
    assert check(agent, f"--extra-opts=v3@{ini}").code == 0
    environment = {"SNMP_AUTH_PASSPHRASE": "authpass12", "SNMP_PRIV_PASSPHRASE": "privpass12"}
    outcome = run(
        "check_snmp_clock", "-H", "127.0.0.1", "-p", str(agent.port), "--local-sync", "ignore",
        "-U", "shaaes",
        environment=dict(os.environ) | environment,
    )  # fmt: skip
    assert outcome.code == 0


def test_no_secret_reaches_a_record(agent: daemons.Daemon, tmp_path: Path) -> None:
    kept = tmp_path / "run.json"
    assert check(agent, *V3, "--record", str(kept), "--explain", "-vvv").code == 0
    assert "pass12" not in kept.read_text()
    again = run(
        "check_snmp_clock", "--replay", str(kept), "--local-sync", "ignore", "-w", "queries=0"
    )
    assert again.code == 1
    assert again.perfdata["uptime"].value is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-L", "authPriv", "-A", "authpass12", "-X", "privpass12"), "SNMPv3 needs a user: -U"),
        (("-U", ""), "SNMPv3 needs a user: -U, and this one is empty"),
        (("-A", "authpass12"), "SNMPv3 needs a user: -U"),
    ],
)
def test_who_forgets_the_user_is_not_asked_by_community_instead(
    agent: daemons.Daemon, arguments: tuple[str, ...], said: str
) -> None:
    outcome = check(agent, *arguments)
    assert (outcome.code, said in outcome.line) == (3, True), outcome.text


def test_empty_names_between_commas_are_passed_over(agent: daemons.Daemon) -> None:
    outcome = run(
        "check_snmp_clock", "-H", "127.0.0.1,,", "-p", str(agent.port), "--local-sync", "ignore"
    )
    assert outcome.code == 0, outcome.text


def test_a_context_that_the_agent_does_not_know_is_named(agent: daemons.Daemon) -> None:
    login = ("-U", "sha256", "-L", "authNoPriv", "-a", "SHA-256", "-A", "authpass12")
    outcome = check(agent, *login, "-N", "nowhere", "-t", "6")
    assert (outcome.code, "no context nowhere" in outcome.line) == (3, True), outcome.text
