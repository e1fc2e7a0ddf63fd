"""The outage of 10 January 2019 on the simulator: one command says in whose network it lay."""

import os
from pathlib import Path

import pytest

from bothsides.parse.mtr.detect import from_mtr
from tests.support import need
from tests.support.incident import BAD, GOOD, MAP, clock
from tests.support.process import Outcome, run
from tests.support.simnet import Simulated, simulated


def at(lab: Simulated, time: str, *arguments: str) -> Outcome:
    """A run of the check at that time of the day."""
    command = (
        "-H",
        str(lab.description["target"]),
        "--state-dir",
        lab.state,
        "--archive",
        f"{lab.state}/archive",
        *arguments,
    )
    return run(
        "check_mtr_path", *command, inside=lab.inside, environment={**os.environ, **clock(time)}
    )


def history(lab: Simulated, *arguments: str) -> Outcome:
    return run("mtr_history", "--state-dir", lab.state, *arguments)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The afternoon: three windows, each with a run or two (the first ones teach the path)."""
    need.program("mtr-packet", "mtr-tiny")
    folder = tmp_path_factory.mktemp("incident")
    (folder / "map").write_text(MAP)
    with simulated(folder, GOOD) as made:
        options = ("--map", str(folder / "map"), "-w", "rta=60")  # other tests make them longer
        for time in ("15:58:00", "16:00:00", "16:03:00"):
            assert at(made, time, *options).code == 0
        made.tell(BAD)
        outcomes = [at(made, time, *options) for time in ("16:17:00",)]
        assert all(outcome.code in (1, 2) for outcome in outcomes), outcomes
        made.tell(GOOD)
        for time in ("16:30:00", "16:32:00"):
            assert at(made, time, *options).code == 0
        return made


WINDOWS = ("2019-01-10 16:00-16:05", "2019-01-10 16:15-16:20", "2019-01-10 16:30-16:35")


def test_three_windows_side_by_side_and_the_sentence_that_ends_the_blame_game(
    lab: Simulated,
) -> None:
    outcome = history(lab, "compare", "198.51.100.10", *WINDOWS)
    assert outcome.code == 0, outcome
    said = outcome.text.splitlines()[-1]
    assert "same until hop 9 (52.93.128.156 Amazon), then 52.93.0.5 became 52.93.9.2" in said
    assert "the old way again from hop 16 (54.239.5.2 Amazon)" in said
    assert (
        "The difference lies inside Amazon; our server room, our ISP were the same in both" in said
    )
    assert "In 2019-01-10 16:30-16:35 the old path is back" in said
    assert "(before 0% of" in said
    rows = [line for line in outcome.text.splitlines() if "52.93.0.5 " in line and line != said]
    assert len(rows) == 1
    assert rows[0].count("52.93.0.5") == 2
    assert "~ 52.93.9.2" in rows[0]


def test_the_report_holds_before_during_and_after(lab: Simulated, tmp_path: Path) -> None:
    other = Path(__file__).resolve().parents[1] / "data/mtr/0.95/udp-ecmp.csv"
    outcome = history(lab, "report", "198.51.100.10", *WINDOWS, "--other", str(other))
    assert outcome.code == 0, outcome
    for word in (
        "BEFORE",
        "DURING",
        "AFTER",
        "THE OTHER DIRECTION",
        "times in UTC",
        "mtr-packet 0.",
    ):
        assert word in outcome.text
    assert "10.0.67.2" in outcome.text.partition("THE OTHER DIRECTION")[2]


def test_one_moment_the_list_and_the_exports(lab: Simulated) -> None:
    assert "6 runs from 2019-01-10 15:58:0" in history(lab, "list").text
    shown = history(lab, "show", "198.51.100.10", "2019-01-10 16:17").text
    assert shown.startswith("2019-01-10 16:17:0")
    assert "52.93.9.2" in shown
    table = history(
        lab, "export", "198.51.100.10", "--since", "2019-01-10 00:00", "--format", "csv"
    ).text
    assert table.count("52.93.9.2,") == 1
    text = history(
        lab, "export", "198.51.100.10", "--since", "2019-01-10 00:00", "--format", "report"
    ).text
    assert len(from_mtr(text)) == 6
    assert (
        '"role": "first bad'
        in history(lab, "export", "198.51.100.10", "--since", "2019-01-10 00:00").text
    )


def test_every_run_is_archived_as_a_report_that_mtr_could_have_written(lab: Simulated) -> None:
    files = sorted(path.name for path in Path(lab.state, "archive").iterdir())
    assert len(files) == 6
    assert files[0].startswith("198.51.100.10__2019-01-10-15-58-0")
    assert files[0].endswith("Z__192-0-2-2_to_198-51-100-10.txt")
    trace = from_mtr(Path(lab.state, "archive", files[0]).read_bytes())[0]
    assert len(trace.hops) == 20
    assert trace.hops[19].loss == 0.0


def test_the_paths_that_are_known(lab: Simulated) -> None:
    text = history(lab, "paths", "198.51.100.10").text
    assert text.startswith("2 paths to 198.51.100.10")
    assert "normal: 5 runs from 2019-01-10 15:58:0" in text
    assert "earlier: 1 run from 2019-01-10 16:17:0" in text
    assert "  10  52.93.9.2\n" in text


def test_what_is_not_there_is_said(lab: Simulated) -> None:
    assert "known: 198.51.100.10" in history(lab, "show", "nobody.example").text
    assert history(lab, "compare", "198.51.100.10", "16:00").code == 3
    assert history(lab, "compare", "198.51.100.10", "soon", "16:00").code == 3
    assert (
        "no run to"
        in history(lab, "compare", "198.51.100.10", "2019-01-01 16:00", "2019-01-10 16:02").text
    )
    assert history(lab, "bogus").code == 3
    assert history(lab, "--help").code == 0
