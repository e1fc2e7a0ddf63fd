"""The way of a check, walked by a small one that measures how long a file is."""

import errno
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from bothsides.base.deadline import Deadline, Interrupted, Stop
from bothsides.base.errors import Misuse, Unable
from bothsides.parse.range import Range, from_range
from bothsides.plugin.check import AnyCheck, Check, no_past
from bothsides.plugin.finding import Figure, Finding, Ranges, Remark, State, Table, Target
from bothsides.plugin.main import perform
from bothsides.plugin.parser import Namespace, Parser

SIZE = Figure("size", "B", "length of the file")
AGE = Figure("age", "s", "seconds since it was written")


class Plan(NamedTuple):
    path: str


class Run(NamedTuple):
    subject: str
    size: int | None
    stopped: Stop | None = None


class Analysis(NamedTuple):
    run: Run
    past: object


def options(parser: Parser) -> None:
    parser.add_argument("-H", "--file", metavar="PATH", help="the file")


def limits(given: Namespace, ranges: Ranges) -> Ranges:
    return ranges


def plan(given: Namespace, limits: Ranges) -> Plan:
    if not given.file:
        raise Misuse("missing option -H")
    return Plan(given.file)


def measure(asked: Plan, past: None, deadline: Deadline) -> Run:
    deadline.enter("looking at the file")
    if asked.path == "late":
        return Run("late", None, deadline.stop())
    if asked.path == "interrupted":
        return Run("interrupted", 7, deadline.stop("SIGTERM"))
    if asked.path == "torn":
        raise Interrupted("SIGHUP")
    if asked.path == "net":
        raise Interrupted("deadline")
    if asked.path == "full":
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    if asked.path == "bug":
        raise ZeroDivisionError("a | b\nc")
    if asked.path == "bare":
        raise ImportError("No module named 'pycurl'")
    try:
        return Run(asked.path, os.stat(asked.path).st_size)
    except OSError as fault:
        raise Unable(f"cannot look at {asked.path}: {fault.strerror}") from None


def analyse(asked: Plan, run: Run, past: object) -> Analysis:
    return Analysis(run, past)


def judge(analysis: Analysis, limits: Ranges) -> Iterator[Finding]:
    run = analysis.run
    if run.stopped:
        yield Remark(State.UNKNOWN, "no answer in time", late=True)
    yield limits.reading("size", run.size, f"{run.size} octets")
    yield limits.reading("age", 0.3, "0.3 s old")
    yield Table((f"past {analysis.past}",))


def short(items: Sequence[str]) -> dict[str, Range]:
    return {"size": from_range(items[0], "B")}


CHECK = Check(
    name="FILE",
    summary="How long a file is.",
    figures=(SIZE, AGE),
    options=options,
    short=short,
    limits=limits,
    plan=plan,
    recall=no_past,
    measure=measure,
    analyse=analyse,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    warning="age=60",
    critical="age=1h",
)


def walked(*argv: str, check: AnyCheck = CHECK) -> tuple[str, int]:
    report = perform(check, argv, Deadline(8))
    return report.text, report.code


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "x").write_text("12345")
    return str(tmp_path / "x")


def test_a_measurement_goes_from_options_to_report(path: str) -> None:
    text, code = walked("-H", path, "-w", "4")
    assert code == 1
    assert text.startswith(
        f"FILE WARNING - {path}: 5 octets, above 4 B | size=5B;4;;0 age=0.3s;60;3600;0\n"
    )


def test_bare_and_labelled_limits_mix_in_one_list_and_later_ones_win(path: str) -> None:
    text, code = walked("-H", path, "-w", "4,age=200ms", "-w", "9", "-c", "age=~:10")
    assert code == 1
    assert "0.3 s old, above 0.2 s | size=5B;9;;0 age=0.3s;0.2;10;0" in text


def test_time_that_ran_out_takes_the_state_that_was_asked_for() -> None:
    assert walked("-H", "late")[1] == 3
    assert walked("-H", "late", "--timeout-state", "critical")[1] == 2
    assert walked("-H", "late", "-t", "2:warning")[1] == 1
    assert walked("-H", "net", "-t", "2:warning")[1] == 1
    assert walked("-H", "net")[1] == 3


def test_a_signal_leaves_the_figures_but_no_other_state_than_unknown() -> None:
    text, code = walked("-H", "interrupted", "-c", "1", "-t", "2:ok")
    assert code == 3
    assert text.startswith(
        "FILE UNKNOWN - interrupted by SIGTERM while looking at the file, after 0.0 s | size=7B;;;0"
    )
    assert walked("-H", "torn")[0].startswith(
        "FILE UNKNOWN - interrupted by SIGHUP while looking at the file"
    )


def test_what_could_not_be_asked_is_unknown_with_all_labels() -> None:
    text, code = walked("-H", "/nonexistent")
    assert (text, code) == (
        "FILE UNKNOWN - cannot look at /nonexistent: No such file or directory | size=U;;;0"
        " age=U;;;0\n",
        3,
    )


def test_a_bug_is_one_clean_line_and_its_traceback_only_with_vvv() -> None:
    text, code = walked("-H", "bug")
    assert code == 3
    assert text.startswith(
        "FILE UNKNOWN - internal error, please report: ZeroDivisionError: a / b c in"
        " test_main.py line "
    )
    assert text.count("\n") == 1
    assert "Traceback" in walked("-H", "bug", "-vvv")[0]


def test_a_record_whose_values_contradict_each_other_is_no_bug(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # whose own name may be too long for line 1

    def contradicted(analysis: Analysis, limits: Ranges) -> Iterator[Finding]:
        raise KeyError(analysis.run.size)

    check = CHECK._replace(judge=contradicted)
    record = "record.json"
    walked("-H", path, "--record", record)
    text, code = walked("--replay", record, check=check)
    words = (
        f"FILE UNKNOWN - {record} does not fit together: no measurement leaves such values"
        f" (KeyError: 5)"
    )
    assert (text, code) == (f"{words} | size=U;;;0 age=U;;;0\n", 3)
    assert "internal error, please report" in walked("-H", path, check=check)[0]


def test_what_this_host_has_too_little_of_is_no_bug() -> None:
    words = "FILE UNKNOWN - this host has too few resources for a check: Too many open files |"
    assert walked("-H", "full")[0].startswith(words)


def test_a_missing_library_is_named() -> None:
    assert walked("-H", "bare")[0].startswith(
        "FILE UNKNOWN - not installed: No module named pycurl |"
    )


def test_a_missing_target_is_a_usage_error_but_replay_needs_none(path: str, tmp_path: Path) -> None:
    assert walked() == ("FILE UNKNOWN - missing option -H, see check_file --help\n", 3)
    record = str(tmp_path / "record.json")
    first = walked("-H", path, "--record", record)
    assert walked("--replay", record) == first


def test_memory_is_recalled_before_and_kept_after_the_verdict(path: str) -> None:
    order: list[str] = []

    def recall(given: Namespace, asked: Plan) -> str:
        order.append("recall")
        return "known"

    def measured(asked: Plan, past: str, deadline: Deadline) -> Run:
        order.append(f"measure knowing {past}")
        return measure(asked, None, deadline)

    def keep(analysis: Analysis, targets: Sequence[Target]) -> list[Finding]:
        kept = [(target.name, target.state.value, len(target.findings)) for target in targets]
        order.append(f"keep {analysis.past} {kept}")
        return [Remark(State.WARNING, "memory is read-only")]

    check: AnyCheck = CHECK
    check = check._replace(recall=recall, measure=measured, keep=keep)
    text, code = walked("-H", path, "-v", check=check)
    assert order == ["recall", "measure knowing known", f"keep known [('{path}', 'OK', 3)]"]
    assert "past known" in text
    assert (code, text.partition(" |")[0]) == (1, f"FILE WARNING - {path}: memory is read-only")
    order.clear()
    walked("-H", "interrupted", check=check)
    assert order == ["recall", "measure knowing known"]


def test_explain_shows_plan_run_and_findings(path: str) -> None:
    text = walked("-H", path, "--explain")[0]
    assert [line for line in text.splitlines() if line.endswith(":")] == [
        "Plan:",
        "Run:",
        "Findings:",
    ]
    assert "OK 5 octets" in text


def test_a_switch_with_a_value_and_an_option_without_one_are_refused_in_an_ini(
    tmp_path: Path,
) -> None:
    ini = tmp_path / "x.ini"
    ini.write_text(
        "[check_file]\nexplain=1\n[b]\nfile\n[c]\nextra-opts=b\n[d]\nH=/etc/hostname\nv\n"
    )
    assert "key explain takes no value" in walked(f"--extra-opts=@{ini}")[0]
    assert "key file needs a value" in walked(f"--extra-opts=b@{ini}")[0]
    assert "unknown key extra-opts" in walked(f"--extra-opts=c@{ini}")[0]
    assert walked("--extra-opts", f"d@{ini}")[1] == 0


def of_many(analysis: Analysis, limits: Ranges) -> Iterator[Finding]:
    """A judge of two targets, one of which took too long."""
    late = Remark(State.UNKNOWN, "no answer in time", late=True)
    yield Target("a", "192.0.2.1", (limits.reading("size", 9),))
    yield Target("b", "", (late,))
    yield late


def states(text: str) -> list[str]:
    report = json.loads(text)
    return [report["state"], *(target["state"] for target in report["targets"])]


def test_every_target_is_reported_and_handed_to_the_memory(path: str) -> None:
    kept: list[Target] = []

    def keep(analysis: Analysis, targets: Sequence[Target]) -> list[Finding]:
        kept.extend(targets)
        return []

    check = CHECK._replace(judge=of_many, keep=keep)
    text, code = walked("-H", path, "-c", "8", "--output", "json", check=check)
    assert (code, states(text)) == (3, ["UNKNOWN", "CRITICAL", "UNKNOWN"])
    assert [target.state for target in kept] == [State.CRITICAL, State.UNKNOWN]


def test_the_state_of_late_targets_is_the_one_that_was_asked_for(path: str) -> None:
    check = CHECK._replace(judge=of_many)
    asked = ("-H", path, "--timeout-state", "warning", "--output", "json")
    assert states(walked(*asked, check=check)[0]) == ["WARNING", "OK", "WARNING"]


def test_a_signal_leaves_no_target_with_another_state_than_unknown() -> None:
    check = CHECK._replace(judge=of_many)
    text = walked("-H", "interrupted", "-c", "8", "--output", "json", check=check)[0]
    assert states(text) == ["UNKNOWN", "UNKNOWN", "UNKNOWN"]
    assert "interrupted by SIGTERM" in json.loads(text)["targets"][0]["text"]
