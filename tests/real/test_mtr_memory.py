"""check_mtr_path and mtr_history over a memory that was tampered with; no packet is sent."""

import json
import resource
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.analyse.path.analysis import analyse
from bothsides.base.deadline import Deadline
from bothsides.base.errors import Misuse, Unable
from bothsides.check.mtr_path.check import CHECK
from bothsides.check.mtr_path.figures import FIGURES
from bothsides.check.mtr_path.judge import judge
from bothsides.check.mtr_path.limits import limits
from bothsides.check.mtr_path.memory import keep, recall
from bothsides.check.mtr_path.options import plan
from bothsides.command.mtr_history import answer
from bothsides.model.path import Run
from bothsides.parse import Unreadable
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.finding import targets_of
from bothsides.plugin.output import Report, Style, render
from bothsides.store.sqlite import opened
from tests.support.networks import NASTY, changed
from tests.support.offline import Offline, looks
from tests.support.world import Description, World

TARGET = "198.51.100.10"
NEAR: Description = {
    **NASTY,
    "path": [
        "192.0.2.1",
        "203.0.113.1",
        {"branches": [["203.0.113.9"], ["203.0.113.13"]]},
        "52.93.1.2",
    ],
}
ELSEWHERE = changed(NEAR, 1, "203.0.113.77", "203.0.113.78")
BEGAN = 1e9
SECONDS = 5.0  # that one run over any memory may take
ROOM = 1 << 30  # octets of memory
MARK = '"\\u2620"'
RAW = (
    "null", "true", "-1", "0", "0.5", "1", "7", "254", "256", "65535", "999999999", "1e11", "1e18",
    "1e308", "-1e308", "1e400", "9" * 400, "9" * 4299, "9" * 5000, "NaN", "Infinity", "-Infinity",
    '""', '"x"', '"3"', '"nan"', '"1e400"', '"999999999"', '"203.0.113.9"', '"\\ud800"',
    '"a|b\\n\\u0000;"', json.dumps("z" * 100000), "[]", "{}", "[[]]", '[""]', "[null]", "[1, 2]",
    '{"1": 1}', '{"3": []}', '{"999999999": ["a"]}', '{"-1": {"a": 1}}', '{"1e400": ["a"]}',
    "[" * 900 + "]" * 900,
    "[" * 100000, '{"a":' * 400 + "1" + "}" * 400,
)  # fmt: skip
KEYS = ("0", "-1", "3", "256", "999999999", "9" * 5000, "nan", "inf", "1e400", "x", "", "\ud800")


class Place(NamedTuple):
    """A folder with a memory and a table of AS numbers."""

    folder: Path

    @property
    def database(self) -> Path:
        return next(self.folder.glob("memory-*.sqlite"))


def check(place: Place, network: Description, at: float, fixed: bool) -> Report:
    """All that check_mtr_path does in a run, over a network that is described."""
    words = [
        "-H",
        "app",
        "--state",
        "rw",
        "--state-dir",
        str(place.folder),
        "--as-file",
        str(place.folder / "as.tsv"),
    ]
    words += ["-w", "change,pl=+5,rta=+50%", "--forbid-as", "64511"]
    options = understood(CHECK, words)
    mine = plan(options)
    past = recall(options, mine)
    baseline = past.path_to(TARGET).fixed
    asked = Run("app", "app", TARGET, "192.0.2.9", (TARGET,), at, "mtr-packet", fixed)
    prober = Offline(World(network, 1), mine.flows)
    run = looks(mine, asked, prober, baseline, Deadline(8))._replace(took=0.1)
    analysis = analyse(mine, run, past)
    findings = list(judge(analysis, limits(options, limits_of(CHECK, options))))
    findings += keep(analysis, targets_of(run.subject, findings))
    return render(CHECK.name, run.subject, findings, FIGURES, Style(3))


def shown(place: Place) -> Iterator[str]:
    """All that mtr_history shows of a memory."""
    windows = ["2001-09-09 01:46-01:56", "2001-09-09 01:57-02:20", "2001-09-09 02:21-03:00"]
    export = ["export", TARGET, "--since", "2001-09-01 00:00", "--format"]
    for words in (
        ["list"],
        ["paths", TARGET],
        ["show", TARGET],
        ["show", TARGET, "2001-09-09 02:00"],
        ["compare", "app", *windows],
        ["report", TARGET, *windows],
        *([*export, kind] for kind in FORMATS),
    ):
        with suppress(Unable, Unreadable, Misuse):
            yield from answer([*words, "--state-dir", str(place.folder)], BEGAN + 3600)


FORMATS = ("json", "csv", "report")


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A memory in which there is everything that is ever remembered."""
    place = Place(tmp_path_factory.mktemp("honest"))
    (place.folder / "as.tsv").write_text(
        "192.0.2.0/24\t64500\n203.0.113.0/24\t64501\n52.0.0.0/8\t16509\n"
    )
    networks = [NEAR] * 5 + [ELSEWHERE] * 2 + [NEAR] + [ELSEWHERE]
    for number, network in enumerate(networks):
        for fixed in (True, False):
            check(place, network, BEGAN + number * 300 + 100 * fixed, fixed)
    return place


def rows(place: Place) -> list[tuple[str, int, str]]:
    """Table, row and text of everything that is remembered."""
    with closing(sqlite3.connect(place.database)) as database:
        queries = (
            f"SELECT '{table}', rowid, body FROM {table} ORDER BY key, rowid"
            for table in ("document", "record")
        )
        return [row for query in queries for row in database.execute(query)]


@contextmanager
def bounded() -> Iterator[None]:
    """Fails whatever takes too long or too much room."""

    def late(number: int, frame: object) -> NoReturn:
        raise AssertionError("endless")

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    before = signal.signal(signal.SIGALRM, late)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM, hard))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def spots(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: what holds it, and its name or number there."""
    for name in (
        list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    ):
        yield data, name
        yield from spots(data[name])


def tampered(text: str, change: tuple[int, int, str, str]) -> str:
    """The document with one place written over, taken away, doubled, or under another name."""
    number, what, raw, key = change
    data = json.loads(text)
    known = list(spots(data))
    if what == 0 or not known:
        return raw
    holder, name = known[number % len(known)]
    if what == 1:
        del holder[name]
    elif what == 2 and isinstance(holder, dict):
        holder[key] = holder.pop(name)
    elif what == 3 and isinstance(holder, list):
        holder *= 1000
    else:
        holder[name] = json.loads(MARK)
    return json.dumps(data).replace(MARK, raw)


def test_everything_that_is_remembered_is_in_the_memory_that_is_tampered_with(
    honest: Place,
) -> None:
    with opened(str(honest.folder), write=False) as past:
        kinds = {key.partition(" ")[0] for key in past.keys("")}
        path = past.document(f"path {TARGET}") or {}
    assert kinds == {"path", "loose", "look", "target", "owners", "run", "evidence"}
    assert path["normal"] and path["other"] and path["replies"] and path["losses"]
    assert len(list(shown(honest))) > 100


CHANGES = st.tuples(
    st.integers(0, 10**6),
    st.sampled_from((0, 1, 2, 3, *[4] * 12)),
    st.sampled_from(RAW),
    st.sampled_from(KEYS),
)


def test_whatever_stands_in_the_memory_a_run_and_a_look_back_come_to_an_end(
    honest: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    known = rows(honest)
    place = Place(tmp_path_factory.mktemp("tampered"))
    shutil.copy(honest.folder / "as.tsv", place.folder)
    shutil.copystat(honest.folder / "as.tsv", place.folder / "as.tsv")

    @settings(max_examples=20)  # each is two runs
    @given(
        st.lists(st.tuples(st.integers(0, len(known) - 1), CHANGES), min_size=1, max_size=3),
        st.booleans(),
        st.booleans(),
    )
    def tried(
        changes: list[tuple[int, tuple[int, int, str, str]]], fixed: bool, elsewhere: bool
    ) -> None:
        for older in place.folder.glob("memory-*"):
            older.unlink()
        shutil.copy(honest.database, place.folder / honest.database.name)
        with closing(sqlite3.connect(place.database, isolation_level=None)) as database:
            for row, change in changes:
                table, number, text = known[row]
                database.execute(
                    f"UPDATE {table} SET body = ? WHERE rowid = ?", (tampered(text, change), number)
                )
        with bounded():
            for line in shown(place):
                line.encode("ascii", "replace")
            said = check(place, ELSEWHERE if elsewhere else NEAR, BEGAN + 3000, fixed)
        assert "nothing learnt" not in said.text

    tried()
