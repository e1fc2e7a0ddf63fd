"""Generated trees of Nagios and NRPE, used as they are.

All services OK, one notification for a death.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import daemons, need
from tests.support.landscape_lab import (
    HOSTS,
    LANDSCAPE,
    MONITOR,
    NRPE_LOG,
    Lab,
    lab,
    nrpe,
    reflector,
    snmpd,
    write_all,
)

CONTACTS = """
define command {
    command_name nobody
    command_line /bin/true
}
define contact {
    contact_name nobody
    host_notification_period bothsides-always
    service_notification_period bothsides-always
    host_notification_options d,u,r
    service_notification_options w,u,c,r
    host_notification_commands nobody
    service_notification_commands nobody
}
define contactgroup {
    contactgroup_name admins
    alias admins
    members nobody
}
"""


class Status(NamedTuple):
    """What Nagios thinks of a service."""

    state: int
    hard: bool
    checked: bool
    output: str


class Watch:
    """A running Nagios: its status file and its log."""

    def __init__(self, folder: Path) -> None:
        self.status, self.log = folder / "status.dat", folder / "nagios.log"

    def services(self) -> dict[tuple[str, str], Status]:
        """Every service by host and description."""
        text = self.status.read_text(errors="replace") if self.status.exists() else ""
        found = {}
        for block in re.findall(r"servicestatus \{\n(.*?)\n\t\}", text, re.DOTALL):
            lines = dict(line.strip().split("=", 1) for line in block.splitlines())
            found[lines["host_name"], lines["service_description"]] = Status(
                int(lines["current_state"]),
                lines["state_type"] == "1",
                lines["has_been_checked"] == "1",
                lines["plugin_output"],
            )
        return found

    def notifications(self) -> list[str]:
        """Kind, host, service and state of each notification, in their order."""
        text = self.log.read_text(errors="replace")
        return re.findall(r"((?:HOST|SERVICE) NOTIFICATION: .*)", text)

    def until(self, wanted: Callable[[], bool], seconds: float) -> None:
        """Waits until something holds."""
        end = time.monotonic() + seconds
        while not wanted():
            bad = {place: each for place, each in self.services().items() if each.state}
            assert time.monotonic() < end, (bad, self.notifications())
            time.sleep(0.2)


@contextmanager
def watched(made: Lab, unit: int) -> Iterator[Watch]:
    """Nagios on the monitor with the generated files.

    `unit` is the length of its minute in seconds.
    """
    home, var = made.home(MONITOR), made.home(MONITOR, "var/lib/nagios4")
    config = (
        f"cfg_dir=/etc/nagios4/conf.d\nresource_file=/etc/nagios4/resource.cfg\n"
        f"log_file={var}/nagios.log\nstatus_file={var}/status.dat\n"
        f"status_update_interval=1\nobject_cache_file={var}/objects.cache\n"
        f"precached_object_file={var}/precached\nstate_retention_file={var}/retention\n"
        f"lock_file={var}/pid\ntemp_file={var}/temp\ntemp_path={var}\n"
        f"check_result_path={var}/spool/checkresults\ncheck_result_reaper_frequency=1\n"
        f"command_file={var}/rw/cmd\nquery_socket={var}/rw/qh\nnagios_user=nagios\n"
        f"nagios_group=nagios\ninterval_length={unit}\nservice_inter_check_delay_method=n\n"
        "host_inter_check_delay_method=n\nexecute_host_checks=1\nexecute_service_checks=1\n"
        "enable_notifications=1\nprocess_performance_data=0\ncheck_for_updates=0\nuse_syslog=0\n"
        "service_check_timeout=60\ncached_host_check_horizon=0\nlog_notifications=1\n"
        "illegal_macro_output_chars=`~$&|'\"<>\n"
    )
    write_all(home, {"nagios.cfg": config, "etc/nagios4/conf.d/site.cfg": CONTACTS})
    words = [need.program("nagios4", "nagios4-core"), str(home / "nagios.cfg")]
    watch = Watch(var)
    with daemons.running([*made.inside(MONITOR), *words], watch.status.exists, home / "out"):
        yield watch


@contextmanager
def running(installation: Path, landscape: str | None = None) -> Iterator[Lab]:
    """The lab with reflector, NRPE and SNMP agent on every host, Nagios' files on the monitor."""
    with ExitStack() as stage:
        made = stage.enter_context(lab(installation, *([landscape] if landscape else [])))
        objects = made.home(MONITOR, "etc/nagios4/conf.d/bothsides")
        shutil.copytree(made.tree / "nagios", objects)
        for host in HOSTS:
            for start in (reflector, nrpe, snmpd):
                stage.enter_context(start(made, host))
        yield made


JOINED = LANDSCAPE.replace('services = "pair"', 'services = "host"')
FORMS = {"pair": (LANDSCAPE, 3 * (1 + 2 + 2 + 1)), "joined": (JOINED, 3 * (1 + 1 + 2) + 1)}
"""A service for each pair, or one for all pairs of a host: the landscape and its services."""


@pytest.fixture(params=sorted(FORMS))
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


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


def test_all_services_are_ok_and_a_death_is_notified_once(made: Lab, form: str) -> None:
    with watched(made, unit=3) as watch:
        _all_ok(watch, FORMS[form][1])
        for host in HOSTS:
            log = made.home(host, NRPE_LOG).read_text()
            assert "Listening for connections" in log
            assert not re.search("(?i)warning|error|unknown", log), log
        made.cut("h3")
        _one_notification(watch, settle=6, seconds=60)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_silent_death_is_notified_once_when_timeouts_are_long(made: Lab, form: str) -> None:
    """Packets vanish, so every check waits for its timeout; minutes have 20 seconds."""
    with watched(made, unit=20) as watch:
        _all_ok(watch, FORMS[form][1])
        made.silence("h3")
        _one_notification(watch, settle=60, seconds=400)


def _all_ok(watch: Watch, number: int) -> None:
    """Waits for the first result of every service; all are OK, and nobody was notified."""
    watch.until(lambda: _checked(watch), 60)
    services = watch.services()
    assert len(services) == number
    assert {place: each for place, each in services.items() if each.state} == {}
    assert watch.notifications() == []


def _checked(watch: Watch) -> bool:
    services = watch.services()
    return bool(services) and all(each.checked for each in services.values())


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


def test_a_downtime_of_a_host_covers_what_the_others_measure_towards_it(
    made: Lab, form: str
) -> None:
    """UDP to h3 is lost, and h3 itself is alive; nobody hears of it."""
    with watched(made, unit=3) as watch:
        _all_ok(watch, FORMS[form][1])
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
