"""The direction of loss against packet taps on both hosts, in trials of many kinds."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bothsides.parse.perfdata import Perfdata
from tests.support import net
from tests.support.faketime import sweep
from tests.support.harm import FAR, PORT, harming, reflecting, wired
from tests.support.process import HOUSE, Outcome, run
from tests.support.tap import tap
from tests.support.trials import KINDS, Harm, Truth, bounded, exact, harm, truth

FOREIGN = PORT + 1
_FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
_TRIALS = int(os.environ.get("BOTHSIDES_TRIALS", "46"))  # of each kind, in the long proof

Verdict = Callable[[str, dict[str, Perfdata], Truth], str]


class Lab:
    """Two hosts, the wire between them, and a tap on either."""

    def __init__(self, made: net.Network, stack: ExitStack, directory: Path) -> None:
        self.net = made
        self.state = str(directory / "state")
        self.interfaces = wired(made)
        self.taps = {
            port: tuple(stack.enter_context(tap(made, host, port)) for host in ("near", "far"))
            for port in (PORT, FOREIGN)
        }

    @contextmanager
    def far_end(self, port: int, *options: str) -> Iterator["subprocess.Popen[str] | None"]:
        """Our reflector, or one that is not ours."""
        if port == PORT:
            with reflecting(self.net, "far", *options) as process:
                yield process
            return
        command = [*self.net.inside("far"), sys.executable, "-m", "tests.support.foreign"]
        with subprocess.Popen(
            [*command, str(port)], stdout=subprocess.PIPE, text=True, cwd=HOUSE
        ) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == "listening\n"
                yield process
            finally:
                process.kill()

    def trial(self, kind: str, seed: int, port: int) -> tuple[Outcome, Truth]:
        """One run of the check, and what the taps saw of it."""
        rules = harm(kind, seed)
        Path(self.state).unlink(missing_ok=True)
        options: tuple[str, ...] = ()
        if port == PORT and "rate" in rules:
            options = ("--rate", str(rules["rate"]))
        if port == PORT and rules.get("state"):
            options = ("--user", "root", "--state", self.state)
        for each in self.taps[port]:
            each.taken()
        with (
            self.far_end(port, *options) as process,
            harming(self.net, self.interfaces, rules),
        ):
            outcome = self._checked(rules, port, process)
            time.sleep(0.05)
        near, far = (each.taken() for each in self.taps[port])
        return outcome, truth(near, far)

    def _checked(self, rules: Harm, port: int, process: "subprocess.Popen[str] | None") -> Outcome:
        packets = "500" if "restart" in rules else "100"
        arguments = ("-H", FAR, "-p", str(port), "-n", packets, "-i", "5ms", "--wait", "0.3")
        with ExitStack() as stack:
            if "restart" in rules and process is not None:
                stack.enter_context(self._restarting(process, rules, port))
            inside = self.net.inside("near")
            if "clock step" in rules:
                inside = (*inside, *stack.enter_context(_stepping(rules)))
            return run("check_udp_loss", *arguments, inside=inside)

    @contextmanager
    def _restarting(
        self, process: "subprocess.Popen[str]", rules: Harm, port: int
    ) -> Iterator[None]:
        """Ends the reflector during the run, and starts another."""
        signalled = "TERM" if rules["state"] else "KILL"
        script = (
            f"sleep {0.15 + rules['restart']}; kill -{signalled} {process.pid};"
            f" while [ -e /proc/{process.pid}/fd/0 ]; do sleep 0.01; done;"
            f" exec {sys.executable} {HOUSE}/plugins/udp_reflector --port {port}"
        )
        if rules["state"]:
            script = f"{script} --user root --state {self.state}"
        with subprocess.Popen(
            [*self.net.inside("far"), "sh", "-c", script], stdout=subprocess.DEVNULL
        ) as other:
            try:
                yield
            finally:
                other.terminate()


@contextmanager
def _stepping(rules: Harm) -> Iterator[tuple[str, ...]]:
    """A clock of the check's own that is set during the run."""
    if not os.path.exists(_FAKETIME):
        from tests.support import need

        need.missing("libfaketime is not installed: apt-get install faketime")
    path = f"/dev/shm/bothsides-step-{os.getpid()}"
    with open(path, "w", encoding="ascii") as file:
        file.write("+0")
    step = f"sleep {0.15 + rules['clock step']}; echo '{rules['seconds']:+}' > {path}"
    with subprocess.Popen(["sh", "-c", step]) as setter:
        try:
            yield (
                "env", f"LD_PRELOAD={_FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={path}",
                "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
            )  # fmt: skip
        finally:
            setter.send_signal(signal.SIGTERM)
            os.unlink(path)
            sweep()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with net.network() as made, ExitStack() as stack:
        yield Lab(made, stack, tmp_path_factory.mktemp("state"))


def _tried(lab: Lab, kind: str, seeds: range, port: int, verdict: Verdict) -> list[str]:
    """What is wrong in trials of one kind."""
    wrong = []
    for seed in seeds:
        outcome, real = lab.trial(kind, seed, port)
        fault = verdict(outcome.text, outcome.perfdata, real)
        if fault:
            wrong.append(f"{kind} {seed}: {fault}; {real}; {outcome.text}")
    return wrong


@pytest.mark.parametrize("kind", KINDS)
def test_every_packets_fate_is_known_beside_our_reflector(lab: Lab, kind: str) -> None:
    assert _tried(lab, kind, range(1), PORT, exact) == []


@pytest.mark.parametrize("kind", ["random", "doubles"])
def test_bounds_hold_beside_a_foreign_reflector(lab: Lab, kind: str) -> None:
    assert _tried(lab, kind, range(1), FOREIGN, bounded) == []


def test_bounds_hold_when_our_reflector_is_killed(lab: Lab) -> None:
    assert _tried(lab, "kill", range(1), PORT, bounded) == []


@pytest.mark.soak
def test_bounds_hold_when_our_reflector_is_killed_many_times(lab: Lab) -> None:
    assert _tried(lab, "kill", range(1, 1 + _TRIALS // 2), PORT, bounded) == []


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_every_packets_fate_is_known_in_five_hundred_trials(lab: Lab, kind: str) -> None:
    assert _tried(lab, kind, range(1, 1 + _TRIALS), PORT, exact) == []


@pytest.mark.soak
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("restart", "rate limit")])
def test_bounds_hold_beside_a_foreign_reflector_in_many_trials(lab: Lab, kind: str) -> None:
    assert _tried(lab, kind, range(1, 1 + _TRIALS // 2), FOREIGN, bounded) == []
