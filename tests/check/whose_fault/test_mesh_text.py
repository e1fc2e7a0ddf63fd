"""A whole mesh judged by the check: the line, the state, and what JSON says."""

import json
import random
from pathlib import Path

import pytest

from bothsides.base.errors import Misuse
from bothsides.check.whose_fault.check import CHECK
from bothsides.check.whose_fault.mesh_text import element_code, element_words, mesh_line
from bothsides.check.whose_fault.options import plan
from bothsides.incident.document import to_text
from bothsides.incident.mesh_verdict import mesh_verdict
from bothsides.incident.mesh_vote import Element
from bothsides.model.whose_fault import MeshHost
from bothsides.plugin.command_line import limits_of, understood
from tests.incident.test_mesh_verdict import documents
from tests.incident.test_mesh_vote import HOSTS
from tests.support.process import run

DATACENTER = Element("data centre out", "dc4")

LANDSCAPE = """
[[server]]
name = "a1"
ip = "192.0.2.1"
datacenter = "dc4"
[[server]]
name = "b1"
ip = "192.0.2.2"
datacenter = "dc2"
"""


def test_the_line_names_the_element_and_how_many_pairs_it_has() -> None:
    said = mesh_verdict(documents((DATACENTER,), random.Random(1), 0.03), HOSTS)
    line = mesh_line(said)
    assert line.startswith("lost 2.")
    assert "in what data centre dc4 sends" in line
    assert f"of {38 * 37} pairs)" in line


def test_elements_in_words() -> None:
    assert element_words(Element("host in", "db1")) == "what db1 gets"
    assert element_words(Element("between", "P to Q")) == "from P to Q"
    assert element_code(DATACENTER) == "data centre out dc4"


def test_a_landscape_alone_means_the_whole_mesh(tmp_path: Path) -> None:
    (tmp_path / "mesh.toml").write_text(LANDSCAPE)
    options = understood(CHECK, ["--landscape", str(tmp_path / "mesh.toml")])
    made = plan(options, limits_of(CHECK, options))
    assert made.mesh
    assert made.members == (MeshHost("a1", "dc4", ""), MeshHost("b1", "dc2", ""))
    with pytest.raises(Misuse, match="--mesh"):
        wrong = understood(CHECK, ["--mesh", "--from", "a1", "--evidence", "x"])
        plan(wrong, limits_of(CHECK, wrong))


def test_a_mesh_of_documents_is_judged_as_a_process(tmp_path: Path) -> None:
    for made in documents((Element("host out", "h03"),), random.Random(2), 0.03):
        (tmp_path / f"{made.host}.json").write_text(to_text(made))
    command = ("check_whose_fault", "--mesh", "--evidence", str(tmp_path), "-t", "50")
    done = run(*command, "--output", "json")
    assert done.code == 1
    said = json.loads(done.text)
    assert (said["side"], said["also"], said["confidence"]) == ("host out h03", [], "likely")
    shown = run(*command)
    first = shown.text.split("\n")[0]
    assert first.startswith("WHOSE_FAULT WARNING - the mesh: lost 2.")
    assert "what h03 sends (37 of 1406 pairs)" in first
    assert "xxx" in shown.text


def test_nothing_measured_is_unknown(tmp_path: Path) -> None:
    (made, *_) = documents((), random.Random(2), 0.0)
    (tmp_path / "h.json").write_text(to_text(made._replace(peers=())))
    done = run("check_whose_fault", "--mesh", "--evidence", str(tmp_path))
    assert (done.code, "no pair of hosts" in done.text) == (3, True)
