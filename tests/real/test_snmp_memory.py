"""check_snmp_clock with a memory: drift, restarts, and clocks that stand still."""

import re
import time
from pathlib import Path

from tests.support import daemons
from tests.support.clock_daemons import shifted
from tests.support.delay import Path as Way
from tests.support.delay import delayed
from tests.support.process import HOUSE, Outcome, run


def check(*arguments: str) -> Outcome:
    return run("check_snmp_clock", *arguments)


PLAIN = "rocommunity public\nextend -cacheTime -1 ns /bin/date +%s.%N\n"


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
        time.sleep(10)  # each interval is 1 ms wide: nobody knows the script
        for _ in range(8):  # or wider, on a busy machine: then the drift shows later
            second = check(*common, *memory)
            drift = second.perfdata["drift"].value
            if drift is not None:
                break
            time.sleep(5)
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
            if outcome.code == 3:
                break
            time.sleep(1.5)
    assert outcome.code == 3, outcome.text
    assert "stands still" in outcome.line
    assert "pass_persist" in outcome.text


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
