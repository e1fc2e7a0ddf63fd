"""The program bothsides as a process: one line for a fault, exit codes, never a traceback."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bothsides.command import bothsides
from tests.command.program import ENVIRONMENT, LANDSCAPES, SCRIPT, run
from tests.support import process


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "bothsides: missing command; see bothsides --help"),
        (["lnit"], "bothsides: unknown command lnit, did you mean lint? see bothsides --help"),
        (["--vresion"], "bothsides: unknown option --vresion, did you mean --version?"),
        (["lint", "--mesh"], "bothsides: unknown option --mesh, did you mean --mehsh? see"),
        (
            ["lint", "/nonexistent"],
            "bothsides: cannot read /nonexistent: No such file or directory",
        ),
        (["lint", "/"], "bothsides: cannot read /: "),
        (["lint", "/dev/null"], "bothsides: cannot read /dev/null: not a regular file"),
        (
            ["plan", "{file}", "--host", "ap1"],
            'bothsides: unknown host "ap1"; did you mean "api1"?',
        ),
        (
            ["explain", "{file}", "api1", "ap2"],
            'bothsides: unknown host "ap2"; did you mean "api2"?',
        ),
        (["explain", "{file}", "api1"], "bothsides: missing argument B; see bothsides explain"),
        (["maintenance", "on"], "bothsides: the end is missing; give --for 2h or --until TIME"),
        (
            ["maintenance", "on", "--for", "2"],
            'bothsides: "2" is not a duration; write 30m, 2h or 1d',
        ),
        (
            ["maintenance", "on", "--for", "99d"],
            "bothsides: a maintenance lasts from now until at most 30 days",
        ),
        (["maintenance", "on", "--until", "9"], 'bothsides: "9" is not a time with its offset'),
        (["maintenance", "on", "--until", "2020-01-01"], "bothsides: "),
        (["maintenance", "off"], 'bothsides: no maintenance of "all" is on'),
        (["maintenance", "stop"], "bothsides: argument action: invalid choice: 'stop'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_3(
    tmp_path: Path, words: list[str], said: str
) -> None:
    words = [word.format(file=LANDSCAPES / "kuenzler.toml") for word in words]
    code, text = run(*words, environment={**ENVIRONMENT, "STATE_DIRECTORY": str(tmp_path)})
    assert (code, text.count("\n")) == (3, 1)
    assert text.startswith(said)


@pytest.mark.parametrize(
    "words", [["--help"], ["-h"], ["lint", "--help"], ["explain", "-h"], ["maintenance", "--help"]]
)
def test_help_is_printed_and_fine(words: list[str]) -> None:
    code, text = run(*words)
    assert code == 0
    assert text.startswith("usage: bothsides")


def test_the_version_is_printed() -> None:
    code, text = run("--version")
    assert code == 0
    assert re.fullmatch(r"bothsides v\S+\n", text)


def test_names_in_another_alphabet_are_printed_in_any_locale(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('[[server]]\nname = "büro"\nip = "192.0.2.1"\n')
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    outcome = process.run("bothsides", "lint", str(tmp_path / "x.toml"), environment=environment)
    assert (outcome.code, outcome.error) == (3, "")
    assert '"b\\xfcro" is not a name' in outcome.text


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} {SCRIPT} plan {LANDSCAPES}/wonderproxy.toml | true",
        shell=True,
        capture_output=True,
        timeout=60,
        check=False,
        env=dict(os.environ),
    )
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("given", "said"),
    [("<&-", "standard input holds no line"), ("< FILE", "line 1: it is not UTF-8")],
)
def test_standard_input_that_is_closed_or_no_text_is_one_line(
    given: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "lines"
    file.write_bytes(b"h!\xff check_udp_loss -H x\n")
    done = subprocess.run(
        f"{sys.executable} {SCRIPT} batch - --submit - {given.replace('FILE', str(file))}",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("bothsides: standard input")
    assert said in done.stdout


def test_a_fault_of_ours_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(argv: list[str]) -> int:
        raise KeyError("what nobody thought of")

    monkeypatch.setattr(bothsides, "_run", broken)
    assert bothsides.main(["lint"]) == 3
    said = capsys.readouterr().out
    assert said.startswith("bothsides: internal error, please report: KeyError: 'what nobody")
    assert " in test_bothsides.py line " in said


def test_a_full_disk_ends_with_three_and_no_word_of_python() -> None:
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(
            [sys.executable, SCRIPT, "plan", str(LANDSCAPES / "wonderproxy.toml")],
            stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, b"")
