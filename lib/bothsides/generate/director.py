"""Icinga Director: a basket with commands, templates and fields, and a file of hosts to import.

    director/basket.json   commands, a host template, service templates, data fields; restore by
                           icingacli director basket restore < basket.json
    director/hosts.json    the hosts, for an import source of the type JSON: a basket holds none

Restoring a basket twice changes nothing: objects are known by their names, fields by all that they
say. There is no UUID in it, since the Director 1.10 of Debian 12 refuses one as text. The
names are those of icinga2/zones.d: use either that tree or the Director.
"""

import json

from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.generate.icinga2_commands import (
    PRESET,
    TIMEOUT,
    Tables,
    arguments_of,
    command_name,
    variable,
)
from bothsides.generate.icinga2_text import Value
from bothsides.generate.services import PLUGIN, Run
from bothsides.generate.tree import File
from bothsides.inventory.keys import is_secret
from bothsides.inventory.mesh import Mesh
from bothsides.plugin.option_table import Option

HOST = "bothsides-host"
"""The host template that every imported host has."""

_TYPES = "Icinga\\Module\\Director\\DataType\\DataType"
_FACTS = {
    "bothsides_datacenter": "data centre, dotted, widest part first",
    "bothsides_provider": "who runs the network of this host",
    "bothsides_role": "what this host is for",
}

Object = dict[str, Value]


def files(mesh: Mesh, run: Run, tables: Tables) -> list[File]:
    """The files of the folder director/."""
    made = {"basket": _basket(tables), "hosts": list(_hosts(mesh, run))}
    return [
        File(f"director/{name}.json", json.dumps(each, indent=2) + "\n", "", 0o644)
        for name, each in made.items()
    ]


def _basket(tables: Tables) -> dict[str, dict[str, Object]]:
    fields = {
        **{name: _field(name, words, "String") for name, words in _FACTS.items()},
        **{
            variable(topic, option.name): _option(topic, option)
            for topic in sorted(tables)
            for option in tables[topic]
        },
    }
    numbers = {name: number for number, name in enumerate(sorted(fields), 1)}
    commands = [_command(topic, tables[topic], numbers) for topic in sorted(tables)]
    services = [_service(topic, tables[topic], numbers) for topic in sorted(tables)]
    return {
        "Command": {str(each["object_name"]): each for each in commands},
        "Datafield": {str(numbers[name]): fields[name] for name in sorted(fields)},
        "HostTemplate": {HOST: _host_template(numbers)},
        "ServiceTemplate": {str(each["object_name"]): each for each in services},
    }


def _field(name: str, words: str, kind: str, settings: Mapping[str, Value] | None = None) -> Object:
    return {
        "caption": name,
        "category": None,
        "datatype": _TYPES + kind,
        "description": words,
        "format": None,
        "settings": dict(settings or {}),
        "varname": name,
    }


def _option(topic: str, option: Option) -> Object:
    """The field of an option; what is secret is not shown."""
    words = option.help
    if option.choices:
        words += f" (one of {', '.join(option.choices)})"
    name = variable(topic, option.name)
    if not option.takes_value:
        return _field(name, words, "Boolean")
    if option.repeatable:
        return _field(name, words, "Array")
    hidden = is_secret(option.name.lstrip("-"))
    return _field(name, words, "String", {"visibility": "hidden" if hidden else "visible"})


def _fields(names: Sequence[str], numbers: Mapping[str, int]) -> list[Value]:
    return [
        {"datafield_id": numbers[name], "is_required": "n", "var_filter": None} for name in names
    ]


def _command(topic: str, options: Sequence[Option], numbers: Mapping[str, int]) -> Object:
    name = command_name(topic)
    return {
        "arguments": dict(arguments_of(topic, options)),
        "command": PLUGIN[topic],  # relative: in PluginDir
        "disabled": False,
        "fields": _fields([variable(topic, option.name) for option in options], numbers),
        "imports": [],
        "methods_execute": "PluginCheck",
        "object_name": name,
        "object_type": "object",
        "timeout": f"{TIMEOUT:g}",
        "vars": {variable(topic, option): text for option, text in PRESET.items()},
        "zone": None,
    }


def _service(topic: str, options: Sequence[Option], numbers: Mapping[str, int]) -> Object:
    """A template: the agent of its host runs the check."""
    name = f"bothsides-{PLUGIN[topic].removeprefix('check_').replace('_', '-')}"
    shown = ("--hostname", "--warning", "--critical")
    known = [option.name for option in options if option.name in shown]
    return {
        "check_command": command_name(topic),
        "check_interval": "300",
        "fields": _fields([variable(topic, option) for option in known], numbers),
        "imports": [],
        "max_check_attempts": "3",
        "object_name": name,
        "object_type": "template",
        "retry_interval": "60",
        "use_agent": True,
        "vars": {},
    }


def _host_template(numbers: Mapping[str, int]) -> Object:
    return {
        "check_command": "hostalive",
        "check_interval": "60",
        "fields": _fields(sorted(_FACTS), numbers),
        "imports": [],
        "max_check_attempts": "3",
        "object_name": HOST,
        "object_type": "template",
        "retry_interval": "10",
        "vars": {},
    }


def _hosts(mesh: Mesh, run: Run) -> Iterator[Object]:
    """The rows to import, by name; every row has every column."""
    for name in sorted(mesh.servers):
        server = mesh.servers[name]
        if server.ip:
            agent = bool(run.get(name)) and name not in mesh.index.monitors
            six = ":" in server.ip
            yield {
                "host_name": server.monitor,
                "display_name": server.name,
                "address": None if six else server.ip,
                "address6": server.ip if six else None,
                "imports": HOST,
                "has_agent": agent,
                "master_should_connect": agent,
                "accept_config": agent,
                "bothsides_datacenter": server.datacenter or None,
                "bothsides_provider": server.provider or None,
                "bothsides_role": server.role or None,
            }
