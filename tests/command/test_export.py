"""bothsides export as a process.

The stored history where it is wanted, and plain words where not.
"""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.export.history import remember
from tests.support import need
from tests.support.bad_stores import StandIn, ended
from tests.support.forked import run
from tests.support.process import NRPE_ENVIRONMENT, Outcome


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> str:
    return remember(tmp_path_factory.mktemp("memory"), time.time() // 60 * 60)


def export(memory: str, *words: str) -> Outcome:
    return run("bothsides", "export", "--state-dir", memory, "--export-source", "mon1", *words)


def test_all_runs_reach_a_file_with_their_own_times(memory: str, tmp_path: Path) -> None:
    out = tmp_path / "rows"
    outcome = export(memory, "--since", "-1d", "--export", f"jsonl:{out}")
    assert (outcome.code, outcome.error) == (0, "")
    assert outcome.line.startswith(f"EXPORT OK - 60 of 60 runs exported to jsonl:{out}, ")
    documents = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(documents) == 60 * 12 + 2
    assert len({each["@timestamp"] for each in documents}) == 60
    assert [each["title"] for each in documents if each["measurement"] == "bothsides_event"] == [
        "path changed at hop 8"
    ] * 2


def test_a_part_of_it_goes_to_standard_output_and_our_line_elsewhere(memory: str) -> None:
    outcome = export(memory, "--since", "-7m", "--until", "-3m", "--export", "jsonl:-")
    assert len(outcome.text.splitlines()) == 24
    assert outcome.error.startswith("EXPORT OK - 2 of 2 runs exported to jsonl:-, ")


def test_prometheus_imports_the_history(memory: str, tmp_path: Path) -> None:
    promtool = need.program("promtool", "prometheus")
    file, blocks = tmp_path / "history.prom", tmp_path / "blocks"
    assert export(memory, "--export", f"prometheus:{file}").code == 0
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(file), str(blocks)]
    done = subprocess.run(command, capture_output=True, text=True, env=NRPE_ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    listed = subprocess.run(
        [promtool, "tsdb", "list", str(blocks)],
        capture_output=True,
        text=True,
        env=NRPE_ENVIRONMENT,
    )
    samples = sum(int(line.split()[4]) for line in listed.stdout.splitlines()[1:])
    values = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    assert samples == len(values) > 60 * 11 * 4


def test_a_store_that_refuses_says_where_to_go_on(memory: str) -> None:
    outcome = export(memory, "--export", "graphite:127.0.0.1:9")
    assert outcome.code == 2
    assert outcome.line.startswith("EXPORT CRITICAL - 0 of 60 runs exported to graphite:")
    assert "Connection refused; go on with --since '20" in outcome.text
    since = outcome.text.partition("--since '")[2].partition("'")[0]
    assert export(memory, "--since", since, "--export", "jsonl:/dev/null").line.startswith(
        "EXPORT OK - 60 of 60"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say where it goes: --export influx:URL"),
        (["--export", "statsd:127.0.0.1:9"], "statsd keeps no times"),
        (["--export", "jsonl:-", "--since", "x"], "'x' is not a time"),
        (["--export", "jsonl:-", "--since", "now"], "--since is not before --until"),
        (["--export", "jsonl:-", "--host", "other"], "nothing is stored about other in"),
        (["--export", "jsonl:-", "--list"], "are about an archive"),
        (["--export", "prometheus:/tmp/"], "history is one file"),
        (["--submit", "nagios:/tmp"], "stored history goes to --export alone"),
        (
            ["--incident", "/none", "--export", "s3:http://127.0.0.1:9/b"],
            "needs --route FROM-to-TO",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line_and_three(
    memory: str, words: list[str], told: str
) -> None:
    outcome = export(memory, *words)
    assert (outcome.code, outcome.error, outcome.text.count("\n")) == (3, "", 1)
    assert told in outcome.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--list", "--expire", "90d"], "three commands: one at a time"),
        (["--list", "-t", "0"], "-t 0 leaves no time"),
        (["--expire", "0"], "--expire 0 would remove every report"),
        (["--below", "x"], "--below goes with --list or --expire"),
        (["--incident", "PIPE", "--route", "a-to-b"], "pipe: it is no file"),
        (["--incident", "/", "--route", "a-to-b"], "cannot read /: it is no file"),
        (["--incident", "/none", "--route", "a-to-b"], "cannot read /none: No such file"),
        (
            ["--incident", __file__, "--incident", __file__, "--route", "a-to-b"],
            "two reports of the same minute would get the same name",
        ),
    ],
)
def test_what_would_do_something_else_than_was_meant_is_refused(
    words: list[str], told: str, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    words = [str(pipe) if word == "PIPE" else word for word in words]
    outcome = run("bothsides", "export", "--export", "s3:http://127.0.0.1:9/b", *words, timeout=9)
    assert (outcome.code, outcome.error) == (3, "")
    assert told in outcome.text


def test_no_report_is_counted_that_was_not_stored(tmp_path: Path) -> None:
    reports = [tmp_path / name for name in ("one.txt", "two.html")]
    for report in reports:
        report.write_text("x")
    words = [word for report in reports for word in ("--incident", str(report))]
    words += ["--route", "a-to-b", "--state-dir", str(tmp_path)]
    outcome = run("bothsides", "export", "--export", "s3:http://127.0.0.1:9/b", *words)
    assert (outcome.code, outcome.error) == (2, "")
    assert outcome.line.startswith("EXPORT CRITICAL - 0 of 2 reports stored in s3:")
    assert "2 parcels wait" in outcome.text


def test_events_alone_are_counted_where_a_store_takes_these_alone(memory: str) -> None:
    server = StandIn("graphite-events")
    with ended(server):
        outcome = export(memory, "--export", f"graphite-events:http://127.0.0.1:{server.port}")
    assert outcome.code == 0
    assert server.taken
    assert f", {len(server.taken)} rows" in outcome.line
