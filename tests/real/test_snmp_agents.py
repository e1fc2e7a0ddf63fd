"""check_snmp_clock against agents as they are: several interfaces, closed ports, other pollers."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import daemons, net
from tests.support.clock_daemons import shifted
from tests.support.delay import Path as Way
from tests.support.delay import delayed
from tests.support.forked import run
from tests.support.process import HOUSE, Outcome
from tests.support.snmp import sent
from tests.support.snmp_agent import HR_SYSTEM_DATE, date_and_time, serving

PASSED = ".1.3.6.1.4.1.8072.9999.9999.7.0"


def check(port: int, *arguments: str) -> Outcome:
    common = ("-H", "127.0.0.1", "-p", str(port), "--local-sync", "ignore")
    return run("check_snmp_clock", *common, *arguments)


def test_replies_from_another_address_are_named_and_taken_where_that_is_wanted() -> None:
    with serving({HR_SYSTEM_DATE: date_and_time}, reply_from="127.0.0.2") as port:
        refused = check(port)
        assert refused.code == 3
        assert "replies come from 127.0.0.2 instead, --any-source takes them" in refused.line
        assert refused.seconds < 3
        taken = check(port, "--any-source")
        assert taken.code == 0, taken.text
        assert "replies come from 127.0.0.2, not from the one asked" in taken.text


@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_agent_with_two_interfaces_in_a_namespace(version: str) -> None:
    with net.network() as network:
        network.host("us")
        network.host("agent")
        _, far = network.link("us", "10.97.1.1/24", "agent", "10.97.1.2/24")
        full = f"{network.prefix}agent"
        net.command("ip", "-n", full, "address", "add", "10.97.2.2/32", "dev", far)
        network.route("us", "10.97.2.2/32", "via", "10.97.1.2")
        command = [
            *network.inside("agent"),
            *(sys.executable, "-m", "tests.support.snmp_agent", "0.0.0.0", "161"),
        ]
        environment = {"PYTHONPATH": f"{HOUSE}/lib:{HOUSE}", "PATH": "/usr/sbin:/usr/bin:/bin"}

        def asked(address: str, *more: str) -> Outcome:
            common = ("-H", address, "-P", version, "--local-sync", "ignore", "-t", "4")
            return run("check_snmp_clock", *common, *more, inside=network.inside("us"))

        with (
            daemons.folder() as root,
            daemons.running(
                command,
                lambda: asked("10.97.1.2", "-t", "1").code == 0,
                root / "log",
                environment,
            ),
        ):
            second = asked("10.97.2.2")
            assert second.code == 3
            assert "replies come from 10.97.1.2 instead" in second.line
            assert asked("10.97.2.2", "--any-source").code == 0


def test_silence_and_a_closed_port_are_critical_where_that_is_wanted() -> None:
    closed = daemons.free_port(socket.SOCK_DGRAM)
    assert check(closed).code == 3
    assert check(closed, "--state", "refused=critical,silent=critical").code == 2
    assert check(closed, "--state", "silent=critical").code == 3
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        assert check(port, "-t", "1.5").code == 3
        assert check(port, "-t", "1.5", "--state", "silent=critical").code == 2
    wrong = check(closed, "--state", "quiet=critical")
    assert wrong.code == 3
    assert "--state quiet=critical: write CLASS=STATE with a class of silent, refused" in wrong.line


@contextmanager
def passing(folder: Path) -> Iterator[int]:
    """snmpd whose clock comes through `pass`, which keeps what it says for 30 s."""
    script = folder / "pass.sh"
    script.write_text(
        "#!/bin/sh\n"
        f'[ "$2" = {PASSED} ] || exit 0\n'
        'printf "%s\\nstring\\n%s\\n" "$2" "$(date +%s.%N)"\n'
    )
    script.chmod(0o755)
    folder.chmod(0o755)
    config = f"rocommunity public\npass .1.3.6.1.4.1.8072.9999.9999.7 {script}\n"
    with shifted(config, "+0") as (port,):
        yield port


def test_another_poller_between_our_two_queries_of_version_1_widens_the_interval(
    tmp_path: Path,
) -> None:
    """The other one asks without a break, so that the script's value is mostly of his query."""
    from bothsides.parse.snmp import from_oid
    from bothsides.probe.snmp.message import Community

    with passing(tmp_path) as agent, delayed(agent, Way(out=0.1, back=0.1)) as port:
        octets = Community(0, "public").ask(7, (from_oid(PASSED),))
        over = threading.Event()

        def poll() -> None:
            while not over.is_set():
                sent(agent, octets)
                time.sleep(0.02)

        other = threading.Thread(target=poll)
        other.start()
        try:
            for _ in range(4):
                outcome = check(port, "-P", "1", "-o", PASSED)
                assert outcome.code == 0, outcome.text
                offset = outcome.perfdata["offset"].value
                half = outcome.perfdata["uncertainty"].value
                assert offset is not None
                assert half is not None
                assert abs(offset) <= half + 2e-6, outcome.line
        finally:
            over.set()
            other.join()


KEEPING = """#!/bin/sh
kept={folder}/kept.{oid}
if [ -z "$(find $kept -newermt '-{seconds} seconds' 2> /dev/null)" ]; then
  date +{form} > $kept.new && mv $kept.new $kept
fi
echo "$2"; echo string; cat $kept
"""


@contextmanager
def keeping(folder: Path, seconds: float, form: str = "%s") -> Iterator[int]:
    """An agent whose own script keeps its value for so many seconds, which nobody can know."""
    script = folder / "keep.sh"
    script.write_text(KEEPING.format(folder=folder, oid="7", seconds=seconds, form=form))
    script.chmod(0o755)
    folder.chmod(0o777)
    config = f"rocommunity public\npass .1.3.6.1.4.1.8072.9999.9999.7 {script}\n"
    with shifted(config, "+0") as (port,):
        yield port


@pytest.mark.parametrize(("seconds", "form"), [(10, "%s"), (2.5, "%s"), (2.5, "%s.%N")])
def test_a_script_that_keeps_its_value_for_a_while_deceives_nobody(
    tmp_path: Path, seconds: float, form: str
) -> None:
    with daemons.folder() as folder, keeping(folder, seconds, form) as port:
        for _ in range(2):
            outcome = check(port, "-o", PASSED)
            assert outcome.code in (0, 3), outcome.text
            offset = outcome.perfdata["offset"].value
            if offset is None:
                assert outcome.code == 3
                assert "stands still: no change in" in outcome.line
                continue
            half, age = (outcome.perfdata[name].value for name in ("uncertainty", "cache_age"))
            assert half is not None
            assert age is not None
            assert abs(offset) <= half + 2e-6, outcome.line
            assert age > 0
            time.sleep(0.7)


def test_a_script_that_keeps_nothing_is_proved_to_once_where_runs_are_remembered(
    tmp_path: Path,
) -> None:
    base = ".1.3.6.1.4.1.8072.9999.9999.1"
    script = HOUSE / "nrpe/snmp/clock_persist.sh"
    config = f"rocommunity public\npass_persist {base} {script}\n"
    with shifted(config, "+0") as (port,):
        check(port, "-o", f"{base}.1")  # starts the script
        common = ("-o", f"{base}.1", "--state-dir", str(tmp_path / "memory"), "--memory", "rw")
        queries = [check(port, *common).perfdata["queries"].value for _ in range(3)]
        assert queries == [3, 1, 1]
        assert check(port, "-o", f"{base}.1").perfdata["queries"].value == 2


def test_a_healthy_clock_behind_the_cache_of_net_snmp_is_soon_judged() -> None:
    config = "rocommunity public\nextend kept /bin/date +%s\n"
    with shifted(config, "+0") as (port,):
        took = []
        for _ in range(5):
            outcome = check(port, "-o", "extend:kept")
            assert outcome.code == 0, outcome.text
            took.append(outcome.seconds)
            time.sleep(0.4)
    assert sorted(took)[2] <= 1.2 + 0.6, took  # a busy host starts Python slowly
