"""What a run loads, needs and may touch: modules, memory, rights, programs."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.support import daemons, farends, need, net
from tests.support.contract import NOWHERE, every_check, well_formed
from tests.support.process import CHECKS, NRPE_ENVIRONMENT, command_of, run


@every_check
def test_help_loads_no_foreign_library(check: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command_of(check)[1:], "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in loaded
    assert not loaded & {
        "nagiosplugin",
        "pycurl",
        "pysnmp",
        "pyasn1",
        "cryptography",
        "asyncio",
        "ssl",
        "sqlite3",
        "subprocess",
        "logging",
    }


NEEDLESS = {
    "argparse", "asyncio", "contextlib", "dataclasses", "datetime", "email", "gettext", "hashlib",
    "http", "importlib", "inspect", "logging", "random", "selectors", "signal", "socket", "ssl",
    "subprocess", "tempfile", "threading", "traceback", "typing", "unittest", "urllib",
}  # fmt: skip
"""Modules that cost every run 0.3 to 12 ms, and that rare runs can import where they need them."""


NEEDLESS_IN_SUCCESS = {
    "base64", "bisect", "collections", "copyreg", "ctypes", "decimal", "enum", "fractions",
    "functools", "heapq", "ipaddress", "json", "operator", "re", "sre_compile", "string", "types",
    "warnings",
}  # fmt: skip
"""More of them: a run that fails may take its time to say why."""


NEEDLESS_IN_SUCCESS_OF = {
    "check_https": {
        "_datetime", "binascii", "bothsides.analyse.https_past", "bothsides.probe.net.resolve",
    },
}  # fmt: skip
"""A URL at an address needs no resolver; without a memory nothing is counted, and no certificate is
decoded that has the usual extensions."""


@pytest.fixture(scope="module")
def successes() -> Iterator[Mapping[str, Sequence[str]]]:
    """Arguments of runs that reach a far end of ours and find nothing wrong, by check."""
    with (
        daemons.folder() as root,
        farends.reflector(root) as reflector,
        farends.web(root) as (web, authority),
        farends.agent(root) as (agent, _),
    ):
        here = ("-H", "127.0.0.1", "-p")
        yield {
            "check_udp_loss": (*here, str(reflector.port), "-n", "2", "-i", "10ms"),
            "check_https": (*here, str(web.port), "--ca-cert", str(authority)),
            "check_snmp_clock": (*here, str(agent.port), "--local-sync", "ignore"),
            "check_mtr_path": ("-H", "127.0.0.1", "--state-dir", str(root / "memory")),
        }


@every_check
def test_a_usual_run_loads_nothing_needless(check: str) -> None:
    _loads_none(NEEDLESS, check, "-H", "127.0.0.1", "-t", "1")


@pytest.mark.parametrize(
    "check",
    [
        check
        for check in ("check_udp_loss", "check_https", "check_snmp_clock", "check_mtr_path")
        if check in CHECKS
    ],
)
def test_a_run_that_succeeds_loads_even_less(
    check: str, successes: Mapping[str, Sequence[str]]
) -> None:
    said = ""
    for _ in range(2):  # the second one with a memory
        needless = NEEDLESS | NEEDLESS_IN_SUCCESS | NEEDLESS_IN_SUCCESS_OF.get(check, set())
        said = _loads_none(needless, check, *successes[check])
    assert " OK - " in said


def _loads_none(needless: set[str], check: str, *arguments: str) -> str:
    """What a run says that imports none of these: whole packages, or modules of ours."""
    command = [sys.executable, "-X", "importtime", *command_of(check)[1:], *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "nagiosplugin.performance" in names
    imported = sorted(name for name in names if {name, name.split(".")[0]} & needless)
    assert not {name for name in names if name.startswith("bothsides.inventory")}
    assert not imported, (
        f"a usual run of {check} imports {', '.join(imported)}: import it inside the function that"
        " needs it, or take the names of types from bothsides.base.types"
    )
    return done.stdout


@every_check
def test_a_run_needs_no_more_than_forty_megabytes(check: str, black_hole: net.Network) -> None:
    # a small process in between, because a child begins with the peak of whoever has started it
    code = (
        "import resource, subprocess as s, sys; s.run(sys.argv[1:], stdout=s.DEVNULL,"
        " stdin=s.DEVNULL)"
    )
    told = "; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    asked = [*command_of(check), "-H", NOWHERE, "-t", "1"]
    peak = net.command(*black_hole.inside("us"), sys.executable, "-I", "-c", code + told, *asked)
    assert int(peak) <= 40 * 1024


@every_check
def test_it_runs_as_nobody_on_a_read_only_file_system(check: str, black_hole: net.Network) -> None:
    setpriv = need.program("setpriv", "util-linux")
    unshare = need.program("unshare", "util-linux")
    # dac_read_search only lets nobody reach a Python that lies below /root; it gives no right to
    # write or to send.
    drop = (
        setpriv,
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=-all,+dac_read_search",
    )
    inside = (
        *black_hole.inside("us"),
        unshare,
        "--mount",
        "/bin/sh",
        "-c",
        'mount -o remount,bind,ro / 2>/dev/null; exec "$@"',
        "sh",
        *drop,
    )
    outcome = run(check, "-H", NOWHERE, "-t", "1.5", inside=inside, environment=NRPE_ENVIRONMENT)
    well_formed(check, outcome)
    assert outcome.code in (2, 3)


@every_check
def test_no_program_is_taken_from_the_path(check: str, tmp_path: Path) -> None:
    for name in ("mtr", "mtr-packet", "dig", "ping", "snmpget", "curl", "chronyc", "sh", "ps"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/touched\n")
        (tmp_path / name).chmod(0o755)
    run(check, "-H", "127.0.0.1", "-t", "2", environment={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert not (tmp_path / "touched").exists()
