"""Fixtures for the whole session."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import faketime, installed, leftovers

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.support.dealing import Dealing

_LONGEST = (
    "tests/test_guide.py",
    "tests/real/test_landscape_nagios.py",
    "tests/real/side/test_laboratory.py",
    "tests/real/test_nagios.py",
    "tests/real/test_landscape_mesh.py",
    "tests/real/test_icinga_mesh.py",
    "tests/real/test_mtr_path.py",
    "tests/real/test_report_collect.py",
    "tests/real/test_export_day.py",
    "tests/analyse/path/test_baseline.py",
    "tests/test_packaging.py",
    "tests/mesh/test_prober.py",
    "tests/real/test_https_upstream.py",
    "tests/real/test_mehsh_defects.py",
    "tests/real/test_mtr_history.py",
    "tests/real/test_mtr_path_simulated.py",
    "tests/real/test_snmp_vendors.py",
    "tests/real/test_systemd.py",
    "tests/real/test_udp_direction.py",
    "tests/real/test_udp_truth.py",
)
_WAITING = (
    "tests/real/",
    "tests/command/test_udp_mesh",
    "tests/contract/test_time",
    "tests/mesh/test_prober",
    "tests/probe/mtr/test_measure",
)
_ALL_EXAMPLES = os.environ.get("BOTHSIDES_EXAMPLES") == "all"  # as `make soak` has it
_SOAK = pytest.mark.timeout(3600)  # s for a long proof that names no time: only what hangs meets it


def pytest_sessionstart() -> None:
    """Takes away what killed runs have left, and cleans up when this one is told to end."""
    leftovers.sweep()
    os.environ |= leftovers.marked()  # of all that the tests start
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored behind `make test &`
    gc.disable()  # until all tests are collected: they stay, so looking for garbage is in vain


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Sets how many examples hypothesis draws, before a module needs it: loading it takes 0.3 s."""
    if "hypothesis" in module_path.read_text(encoding="utf-8"):
        from tests.support import examples

        examples.load()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first, so that no process is left alone with one at the end.

    Long proofs get time on a busy machine, too.
    """
    for item in items:
        long = _ALL_EXAMPLES or item.get_closest_marker("soak")
        if long and not item.get_closest_marker("timeout"):
            item.add_marker(_SOAK)
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(_file(item.nodeid), len(places)))


def pytest_collection_finish() -> None:
    """Leaves the collected tests out of each later search for garbage."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "Dealing":
    """Which process runs which file."""
    from tests.support.dealing import Dealing

    return Dealing(config, log, lambda name: name.startswith(_WAITING))


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a fresh virtual environment into which pip has installed this checkout."""
    own = tmp_path_factory.getbasetemp()
    parallel = "PYTEST_XDIST_WORKER" in os.environ
    with installed.shared(own.parent if parallel else own) as folder:
        yield folder


@pytest.fixture(autouse=True, scope="module")
def _no_leftovers_of_faketime() -> Iterator[None]:
    """Neither an earlier run's leftovers nor ours stand in the way of later processes."""
    faketime.sweep()
    yield
    faketime.sweep()


@pytest.fixture(autouse=True)
def _no_deadline_outlives_its_test() -> Iterator[None]:
    """A check performed in this process has armed its deadline, which may end later tests."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = [(number, signal.getsignal(number)) for number in numbers]
    yield
    if signal.getsignal(signal.SIGALRM) is not before[-1][1]:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before:
            signal.signal(number, handler)
