"""Ansible's inventory and role: what they say, and that Ansible itself runs them."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bothsides.generate import ansible, mesh, nrpe, reflector
from bothsides.generate.services import services
from bothsides.generate.tree import compare, write
from bothsides.inventory.files import load
from bothsides.inventory.mesh import Mesh
from tests.support import need

DATA = Path(__file__).parents[1] / "data" / "landscapes"
TREES = {"ansible": ansible, "mesh": mesh, "nrpe": nrpe, "reflector": reflector}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The folders that the role takes files from, for a landscape with one host that is here."""
    text = (DATA / "kuenzler.toml").read_text()
    (tmp_path / "mesh.toml").write_text(text)
    whole = Mesh(load(str(tmp_path / "mesh.toml")))
    run = services(whole)
    files = [file for each in TREES.values() for file in each.files(whole, run)]
    write(compare(files, str(tmp_path), source="mesh.toml", folders=TREES))
    return tmp_path


def inventory(tree: Path) -> Any:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((tree / "ansible" / "inventory.yml").read_text())["all"]


def test_every_host_has_its_address_its_trees_and_its_units(tree: Path) -> None:
    assert inventory(tree)["hosts"]["db1"] == {
        "ansible_host": "10.20.0.10",
        "bothsides_trees": ["nrpe", "reflector", "mesh"],
        "bothsides_units": ["udp-reflector", "udp-mesh"],
    }


def test_data_centres_are_groups_whose_names_ansible_accepts(tree: Path) -> None:
    groups = {name: sorted(each["hosts"]) for name, each in inventory(tree)["children"].items()}
    assert groups["dc_aws"] == ["db1", "db2", "wit1"]
    assert groups["dc_ch_zrh_b"] == ["api2"]


def test_every_file_that_the_role_copies_was_generated(tree: Path) -> None:
    yaml = pytest.importorskip("yaml")
    tasks = yaml.safe_load((tree / "ansible/roles/bothsides/tasks/main.yml").read_text())
    copied = [each["ansible.builtin.copy"] for each in tasks if "ansible.builtin.copy" in each]
    handlers = yaml.safe_load((tree / "ansible/roles/bothsides/handlers/main.yml").read_text())
    known = {each["name"] for each in handlers}
    assert len(copied) == 7
    assert {each["notify"] for each in tasks if "notify" in each} == known
    for host, variables in inventory(tree)["hosts"].items():
        for each in copied:
            source = each["src"].replace("{{ bothsides_generated }}/", "")
            source = source.replace("{{ inventory_hostname }}", host)
            assert source.split("/")[0] in variables["bothsides_trees"]
            assert (tree / source).exists(), source


def test_the_role_asks_for_modes_that_the_files_have(tree: Path) -> None:
    text = (tree / "ansible/roles/bothsides/tasks/main.yml").read_text()
    options = text[text.index("dest: /etc/bothsides.ini") :].split("\n\n")[0]
    assert 'mode: "0640"' in options
    assert (tree / "nrpe/db1/bothsides.ini").stat().st_mode & 0o777 == 0o640


def test_ansible_itself_accepts_playbook_and_inventory(tree: Path) -> None:
    program = need.program("ansible-playbook", "ansible-core")
    done = subprocess.run(
        [program, "-i", "ansible/inventory.yml", "--syntax-check", "ansible/site.yml"],
        cwd=tree,
        env={**os.environ, "ANSIBLE_LOCALHOST_WARNING": "False", "HOME": str(tree)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
