"""What every check prints of its recorded runs.

Text, figures, JSON; and a stdout that takes nothing.
"""

import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest

from bothsides.parse.perfdata import LABEL
from tests.support import forked, net
from tests.support.contract import (
    NOWHERE,
    PINNED,
    RECORDS,
    every_check,
    labels_of,
    name_of,
    pinned_of,
    records_of,
    replayed,
    well_formed,
)
from tests.support.process import CHECKS, HOUSE, NRPE_ENVIRONMENT, command_of, run

SCHEMA = json.loads((HOUSE / "lib/bothsides/plugin/report.schema.json").read_text())


def test_there_are_checks() -> None:
    assert CHECKS


@every_check
def test_every_check_brings_a_recorded_run(check: str) -> None:
    records = [path.name for path in RECORDS if path.name.startswith(check + "-")]
    assert records, (
        f"tests/data/records/{check}-SITUATION.json is missing: write one with"
        f" plugins/{check} -H ... --record tests/data/records/{check}-SITUATION.json"
    )
    for name in records:
        text = name.replace(".json", ".txt")
        assert (HOUSE / "tests/data/records" / text).exists(), (
            f"tests/data/records/{text} is missing: write it with plugins/{check}"
            f" --replay tests/data/records/{name} > tests/data/records/{text}"
        )


@every_check
@pytest.mark.parametrize("environment", [{"PYTHONWARNINGS": "error"}, {"PYTHONDEVMODE": "1"},
    {"PYTHONIOENCODING": "ascii"},
                                         {"LC_ALL": "C", "PYTHONUTF8": "0",
                                          "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "de_DE.UTF-8"},
                                              {}],
                         ids=str)  # fmt: skip
def test_no_environment_changes_the_output_or_writes_to_stderr(
    check: str, environment: dict[str, str]
) -> None:
    path = str(records_of(check)[0])
    reference = replayed(check, "-v")
    outcome = run(check, "--replay", path, "-v", environment=NRPE_ENVIRONMENT | environment)
    assert outcome[:3] == reference[:3]


@every_check
def test_a_full_disk_and_a_closed_or_broken_stdout_are_unknown_and_silent(check: str) -> None:
    command = " ".join([*command_of(check), "--replay", str(records_of(check)[0])])
    for redirection in (">/dev/full", ">&-", "<&- >&- 2>&-"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"exec {command} {redirection}"], capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (3, b"")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*command_of(check), "--replay", str(records_of(check)[0])],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (3, b"")


@every_check
def test_labels_and_their_order_are_pinned(check: str) -> None:
    listed = [
        tuple((line + " ").split(" ")[:2])
        for line in run(check, "--list-perfdata").text.splitlines()
    ]
    assert check in PINNED, (
        f"tests/data/perfdata.json has no {check}; write it with"
        " .venv/bin/python3 -m tests.support.pins"
    )
    assert listed == [tuple(figure) for figure in PINNED[check]], (
        "tests/data/perfdata.json pins other figures: a label keeps its unit and its place for"
        " ever,"
        " since graphs are drawn from it; new ones go to the end (tests.support.pins writes them)"
    )
    assert len({label for label, _ in listed}) == len(listed)
    assert all(LABEL.fullmatch(label) and uom in ("", "s", "%", "B", "c") for label, uom in listed)


@every_check
def test_every_recorded_run_prints_all_labels_in_order(check: str) -> None:
    for number, _ in enumerate(records_of(check)):
        outcome = replayed(check, number=number)
        well_formed(check, outcome)
        assert list(outcome.perfdata) == [label for label, _ in pinned_of(check)]


@every_check
def test_every_recorded_run_reproduces_its_text_to_the_octet(check: str) -> None:
    """The text stands beside the record; when words change on purpose.

    CHECK --replay X.json > X.txt.
    """
    for path in records_of(check):
        expected = path.with_suffix(".txt")
        if not expected.exists():
            pytest.skip(f"{expected.name} is missing; another test says how to write it")
        assert run(check, "--replay", str(path)).text == expected.read_text(), (
            f"the words of {check} have changed; when that is meant: plugins/{check} --replay"
            f" tests/data/records/{path.name} > tests/data/records/{expected.name}"
        )


@every_check
def test_missing_figures_are_u_or_left_out(check: str, black_hole: net.Network) -> None:
    outcome = run(
        check,
        "-H",
        NOWHERE,
        "-t",
        "1",
        "--perfdata-missing",
        "omit",
        inside=black_hole.inside("us"),
    )
    assert "=U" not in outcome.text
    pinned = [label for label, _ in pinned_of(check)]
    assert [label for label in pinned if label in outcome.perfdata] == list(outcome.perfdata)


@every_check
def test_verbosity_changes_neither_line_one_nor_the_exit_code(check: str) -> None:
    outcomes = [
        replayed(check, *options)
        for options in ((), ("-v",), ("-vv",), ("-vvv",), ("-v", "--explain"))
    ]
    assert len({(outcome.text.partition("\n")[0], outcome.code) for outcome in outcomes}) == 1
    assert len(outcomes[1].text) > len(outcomes[0].text), (
        f"-v shows nothing more: let the judge of {check} yield a Table"
    )
    assert all(outcome.text.count("|") == 1 for outcome in outcomes)


@every_check
def test_json_follows_the_published_schema_and_says_the_same(check: str) -> None:
    for number, _ in enumerate(records_of(check)):
        text, parsed = (
            replayed(check, number=number),
            json.loads(replayed(check, "--output", "json", number=number).text),
        )
        jsonschema.validate(parsed, SCHEMA)
        assert parsed["state"] == text.line.split()[1]
        assert parsed["text"] == text.line
        assert {figure["label"]: figure["value"] for figure in parsed["perfdata"]} == {
            label: figure.value for label, figure in text.perfdata.items()
        }
        for target in parsed["targets"]:
            assert target["text"].startswith(f"{name_of(check)} {target['state']} - ")
            assert [figure["label"] for figure in target["perfdata"]] == labels_of(check)
        if len(parsed["targets"]) == 1:
            assert parsed["targets"][0]["state"] == parsed["state"]
        else:
            assert parsed["targets"], f"a record of {check} is about somebody: Run.subject"


@every_check
def test_exit_ok_keeps_the_text(check: str) -> None:
    plain, forgiven = replayed(check), replayed(check, "--exit-ok")
    assert forgiven.code == 0
    assert forgiven.text == plain.text


@every_check
@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"check": 1, "plan": [], "run": null}', "\0\xff", "{" * 5000]
)
def test_a_broken_record_is_one_unknown_line(check: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(content)
    outcome = forked.run(check, "--replay", str(path))
    assert outcome.code == 3
    well_formed(check, outcome)


@every_check
def test_a_record_that_cannot_be_written_is_said_and_the_measurement_kept(check: str) -> None:
    kept = replayed(check)
    outcome = replayed(check, "--record", "/nonexistent/x.json")
    assert "cannot write the record /nonexistent/x.json" in outcome.text
    assert (
        outcome.text.partition("|")[2].partition("\n")[0]
        == kept.text.partition("|")[2].partition("\n")[0]
    )
    assert outcome.code in (kept.code, 3)


@every_check
def test_what_is_recorded_is_judged_the_same_again(check: str, tmp_path: Path) -> None:
    for number, path in enumerate(records_of(check)):
        again = tmp_path / path.name
        first = replayed(check, "--record", str(again), number=number)
        assert forked.run(check, "--replay", str(again)).text == first.text


def test_long_output_reaches_a_reader_that_reads_only_after_the_exit() -> None:
    """Nagios reads what is left in the pipe only once, 4096 octets; so nothing may be left."""
    _, check, path = max(
        (path.stat().st_size, check, str(path)) for check in CHECKS for path in records_of(check)
    )
    options = ("--replay", path, "-vvv", "--explain")
    if len(run(check, *options).text) <= 4096:
        pytest.skip("no record with an output of more than 4096 octets")
    with subprocess.Popen([*command_of(check), *options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        text = b""
        while process.poll() is None:
            text += os.read(process.stdout.fileno(), 4096)
        rest = process.stdout.read()
    assert len(text) > 4096
    assert len(rest) == 0
