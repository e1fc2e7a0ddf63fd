"""Generated trees of Nagios and NRPE, used as they are.

All services OK, one notification for a death.
"""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import need
from tests.support.landscape_lab import HOSTS, LANDSCAPE, MONITOR, NRPE_LOG, Lab, lab
from tests.support.landscape_nagios import Status, Watch, all_ok, running, watched

JOINED = LANDSCAPE.replace('services = "pair"', 'services = "host"')
FORMS = {"pair": (LANDSCAPE, 3 * (1 + 2 + 2 + 1)), "joined": (JOINED, 3 * (1 + 1 + 2) + 1)}
"""A service for each pair, or one for all pairs of a host: the landscape and its services."""


def forms(short: str) -> pytest.MarkDecorator:
    """Both of them, all but one of them only in `make soak`."""
    others = [pytest.param(form, marks=pytest.mark.soak) for form in sorted({*FORMS} - {short})]
    return pytest.mark.parametrize("form", [*([short] if short else []), *others])


@pytest.fixture
def made(installation: Path, form: str) -> Iterator[Lab]:
    need.program("check_nrpe", "nagios-nrpe-plugin")
    with running(installation, FORMS[form][0]) as lab_:
        yield lab_


def test_nagios_with_debians_own_folders_accepts_the_tree_without_a_warning(
    installation: Path,
) -> None:
    program = need.program("nagios4", "nagios4-core")
    with lab(installation) as made:
        shutil.copytree(made.tree / "nagios", made.home(MONITOR, "etc/nagios4/conf.d/bothsides"))
        done = made.run(MONITOR, program, "-v", "/etc/nagios4/nagios.cfg")
    assert done.returncode == 0, done.stdout
    assert "Total Warnings: 0\nTotal Errors:   0\n" in done.stdout, done.stdout


@forms("joined")
def test_all_services_are_ok_and_a_death_is_notified_once(made: Lab, form: str) -> None:
    with watched(made, unit=3) as watch:
        all_ok(watch, FORMS[form][1])
        for host in HOSTS:
            log = made.home(host, NRPE_LOG).read_text()
            assert "Listening for connections" in log
            assert not re.search("(?i)warning|error|unknown", log), log
        made.cut("h3")
        _one_notification(watch, settle=6, seconds=60)


@pytest.mark.soak
@pytest.mark.timeout(900)
@forms("")
def test_a_silent_death_is_notified_once_when_timeouts_are_long(made: Lab, form: str) -> None:
    """Packets vanish, so every check waits for its timeout; minutes have 20 seconds."""
    with watched(made, unit=20) as watch:
        all_ok(watch, FORMS[form][1])
        made.silence("h3")
        _one_notification(watch, settle=60, seconds=400)


def _one_notification(watch: Watch, settle: float, seconds: float) -> None:
    """The death of h3 alone is notified, and what the others measure towards it is OK again."""

    def spared() -> list[str]:
        return [each.output for each in _others(watch).values() if "h3 down" in each.output]

    watch.until(lambda: bool(watch.notifications()), seconds)
    watch.until(lambda: len(spared()) >= 4, seconds)
    time.sleep(settle)
    told = watch.notifications()
    assert [each.split(";")[:3] for each in told] == [
        ["HOST NOTIFICATION: nobody", "h3", "DOWN"]
    ], told
    assert {place: each for place, each in _others(watch).items() if each.state} == {}


def _others(watch: Watch) -> dict[tuple[str, str], Status]:
    """The services of all hosts but h3, and not those that the monitor runs for h3 alone."""
    services = watch.services().items()
    return {place: each for place, each in services if place[0] != "h3"}


@forms("pair")
def test_a_downtime_of_a_host_covers_what_the_others_measure_towards_it(
    made: Lab, form: str
) -> None:
    """UDP to h3 is lost, and h3 itself is alive; nobody hears of it."""
    with watched(made, unit=3) as watch:
        all_ok(watch, FORMS[form][1])
        now = int(time.time())
        line = f"[{now}] SCHEDULE_HOST_DOWNTIME;h3;{now};{now + 3600};1;0;0;ann;new disk\n"
        (made.home(MONITOR, "var/lib/nagios4") / "rw" / "cmd").write_text(line)
        made.deafen("h3")

        def covered() -> int:
            outputs = [each.output for each in _others(watch).values()]
            return sum("h3 in MAINTENANCE by downtime" in output for output in outputs)

        watch.until(lambda: covered() >= 2, 60)
        time.sleep(9)
        assert {place: each for place, each in _others(watch).items() if each.state} == {}
        assert [each for each in watch.notifications() if "DOWNTIMESTART" not in each] == []
