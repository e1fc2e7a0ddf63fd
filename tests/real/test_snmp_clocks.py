"""check_snmp_clock with many hosts, another reference, a memory, and clocks that stand still."""

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support import daemons, need
from tests.support.delay import Path as Way
from tests.support.delay import delayed
from tests.support.process import HOUSE, NRPE_ENVIRONMENT, Outcome, run


@contextmanager
def shifted(config: str, *shifts: str, at: str = "127.0.0.1") -> Iterator[list[int]]:
    """Ports of agents whose clocks faketime shifts."""
    faketime = need.program("faketime", "faketime")
    with ExitStack() as stack:
        root = stack.enter_context(daemons.folder())
        yield [
            stack.enter_context(daemons.snmpd(config, root, (faketime, "-f", shift))).port
            for shift in shifts
        ]


def check(*arguments: str) -> Outcome:
    return run("check_snmp_clock", *arguments)


PLAIN = "rocommunity public\nextend -cacheTime -1 ns /bin/date +%s.%N\n"


def test_several_hosts_in_one_run_and_the_one_that_is_off(tmp_path: Path) -> None:
    with shifted(PLAIN, "+0") as (port,):
        common = ("-p", str(port), "--local-sync", "ignore", "-o", "extend:ns")
        fine = check("-H", "127.0.0.1,localhost", *common)
        assert fine.code == 0, fine.text
        assert "2 clocks are within their limits" in fine.line
        targets = tmp_path / "targets"
        targets.write_text("127.0.0.1 # here\n\n# nobody\nlocalhost\n127.0.0.9\n")
        listed = check("--targets", str(targets), *common, "-t", "1.5", "-v")
        assert listed.code in (0, 3), listed.text
        assert "127.0.0.9" in listed.text


def test_many_hosts_are_asked_at_the_same_time() -> None:
    with shifted(PLAIN, "+0") as (port,):
        hosts = ",".join(f"127.0.1.{number}" for number in range(1, 101))
        began = time.monotonic()
        outcome = check("-H", hosts, "-p", str(port), "--local-sync", "ignore", "-t", "2")
        assert outcome.code == 3  # the agent listens on 127.0.0.1 only: a hundred refusals at once
        assert "100 of 100" in outcome.line
        assert time.monotonic() - began < 6


@contextmanager
def chronyd(shift: str, lines: str = "local stratum 8") -> Iterator[int]:
    """An NTP server of that shift; its port."""
    import socket

    need.root()
    program, faketime = need.program("chronyd", "chrony"), need.program("faketime", "faketime")
    with daemons.folder() as root:
        port = daemons.free_port(socket.SOCK_DGRAM)
        config = root / "chrony.conf"
        config.write_text(
            f"port {port}\nbindaddress 127.0.0.1\nallow 127.0.0.0/8\n{lines}\n"
            "cmdport 0\nbindcmdaddress /\n"
            f"pidfile {root}/pid\ndriftfile {root}/drift\nuser root\n"
        )

        def ready() -> bool:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
                asker.settimeout(0.1)
                asker.connect(("127.0.0.1", port))
                try:
                    asker.send(b"\x23" + bytes(47))
                    return bool(asker.recv(100))
                except OSError:
                    return False

        with daemons.running(
            [faketime, "-f", shift, program, "-x", "-d", "-f", str(config)], ready, root / "log"
        ):
            yield port


def test_a_reference_takes_our_own_clock_out_of_it() -> None:
    with shifted(PLAIN, "+42") as (port,), chronyd("+42") as ntp:
        outcome = check(
            "-H",
            "127.0.0.1",
            "-p",
            str(port),
            "-o",
            "extend:ns",
            "--reference",
            f"ntp:127.0.0.1:{ntp}",
        )
        assert outcome.code == 0, outcome.text
        offset, half = outcome.perfdata["offset"].value, outcome.perfdata["uncertainty"].value
        assert offset is not None
        assert half is not None
        assert abs(offset) <= half
        assert abs(offset) < 0.05
        assert "by 127.0.0.1" in outcome.line


def test_a_reference_that_is_not_synchronised_is_no_reference() -> None:
    with shifted(PLAIN, "+0") as (port,), chronyd("+0", "") as ntp:
        outcome = check("-H", "127.0.0.1", "-p", str(port), "--reference", f"ntp:127.0.0.1:{ntp}")
        assert outcome.code == 3
        assert "it is not synchronised itself" in outcome.line
    refused = check("-H", "127.0.0.1", "-p", str(port), "--reference", f"ntp:127.0.0.1:{ntp}")
    assert refused.code == 3
    assert "nothing listens on udp port" in refused.line


def test_a_clock_that_runs_too_fast_is_caught_by_the_memory(tmp_path: Path) -> None:
    base = ".1.3.6.1.4.1.8072.9999.9999.1"
    with shifted(
        f"{PLAIN}pass_persist {base} {HOUSE}/nrpe/snmp/clock_persist.sh\n", "+0 x1.0004"
    ) as (port,):
        common = (
            "-H",
            "127.0.0.1",
            "-p",
            str(port),
            "--local-sync",
            "ignore",
            "-o",
            f"{base}.1",
            "--precision",
            "400us",
        )
        check(*common)  # starts the script, which takes its time
        memory = ("--state-dir", str(tmp_path / "memory"), "--state", "rw")
        first = check(*common, *memory)
        assert first.perfdata["drift"].value is None
        time.sleep(6)
        second = check(*common, *memory)
        drift = second.perfdata["drift"].value
        assert drift is not None
        told = re.search(r"drifts \+\S+ ppm \(\+-(\S+)\)", second.text)
        assert told is not None, second.text
        assert abs(drift - 400) <= float(told[1]) + 1
        assert "reaches +5 s in" in second.text


FROZEN = "rocommunity public\nextend -cacheTime -1 frozen /bin/cat FILE\n"


def test_a_value_that_stands_still_is_found_within_three_runs(tmp_path: Path) -> None:
    value = tmp_path / "epoch"
    tmp_path.chmod(0o755)
    value.write_text(f"{int(time.time())}\n")
    with shifted(FROZEN.replace("FILE", str(value)), "+0") as (port,):
        codes = []
        for _ in range(3):
            outcome = check(
                "-H",
                "127.0.0.1",
                "-p",
                str(port),
                "--local-sync",
                "ignore",
                "-o",
                "extend:frozen",
                "-w",
                "2",
            )
            codes.append(outcome.code)
            time.sleep(1.5)
    assert codes[-1] == 3, outcome.text
    assert "stands still" in outcome.line
    assert "pass_persist" in outcome.text


@pytest.mark.parametrize(
    "source", ["extend:kept", ".1.3.6.1.4.1.8072.9999.9999.7.0", ".1.3.6.1.4.1.2021.8.1.101.1"]
)
def test_a_perfect_clock_behind_a_cache_is_never_an_alarm(source: str, tmp_path: Path) -> None:
    with polled() as port:
        for _ in range(3):
            assert (
                check(
                    "-H",
                    "127.0.0.1",
                    "-p",
                    str(port),
                    "--local-sync",
                    "ignore",
                    "-o",
                    source,
                    "-w",
                    "7",
                ).code
                == 0
            )


@contextmanager
def polled() -> Iterator[int]:
    with daemons.folder() as root:
        script = root / "pass.sh"
        script.write_text(
            '#!/bin/sh\n[ "$2" = .1.3.6.1.4.1.8072.9999.9999.7.0 ] || exit 0\n'
            "echo $2; echo string; date +%s\n"
        )
        script.chmod(0o755)
        config = (
            f"{PLAIN}extend kept /bin/date +%s\nexec once /bin/date +%s\n"
            f"pass .1.3.6.1.4.1.8072.9999.9999.7 {script}\n"
        )
        with daemons.snmpd(config, root) as daemon:
            yield daemon.port


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    "source",
    [
        "extend:kept",
        ".1.3.6.1.4.1.8072.9999.9999.7.0",
        ".1.3.6.1.4.1.2021.8.1.101.1",
        "hrSystemDate",
    ],
)
def test_sixty_polls_of_a_perfect_clock_are_ok(source: str) -> None:
    with polled() as port:
        codes = [
            check("-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore", "-o", source).code
            for _ in range(60)
        ]
    assert codes == [0] * 60


def test_no_secret_stands_in_the_process_list_when_it_comes_from_the_environment() -> None:
    with shifted(PLAIN, "+0") as (port,):
        command = [
            str(HOUSE / "plugins/check_snmp_clock"),
            "-H",
            "127.0.0.1",
            "-p",
            str(port),
            "-t",
            "2",
        ]
        environment = NRPE_ENVIRONMENT | {"SNMP_COMMUNITY": "verysecret"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            time.sleep(0.5)
            listed = Path(f"/proc/{process.pid}/cmdline").read_bytes()
            text = process.communicate(timeout=20)[0]
    assert b"verysecret" not in listed
    assert b"verysecret" not in text


def test_a_host_whose_clock_was_never_set_is_critical() -> None:
    with shifted(PLAIN, "@1970-01-05 00:00:00") as (port,):
        outcome = check(
            "-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore", "-o", "extend:ns"
        )
    assert outcome.code == 2
    assert "the clock was never set: it shows 1970-01-0" in outcome.text


def test_a_restart_of_the_agent_is_remembered(tmp_path: Path) -> None:
    port = 0
    memory = ("--state-dir", str(tmp_path / "memory"), "--state", "rw")
    with daemons.folder() as root:
        for turn in range(2):
            with (
                daemons.snmpd(PLAIN, root / str(turn)) as daemon,
                delayed(daemon.port, Way(), port=port) as port,
            ):
                time.sleep(3 * (1 - turn))
                where = (
                    "-H",
                    "127.0.0.1",
                    "-p",
                    str(port),
                    "--local-sync",
                    "ignore",
                    "-o",
                    "extend:ns",
                )
                outcome = check(*where, *memory)
                assert outcome.code == 0, outcome.text
    assert "the agent was restarted" in outcome.text


def test_another_zone_is_told_from_a_clock_that_is_off() -> None:
    with shifted(PLAIN + "extend -cacheTime -1 local /bin/date +%Y-%m-%dT%H:%M:%S\n", "+0.4") as (
        port,
    ):
        common = (
            "-H",
            "127.0.0.1",
            "-p",
            str(port),
            "--local-sync",
            "ignore",
            "-o",
            "extend:local",
        )
        assert check(*common).code == 0
        wrong = check(*common, "--timezone", "Asia/Kolkata")
        assert wrong.code == 2
        assert "looks like a zone mistake: zone -5 h 30 min" in wrong.text
        assert check(*common, "--timezone", "auto").code == 0


def test_the_words_of_a_hostile_agent_break_nothing() -> None:
    hostile = 'extend -cacheTime -1 bad /bin/echo "| x=1;2 <b> $(id) `id`"\n'
    with shifted(PLAIN + hostile, "+0") as (port,):
        outcome = check(
            "-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore", "-o", "extend:bad", "-vvv"
        )
    assert outcome.code == 3
    assert outcome.text.count("|") == 1
    assert outcome.error == ""
    assert "is no time in a known spelling" in outcome.line


def test_the_line_that_mends_a_cache_is_told_whole() -> None:
    with polled() as port:
        common = ("-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore", "-w", "7")
        kept = check(*common, "-o", "extend:kept")
        assert "snmpd.conf: extend -cacheTime -1 kept /bin/date +%s (0 means 5)" in kept.text
        once = check(*common, "-o", ".1.3.6.1.4.1.2021.8.1.101.1")
        assert "snmpd.conf: extend -cacheTime -1 once /bin/date +%s (0 means 5)" in once.text


def test_a_cache_that_nobody_tells_of_raises_no_alarm(tmp_path: Path) -> None:
    """A perfect clock whose value is written down every 2.5 s only, behind an unknown OID."""
    tmp_path.chmod(0o755)
    value = tmp_path / "epoch"
    script = tmp_path / "pass.sh"
    script.write_text(
        '#!/bin/sh\n[ "$2" = .1.3.6.1.4.1.8072.9999.9999.7.0 ] || exit 0\n'
        f"echo $2; echo string; cat {value}\n"
    )
    script.chmod(0o755)
    over = threading.Event()

    def written() -> None:
        while not over.is_set():
            fresh = tmp_path / "fresh"
            fresh.write_text(f"{int(time.time())}\n")
            fresh.replace(value)
            over.wait(2.5)

    writer = threading.Thread(target=written)
    writer.start()
    try:
        with shifted(f"{PLAIN}pass .1.3.6.1.4.1.8072.9999.9999.7 {script}\n", "+0") as (port,):
            for _ in range(4):
                common = ("-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore", "-w", "1")
                outcome = check(*common, "-o", ".1.3.6.1.4.1.8072.9999.9999.7.0")
                assert outcome.code in (0, 3), outcome.text
    finally:
        over.set()
        writer.join()
