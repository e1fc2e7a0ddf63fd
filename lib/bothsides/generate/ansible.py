"""Ansible: an inventory of the hosts, and a role that copies their files and enables their units.

    ansible-playbook -i ansible/inventory.yml ansible/site.yml

The role takes the files from the folders beside ansible/, so the whole tree has to be there.
"""

import json
import re

from bothsides.base.types import Iterable, Iterator, Mapping, Sequence
from bothsides.generate import mesh as mesh_files
from bothsides.generate import nrpe, reflector
from bothsides.generate.services import KNOWN, Run
from bothsides.generate.tree import File
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.places import prefixes

_SITE = """\
- name: Measure each other
  hosts: all
  become: true
  roles:
    - bothsides
"""

_HANDLERS = """\
- name: Reload NRPE
  ansible.builtin.service:
    name: nagios-nrpe-server
    state: reloaded

- name: Restart udp-reflector
  ansible.builtin.systemd_service:
    name: udp-reflector
    state: restarted
    daemon_reload: true

- name: Restart udp-mesh
  ansible.builtin.systemd_service:
    name: udp-mesh
    state: restarted
    daemon_reload: true
"""

_FOLDER = """\
- name: Make the folder of {words}
  ansible.builtin.file:
    path: {path}
    state: directory
    mode: "0755"
  when: "'{tree}' in bothsides_trees"

"""

_COPY = """\
- name: Copy {words}
  ansible.builtin.copy:
    src: "{{{{ bothsides_generated }}}}/{tree}/{{{{ inventory_hostname }}}}/{source}"
    dest: {path}
    owner: root
    group: {group}
    mode: "{mode}"
  when: "'{tree}' in bothsides_trees"
{notify}
"""

_MESH = """\
- name: Copy the landscape and the files that it includes
  ansible.builtin.copy:
    src: "{{ bothsides_generated }}/mesh/{{ inventory_hostname }}/"
    dest: /etc/bothsides/
    owner: root
    group: root
    mode: "0644"
    directory_mode: "0755"
  when: "'mesh' in bothsides_trees"
  notify: Restart udp-mesh

"""

_ENABLE = """\
- name: Enable the units
  ansible.builtin.systemd_service:
    name: "{{ item }}"
    enabled: true
    state: started
    daemon_reload: true
  loop: "{{ bothsides_units }}"
"""


def files(mesh: Mesh, run: Run) -> Iterator[File]:
    """The files of the folder ansible/."""
    bodies = {
        "inventory.yml": "".join(_inventory(mesh, run)),
        "site.yml": _SITE,
        "roles/bothsides/defaults/main.yml": _defaults(),
        "roles/bothsides/handlers/main.yml": _HANDLERS,
        "roles/bothsides/tasks/main.yml": "".join(_tasks()),
    }
    for name, body in bodies.items():
        yield File(f"ansible/{name}", body, "#", 0o644)


def _defaults() -> str:
    return 'bothsides_generated: "{{ playbook_dir }}/.."\nbothsides_nrpe_group: nagios\n'


def _tasks() -> Iterator[str]:
    units = "/etc/systemd/system/{}.service.d"
    yield _FOLDER.format(words="udp_reflector", path="/etc/bothsides", tree="reflector")
    yield _FOLDER.format(
        words="udp_reflector's drop-in", path=units.format("udp-reflector"), tree="reflector"
    )
    yield _FOLDER.format(words="the excerpt", path="/etc/bothsides", tree="nrpe")
    yield _FOLDER.format(words="the landscape", path="/etc/bothsides", tree="mesh")
    yield _FOLDER.format(words="udp_mesh's drop-in", path=units.format("udp-mesh"), tree="mesh")
    group = '"{{ bothsides_nrpe_group }}"'
    reload = "Reload NRPE"
    yield _copied("NRPE's commands", "nrpe/bothsides.cfg", nrpe.COMMANDS, group, "0644", reload)
    yield _copied(
        "what the checks know of the landscape", "nrpe/known.json", KNOWN, "root", "0644", ""
    )
    yield _copied("the options of the checks", "nrpe/bothsides.ini", nrpe.INI, group, "0640", "")
    restart = "Restart udp-reflector"
    yield _copied("whom to answer", "reflector/allow", reflector.ALLOW, "root", "0644", restart)
    drop_in = f"{units.format('udp-reflector')}/allow.conf"
    yield _copied(
        "udp_reflector's drop-in", "reflector/allow.conf", drop_in, "root", "0644", restart
    )
    yield _MESH
    drop_in = f"{units.format('udp-mesh')}/host.conf"
    restart = "Restart udp-mesh"
    yield _copied("udp_mesh's drop-in", "mesh/host.conf", drop_in, "root", "0644", restart)
    yield _ENABLE


def _copied(words: str, what: str, path: str, group: str, mode: str, handler: str) -> str:
    tree, source = what.split("/")
    return _COPY.format(
        words=words,
        tree=tree,
        source=source,
        path=path,
        group=group,
        mode=mode,
        notify=f"  notify: {handler}\n" if handler else "",
    )


def _inventory(mesh: Mesh, run: Run) -> Iterator[str]:
    """The hosts with what each of them gets, then a group for every data centre prefix."""
    asked = reflector.asked(run)
    measuring = set(mesh_files.hosts(mesh, run))
    members: dict[str, list[str]] = {}
    yield "all:\n  hosts:\n"
    for name in sorted(run):
        server = mesh.servers[name]
        if not server.ip:
            continue
        parts = {"nrpe": True, "reflector": name in asked, "mesh": name in measuring}
        yield f"    {json.dumps(name)}: {json.dumps(_variables(server.ip, parts))}\n"
        for prefix in prefixes(server.datacenter):
            members.setdefault(_group(prefix), []).append(name)
    if members:
        yield "  children:\n"
    for group in sorted(members):
        yield f"    {group}:\n      hosts:\n"
        yield from _hosts(members[group])


def _hosts(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield f"        {json.dumps(name)}: {{}}\n"


def _variables(ip: str, parts: Mapping[str, bool]) -> Mapping[str, str | Sequence[str]]:
    trees = [name for name, there in parts.items() if there]
    units = {"reflector": "udp-reflector", "mesh": "udp-mesh"}
    return {
        "ansible_host": ip,
        "bothsides_trees": trees,
        "bothsides_units": [units[name] for name in trees if name in units],
    }


def _group(prefix: str) -> str:
    """A data centre as Ansible can carry it: letters, digits and underscores."""
    return "dc_" + re.sub(r"[^A-Za-z0-9_]", "_", prefix)
