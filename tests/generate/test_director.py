"""The Director's basket and the hosts to import, against what the Director's own classes know."""

import json
from collections.abc import Iterator
from typing import Any

from bothsides.command.check_options import tables
from bothsides.generate import director
from bothsides.generate.services import services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.generate.icinga import HOSTS, MESH, SATELLITES, TABLES

# Properties of the objects, as library/Director/Objects of icingaweb2-module-director lists them.
KNOWN = {
    "Command": "object_name object_type disabled methods_execute command timeout zone is_string"
    " arguments fields imports vars uuid",
    "HostTemplate": "object_name object_type check_command check_interval retry_interval"
    " max_check_attempts has_agent fields imports vars uuid",
    "ServiceTemplate": "object_name object_type check_command check_interval retry_interval"
    " max_check_attempts use_agent fields imports vars uuid",
    "Datafield": "varname caption description datatype format category settings uuid",
}
ARGUMENT = {"value", "set_if", "skip_key", "repeat_key", "required", "description", "order"}


def parts(text: str = HOSTS + MESH) -> dict[str, Any]:
    """The contents of both files."""
    mesh = Mesh(read(text))
    made = director.files(mesh, services(mesh), tables())
    return {file.path: json.loads(file.body) for file in made}


def objects(basket: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, key and content of every object."""
    for kind, each in basket.items():
        for key, content in each.items():
            yield kind, key, content


BASKET = parts()["director/basket.json"]


def test_the_basket_has_only_what_the_director_knows() -> None:
    assert set(BASKET) == set(KNOWN)
    for kind, key, content in objects(BASKET):
        assert set(content) <= set(KNOWN[kind].split()), key
        if kind != "Datafield":
            assert content["object_name"] == key


def test_every_option_of_every_check_is_an_argument_with_a_field() -> None:
    names = {each["varname"] for each in BASKET["Datafield"].values()}
    for options, command in zip(
        (tables()[topic] for topic in sorted(tables())), BASKET["Command"].values(), strict=True
    ):
        assert set(command["arguments"]) == {option.name for option in options}
        for argument in command["arguments"].values():
            assert set(argument) <= ARGUMENT
            macro = str(argument.get("value") or argument["set_if"])
            assert macro.split("$")[1] in names


def test_references_hold() -> None:
    for kind, key, content in objects(BASKET):
        for field in content.get("fields", []):
            assert str(field["datafield_id"]) in BASKET["Datafield"], (kind, key)
        if kind == "ServiceTemplate":
            assert content["check_command"] in BASKET["Command"]


def test_the_basket_is_the_same_every_time_and_has_no_uuid() -> None:
    assert not any("uuid" in content for _, _, content in objects(BASKET))
    assert parts()["director/basket.json"] == BASKET


def test_fields_have_the_type_of_their_option() -> None:
    kinds = {
        each["varname"]: each["datatype"].rpartition("\\DataType")[2]
        for each in BASKET["Datafield"].values()
    }
    assert kinds["https_no_body"] == "Boolean"
    assert kinds["https_regex"] == "Array"
    assert kinds["udp_loss_hostname"] == "String"


def test_secrets_are_not_shown() -> None:
    hidden = {
        each["varname"]
        for each in BASKET["Datafield"].values()
        if each["settings"].get("visibility") == "hidden"
    }
    assert hidden == {
        "https_authorization",
        "https_proxy_authorization",
        "https_private_key",
        "snmp_clock_authpasswd",
        "snmp_clock_community",
        "snmp_clock_privpasswd",
    }


def test_hosts_are_rows_with_the_same_columns() -> None:
    rows = parts(HOSTS + SATELLITES + MESH)["director/hosts.json"]
    assert len({tuple(row) for row in rows}) == 1
    by_name = {row["display_name"]: row for row in rows}
    assert by_name["b"]["host_name"] == "b.example"
    assert (by_name["b"]["address"], by_name["b"]["address6"]) == (None, "2001:db8::2")
    assert (by_name["a"]["has_agent"], by_name["mon"]["has_agent"]) == (True, False)
    assert {row["imports"] for row in rows} == set(BASKET["HostTemplate"])


def test_a_basket_does_not_depend_on_the_hosts() -> None:
    mesh = Mesh(read(HOSTS + SATELLITES + MESH))
    other = director.files(mesh, services(mesh), TABLES)[0]
    mesh = Mesh(read(HOSTS + MESH))
    assert director.files(mesh, services(mesh), TABLES)[0] == other
    assert other.comment == ""
