"""Nagios on the monitor of the landscape's laboratory, with the generated files as they are."""

import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support import daemons, need
from tests.support.landscape_lab import HOSTS, MONITOR, Lab, lab, nrpe, reflector, snmpd, write_all

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


Start = Callable[[Lab, str], AbstractContextManager[None]]
"""Starts a daemon of a host."""


@contextmanager
def running(
    installation: Path,
    landscape: str | None = None,
    daemons_of_hosts: Sequence[Start] = (reflector, nrpe, snmpd),
) -> Iterator[Lab]:
    """The lab with some daemons on every host, and Nagios' files on the monitor."""
    with ExitStack() as stage:
        made = stage.enter_context(lab(installation, *([landscape] if landscape else [])))
        objects = made.home(MONITOR, "etc/nagios4/conf.d/bothsides")
        shutil.copytree(made.tree / "nagios", objects)
        for host in HOSTS:
            for start in daemons_of_hosts:
                stage.enter_context(start(made, host))
        yield made


def all_ok(watch: Watch, number: int) -> None:
    """Waits for the first result of every service; all are OK, and nobody was notified."""
    watch.until(lambda: _checked(watch), 60)
    services = watch.services()
    assert len(services) == number
    assert {place: each for place, each in services.items() if each.state} == {}
    assert watch.notifications() == []


def _checked(watch: Watch) -> bool:
    services = watch.services()
    return bool(services) and all(each.checked for each in services.values())
