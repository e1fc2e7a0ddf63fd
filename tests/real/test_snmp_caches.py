"""check_snmp_clock against agents that keep their values for a while."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import daemons
from tests.support.clock_daemons import shifted
from tests.support.forked import run
from tests.support.process import Outcome


def check(*arguments: str) -> Outcome:
    return run("check_snmp_clock", *arguments)


PLAIN = "rocommunity public\nextend -cacheTime -1 ns /bin/date +%s.%N\n"


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
