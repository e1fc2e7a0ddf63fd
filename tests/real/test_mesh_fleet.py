"""A mesh of real hosts: what loses is named with its times, and health alarms nobody."""

import re
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.mesh_fleet import Fleet, fleet, states
from tests.support.process import Outcome

_HOUR = 3600.0
_DAY = 86400.0
_KEPT = 45.0  # s of a fault, beyond which a window of 60 s no longer has its begin after its end


class Fault(NamedTuple):
    """What the router drops, and what line 1 of each host then says, as a pattern."""

    drops: tuple[tuple[str, str], ...]  # from whom to whom; "" is everybody
    lines: dict[str, str]  # by host; hosts that are not in here are well


class Seen(NamedTuple):
    """What became of a fault in the words of check_mesh."""

    begin: float  # s since 1970, when the router began to drop
    end: float
    took: float  # s until all hosts said what they had to say
    during: dict[str, str]  # line 1 of every host
    after: dict[str, str]  # a little later than the end


def pair(source: str, target: str) -> Fault:
    """The way from one host to another one loses packets."""
    return Fault(
        ((source, target),),
        {
            source: rf"{source} to {target}: lost \d+/\d+ \(\S+ %: \d+ out, 0 back\), since ",
            target: rf"{target} to {source}: lost \d+/\d+ \(\S+ %: 0 out, \d+ back\), since ",
        },
    )


_OPEN = r"(, \d+ unknown)?"
"""Of answers behind the timeout, on a busy machine, the way stays open, and is said so."""


def way_out(made: Fleet, host: str) -> Fault:
    """All that one host sends loses packets."""
    others = [each for each in made.hosts if each != host]
    lines = {
        each: rf"{each} to {host}: lost \d+/\d+ \(\S+ %: 0 out, \d+ back{_OPEN}\), since "
        for each in others
    }
    all_ = rf"all {len(others)} hosts"
    own = rf"{host} to {all_}: lost \d+/\d+ \(\S+ %: \d+ out, 0 back{_OPEN}\), since "
    return Fault(((host, ""),), {**lines, host: own})


def datacenter(made: Fleet, name: str) -> Fault:
    """All that is sent to a data centre loses packets."""
    members = [host for host in made.hosts if made.datacenter(host) == name]
    inside = rf"all {len(made.hosts) - 1} hosts: lost "
    outside = (
        rf"all {len(members)} hosts of {re.escape(name)}: lost \d+/\d+ \(\S+ %: \d+ out, 0 back\)"
    )
    return Fault(
        tuple(("", host) for host in members),
        {
            host: f"{host} to {inside if host in members else f'{outside}, since '}"
            for host in made.hosts
        },
    )


def lines(made: Fleet, hosts: Iterable[str], *options: str) -> dict[str, str]:
    """Line 1 of every host's check_mesh."""
    chosen = list(hosts)
    with ThreadPoolExecutor(3) as pool:
        found = pool.map(lambda host: made.check(host, *options).line, chosen)
        return dict(zip(chosen, found, strict=True))


def named(faults: Iterable[Fault], said: dict[str, str]) -> list[str]:
    """The lines that do not say what they should."""
    wanted = {host: words for fault in faults for host, words in fault.lines.items()}
    return [
        line
        for host, line in said.items()
        if not re.search(
            rf" - {wanted[host]}" if host in wanted else rf"^MESH OK - {host} to ", line
        )
    ]


def trial(
    made: Fleet,
    faults: list[Fault],
    percent: float,
    *options: str,
    soon: float,
    rest: float,
    least: float = 0.0,
) -> Seen:
    """Switches faults on, waits until they are named, and off again.

    soon: s after which nothing is waited for any more; rest: s behind the end, in which the slice
    after the last bad one is closed; least: s that a fault lasts, so that it is alarming after it.
    """
    for fault in faults:
        for source, target in fault.drops:
            made.drop(source, target, percent)
    begin = time.time()
    said: dict[str, str] = {}
    while time.time() - begin < soon:
        time.sleep(soon / 30)
        said = lines(made, made.hosts, *options)
        if not named(faults, said):
            break
    took = time.time() - begin
    time.sleep(max(0.0, least - took))
    made.heal()
    end = time.time()
    time.sleep(rest)
    hosts = {host for fault in faults for host in fault.lines}
    return Seen(begin, end, took, said, lines(made, sorted(hosts), *options))


def moments(line: str, near: float) -> list[float]:
    """The times of day in a line as s since 1970, the nearest to this moment."""
    found = []
    for hours, minutes, seconds in re.findall(r"(\d\d):(\d\d):(\d\d)", line):
        at = near // _DAY * _DAY + 3600 * int(hours) + 60 * int(minutes) + int(seconds)
        found.append(min((at - _DAY, at, at + _DAY), key=lambda each: abs(each - near)))
    return found


def untrue(seen: Seen, length: float, hosts: Iterable[str]) -> list[str]:
    """The lines whose begin or end is more than a slice from the truth."""
    found = []
    for host in hosts:
        begins = moments(seen.during[host], seen.begin)
        both = moments(seen.after[host], seen.begin)
        if len(begins) != 1 or abs(begins[0] - seen.begin) > length:
            found.append(f"began {seen.begin % _DAY:.1f}: {seen.during[host]}")
        if seen.took > _KEPT:  # the window no longer reaches back to the begin
            both[:1] = [seen.begin]
        if len(both) != 2 or max(abs(both[0] - seen.begin), abs(both[1] - seen.end)) > length:
            found.append(f"{seen.begin % _DAY:.1f} to {seen.end % _DAY:.1f}: {seen.after[host]}")
    return found


def test_a_way_out_is_named_by_all_with_the_times_of_the_truth(tmp_path: Path) -> None:
    """Slices of a second and 30 % of loss, so that it takes seconds; the test below has 3 %.

    The host itself names its way to everybody, and each of the others the pair with that host.
    """
    with fleet(tmp_path, 4) as made:
        made.probe(40.0, 'slice = "1s"\ntimeout = "300ms"\nwindow = "15s"\n')
        time.sleep(3)
        fault = way_out(made, "h3")
        wrong = ["not tried yet"]
        for _ in range(3):  # a busy machine loses packets too, before the fault or behind it
            seen = trial(made, [fault], 30, "--window", "15s", soon=15, rest=2.8)
            wrong = named([fault], seen.during) + untrue(seen, 1.2, fault.lines)
            if not wrong:
                break
            time.sleep(15)  # the window forgets
        assert wrong == []


PAIRS = (
    (("h1", "h2"), ("h3", "h4"), ("h5", "h6")), (("h4", "h1"), ("h6", "h3"), ("h2", "h5")),
    (("h1", "h3"), ("h2", "h6"), ("h5", "h4")), (("h3", "h2"), ("h4", "h5"), ("h6", "h1")),
)  # fmt: skip


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("half", [0, 1])
def test_three_percent_of_loss_are_named_within_a_minute_in_30_of_30(
    tmp_path: Path, half: int
) -> None:
    """Between six hosts, twice: six pairs, three at a time, six ways out, each data centre."""
    with fleet(tmp_path, 6) as made:
        made.probe(40.0)
        chosen = PAIRS[2 * half : 2 * half + 2]
        trials = [[pair(*each) for each in at_once] for at_once in chosen]
        trials += [[way_out(made, host)] for host in made.hosts]
        trials += [[datacenter(made, name)] for name in ("us.east", "us.west", "eu.de")]
        assert sum(map(len, trials)) == 15
        bad: list[str] = []
        for each in trials:
            _rested(made)
            seen = trial(made, each, 3, soon=60, rest=13, least=44)
            wrong = named(each, seen.during)
            late = untrue(seen, 5.5, [host for fault in each for host in fault.lines])
            for fault in each:
                host = next(iter(fault.lines))
                print(f"{seen.took:.0f} s: {seen.during[host]}", flush=True)
            for words, found in (("wrong", wrong), ("times", late)):
                print(*(f"  {words}: {line}\n" for line in found), sep="", end="", flush=True)
            bad += wrong + late
        assert bad == []


def _rested(made: Fleet) -> None:
    """Waits until no host has any loss in its window."""
    until = time.monotonic() + 150
    while time.monotonic() < until:
        said = lines(made, made.hosts)
        if all(" lost 0/" in line for line in said.values()):
            return
        time.sleep(3)


@pytest.mark.soak
@pytest.mark.timeout(4000)
def test_an_hour_of_health_between_ten_hosts_alarms_nobody(tmp_path: Path) -> None:
    """Every host's check_mesh once a minute. What this machine spoils is UNKNOWN, and no alarm."""
    with fleet(tmp_path, 10) as made:
        made.probe(10.0)
        time.sleep(70)
        found: list[Outcome] = []
        until = time.monotonic() + _HOUR
        while time.monotonic() < until:
            for host in made.hosts:
                found.append(made.check(host))
                if found[-1].code:
                    print(time.strftime("%H:%M:%S"), found[-1].line, flush=True)
                time.sleep(6)
        print(len(found), "runs, by exit code:", states(found), flush=True)
        assert not [each.line for each in found if each.code in (1, 2)]
