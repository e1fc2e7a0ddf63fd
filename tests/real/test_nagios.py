"""The object files of nrpe/ under a real Nagios 4: what it stores is what the plugin said."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import daemons, need
from tests.support.deployed import DEPLOYED, REPLAYED, Deployment, deployment
from tests.support.process import HOUSE

# Debian's own objects, among which ours have to fit, without what it measures itself.
DEBIAN = (
    *(
        Path("/etc/nagios4/objects") / f"{name}.cfg"
        for name in ("commands", "contacts", "timeperiods", "templates")
    ),
    *sorted(Path("/etc/nagios-plugins/config").glob("*.cfg")),
)
STOCK = Path("/etc/nagios4/nagios.cfg")
# Services that replay a measurement: once from here, once through NRPE.
REPLAY = """
define command {{
    command_name replay_{check}
    command_line $USER1$/{check} --extra-opts={section}@{ini}
}}
define service {{
    use bothsides-sample
    host_name office
    service_description {section}
    check_command replay_{check}
}}
define service {{
    use bothsides-sample
    host_name branch
    service_description {section}
    check_command bothsides_check_nrpe!{section}
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
        for name in ("nagios-commands.cfg", "nagios-services.cfg"):
            (objects / name).write_text(deployed.text(name, ("-p 5666", f"-p {nrpe.port}")))
        (objects / "replay.cfg").write_text(
            "".join(
                REPLAY.format(check=check, section=check + REPLAYED, ini=deployed.ini)
                for check in DEPLOYED
            )
        )
        resource = f"$USER1$={deployed.plugins}\n"
        with daemons.nagios(
            [*DEBIAN, *sorted(objects.iterdir())], resource, deployed.root
        ) as nagios:
            yield _results(nagios.folder / "var" / "status.dat")


def _results(status: Path) -> dict[tuple[str, str], Stored]:
    until = time.monotonic() + 150
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
    """The plugin's own words the way Nagios keeps them.

    It writes a semicolon of line 1 as a colon.
    """
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


def test_a_stock_nagios_takes_the_files_as_they_are_without_a_warning() -> None:
    """Debian's monitoring-plugins defines check_https already.

    A second one ends a running Nagios.
    """
    program = need.program("nagios4", "nagios4-core")
    with daemons.folder() as folder:  # Nagios reads it as a user of its own
        text = STOCK.read_text().replace("cfg_dir=/etc/nagios4/conf.d", f"cfg_dir={folder}/conf.d")
        config = folder / "nagios.cfg"
        config.write_text(re.sub(r"(?m)^cfg_file=.*localhost\.cfg$", "", text))
        (folder / "conf.d").mkdir()
        for name in ("nagios-commands.cfg", "nagios-services.cfg"):
            (folder / "conf.d" / name).write_text((HOUSE / "nrpe" / name).read_text())
        done = subprocess.run([program, "-v", config], capture_output=True, text=True, check=False)
    assert "Total Warnings: 0" in done.stdout, done.stdout[-2000:]
    assert "Total Errors:   0" in done.stdout


def test_the_names_of_our_commands_begin_with_bothsides() -> None:
    names = re.findall(r"command_name +(\S+)", (HOUSE / "nrpe/nagios-commands.cfg").read_text())
    commands = {*DEPLOYED, "check_mesh", "check_metric", "check_whose_fault", "check_nrpe"}
    assert sorted(names) == sorted(f"bothsides_{command}" for command in commands)


def test_the_hosts_of_the_sample_are_checked_and_somebody_is_notified() -> None:
    text = (HOUSE / "nrpe/nagios-services.cfg").read_text()
    for host in re.findall(r"define host \{(.*?)\}", text, re.DOTALL):
        assert re.search(r"check_command +check-host-alive", host)
        assert re.search(r"contact_groups +admins", host)
