"""What is recalled before a run, and what is kept behind it."""

from pathlib import Path

import pytest

from bothsides.analyse.path.baseline_document import from_document
from bothsides.analyse.path.past import Past
from bothsides.check.mtr_path.check import CHECK
from bothsides.check.mtr_path.memory import keep, recall
from bothsides.check.mtr_path.options import plan
from bothsides.plugin.command_line import understood
from bothsides.plugin.finding import Finding, Remark, State, Target
from bothsides.store.path_memory import path_key
from bothsides.store.sqlite import opened
from tests.support.sample_path import USUAL, analysed, run

OTHER = ("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")
WELL = Target("app", "10.2.9.9", (Remark(State.OK, "well"),))


def recalled(folder: Path, *words: str) -> Past:
    options = understood(CHECK, ["-H", "app", "--state-dir", str(folder), *words])
    return recall(options, plan(options))


def remember(
    folder: Path, *line: str, known: Past | None = None, words: str = "rw"
) -> list[Finding]:
    """One run over a path, judged by what is recalled, and kept."""
    past = recalled(folder, "--state", words) if known is None else known
    return list(keep(analysed(run(*line, looks=2)._replace(took=1.0), past), [WELL]))


def test_what_was_learnt_is_recalled_for_every_address_of_the_name(tmp_path: Path) -> None:
    for _ in range(4):
        assert remember(tmp_path, *USUAL) == []
    past = recalled(tmp_path, "--state", "ro")
    assert past.addresses == ("10.2.9.9",)
    assert past.path_to("10.2.9.9").fixed.runs == 4
    assert past.path_to("192.0.2.7").fixed.runs == 0
    assert past.keeping is not None
    assert not past.keeping.learns


def test_a_new_name_recalls_the_paths_of_every_address(tmp_path: Path) -> None:
    remember(tmp_path, *USUAL)
    options = understood(CHECK, ["-H", "other", "--state", "ro", "--state-dir", str(tmp_path)])
    past = recall(options, plan(options))
    assert (past.addresses, past.path_to("10.2.9.9").fixed.runs) == ((), 1)


@pytest.mark.parametrize("words", [("--state", "off"), ("--input", "x"), ("--replay", "x")])
def test_nothing_is_recalled_where_that_is_asked_for(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    remember(tmp_path, *USUAL)
    options = understood(CHECK, ["-H", "app", *words])
    past = recall(options, plan(options))
    assert past.paths == {}
    assert (past.keeping is None) == (words[0] != "--state")


def test_two_runs_at_once_both_count_and_the_verdict_is_that_of_the_memory_as_it_is(
    tmp_path: Path,
) -> None:
    for _ in range(4):
        remember(tmp_path, *USUAL)
    both = recalled(tmp_path, "--state", "rw")
    remember(tmp_path, *OTHER, known=both)
    remember(tmp_path, *OTHER, known=both)
    with opened(str(tmp_path), write=False) as store:
        baseline = from_document(store.document(path_key("10.2.9.9")))
    assert baseline.runs == 6
    assert len(baseline.switches) == 1
    assert baseline.other is not None
    assert baseline.other.runs == 2


def test_the_present_path_is_accepted_when_asked(tmp_path: Path) -> None:
    for _ in range(4):
        remember(tmp_path, *USUAL)
    remember(tmp_path, *OTHER)
    remember(tmp_path, *OTHER, known=recalled(tmp_path, "--state", "rw", "--accept"))
    baseline = recalled(tmp_path, "--state", "ro").path_to("10.2.9.9").fixed
    assert baseline.other is None
    assert baseline.normal is not None
    assert baseline.normal.members[3] == ("10.3.0.1",)


def test_a_run_is_archived_also_where_nothing_is_learnt(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    words = ("--state", "off", "--archive", str(folder), "--archive-name", "x")
    remember(tmp_path, *USUAL, known=recalled(tmp_path, *words))
    assert [path.name[:3] for path in folder.iterdir()] == ["x__"]
    refused = recalled(tmp_path, "--state", "off", "--archive", "/proc/none")
    (said,) = remember(tmp_path, *USUAL, known=refused)
    assert isinstance(said, Remark)
    assert said.words.startswith("cannot archive to /proc/none")


def test_owners_are_kept_with_the_table_that_they_come_from(tmp_path: Path) -> None:
    table = tmp_path / "as.tsv"
    table.write_text("10.1.0.0/16\t64501\n")
    words = ("--state", "rw", "--as-file", str(table))
    remember(tmp_path, *USUAL, known=recalled(tmp_path, *words))
    table.rename(tmp_path / "gone")
    again = recalled(tmp_path, *words)
    assert again.as_source is not None
    assert "No such file" in again.as_source.look_up(["10.1.0.1"]).trouble
    (tmp_path / "gone").rename(table)
    again = recalled(tmp_path, *words)
    assert again.as_source is not None
    table.write_text("")
    assert again.as_source.look_up(["10.1.0.1"]).systems["10.1.0.1"] == (64501, "")


def test_half_a_path_teaches_nothing(tmp_path: Path) -> None:
    past = recalled(tmp_path, "--state", "rw")
    made = run("10.0.0.1", "", lost=20)
    assert list(keep(analysed(made, past), [WELL])) == []
    assert recalled(tmp_path, "--state", "ro").path_to("10.2.9.9").fixed.runs == 0
