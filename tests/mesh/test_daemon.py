"""The whole prober between namespaces against taps on both sides of a router that drops packets."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bothsides.model.mesh import BEGIN, FAR, SUSPECT, Slice
from tests.support.mesh_lab import Lab, laboratory, landscape, peers, together
from tests.support.mesh_tap import Truth, truths

LOSS = (
    "udp dport 862 numgen random mod 1000 < 20 drop",
    "udp sport 862 numgen random mod 1000 < 30 drop",
)


def flags(slices: dict[str, list[Slice]]) -> dict[int, int]:
    """The flags of all peers together, by the begin of the slice."""
    found: dict[int, int] = {}
    for rows in slices.values():
        for row in rows:
            found[row.at] = found.get(row.at, 0) | row.flags
    return found


def wrong(truth: dict[int, Truth], slices: dict[str, list[Slice]]) -> list[str]:
    """The slices that are neither right nor marked: what was, and what is said.

    A slice in which the prober began has only its own packets, and the taps those of the one before.
    """
    said, marks = together(slices), flags(slices)
    return [
        f"{at}: {truth.get(at)} was, {row} is said, flags {marks[at]}"
        for at, row in sorted(said.items())
        if row != truth.get(at) and not marks[at] & (SUSPECT | FAR | BEGIN)
    ]


def test_every_slice_is_as_the_taps_have_seen_it(tmp_path: Path) -> None:
    with laboratory(tmp_path) as lab:
        lab.reflector()
        taps = lab.taps()
        lab.prober(landscape(peers(4)))
        for rule in LOSS:
            lab.drop(rule)
        time.sleep(17)
        slices = lab.slices()
        lab.stack.close()
        assert wrong(truths(*taps), slices) == []
        assert len(together(slices)) >= 2


def _harms(lab: Lab) -> list[Callable[[], None]]:
    """What is done to the processes, in turn."""
    state = {"reflector": lab.reflector(), "prober": lab.prober(landscape(peers(38)))}

    def restart(name: str, number: int = signal.SIGTERM) -> None:
        state[name].send_signal(number)
        state[name].wait(10)
        state[name] = lab.reflector() if name == "reflector" else lab.prober()

    def stop(name: str) -> None:
        state[name].send_signal(signal.SIGSTOP)
        time.sleep(10)
        state[name].send_signal(signal.SIGCONT)

    def hogs() -> None:
        burning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
        time.sleep(10)
        for process in burning:
            process.kill()
            process.wait()

    return [
        lambda: restart("reflector"),
        lambda: stop("prober"),
        lambda: restart("prober"),
        lambda: stop("reflector"),
        hogs,
        lambda: restart("prober", signal.SIGKILL),
        lambda: restart("reflector", signal.SIGKILL),
    ]


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_ten_minutes_of_harm_leave_no_slice_wrong_and_unmarked(tmp_path: Path) -> None:
    with laboratory(tmp_path) as lab:
        taps = lab.taps()
        harms = _harms(lab)
        for rule in LOSS:
            lab.drop(rule)
        until = time.monotonic() + 600
        number = 0
        while time.monotonic() < until:
            time.sleep(20)
            harms[number % len(harms)]()
            number += 1
        time.sleep(20)
        slices = lab.slices()
        lab.stack.close()
        truth = truths(*taps)
        marks = flags(slices)
        exact = [at for at, row in together(slices).items() if row == truth.get(at)]
        marked = sorted(set(marks) - set(exact))
        print(f"{len(marks)} slices, {len(exact)} exact, marked {marked}, harms {number}")
        assert wrong(truth, slices) == []
        assert len(exact) > len(marks) / 2


@pytest.mark.soak
@pytest.mark.parametrize(
    ("family", "dead", "router"), [(4, "10.66.2.2", "10.66.0.254"), (6, "fd66:2::2", "fd66::fe")]
)
def test_an_outage_is_traced_in_its_first_half_minute(
    tmp_path: Path, family: int, dead: str, router: str
) -> None:
    analysis = (
        '[[analysis]]\nfrom = "near"\nto = "far"\nname = "path"\nmin_loss = "10%"\npath = true\n'
        'limit = "25s"\n'
    )
    with laboratory(tmp_path) as lab:
        lab.reflector()
        lab.prober(landscape(peers(3, family=family), more=analysis))
        time.sleep(28)
        lab.drop(f"ip{6 if family == 6 else ''} daddr {dead} drop")
        broken = time.time()
        time.sleep(45)
        (report,) = (tmp_path / "state/analysis/path").glob("near-to-p1__*.txt")
        text = report.read_text()
        began = re.findall(r"# began (\S+ \S+) UTC, ended .* UTC: ", text)
        assert began
        at = datetime.strptime(began[0], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
        assert at - broken < 30
        assert router in text, "the router, up to which the path is whole"
