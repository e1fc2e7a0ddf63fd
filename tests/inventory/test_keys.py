"""The keys of a landscape are the options of the checks, and no secret is among them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bothsides.inventory.keys import (
    BUILT_IN,
    OF_TARGET,
    OPTIONS,
    REQUIRED,
    TABLES,
    TOPIC_KEYS,
    is_secret,
)

PLUGINS = Path(__file__).parents[2] / "plugins"
CHECKS = {
    "udp": "check_udp_loss",
    "path": "check_mtr_path",
    "https": "check_https",
    "clock": "check_snmp_clock",
}
COMING = {"udp": {"source"}}
"""Options that the checks are about to get."""


@pytest.mark.parametrize(("topic", "check"), CHECKS.items())
def test_every_option_that_a_landscape_knows_is_one_of_the_check(topic: str, check: str) -> None:
    command: list[str | Path] = [sys.executable, PLUGINS / check, "--help"]
    text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    known = {option.replace("-", "_") for option in re.findall(r"--([a-z][a-z0-9-]*)", text)}
    assert set(OPTIONS[topic]) - known <= COMING.get(topic, set())


def test_no_key_is_a_secret() -> None:
    for keys in (*TABLES.values(), *TOPIC_KEYS.values()):
        assert not any(map(is_secret, keys))


@pytest.mark.parametrize(
    "key", ["password", "snmp_community", "auth-token", "privpasswd", "api_key", "SECRET"]
)
def test_a_secret_is_known_by_its_name(key: str) -> None:
    assert is_secret(key)


def test_required_and_built_in_keys_are_known() -> None:
    assert all(set(names) <= set(TABLES[table]) for table, names in REQUIRED.items())
    assert all(set(names) <= set(TOPIC_KEYS[topic]) for topic, names in BUILT_IN.items())
    assert all(any(key in keys for keys in TOPIC_KEYS.values()) for key in OF_TARGET)
