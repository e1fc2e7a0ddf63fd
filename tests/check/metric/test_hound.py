"""Hound's alerts become command lines that judge alike."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bothsides.check.metric.check import CHECK
from bothsides.check.metric.hound import lines, read
from bothsides.parse import Unreadable
from bothsides.plugin.command_line import limits_of, understood
from tests.support.process import NRPE_ENVIRONMENT, PLUGINS, run

CONFIG = {
    "Alerts": [
        {"Name": "disk full", "Metric": "summarize(a.b, '1h')", "Threshold": 90,
         "Direction": "above",
         "RunBookLink": "https://wiki.example/disk"},
        {"Name": "passed", "Metric": "c", "Threshold": 5.5, "Direction": "below", "Type": "Notice"},
    ]
}  # fmt: skip


def test_each_alert_is_a_line_that_the_check_understands() -> None:
    made = list(lines(json.dumps(CONFIG), "http://g.example"))
    assert made[0] == "# disk full, https://wiki.example/disk"
    assert made[2] == "# passed"
    first, second = (understood(CHECK, shlex.split(line)[1:]) for line in made[1::2])
    assert (first.query, first.graphite) == ("summarize(a.b, '1h')", "http://g.example")
    critical = limits_of(CHECK, first).critical["value"]
    assert [critical.alerts(value) for value in (89.9, 90, 91)] == [False, True, True]
    warning = limits_of(CHECK, second).warning["value"]
    assert [warning.alerts(value) for value in (5, 5.5, 5.6)] == [True, True, False]
    assert limits_of(CHECK, second).critical == {}


def test_the_url_of_an_old_configuration_is_taken() -> None:
    assert read(json.dumps({"GraphiteBase": "http://old.example/render/", **CONFIG}))[0] == (
        "http://old.example/render/"
    )


def test_a_metric_that_looks_like_an_option_is_a_query() -> None:
    alert = {"Name": "x", "Metric": "-a b; rm", "Threshold": 1, "Direction": "above"}
    _, line = lines(json.dumps({"Alerts": [alert]}), "http://g.example")
    assert understood(CHECK, shlex.split(line)[1:]).query == "-a b; rm"


@pytest.mark.parametrize(
    ("alert", "told"),
    [
        ({"Name": "x"}, r"alert 1 \(x\) has no Metric"),
        ({"Metric": "m", "Threshold": "9", "Direction": "above"}, "no number for its Threshold"),
        ({"Metric": "m", "Threshold": float("nan"), "Direction": "above"}, "no number for its"),
        ({"Metric": "m", "Threshold": 9, "Direction": "up"}, "Direction is above or below"),
        (7, "alert 1 is not a table"),
    ],
)
def test_what_is_wrong_is_named(alert: object, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read(json.dumps({"Alerts": [alert]}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Alerts": 7}', "[" * 100000])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="no configuration of Hound"):
        read(text)


def test_the_script_prints_them(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(CONFIG))
    command = [sys.executable, str(PLUGINS / "check_metric"), "--hound"]
    done = subprocess.run(
        [*command, str(file)], capture_output=True, text=True, env=NRPE_ENVIRONMENT
    )
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (3, "", 4)
    done = subprocess.run([*command, "/none"], capture_output=True, text=True, env=NRPE_ENVIRONMENT)
    assert done.stdout == "METRIC UNKNOWN - cannot read /none: No such file or directory\n"


def test_a_pipe_without_a_writer_and_an_endless_file_are_told(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, words in (
        (str(pipe), "a named pipe, which would be waited for"),
        ("/dev/zero", "more tha"),
    ):
        told = run("check_metric", "--hound", path)
        assert (told.code, told.error) == (3, "")
        assert told.text.startswith("METRIC UNKNOWN - ")
        assert words in told.text
        assert told.seconds < 10
