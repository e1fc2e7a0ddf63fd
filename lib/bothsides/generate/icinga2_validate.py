"""Icinga's own validator, run on a new tree before anything on disk is replaced."""

import grp
import os
import pwd

from bothsides.base.types import Iterable, Iterator, Sequence
from bothsides.generate.icinga2_zones import MASTERS
from bothsides.generate.tree import File
from bothsides.generate.validator import put, temporary_folder, verdict

_PROGRAMS = ("/usr/sbin/icinga2", "/usr/local/sbin/icinga2")
_LONGEST = 300  # s for the largest tree
_HEAD = """\
include <itl>
include <plugins>
const PluginDir = "/usr/lib/nagios/plugins"
"""
_MASTER = """\
object Zone "global-templates" { global = true }
object Zone "director-global" { global = true }
object UserGroup "icingaadmins" { }
"""


def icinga2(files: Iterable[File]) -> list[str] | None:
    """What `icinga2 daemon -C` complains about the tree; None when it is not installed.

    The whole tree is checked as the first master loads it, and the zones of each other kind of
    host as one of that kind loads them.
    """
    program = next((place for place in _PROGRAMS if os.access(place, os.X_OK)), None)
    if program is None:
        return None
    faults: list[str] = []
    every = list(files)
    for name, configuration, kept in _loads(every):
        with temporary_folder() as folder:
            for file in kept:
                put(os.path.join(folder, "etc", file.path.removeprefix("icinga2/")), file.body)
            put(os.path.join(folder, "etc", "icinga2.conf"), configuration)
            faults += _complaints(program, folder, name)
    return faults


def _loads(files: Sequence[File]) -> Iterator[tuple[str, str, list[File]]]:
    """Name, main file and files of every Icinga that is tried."""
    zones = [file for file in files if file.path.startswith("icinga2/hosts/")]
    masters = [file for file in zones if file.path.endswith("/zones-bothsides.conf")]
    others: dict[str, File] = {}
    for file in zones:
        if file not in masters:
            others.setdefault(file.body.partition("\n")[0], file)
    tree = [file for file in files if file.path.startswith("icinga2/zones.d/")]
    for file in masters[:1]:
        include = f'include "{file.path.removeprefix("icinga2/")}"\n'
        names = file.body.partition(MASTERS)[2].partition("\n")[0]
        zone = f"for (name in {names}) {{ object Endpoint name {{ }} }}\n"
        zone += f'object Zone "master" {{ endpoints = {names} }}\n'
        first = names.split('"')[1]
        yield first, _HEAD + zone + _MASTER + include, [file, *tree]
    for file in others.values():  # one agent and one satellite
        include = f'include "{file.path.removeprefix("icinga2/")}"\n'
        yield _host(file), _HEAD + include, [file]


def _host(file: File) -> str:
    return file.path.split("/")[2]


def definitions(folder: str, name: str, user: str, group: str) -> list[str]:
    """The options by which an Icinga lives in a folder of its own."""
    places = {
        "ConfigDir": "etc", "ZonesDir": "etc/zones.d", "DataDir": "lib", "LogDir": "log",
        "CacheDir": "cache", "SpoolDir": "spool", "InitRunDir": "run", "PidPath": "run/pid",
    }  # fmt: skip
    values = {key: os.path.join(folder, place) for key, place in places.items()}
    values |= {"NodeName": name, "RunAsUser": user, "RunAsGroup": group}
    return [word for key, value in values.items() for word in ("-D", f"{key}={value}")]


def _complaints(program: str, folder: str, name: str) -> list[str]:
    for each in ("etc/zones.d", "lib", "log", "cache", "spool", "run"):
        os.makedirs(os.path.join(folder, each), exist_ok=True)
    user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    config = os.path.join(folder, "etc", "icinga2.conf")
    command = [program, "daemon", "-C", *definitions(folder, name, user, group), "-c", config]
    code, lines = verdict(command, folder, _LONGEST)
    complaints = [line for line in lines if "warning/" in line or "critical/" in line]
    if code and not complaints:
        complaints = [*lines[-3:]] or [f"exit code {code}"]
    return complaints
