"""Our own clock by the kernel's account."""

import time
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.local_clock import LocalClock
from bothsides.probe.net.local_clock import (
    KernelClock,
    Timeline,
    claim,
    kernel_clock,
    local_clock,
    wall_minus_monotonic,
)

LINE = (
    "C0000201,192.0.2.1,4,1795216388.951553381,-0.001,-0.000001040,0.000001040,-0.005,-0.009,"
    "6.165,0.030,0.0005,1.0,Normal"
)


def test_our_own_clock_is_judged_by_its_greatest_error() -> None:
    assert LocalClock(0.2).synchronised
    assert not LocalClock(None).synchronised
    ours = local_clock(Deadline(60), chrony=False)
    assert ours.error is None or 0 <= ours.error < 17
    assert ours.account.startswith("the kernel")
    assert (ours.since_boot is None) == ours.synchronised


def test_two_looks_at_our_own_clock_agree() -> None:
    first = wall_minus_monotonic()
    assert max(abs(wall_minus_monotonic() - first) for _ in range(200)) < 1_000_000


@pytest.mark.parametrize(
    ("clock", "claimed", "error"),
    [
        (KernelClock(0.2, leaping=False, flagged=False), 0.2, 0.2),
        (KernelClock(0.2, leaping=True, flagged=False), 0.2, 1.2),
        (KernelClock(0.2, leaping=False, flagged=True), None, 0.2),
        (KernelClock(16.0, leaping=False, flagged=True), None, None),
        (KernelClock(16.0, leaping=False, flagged=False), 16.0, None),
        (None, None, None),
    ],
)
def test_the_error_counts_for_us_and_the_flag_for_what_we_tell_others(
    monkeypatch: pytest.MonkeyPatch,
    clock: KernelClock | None,
    claimed: float | None,
    error: float | None,
) -> None:
    monkeypatch.setattr("bothsides.probe.net.local_clock.kernel_clock", lambda: clock)
    assert claim() == claimed
    ours = local_clock(Deadline(60), chrony=False)
    assert (ours.error, ours.synchronised) == (error, error is not None)


def test_the_kernel_can_be_asked_here() -> None:
    clock = kernel_clock()
    assert clock is not None
    assert 0 <= clock.error <= 16


def test_without_the_kernel_and_chrony_nobody_knows_our_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bothsides.probe.net.local_clock.kernel_clock", lambda: None)
    monkeypatch.setattr("bothsides.probe.net.process.find", lambda name: "")
    assert local_clock(Deadline(60))._replace(since_boot=None) == LocalClock(
        None, account="the kernel says that nobody sets it, no chronyc here"
    )


@pytest.mark.parametrize(
    ("printed", "ours"),
    [
        (LINE, LocalClock(0.0165, account="chrony (192.0.2.1, stratum 4)")),
        (LINE.replace("Normal", "Not synchronised"),
         LocalClock(None, account="the kernel says that nobody sets it, chrony: follows nobody")),
        ("506 Cannot talk to daemon",
         LocalClock(None, account="the kernel says that nobody sets it, chronyc: 506 Cannot"
         " talk to daemon")),
        ("", LocalClock(None, account="the kernel says that nobody sets it, chronyc: no answer")),
    ],
)  # fmt: skip
def test_where_the_kernel_knows_no_error_chrony_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, printed: str, ours: LocalClock
) -> None:
    chronyc = tmp_path / "chronyc"
    chronyc.write_text(f"#!/bin/sh\necho '{printed}'\n")
    chronyc.chmod(0o755)
    monkeypatch.setattr("bothsides.probe.net.local_clock.kernel_clock", lambda: None)
    monkeypatch.setattr("bothsides.probe.net.process.find", lambda name: str(chronyc))
    assert local_clock(Deadline(60))._replace(since_boot=None) == ours


def test_a_step_of_our_clock_moves_no_instant_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = Timeline()
    sent, real = timeline.now(), time.time_ns
    for step in (-3600 * 10**9, 3600 * 10**9):
        monkeypatch.setattr(time, "time_ns", lambda step=step: real() + step)
        now = timeline.now()
        assert 0 <= now - sent < 10**9
        stamp = real()  # the kernel's, from before the step or of a clock that is not faked
        assert sent <= timeline.received(stamp, sent) <= timeline.now()


def test_a_stamp_of_the_kernel_dates_a_reply_that_waited() -> None:
    timeline = Timeline()
    sent = timeline.now()
    stamp = time.time_ns()
    time.sleep(0.02)
    received = timeline.received(stamp, sent)
    assert sent <= received < sent + 15_000_000
    assert timeline.received(None, sent) >= sent + 20_000_000
