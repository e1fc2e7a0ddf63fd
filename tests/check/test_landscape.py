"""What --landscape and --maintenance add to the findings of a check."""

import json
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bothsides.check.landscape import surrounded
from bothsides.inventory.excerpt import Window, to_hosts, to_json
from bothsides.inventory.files import write_flags
from bothsides.inventory.maintenance import Flag
from bothsides.inventory.rollup import Row
from bothsides.parse.range import Range
from bothsides.plugin.finding import (
    Facts,
    Figure,
    Finding,
    Reading,
    Remark,
    State,
    Table,
    Target,
    state_of,
)
from bothsides.plugin.parser import Namespace
from tests.support.forked import run
from tests.support.process import HOUSE

LOST = Figure("pl", "%", "lost packets", 0, 100)
PLACES = {"a": "fra.dc1", "b": "fra.dc2", "c": "us", "here": "us"}
ADDRESSES = {"a": ["192.0.2.1"], "b": ["192.0.2.2"], "c": ["192.0.2.3"], "here": ["192.0.2.9"]}


def target(number: int, lost: float) -> Target:
    """The report on 192.0.2.NUMBER, whose limit is 5 %."""
    words = f"lost {lost:g} %"
    reading = Reading(LOST, lost, words, critical=Range(0, 5))
    return Target(f"192.0.2.{number}", f"192.0.2.{number}", (reading,))


def judged(targets: Sequence[Target]) -> list[Finding]:
    """All targets together, as a check of many targets has it."""
    worst = max(targets, key=lambda each: each.findings[0].value or 0)  # type: ignore[union-attr]
    (reading,) = worst.findings
    assert isinstance(reading, Reading)
    return [*targets, Remark(worst.state, f"worst of {len(targets)}"), reading._replace(words="")]


def options(folder: Path, *windows: Window, flags: Sequence[Flag] = ()) -> Namespace:
    """The options that name an excerpt with these windows, and a state directory with flags."""
    (folder / "known.json").write_text(
        to_json("here", to_hosts(ADDRESSES, PLACES), "", windows), encoding="utf-8"
    )
    if flags:
        folder.chmod(0o755)
        write_flags(str(folder), flags)
    return Namespace(landscape=str(folder / "known.json"), maintenance=str(folder), replay=None)


def now_of(*hosts: str) -> Window:
    """A maintenance that holds now."""
    now = time.time()
    return Window(frozenset(hosts), now - 60, now + 3600, "mesh.toml:4", "new switch")


def flag(what: str, minutes: float = 60, hosts: tuple[str, ...] = ()) -> Flag:
    """A flag that ends in some minutes."""
    end = datetime.now(UTC) + timedelta(minutes=minutes)
    return Flag(what, end - timedelta(days=1), end, "ann", "new disk", hosts)


def around(given: Namespace, *targets: Target, rows: dict[str, Row] | None = None) -> list[Finding]:
    """The findings about targets with all that is added."""

    def without(names: frozenset[str]) -> Iterable[Finding]:
        return judged([each for each in targets if each.name not in names])

    return surrounded(given, judged(targets), without, rows or {})


def lines(findings: Iterable[Finding]) -> list[str]:
    """The lines of all tables."""
    return [line for each in findings if isinstance(each, Table) for line in each.lines]


GOOD, BAD = target(1, 0), target(3, 100)


def test_who_is_in_maintenance_keeps_his_figures_and_does_not_alarm(tmp_path: Path) -> None:
    found = around(options(tmp_path, now_of("c")), GOOD, BAD)
    assert state_of(found) is State.OK
    whole = [each for each in found if isinstance(each, Reading) and each.figure is LOST]
    assert [(each.value, each.critical, each.state) for each in whole] == [
        (100, Range(0, 5), State.OK)
    ]
    held = next(each for each in found if isinstance(each, Target) and each.name == BAD.name)
    assert held.state is State.OK
    words = [each.words for each in found if isinstance(each, Remark)]
    assert words[0] == "worst of 1, 1 in MAINTENANCE"
    assert words[1].startswith("c: MAINTENANCE by mesh.toml:4 until ")
    assert words[1].endswith(" UTC (new switch): lost 100 %, above 5 %")


def test_the_others_alarm_as_ever(tmp_path: Path) -> None:
    found = around(options(tmp_path, now_of("c")), GOOD, BAD, target(2, 50))
    assert state_of(found) is State.CRITICAL
    assert "not OK: b CRITICAL, others OK" in lines(found)


def test_if_all_are_held_all_is_ok(tmp_path: Path) -> None:
    found = around(options(tmp_path, now_of("a", "c")), GOOD, BAD)
    assert state_of(found) is State.OK
    assert [each.state for each in found if isinstance(each, Target)] == [State.OK, State.OK]


def test_maintenance_of_this_host_holds_all_its_targets(tmp_path: Path) -> None:
    assert state_of(around(options(tmp_path, now_of("here")), GOOD, BAD)) is State.OK


def test_a_window_that_is_over_or_to_come_holds_nobody(tmp_path: Path) -> None:
    now = now_of("c")
    for begin, end in ((now.begin - 99, now.begin), (now.end, now.end + 9)):
        past = now._replace(begin=begin, end=end)
        assert state_of(around(options(tmp_path, past), GOOD, BAD)) is State.CRITICAL


@pytest.mark.parametrize("set_flag", [flag("c"), flag("all"), flag("dc:us", hosts=("c",)),
    flag("192.0.2.3"), flag("here")])  # fmt: skip
def test_a_flag_holds_by_name_address_and_selection(tmp_path: Path, set_flag: Flag) -> None:
    assert state_of(around(options(tmp_path, flags=[set_flag]), GOOD, BAD)) is State.OK


@pytest.mark.parametrize("set_flag", [flag("a"), flag("c", -1), flag("dc:us", hosts=("a",))])
def test_another_s_flag_and_one_that_is_over_hold_nobody(tmp_path: Path, set_flag: Flag) -> None:
    assert state_of(around(options(tmp_path, flags=[set_flag]), GOOD, BAD)) is State.CRITICAL


def test_flags_that_everybody_may_write_are_not_obeyed(tmp_path: Path) -> None:
    given = options(tmp_path, flags=[flag("all")])
    (tmp_path / "maintenance").chmod(0o666)
    found = around(given, GOOD, BAD)
    assert state_of(found) is State.CRITICAL
    (unknown,) = [
        each for each in found if isinstance(each, Remark) and each.state is State.UNKNOWN
    ]
    assert "can be written by everybody" in unknown.words


def test_a_landscape_that_cannot_be_read_is_said_beside_the_figures(tmp_path: Path) -> None:
    given = Namespace(landscape=str(tmp_path / "none"), maintenance="", replay=None)
    found = around(given, GOOD)
    assert state_of(found) is State.UNKNOWN
    assert found[: len(judged([GOOD]))] == judged([GOOD])


def test_the_line_for_programs_says_who_is_not_ok_and_how_the_others_are(tmp_path: Path) -> None:
    assert "not OK: b CRITICAL, c CRITICAL, others OK" in lines(
        around(options(tmp_path), GOOD, target(2, 10), BAD)
    )
    assert not any(line.startswith("not OK") for line in lines(around(options(tmp_path), GOOD)))


def test_sums_stand_for_every_prefix_in_words_and_for_programs(tmp_path: Path) -> None:
    row = Row("", 10, 0, 0, 0, 0.001, 0.002)
    rows = {GOOD.name: row, "192.0.2.2": row, BAD.name: Row("", 10, 10, 4, None, None, None)}
    found = around(options(tmp_path), GOOD, target(2, 0), BAD, rows=rows)
    assert lines(found)[1:] == [
        "fra: 2 hosts, 0 not OK, lost 0/20, rtt 1 ms to 2 ms",
        "fra.dc1: 1 host, 0 not OK, lost 0/10, rtt 1 ms to 2 ms",
        "fra.dc2: 1 host, 0 not OK, lost 0/10, rtt 1 ms to 2 ms",
        "us: 1 host, 1 not OK, lost 10/10 (4 out, 6 way unknown)",
    ]
    (facts,) = [each for each in found if isinstance(each, Facts)]
    rows_of = facts.members["datacenters"]
    assert isinstance(rows_of, list)
    assert [
        (each["prefix"], each["targets"], each["not_ok"], each["lost"]) for each in rows_of
    ] == [
        ("fra", 2, 0, 0),
        ("fra.dc1", 1, 0, 0),
        ("fra.dc2", 1, 0, 0),
        ("us", 1, 1, 10),
    ]


REPORT = HOUSE / "tests/data/mtr/0.95/fault-hostdown-r6.json"
NOBODY = "127.9.9.9"
SILENT = {
    "check_udp_loss": ("-H", NOBODY, "-p", "9", "-n", "5"),
    "check_https": (f"https://{NOBODY}:9/",),
    "check_snmp_clock": ("-H", NOBODY, "-p", "9", "-C", "public", "-t", "2"),
    "check_mtr_path": ("--input", str(REPORT)),
}


@pytest.mark.parametrize("check", sorted(SILENT))
def test_every_check_is_ok_in_maintenance_and_says_so(check: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert run(check, *SILENT[check], "--maintenance", str(tmp_path)).code in (1, 2, 3)
    write_flags(str(tmp_path), [flag("all")])
    outcome = run(check, *SILENT[check], "--maintenance", str(tmp_path))
    assert outcome.code == 0
    assert " OK - " in outcome.line
    assert "MAINTENANCE by ann until " in outcome.line


@pytest.mark.parametrize("check", ["check_udp_loss", "check_https", "check_snmp_clock"])
def test_of_several_targets_those_in_maintenance_are_left_out_of_the_state(
    check: str, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    other = [word.replace(NOBODY, "127.9.9.8") for word in SILENT[check]]
    words = [*SILENT[check], other[0]] if check == "check_https" else list(SILENT[check])
    if check != "check_https":
        words[1] = f"{NOBODY},127.9.9.8"
    write_flags(str(tmp_path), [flag(NOBODY)])
    assert run(check, *words, "--maintenance", str(tmp_path)).code in (2, 3)
    write_flags(str(tmp_path), [flag(NOBODY), flag("127.9.9.8")])
    assert run(check, *words, "--maintenance", str(tmp_path)).code == 0


def test_a_check_takes_the_landscape_itself_too(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    text = (
        f'server = [{{ name = "x", ip = "{NOBODY}" }}]\n[[maintenance]]\nwhat = "x"\n'
        f"begin = {(now - timedelta(hours=1)).isoformat()}\n"
        f"end = {(now + timedelta(hours=1)).isoformat()}\n"
    )
    (tmp_path / "mesh.toml").write_text(text)
    words = [*SILENT["check_udp_loss"], "--landscape", str(tmp_path / "mesh.toml")]
    assert run("check_udp_loss", *words).code == 0
    report = json.loads(run("check_udp_loss", *words, "--output", "json").text)
    assert list(report["maintenance"]) == ["x"]
    (tmp_path / "mesh.toml").write_text(text + "sever = 1\nfoo = 2\n")
    outcome = run("check_udp_loss", *words)
    assert (outcome.code, "run bothsides lint" in outcome.text) == (2, True)
