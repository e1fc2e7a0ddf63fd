"""CheckCommands: every option of every check is an argument, and the services' options fit."""

import re

import pytest

from bothsides.command.check_options import tables
from bothsides.generate.icinga2_commands import (
    arguments_of,
    check_timeout,
    commands,
    variable,
    variables,
)
from bothsides.generate.services import Service
from bothsides.inventory.faults import Wrong
from tests.generate.icinga import TABLES, option

SERVICE = Service("a", "HTTPS to b", "https", "https", "https_b", ("b",), (), "", 300.0, "", "")


def test_every_option_of_every_check_is_an_argument() -> None:
    made = tables()
    text = commands(made)
    for topic, options in made.items():
        assert len(options) > 10
        for each in options:
            assert f"${variable(topic, each.name)}$" in text
    assert len(re.findall("^object CheckCommand", text, re.MULTILINE)) == 5
    assert text.count("timeout = 20s") == 5
    assert 'vars.udp_loss_perfdata_missing = "omit"' in text


def test_an_argument_is_a_switch_a_value_or_several() -> None:
    options = (
        option("sticky", switch=True),
        option("via"),
        option("regex", many=True),
        option("all-addresses", bare="all"),
    )
    made = {name: dict(each) for name, each in arguments_of("https", options)}
    for each in made.values():
        assert str(each.pop("description")).endswith("costs $$1")
    assert made == {
        "--sticky": {"set_if": "$https_sticky$"},
        "--via": {"value": "$https_via$"},
        "--regex": {"value": "$https_regex$", "repeat_key": True},
        "--all-addresses": {"value": "--all-addresses=$https_all_addresses$", "skip_key": True},
    }


def test_options_of_a_service_become_variables() -> None:
    lines = (("url", "/$x"), ("regex", "^a$"), ("regex", "b"), ("all-addresses", ""))
    given = SERVICE._replace(options=lines, auth="web")
    assert variables(given, TABLES["https"]) == {
        "https_url": "/$$x",
        "https_regex": ["^a$$", "b"],
        "https_all_addresses": "all",
        "https_extra_opts": "web@/etc/bothsides-secrets.ini",
    }


def test_a_switch_is_true_and_a_list_of_a_single_option_is_joined() -> None:
    given = SERVICE._replace(
        topic="path", kind="path", options=(("sticky", ""), ("via", "192.0.2.0/24"), ("via", "AS1"))
    )
    assert variables(given, TABLES["path"]) == {
        "mtr_path_sticky": True,
        "mtr_path_via": "192.0.2.0/24,AS1",
    }


def test_an_option_that_the_check_does_not_have_is_refused() -> None:
    with pytest.raises(Wrong, match="check_https has no option source"):
        variables(SERVICE._replace(options=(("source", "192.0.2.1"),)), TABLES["https"])


def test_icinga_waits_longer_for_a_check_that_may() -> None:
    times = ("8", "8s", "15", "16", "40s:ok")
    made = [check_timeout(SERVICE._replace(options=(("timeout", text),))) for text in times]
    assert made == [None, None, None, 21.0, 45.0]
    assert check_timeout(SERVICE) is None
