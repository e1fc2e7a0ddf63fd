"""The object files of nrpe/ under a real Nagios 4: what it stores is what the plugin said."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import daemons, need
from tests.support.deployed import DEPLOYED, REPLAYED, Deployment, deployment

# What every Nagios has of its own, and the services that replay a measurement: once from here, once through NRPE.
SITE = """
define timeperiod {
    timeperiod_name 24x7
    alias always
    monday 00:00-24:00
    tuesday 00:00-24:00
    wednesday 00:00-24:00
    thursday 00:00-24:00
    friday 00:00-24:00
    saturday 00:00-24:00
    sunday 00:00-24:00
}
define command {
    command_name nothing
    command_line /bin/true
}
define contact {
    contact_name nobody
    host_notifications_enabled 0
    service_notifications_enabled 0
    host_notification_period 24x7
    service_notification_period 24x7
    host_notification_commands nothing
    service_notification_commands nothing
}
define host {
    name generic-host
    check_period 24x7
    notification_period 24x7
    contacts nobody
    register 0
}
define service {
    name generic-service
    check_period 24x7
    notification_period 24x7
    notification_interval 0
    contacts nobody
    register 0
}
"""
REPLAY = """
define command {{
    command_name replay_{check}
    command_line $USER1$/{check} --extra-opts={section}@{ini}
}}
define service {{
    use bothsides
    host_name office
    service_description {section}
    check_command replay_{check}
}}
define service {{
    use bothsides
    host_name branch
    service_description {section}
    check_command check_nrpe_bothsides!{section}
}}
"""


class Stored(NamedTuple):
    """What Nagios made of one check: its state, line 1, the lines after it and the perfdata."""

    code: int
    line: str
    long: str
    perfdata: str


@pytest.fixture(scope="module")
def deployed(installation: Path) -> Iterator[Deployment]:
    with deployment(installation) as made:
        (made.plugins / "check_nrpe").symlink_to(need.program("check_nrpe", "nagios-nrpe-plugin"))
        yield made


@pytest.fixture(scope="module")
def stored(deployed: Deployment) -> Iterator[dict[tuple[str, str], Stored]]:
    """Results by host and service, once Nagios has checked all of them."""
    commands = deployed.text("bothsides.cfg")
    replayed = re.sub(r"(command\[|--extra-opts=)(check_\w+)", rf"\1\2{REPLAYED}", commands)
    with daemons.nrpe(commands + replayed, deployed.root) as nrpe:
        objects = deployed.root / "objects"
        objects.mkdir()
        (objects / "site.cfg").write_text(SITE)
        for name in ("nagios-commands.cfg", "nagios-services.cfg"):
            (objects / name).write_text(deployed.text(name, ("-p 5666", f"-p {nrpe.port}")))
        (objects / "replay.cfg").write_text(
            "".join(
                REPLAY.format(check=check, section=check + REPLAYED, ini=deployed.ini)
                for check in DEPLOYED
            )
        )
        resource = f"$USER1$={deployed.plugins}\n"
        with daemons.nagios(sorted(objects.iterdir()), resource, deployed.root) as nagios:
            yield _results(nagios.folder / "var" / "status.dat")


def _results(status: Path) -> dict[tuple[str, str], Stored]:
    until = time.monotonic() + 60
    while True:
        blocks = re.findall(
            r"servicestatus \{\n(.*?)\n\t\}", status.read_text(errors="replace"), re.DOTALL
        )
        services = [
            dict(line.strip().split("=", 1) for line in block.splitlines()) for block in blocks
        ]
        if services and all(service["has_been_checked"] == "1" for service in services):
            return {
                (service["host_name"], service["service_description"]): _stored(service)
                for service in services
            }
        assert time.monotonic() < until, [
            s["service_description"] for s in services if s["has_been_checked"] == "0"
        ]
        time.sleep(0.1)


def _stored(service: dict[str, str]) -> Stored:
    return Stored(
        int(service["current_state"]),
        service["plugin_output"],
        service["long_plugin_output"].replace("\\n", "\n").strip("\n"),
        service["performance_data"],
    )


def _said(code: int, text: str) -> Stored:
    """The plugin's own words the way Nagios keeps them: it writes a semicolon of line 1 as a colon."""
    first, _, long = text.partition("\n")
    line, _, perfdata = first.partition("|")
    return Stored(code, line.strip().replace(";", ":"), long.strip("\n"), perfdata.strip())


@pytest.mark.parametrize("host", ["office", "branch"])
@pytest.mark.parametrize("check", DEPLOYED)
def test_nagios_stores_what_the_plugin_said(
    check: str, host: str, deployed: Deployment, stored: dict[tuple[str, str], Stored]
) -> None:
    assert stored[host, check + REPLAYED] == _said(*deployed.direct(check + REPLAYED))


def test_the_sample_services_measure(stored: dict[tuple[str, str], Stored]) -> None:
    services = {
        place: result for place, result in stored.items() if not place[1].endswith(REPLAYED)
    }
    assert len(services) == 2 * len(DEPLOYED)
    for place, result in services.items():
        assert result.code == 0, (place, result)
        assert re.match(r"[A-Z_]+ OK - ", result.line), (place, result)
        assert result.perfdata, place


def test_no_line_that_nagios_stores_lost_a_character_to_its_filters(
    stored: dict[tuple[str, str], Stored],
) -> None:
    for place, result in stored.items():
        assert not set("`~$&|'\"<>") & set(result.line), (place, result)
