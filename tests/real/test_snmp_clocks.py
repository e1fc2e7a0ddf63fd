"""check_snmp_clock with many hosts, another reference, and clocks of other zones."""

import subprocess
import time
from pathlib import Path

from tests.support.clock_daemons import chronyd, shifted
from tests.support.forked import run
from tests.support.process import HOUSE, NRPE_ENVIRONMENT, Outcome
from tests.support.stopwatch import Stopwatch


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
        watch = Stopwatch()
        outcome = check("-H", hosts, "-p", str(port), "--local-sync", "ignore", "-t", "2")
        assert outcome.code == 3  # the agent listens on 127.0.0.1 only: a hundred refusals at once
        assert "100 of 100" in outcome.line
        assert watch.seconds < 6


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
