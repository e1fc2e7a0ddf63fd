"""The whole prober between namespaces against taps on both sides of a router that drops packets."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bothsides.model.mesh import BEGIN, FAR, SUSPECT
from tests.support.mesh_clock import Wrong
from tests.support.mesh_lab import Lab, Said, laboratory, landscape, peers, said
from tests.support.mesh_tap import Key, Truth, truths

LOSS = (
    "udp dport 862 numgen random mod 1000 < 20 drop",
    "udp sport 862 numgen random mod 1000 < 30 drop",
)


_WHOLE = 0.98  # of a slice's packets, from which on a slice that nobody speaks of is missing


def wrong(truth: dict[Key, Truth], told: dict[Key, Said], ends: Sequence[float] = ()) -> list[str]:
    """The slices that are neither right nor marked: what was, and what is said.

    A slice in which the prober began has only its own packets, and the taps those of the one
    before. Where the far end itself dropped some, their direction may be open, and is never wrong.
    ends: of the prober; where its clock was set back, an older slice begins when a lost one did.
    """
    return [
        f"{key}: {truth.get(key)} was, {each} is said"
        for key, each in sorted(told.items())
        if not each.flags & (SUSPECT | BEGIN)
        and not right(truth.get(key, Truth(0, 0, 0, 0)), each)
        and not (each.truth.sent < truth[key].sent and _near(key[1], ends))
    ]


def right(true: Truth, each: Said) -> bool:
    """Whether a slice says what was."""
    mine = each.truth
    if not each.flags & FAR:
        return mine == true
    same = mine.sent == true.sent and sum(mine[1:]) == sum(true[1:])
    return same and mine.out <= true.out and mine.back <= true.back


def test_every_slice_is_as_the_taps_have_seen_it(tmp_path: Path) -> None:
    with laboratory(tmp_path) as lab:
        lab.reflector()
        taps = lab.taps()
        lab.prober(landscape(peers(4)))
        for rule in LOSS:
            lab.drop(rule)
        time.sleep(17)
        told = said(lab.slices(), peers(4))
        lab.stack.close()
        assert wrong(truths(*taps), told) == []
        assert len({at for _, at in told}) >= 2


class Harms:
    """What is done to the processes of a laboratory, one after the other."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.far = lab, peers(38)
        self.clock = Wrong(lab.folder / "clock")
        self.state = {"reflector": lab.reflector(), "prober": self._prober(landscape(self.far))}
        self._ahead(os.SCHED_FIFO)
        self.killed: list[float] = []  # when the prober was ended, by its clock
        self.each = (
            lambda: self._restart("reflector"),
            lambda: self._stop("prober"),
            lambda: self._restart("prober"),
            lambda: self.clock.step(100),
            lambda: self._stop("reflector"),
            self._hogs,
            lambda: self._restart("prober", signal.SIGKILL),
            lambda: self.clock.step(-100.5),
            lambda: self._restart("reflector", signal.SIGKILL),
            lambda: self.clock.step(0.4),
            lambda: self.clock.step(-12),
        )

    def now(self) -> float:
        """UTC as the prober has it."""
        true = time.time_ns()
        return (true + self.clock.moved(true)) / 1e9

    def _prober(self, text: str = "") -> "subprocess.Popen[str]":
        return self.lab.prober(text, clock=self.lab.folder / "clock")

    def _restart(self, name: str, number: int = signal.SIGTERM) -> None:
        self.state[name].send_signal(number)
        self.state[name].wait(10)
        if name == "prober":
            self.killed.append(self.now())
        self.state[name] = self.lab.reflector() if name == "reflector" else self._prober()
        self._ahead(os.SCHED_FIFO)

    def _ahead(self, policy: int) -> None:
        """With SCHED_FIFO what else this machine does keeps nobody from working."""
        for process in self.state.values():
            os.sched_setscheduler(process.pid, policy, os.sched_param(policy == os.SCHED_FIFO))

    def _stop(self, name: str) -> None:
        self.state[name].send_signal(signal.SIGSTOP)
        time.sleep(10)
        self.state[name].send_signal(signal.SIGCONT)

    def _hogs(self) -> None:
        self._ahead(os.SCHED_OTHER)
        burning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
        time.sleep(10)
        for process in burning:
            process.kill()
            process.wait()
        self._ahead(os.SCHED_FIFO)


def missing(truth: dict[Key, Truth], told: dict[Key, Said], killed: Sequence[float]) -> list[str]:
    """Whole slices of which nothing is said, and no end of the prober is near."""
    return [
        f"{key}: {each} was, and nothing is said"
        for key, each in sorted(truth.items())
        if key not in told and each.sent >= _WHOLE * 200 and not _near(key[1], killed)
    ]


def _near(at: float, ends: Sequence[float]) -> bool:
    return any(end - _UNSTORED <= at <= end for end in ends)


_UNSTORED = 30.0  # s before a kill, whose slices are not closed or not stored yet


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_ten_minutes_of_harm_leave_no_slice_wrong_and_unmarked(tmp_path: Path) -> None:
    """38 pairs, each slice of each of them against the taps; the last slices are not told yet."""
    with laboratory(tmp_path) as lab:
        taps = lab.taps()
        harms = Harms(lab)
        for rule in LOSS:
            lab.drop(rule)
        until = time.monotonic() + 600
        number = 0
        while time.monotonic() < until:
            time.sleep(20)
            print(f"harm {number % len(harms.each)} at {harms.now():.1f}", flush=True)
            harms.each[number % len(harms.each)]()
            number += 1
        time.sleep(20)
        told = said(lab.slices(), harms.far)
        ended = harms.now()
        lab.stack.close()
        truth = truths(*taps)
        exact = sum(truth.get(key) == each.truth for key, each in told.items())
        marked = sum(bool(each.flags & (SUSPECT | FAR | BEGIN)) for each in told.values())
        print(f"{len(told)} slices of pairs, {exact} exact, {marked} marked, {number} harms")
        ends = [*harms.killed, ended]
        gone, found = missing(truth, told, ends), wrong(truth, told, ends)
        print(*found, *gone, sep="\n")
        assert (found, gone) == ([], [])
        assert exact > 2 * len(told) / 3
        assert marked < 2 * len(told) / 3


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
