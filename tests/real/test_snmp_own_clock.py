"""check_snmp_clock on a machine whose own clock nobody synchronises, or sets during the check."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.probe.net.local_clock import local_clock
from tests.support import daemons, need
from tests.support.clock_daemons import chronyd, shifted
from tests.support.process import NRPE_ENVIRONMENT, Outcome, command_of, run
from tests.support.stopwatch import Stopwatch

PLAIN = (
    "rocommunity public\nextend -cacheTime -1 ns /bin/date +%s.%N\n"
    "extend -cacheTime -1 s /bin/date +%s\n"
)
FILES = "/etc/chrony /etc/systemd /etc/ntpsec /etc/openntpd"


@pytest.fixture(scope="module", autouse=True)
def _without_account() -> None:
    need.root()
    if local_clock(Deadline(8)).synchronised:
        pytest.skip("somebody keeps account of the clock of this machine")


@contextmanager
def configured(lines: str) -> Iterator[tuple[str, ...]]:
    """What goes in front of a command that is to see this chrony.conf and no other such file."""
    with daemons.folder() as root:
        (root / "chrony.conf").write_text(lines)
        script = root / "enter"
        script.write_text(
            "#!/bin/sh\nfor each in "
            f"{FILES}; do [ -d $each ] && mount -t tmpfs none $each; done\n"
            f'[ -d /etc/chrony ] && cp {root}/chrony.conf /etc/chrony/\nexec "$@"\n'
        )
        script.chmod(0o755)
        yield (need.program("unshare", "util-linux"), "--mount", str(script))


def check(inside: Sequence[str], *arguments: str) -> Outcome:
    return run("check_snmp_clock", *arguments, inside=tuple(inside))


def test_a_configured_server_judges_a_right_and_a_wrong_clock() -> None:
    need.program("chronyd", "chrony")
    with (
        shifted(PLAIN, "+0", "+600") as (right, wrong),
        chronyd("+0") as ntp,
        configured(f"server 127.0.0.1 port {ntp} iburst\n") as inside,
    ):
        fine = check(inside, "-H", "127.0.0.1", "-p", str(right), "-o", "extend:ns")
        assert fine.code == 0, fine.text
        assert "by 127.0.0.1" in fine.line
        assert "measured by 127.0.0.1, which /etc/chrony/chrony.conf names" in fine.text
        off = check(inside, "-H", "127.0.0.1", "-p", str(wrong), "-o", "extend:ns")
    assert off.code == 2, off.text
    assert "s ahead (+-" in off.line
    assert "about 10 min" in off.line


def test_a_server_that_does_not_answer_leaves_offset_and_remedy_on_line_1() -> None:
    with shifted(PLAIN, "+9") as (port,), configured("server 127.0.0.1 port 9\n") as inside:
        outcome = check(inside, "-H", "127.0.0.1", "-p", str(port), "-o", "extend:ns", "-w", "5")
    assert outcome.code == 3, outcome.text
    assert "9.0" in outcome.line
    assert "of our own clock, which is not synchronised" in outcome.line
    assert outcome.line.endswith(", --reference ntp:HOST or --local-sync ignore")
    assert "127.0.0.1 of chrony.conf: nothing listens on udp port 9" in outcome.text
    assert "[OK] 9" not in outcome.text
    assert "[OK] 8" not in outcome.text
    offset = outcome.perfdata["offset"].value
    assert offset is not None
    assert abs(offset - 9) < 0.5


def test_two_hours_are_beyond_any_doubt() -> None:
    with shifted(PLAIN, "+7200") as (port,), configured("") as inside:
        outcome = check(inside, "-H", "127.0.0.1", "-p", str(port), "-o", "extend:ns")
    assert outcome.code == 2, outcome.text
    assert "of our own clock, which is not synchronised" in outcome.line


def test_three_that_agree_name_the_one_that_is_off() -> None:
    """Four hosts at one port: each address has an agent of its own."""
    hosts = [f"127.0.0.{number}" for number in range(1, 5)]
    with (
        shifted(PLAIN, "+0", "+0", "+0", "-600", at=hosts) as (port, *_),
        configured("") as inside,
    ):
        common = ("-p", str(port), "-o", "extend:ns")
        four = check(inside, "-H", ",".join(hosts), *common)
        three = check(inside, "-H", ",".join(hosts[:3]), *common)
        two = check(inside, "-H", ",".join(hosts[:2]), *common)
    assert four.code == 2, four.text
    assert "1 of 4: 127.0.0.4 600" in four.line
    assert "s behind" in four.line
    assert three.code == 0, three.text
    assert "the others count" in three.text
    assert two.code == 3, two.text
    assert "of our own clock, which is not synchronised" in two.text
    assert "--reference ntp:HOST or --local-sync ignore" in two.text


@pytest.mark.parametrize("step", ["-3600", "+3600", "-0.7"])
def test_our_own_clock_set_during_a_run_yields_no_negative_figure(
    step: str, tmp_path: Path
) -> None:
    faketime = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
    found = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), faketime)
    if not found.exists():
        need.missing("libfaketime is not installed: apt-get install faketime")
    shift = tmp_path / "shift"
    shift.write_text("+0\n")
    environment = NRPE_ENVIRONMENT | {
        "LD_PRELOAD": str(found),
        "FAKETIME_TIMESTAMP_FILE": str(shift),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with shifted(PLAIN, "+5.2") as (port,):
        command = [
            *command_of("check_snmp_clock"),
            *("-H", "127.0.0.1", "-p", str(port), "--precision", "1ms", "-t", "6"),
            *("--local-sync", "ignore", "-o", "extend:s"),
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as process:
            time.sleep(0.9)
            (tmp_path / "next").write_text(f"{step}\n")
            (tmp_path / "next").replace(shift)  # in one go: half a file is no shift
            text, error = process.communicate(timeout=30)
    outcome = Outcome(text, error, process.returncode, 0.0)
    assert outcome.error == ""
    assert outcome.code == 3, outcome.text
    assert "our own clock was moved by" in outcome.line
    for label in ("rtt", "uncertainty"):
        value = outcome.perfdata[label].value
        assert value is not None
        assert value >= 0
    queries = outcome.perfdata["queries"].value
    assert queries is not None
    assert queries <= 80


def test_a_faked_clock_of_ours_is_measured_as_it_is() -> None:
    """The kernel's stamps are of the real clock, and count for nothing here."""
    faketime = need.program("faketime", "faketime")
    with shifted(PLAIN, "+0") as (port,):
        watch = Stopwatch()
        inside = (faketime, "-f", "+100")
        common = ("-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore", "-o", "extend:ns")
        outcome = check(inside, *common)
        assert watch.seconds < 8
    assert outcome.code == 2, outcome.text
    offset, rtt = outcome.perfdata["offset"].value, outcome.perfdata["rtt"].value
    assert offset is not None
    assert rtt is not None
    assert abs(offset + 100) < 0.5
    assert 0 < rtt < 2
