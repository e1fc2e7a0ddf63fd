"""Evidence out of files, as a process reads it: who is heard, who lies, who is too old."""

import json
import shutil
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Misuse, Unable
from bothsides.check.whose_fault.measure import Past, measure
from bothsides.incident.document import to_text
from bothsides.model.evidence import Look
from bothsides.model.whose_fault import Asked, Plan
from tests.support.evidence import THIRD, WELL, document, trace, udp
from tests.support.forked import run
from tests.support.process import HOUSE

THIRD_HOST = document("C", {"B": Look(udp(), trace(THIRD))})


def written(folder: Path) -> Path:
    for evidence in (*WELL, THIRD_HOST):
        (folder / f"{evidence.host}.json").write_text(to_text(evidence))
    return folder


def plan(*paths: Path, start: str = "A", target: str = "B") -> Plan:
    return Plan(start, target, evidence=tuple(map(str, paths)))


def test_documents_of_three_hosts_are_heard(tmp_path: Path) -> None:
    found = measure(plan(*sorted(written(tmp_path).iterdir())), Past(), Deadline(5))
    assert [(each.name, each.state) for each in found.witnesses] == [
        ("A", "heard"), ("B", "heard"), ("C", "heard"),
    ]  # fmt: skip
    assert found.subject == "A to B"
    assert found.troubles == ()


def test_a_lying_witness_is_named_and_does_not_count(tmp_path: Path) -> None:
    data = json.loads((written(tmp_path) / "C.json").read_text())
    data["peers"][0]["now"]["udp"]["lost"] = 77
    (tmp_path / "C.json").write_text(json.dumps(data))
    found = measure(plan(*sorted(tmp_path.iterdir())), Past(), Deadline(5))
    assert [(each.name, each.state) for each in found.witnesses][-1] == ("C", "lying")
    assert {each.host for each in found.documents} == {"A", "B"}


def test_a_file_that_is_no_evidence_is_said_and_the_others_count(tmp_path: Path) -> None:
    (written(tmp_path) / "D.json").write_text("{")
    found = measure(plan(*sorted(tmp_path.iterdir())), Past(), Deadline(5))
    assert len(found.documents) == 3
    assert "D.json" in found.troubles[0]
    with pytest.raises(Unable, match=r"D\.json"):
        measure(plan(tmp_path / "D.json"), Past(), Deadline(5))


def test_a_folder_may_hold_other_files_but_a_cut_document_is_said(tmp_path: Path) -> None:
    (tmp_path / "A.json").write_text(to_text(WELL[0]))
    (tmp_path / "other.json").write_text('{"hello": 1}')
    (tmp_path / "cut.json").write_text(to_text(WELL[1])[:500])
    (trouble,) = measure(plan(tmp_path), Past(), Deadline(5)).troubles
    assert trouble.startswith(f"not read: {tmp_path}/cut.json: cut after ")
    (tmp_path / "A.json").unlink()
    (tmp_path / "cut.json").unlink()
    with pytest.raises(Unable, match="no document of bothsides evidence, no --record"):
        measure(plan(tmp_path), Past(), Deadline(5))


def test_the_pair_is_chosen_by_the_evidence_or_asked_for(tmp_path: Path) -> None:
    (tmp_path / "A.json").write_text(to_text(WELL[0]))
    assert (
        measure(plan(tmp_path / "A.json", start="", target=""), Past(), Deadline(5)).target == "B"
    )
    (tmp_path / "C.json").write_text(to_text(THIRD_HOST))
    with pytest.raises(Misuse, match="--from A --to B, --from C --to B"):
        measure(plan(*sorted(tmp_path.iterdir()), start="", target=""), Past(), Deadline(5))
    with pytest.raises(Misuse, match="there is some of A, B"):
        measure(plan(tmp_path / "A.json", target="X"), Past(), Deadline(5))
    with pytest.raises(Misuse, match="no evidence of X; there is some of A, B"):
        measure(plan(tmp_path / "A.json", start="", target="X"), Past(), Deadline(5))


def test_records_of_a_folder_by_a_process(tmp_path: Path) -> None:
    shutil.copy(
        HOUSE / "tests/data/records/check_udp_loss-return_loss.json", tmp_path / "A-to-B.udp.json"
    )
    outcome = run("check_whose_fault", "--evidence", str(tmp_path), "--output", "json")
    said = json.loads(outcome.text)
    assert (said["side"], said["confidence"]) == ("", "none")
    assert said["verdict"]["loss_back"]["low"] > 0.05
    assert said["subject"] == "A to B"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"\x80\xff{", "not JSON: "),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"version":1,"peers":{}}', "field host is missing"),
        (b'{"version":9,"peers":[]}', "evidence of version 9, not 1"),
        (b"{" + b" " * 1021 + b"1", "cut at 1 kB, as NRPE does before version 4"),
    ],
)
def test_a_broken_file_is_named_once_with_what_is_wrong(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "evil.json"
    path.write_bytes(content)
    outcome = run("check_whose_fault", "--evidence", str(path))
    assert (outcome.code, outcome.error) == (3, "")
    assert said in outcome.line
    assert outcome.line.count("evil.json") == 1
    assert outcome.text.count("\n") <= 2  # what line 1 has no room for stands below


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--evidence", ""), "--evidence and --before need a path"),
        (("--evidence", "/nowhere"), "UNKNOWN - cannot read /nowhere: No such file or directory"),
        (("--evidence", "/proc/self/mem"), "cannot read /proc/self/mem: Input/output error"),
        (("--evidence", "/tmp", "--from", "A", "--to", "A"), "--from and --to are one host, A"),
        (("--evidence", "/tmp", "--third", "A"), "--third names a host of --landscape"),
        (("--landscape", "/nowhere", "--to", "B"), "cannot read /nowhere"),
        (("--landscape", "/etc/hostname", "--to", "B"), "/etc/hostname:1: "),
    ],
)
def test_a_wrong_command_line_is_one_line(words: tuple[str, ...], said: str) -> None:
    outcome = run("check_whose_fault", *words)
    assert (outcome.code, outcome.error, outcome.text.count("\n")) == (3, "", 1)
    assert said in outcome.line


def test_evidence_from_before_of_another_pair_is_said(tmp_path: Path) -> None:
    (tmp_path / "now").mkdir()
    (tmp_path / "D-to-E.json").write_text(to_text(document("D", {"E": Look(udp())})))
    words = ("--evidence", str(written(tmp_path / "now")), "--from", "A", "--to", "B")
    outcome = run("check_whose_fault", *words, "--before", str(tmp_path / "D-to-E.json"))
    assert outcome.code == 0
    assert "--before holds nothing between A and B, only about D, E" in outcome.text


def test_a_file_s_name_that_contradicts_its_document_is_said(tmp_path: Path) -> None:
    for name, made in (("A-to-B", WELL[0]), ("B.example.net-to-A", WELL[1]), ("C-to-B", WELL[0])):
        (tmp_path / f"{name}.json").write_text(to_text(made))
    found = measure(plan(tmp_path), Past(), Deadline(5))
    assert found.troubles == (
        f"{tmp_path}/C-to-B.json is a document of A, not of C: it counts as that of A",
    )
    assert [each.name for each in found.witnesses] == ["A", "B"]


def test_a_host_that_answers_with_the_document_of_another_one_does_not_count(
    tmp_path: Path,
) -> None:
    folder = written(tmp_path)
    hosts = [
        Asked(name, "file", f"{folder}/{file}.json")
        for name, file in zip("ABC", "ABB", strict=True)
    ]
    found = measure(Plan("A", "B", hosts=tuple(hosts)), Past(), Deadline(5))
    assert [(each.name, each.state, each.words) for each in found.witnesses][-1] == (
        "C", "lying", "its document is that of B: its bothsides evidence needs --name C",
    )  # fmt: skip
    assert {each.host for each in found.documents} == {"A", "B"}
