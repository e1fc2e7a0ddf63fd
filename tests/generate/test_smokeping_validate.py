"""SmokePing's validator on the trees of the examples, and on one that it refuses."""

from pathlib import Path

import pytest

from bothsides.generate import smokeping, smokeping_validate
from bothsides.generate.services import services
from bothsides.generate.tree import File
from bothsides.inventory.files import load
from bothsides.inventory.mesh import Mesh
from tests.support import need
from tests.support.process import PLUGINS

DATA = Path(__file__).parents[1] / "data" / "landscapes"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[File]:
    """SmokePing's files of an example; the probe is that of this checkout."""
    monkeypatch.setattr("sys.argv", [str(PLUGINS / "bothsides")])
    mesh = Mesh(load(str(DATA / "semaphore.toml")))
    return smokeping.files(mesh, services(mesh))


def test_a_tree_that_is_accepted_has_no_complaint(files: list[File]) -> None:
    need.program("smokeping", "smokeping")
    assert smokeping_validate.smokeping(files) == []


def test_it_says_what_smokeping_says(files: list[File]) -> None:
    need.program("smokeping", "smokeping")
    broken = [
        file._replace(body=file.body.replace("probe = FPing", "probe = None")) for file in files
    ]
    said = smokeping_validate.smokeping(broken)
    assert said
    assert "bothsides-" not in " ".join(said)


def test_without_smokeping_nothing_is_said(
    files: list[File], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smokeping_validate, "_PROGRAMS", ("/nonexistent/smokeping",))
    assert smokeping_validate.smokeping(files) is None
