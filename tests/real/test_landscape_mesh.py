"""The continuous mesh under generated files: udp_mesh by its drop-in, check_mesh by NRPE."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support import need
from tests.support.landscape_lab import HOSTS, Lab, nrpe, prober, reflector
from tests.support.landscape_nagios import Watch, all_ok, running, watched

LANDSCAPE = """\
[landscape]
name = "lab"
[defaults]
slice = "1s"
timeout = "300ms"
window = "15s"
services = "{services}"
[servers]
columns = ["name", "ip", "datacenter", "role"]
rows = [
  ["h1", "10.77.1.2", "eu.x", "node"],
  ["h2", "10.77.2.2", "eu.y", "node"],
  ["h3", "10.77.3.2", "us.z", "node"],
  ["mon", "10.77.9.2", "eu.x", "monitor"],
]
[[check]]
from = "role:node"
to = "role:node"
check = "udp_ping"
except = "self"
"""


@pytest.fixture(params=["host", pytest.param("pair", marks=pytest.mark.soak)])
def services(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def made(installation: Path, services: str) -> Iterator[Lab]:
    need.program("check_nrpe", "nagios-nrpe-plugin")
    with running(installation, LANDSCAPE.format(services=services), (reflector, nrpe)) as lab:
        yield lab


@contextmanager
def watched_mesh(made: Lab, probers: ExitStack, third: ExitStack) -> Iterator[Watch]:
    """Nagios, once the probers of h1, h2 and that of h3 have their first slices."""
    for host in HOSTS:
        (third if host == "h3" else probers).enter_context(prober(made, host))
    time.sleep(4)
    with watched(made, unit=3) as watch:
        yield watch


def outputs(watch: Watch, words: str) -> dict[tuple[str, str], str]:
    """The outputs of all services with these words."""
    found = watch.services().items()
    return {place: each.output for place, each in found if words in each.output}


def test_the_generated_services_read_the_mesh_and_tell_whom_it_concerns(
    made: Lab, services: str
) -> None:
    """A pair that loses, a prober that ends, and a host that is cut off: each told once."""
    per_host = 1 if services == "host" else 2
    with ExitStack() as probers, ExitStack() as third, watched_mesh(made, probers, third) as watch:
        all_ok(watch, 3 * (1 + per_host))
        assert len(outputs(watch, "MESH OK - ")) == 3 * per_host
        made.net.drop("hub", f"ip saddr 10.77.1.2 ip daddr 10.77.2.2 {_THIRD}", "forward")
        watch.until(lambda: len(_named(watch)) == 2, 60)
        for (host, _), output in _named(watch).items():
            way = "out, 0 back" if host == "h1" else "0 out, "
            assert way in output
        assert {host for host, _ in outputs(watch, " lost 0/")} >= {"h3"}
        made.net.heal("hub")
        watch.until(lambda: not outputs(watch, "CRITICAL"), 60)
        third.close()
        watch.until(lambda: len(outputs(watch, "udp_mesh is not running")) == per_host, 60)
        assert {host for host, _ in outputs(watch, "udp_mesh is not running")} == {"h3"}


_THIRD = "meta l4proto udp numgen random mod 100 < 30 drop"


def _named(watch: Watch) -> dict[tuple[str, str], str]:
    return {
        **outputs(watch, "MESH CRITICAL - h1 to h2: lost "),
        **outputs(watch, "MESH CRITICAL - h2 to h1: lost "),
    }


@pytest.mark.soak
def test_a_death_is_notified_once_and_the_others_are_quiet(made: Lab, services: str) -> None:
    with ExitStack() as probers, watched_mesh(made, probers, probers) as watch:
        all_ok(watch, 3 * (1 + (1 if services == "host" else 2)))
        made.cut("h3")
        watch.until(lambda: bool(watch.notifications()), 60)
        watch.until(lambda: len(outputs(watch, "h3 down")) == 2, 60)
        told = [each.split(";")[:3] for each in watch.notifications()]
        assert told == [["HOST NOTIFICATION: nobody", "h3", "DOWN"]]
