"""What is remembered of clocks, and read again."""

from pathlib import Path

import pytest

from bothsides.analyse.clock import Analysis, analyse
from bothsides.check.snmp_clock.memory import keep, mode, recall
from bothsides.model.clock import Earlier, Host, Look, Past, Plan, Run
from bothsides.model.local_clock import LocalClock
from bothsides.plugin.finding import Remark, State
from bothsides.plugin.parser import Namespace
from bothsides.store import sqlite
from tests.support.clocks import SOURCE, START, host, sample

PLAN = Plan(("web1",))


def asked(directory: Path, state: str = "rw", replay: str | None = None) -> Namespace:
    return Namespace(state_dir=str(directory), state=[], memory=state, replay=replay)


def analysed(past: Past, *hosts: Host) -> Analysis:
    return analyse(PLAN, Run("web1", hosts, LocalClock(0.0)), past)


def test_what_a_run_keeps_the_next_one_recalls(tmp_path: Path) -> None:
    options = asked(tmp_path)
    past = recall(options, PLAN)
    assert past == Past({}, str(tmp_path), "rw")
    far = host(sample(0.5, running=70.0))
    assert list(keep(analysed(past, far), ())) == []
    kept = Earlier(
        at=START / 1e9 + 0.001, low=0.499, high=0.500000001,
        shown=START + 5 * 10**8, uptime=12.5, running=70.0,
    )  # fmt: skip
    again = recall(options, PLAN)
    assert dict(again.clocks) == {("web1", SOURCE.oid): (kept,)}
    assert recall(options, PLAN._replace(port=162)).clocks == {}
    assert recall(options, PLAN._replace(hosts=("web",))).clocks == {}


def test_a_value_that_stands_still_is_not_kept(tmp_path: Path) -> None:
    past = recall(asked(tmp_path), PLAN)
    looks = [Look(START + n, START + n + 1, START, 1) for n in (0, 10**9)]
    samples = [sample(0.0)._replace(look=look) for look in looks]
    assert list(keep(analysed(past, host(*samples)), ())) == []
    assert list(keep(analysed(past, host()), ())) == []
    assert recall(asked(tmp_path), PLAN).clocks == {}


def test_what_stands_still_beside_the_last_run_alone_is_kept(tmp_path: Path) -> None:
    """Else a clock that moves on afterwards would be compared with a run long ago."""
    past = recall(asked(tmp_path), PLAN)
    earlier = Earlier(at=START / 1e9 - 300, low=0.0, high=0.1, shown=START)
    seen = analysed(past._replace(clocks={("web1", SOURCE.oid): (earlier,)}), host(sample(0.0)))
    assert seen.hosts[0].known is not None
    assert seen.hosts[0].known.freshness == "stuck"
    assert list(keep(seen, ())) == []
    assert len(recall(asked(tmp_path), PLAN).clocks["web1", SOURCE.oid]) == 1


@pytest.mark.parametrize("state", ["ro", "off"])
def test_only_rw_writes(state: str, tmp_path: Path) -> None:
    past = recall(asked(tmp_path, state), PLAN)
    assert list(keep(analysed(past, host(sample(0.0))), ())) == []
    assert list(tmp_path.iterdir()) == []


def test_without_being_asked_for_there_is_no_memory() -> None:
    assert mode(Namespace(state_dir="", state=[], memory="auto", replay=None)) == "off"
    assert mode(Namespace(state_dir="", state=["rw"], memory="auto", replay=None)) == "rw"
    assert mode(Namespace(state_dir="x", state=["off"], memory="auto", replay=None)) == "off"
    assert mode(Namespace(state_dir="x", state=[], memory="rw", replay="r.json")) == "ro"


def test_records_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    key = f"snmp_clock web1 161 {'.'.join(map(str, SOURCE.oid))}"
    good = {"low": 0, "high": 1, "shown": 1}
    with sqlite.opened(str(tmp_path)) as store:
        for body in ({}, {**good, "low": "x"}, {**good, "uptime": []}, good):
            store.keep(key, START / 1e9, body, kept=1e9)
        store.keep("snmp_clock web1 161 nonsense", START / 1e9, good, kept=1e9)
    clocks = recall(asked(tmp_path, "ro"), PLAN).clocks
    assert clocks["web1", SOURCE.oid] == (Earlier(START / 1e9, 0.0, 1.0, 1),)


def test_a_place_that_cannot_be_used_is_said_once_and_with_its_remedy(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    past = recall(asked(file / "below"), PLAN)
    assert past.clocks == {}
    (remark,) = keep(analysed(past, host(sample(0.0))), ())
    assert isinstance(remark, Remark)
    assert remark.state is State.UNKNOWN
    assert remark.words.startswith("nothing remembered: cannot ")
