"""bothsides evidence as a process."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from bothsides.incident.document import from_text, proof_of
from bothsides.inventory.excerpt import to_hosts, to_json
from tests.support.forked import run
from tests.support.process import HOUSE

PROGRAM = str(HOUSE / "plugins/bothsides")


def printed(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [PROGRAM, "evidence", *words], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_it_prints_one_line_that_check_whose_fault_reads(tmp_path: Path) -> None:
    code, text = printed("--now", "--name", "A", "--to", "B=127.0.0.1", "-t", "4", "-p", "18863")
    assert (code, text.count("\n")) == (0, 1)
    assert proof_of(from_text(text)) == "sound"
    path = tmp_path / "A.json"
    path.write_text(text)
    said = json.loads(run("check_whose_fault", "--evidence", str(path), "--output", "json").text)
    assert (said["subject"], said["side"]) == ("A to B", "far end")


def test_it_follows_the_published_schema() -> None:
    schema = json.loads((HOUSE / "lib/bothsides/model/evidence.schema.json").read_text())
    _, text = printed("--name", "A", "--to", "B=192.0.2.1")
    jsonschema.validate(json.loads(text), schema)


def test_the_hosts_may_come_from_an_excerpt_of_the_landscape(tmp_path: Path) -> None:
    hosts = to_hosts({"A": ["192.0.2.1"], "B": ["192.0.2.2", "192.0.2.3"]}, {"A": "", "B": ""})
    (tmp_path / "known.json").write_text(to_json("A", hosts, "", []))
    code, text = printed("--name", "A", "--landscape", str(tmp_path / "known.json"))
    assert code == 0
    assert len(json.loads(text)["peers"]) == 1
    assert "192.0.2.2" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["B"], "unknown argument B; see bothsides evidence --help"),
        (["--to", "="], "--to '=': write NAME or NAME=ADDRESS"),
        (["--to", "B="], "--to 'B=': write NAME or NAME=ADDRESS"),
        (["--to", "B", "--name", "B"], "no peer; B is this host; give --to NAME=ADDRESS"),
        (["--to", "B=192.0.2.1", "--to", "B=192.0.2.2"], "--to B is there twice"),
        (["--to", "B", "--name", "a\nb"], "a name has no control characters"),
        (["--to", "B", "-t", "0"], "-t: the deadline must be more than 0 s"),
        (["--to", "B", "--state-dir", "/nowhere"], "--state-dir /nowhere: no such folder"),
        (["--to", "B", "--socket", "/etc/passwd"], "--socket /etc/passwd: no socket of udp_mesh"),
        (["--to", "B", "--since", "2099-01-01 00:00"], "lies in the future"),
        (["--to", "B", "--collect", "nobody"], "invalid choice: 'nobody'"),
        (["--collect", "aws"], "--collect needs --to NAME"),
        (["--to", "B", "--collect", "aws", "--since", "-1h"], "not with --now or --collect"),
        (["--to", "B", "--seal", "/nowhere"], "cannot read /nowhere: No such file"),
        (["--to", "B", "--landscape", "/etc"], "cannot read /etc: Is a directory"),
    ],
)
def test_bad_options_are_one_line_and_exit_three(words: list[str], said: str) -> None:
    code, text = printed(*words)
    assert (code, text.count("\n")) == (3, 1)
    assert said in text


def test_a_command_line_without_a_peer_is_one_line_and_exit_three() -> None:
    code, text = printed()
    assert code == 3
    assert text.startswith("bothsides: no peer; give --to")


def test_the_schema_is_that_of_the_records() -> None:
    from tests.support.evidence_schema import schema

    published = (HOUSE / "lib/bothsides/model/evidence.schema.json").read_text()
    assert published == json.dumps(schema(), indent=1) + "\n", (
        "write it anew: python -m tests.support.evidence_schema"
    )
