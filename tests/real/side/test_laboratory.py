"""The laboratory's worlds stand, and their faults do what their labels say.

What the checks must say about the faults is held in `test_all_faults`, which takes an hour.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.side.build import Net, built
from tests.support.side.catalogue import catalogue
from tests.support.side.checks import CHECKS
from tests.support.side.faults import Fault
from tests.support.side.harms import Cable, harmed
from tests.support.side.trial import Laboratory, contradictions, laboratory, table, tried
from tests.support.side.worlds import WORLDS

MAIN = (("A", "B"), ("B", "A"))


@pytest.fixture(scope="module")
def short() -> Iterator[Laboratory]:
    with laboratory(WORLDS["short"]) as lab:
        yield lab


def named(lab: Laboratory, name: str) -> Fault:
    """The fault of that name."""
    return next(fault for fault in catalogue(lab.world) if fault.name == name)


def median_ms(net: Net, start: str, target: str) -> float:
    """The median round trip of ping, in milliseconds."""
    words = ("-n", "-c", "9", "-i", "0.02", "-W", "1")
    text = net.run(start, "ping", *words, net.world.end(target).address)
    times = sorted(float(value) for value in re.findall(r"time=([0-9.]+)", text))
    return times[len(times) // 2]


def test_a_healthy_world_gives_no_alarm_and_its_taps_count_every_packet(short: Laboratory) -> None:
    healthy = short.checks.learn()
    assert [said.text for said in healthy if said.code] == []
    short.taps.reset()
    short.checks.run(MAIN, ("check_udp_loss",))
    assert [short.taps.passed(*view) for view in MAIN] == [(200, 200, 200, 200)] * 2


@pytest.mark.parametrize(
    ("name", "out"),
    [("loss 20% i3>n1", True), ("loss 40% n4>t1", False)],
)
def test_a_loss_is_on_the_way_that_its_label_names(
    short: Laboratory,
    name: str,
    out: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not (short.folder / "kept").exists():
        short.checks.learn()
    short.taps.reset()
    fault = named(short, name)
    rows = tried(short, fault, MAIN[:1], tmp_path)
    taps = short.taps.passed("A", "B")
    assert (taps.out > 10, taps.back > 10) == (out, not out)
    assert (taps.out == 0, taps.back == 0) == (not out, out)
    assert all(row.dropped is not None and row.dropped >= taps.out + taps.back for row in rows)
    kept = {path.name: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    assert sorted(kept) == [f"A-to-B.{check}.json" for check in sorted(CHECKS)]
    assert all(record["check"] in file for file, record in kept.items())
    with capsys.disabled():
        print("\n" + "\n".join([name, *table(rows)]))


def test_a_cable_delays_one_direction_and_forgets_it_afterwards(short: Laboratory) -> None:
    usual = median_ms(short.net, "A", "B")
    with harmed(short.ground, (Cable("i3", "n1", (("ms", 30.0),)),)):
        slower = median_ms(short.net, "A", "B")
        witness = median_ms(short.net, "C", "B")
    assert 29 < slower - usual < 45
    assert witness < 20
    assert abs(median_ms(short.net, "A", "B") - usual) < 15


def test_everything_is_taken_back_after_each_kind_of_fault(short: Laboratory) -> None:
    kinds: dict[str, Fault] = {}
    for fault in catalogue(short.world):
        kinds.setdefault(fault.kind, fault)
    for fault in kinds.values():
        with harmed(short.ground, fault.harms):
            pass
    short.taps.reset()
    said = short.checks.run(MAIN, ("check_udp_loss", "check_https"))
    assert [one.text for one in said if one.code] == []
    assert [short.taps.passed(*view) for view in MAIN] == [(200, 200, 200, 200)] * 2


@pytest.mark.parametrize("name", ["long_haul", "ipv6", "tunnel", "hidden", "corner", "longway"])
def test_another_world_stands_and_loses_only_where_it_is_told(name: str) -> None:
    with laboratory(WORLDS[name]) as lab:
        faults = [fault for fault in catalogue(lab.world) if fault.kind == "loss"]
        one_way = next(fault for fault in faults if fault.share >= 0.3)
        first = contradictions(lab, one_way)
        assert not first or contradictions(lab, one_way) == [], first  # a wrong label stays wrong


def test_a_world_that_fails_leaves_nothing_behind_and_two_may_stand_at_once() -> None:
    with built(WORLDS["short"]) as first:
        prefixes = [first.prefix]
        with pytest.raises(ZeroDivisionError), built(WORLDS["short"]) as second:
            prefixes.append(second.prefix)
            raise ZeroDivisionError
        assert prefixes[0] != prefixes[1]
        assert median_ms(first, "A", "B") > 0
    left = [path.name for place in ("/run/netns", "/etc/netns") for path in Path(place).glob("*")]
    assert [name for name in left if name.startswith(tuple(prefixes))] == []
