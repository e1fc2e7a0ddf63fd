"""Parallel paths: a dead one of four is found, healthy ones give no alarm."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support import net
from tests.support.forked import run
from tests.support.harm import PORT, reflecting
from tests.support.process import Outcome

PATHS = 4


@pytest.fixture(scope="module")
def fabric() -> Iterator[net.Network]:
    """near and far with four parallel links between two routers that hash source ports."""
    with net.network() as made:
        for name in ("near", "west", "east", "far"):
            made.host(name)
        made.link("near", "10.80.0.1/24", "west", "10.80.0.2/24")
        made.link("far", "10.81.0.1/24", "east", "10.81.0.2/24")
        for path in range(PATHS):
            made.link("west", f"10.82.{path}.1/30", "east", f"10.82.{path}.2/30")
        made.set("west", "net.ipv4.fib_multipath_hash_policy=1")
        made.set("east", "net.ipv4.fib_multipath_hash_policy=1")
        made.route("near", "default", "via", "10.80.0.2")
        made.route("far", "default", "via", "10.81.0.2")
        hops = [("nexthop", "via", f"10.82.{path}.2") for path in range(PATHS)]
        made.route("west", "10.81.0.0/24", *(word for hop in hops for word in hop))
        made.route("east", "10.80.0.0/24", "via", "10.82.0.1")
        with reflecting(made, "far"):
            yield made


def measured(fabric: net.Network, *more: str) -> Outcome:
    target = ("-H", "10.81.0.1", "-p", str(PORT), "--flows", "16")
    schedule = ("-n", "96", "-i", "3ms", "--wait", "0.1")
    return run("check_udp_loss", *target, *schedule, *more, inside=fabric.inside("near"))


def dead_flows(outcome: Outcome) -> float:
    value = outcome.perfdata["flows_bad"].value
    return -1 if value is None else value


def _healthy(fabric: net.Network, runs: int) -> None:
    for _ in range(runs):
        outcome = measured(fabric)
        assert (outcome.code, dead_flows(outcome)) == (0, 0), outcome.text


def _dead(fabric: net.Network, runs: int) -> None:
    """Every run with a flow on the dead path says so, and how many such runs there were."""
    interface = net.command(
        *fabric.inside("east"), "ip", "-o", "address", "show", "to", "10.82.2.2"
    ).split()[1]
    fabric.drop("east", f'iifname "{interface}" udp dport {PORT} counter drop', "forward")
    try:
        found = 0
        for _ in range(runs):
            outcome = measured(fabric)
            lost = (outcome.perfdata["sent"].value or 0) - (outcome.perfdata["recv"].value or 0)
            assert lost % 6 == 0, outcome.text  # each flow has six packets
            assert dead_flows(outcome) == lost / 6, outcome.text
            if lost:
                found += 1
                assert outcome.code in (1, 2)
                assert (
                    f"{lost / 6:.0f} of 16 flows lose 100 %: one of several parallel paths is dead"
                    in outcome.text
                )
        # 16 flows miss one of four paths once in a hundred runs
        assert found >= runs - max(1, runs // 25)
    finally:
        fabric.heal("east")


def _periodic(fabric: net.Network, periods: Iterable[int], folder: Path) -> None:
    """Loss of every n-th packet in front of all parallel paths is loss, but no dead path.

    The record of a run that says otherwise stays in the folder.
    """
    record = folder / "run.json"
    for place, period in enumerate(periods):
        fabric.drop("west", f"udp dport {PORT} numgen inc mod {period} == 0 drop", "forward")
        try:
            outcome = measured(fabric, "--record", str(record))
        finally:
            fabric.heal("west")
        told = f"run {place}, every packet of {period} lost, {record}: {outcome}"
        assert outcome.perfdata["pl"].value, told
        assert dead_flows(outcome) == 0, told
        assert "parallel" not in outcome.text, told


def test_periodic_loss_in_front_of_all_paths_is_no_dead_path(
    fabric: net.Network, tmp_path: Path
) -> None:
    _periodic(fabric, (8, 16), tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("quarter", range(4))
def test_periodic_loss_is_no_dead_path_in_a_thousand_runs(
    fabric: net.Network, tmp_path: Path, quarter: int
) -> None:
    runs = range(250 * quarter, 250 * quarter + 250)
    _periodic(fabric, [2 + place % 63 for place in runs], tmp_path)


def test_healthy_parallel_paths_give_no_alarm(fabric: net.Network) -> None:
    _healthy(fabric, 5)


def test_a_dead_one_of_four_paths_is_found(fabric: net.Network) -> None:
    _dead(fabric, 5)


@pytest.mark.soak
def test_healthy_parallel_paths_give_no_alarm_in_two_hundred_runs(fabric: net.Network) -> None:
    _healthy(fabric, 200)


@pytest.mark.soak
def test_a_dead_one_of_four_paths_is_found_in_a_hundred_runs(fabric: net.Network) -> None:
    _dead(fabric, 100)


def test_hops_are_counted_both_ways(fabric: net.Network) -> None:
    outcome = measured(fabric)
    assert (outcome.perfdata["hops_out"].value, outcome.perfdata["hops_back"].value) == (2, 2)
