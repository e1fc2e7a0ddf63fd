"""Icinga's validator: faults of every part of the tree are seen, and nothing else."""

import pytest

from bothsides.command.check_options import tables
from bothsides.generate import icinga2, icinga2_validate
from bothsides.generate.icinga2_validate import icinga2 as validated
from bothsides.generate.services import services
from bothsides.generate.tree import File
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.generate.icinga import HOSTS, MESH, SATELLITES
from tests.support import need


def made() -> list[File]:
    mesh = Mesh(read(HOSTS + SATELLITES + MESH))
    return list(icinga2.files(mesh, services(mesh), tables()))


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("zones.d/bothsides/commands.conf", "timeout", "timeour", "timeour"),
        ("zones.d/master/bothsides.conf", '"bothsides-agent"', '"bothsides-nobody"', "nobody"),
        ("zones.d/master/bothsides.conf", 'zone == "master"', 'zone == "moster"', "doesn't exist"),
        ("hosts/a/zones.conf", '"dc-eu"\n}', '"dc-us"\n}', "dc-us"),
        ("hosts/sat/zones.conf", "object Zone", "object Zoné", "syntax error"),
        ("hosts/mon/zones-bothsides.conf", '= "master"', '= "nowhere"', "nowhere"),
    ],
)
def test_a_fault_is_reported(path: str, old: str, new: str, said: str) -> None:
    need.program("icinga2", "icinga2-bin")
    files = [
        file._replace(body=file.body.replace(old, new)) if file.path.endswith(path) else file
        for file in made()
    ]
    assert any(said in line for line in validated(files) or [])


def test_a_good_tree_has_no_complaint() -> None:
    need.program("icinga2", "icinga2-bin")
    assert validated(made()) == []


def test_without_the_program_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icinga2_validate, "_PROGRAMS", ("/nonexistent/icinga2",))
    assert validated(made()) is None
