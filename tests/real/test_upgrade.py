"""Memory, ini and states of the first version hold after an upgrade as README says."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import by_hand, first_version, need
from tests.support.lab import lab
from tests.support.process import HOUSE, NRPE_ENVIRONMENT, Outcome
from tests.support.stopwatch import until
from tests.support.two_hosts import FAR, World, built
from tests.test_readme import blocks

CHECKS = ("check_udp_loss", "check_https", "check_mtr_path", "check_snmp_clock")
INI = """\
# the sample of the first version, with the addresses of this test
[check_udp_loss]
hostname = {far}
port = 862
warning = 100.0,5%
critical = 200.0,15%

[check_https]
hostname = good.test
port = 443
url = /
warning = 1
critical = 3
ca-cert = {bundle}
repeat = 3
state-dir = {memory}

[check_mtr_path]
hostname = {far}
state-dir = {memory}

[check_snmp_clock]
hostname = {far}
port = 161
community = public
warning = 5
critical = 60
local-sync = ignore
state-dir = {memory}
"""


class Site(NamedTuple):
    """A monitored host: its network, and the folder with its ini and memory."""

    world: World
    folder: Path

    def asked(self, program: Sequence[str], *arguments: str) -> Outcome:
        """A program inside the monitor's host, as NRPE starts it."""
        began = time.monotonic()
        done = subprocess.run(
            [*self.world.network.inside("us"), *program, *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            env=NRPE_ENVIRONMENT,
            timeout=60,
            check=False,
        )
        return Outcome(done.stdout, done.stderr, done.returncode, time.monotonic() - began)

    def checked(self, programs: Mapping[str, Sequence[str]]) -> dict[str, Outcome]:
        """Every check by its section of the ini."""
        ini = self.folder / "bothsides.ini"
        return {
            name: self.asked(programs[name], f"--extra-opts={name}@{ini}", "-t", "8")
            for name in CHECKS
        }

    @property
    def memory(self) -> Path:
        """The file of the memory."""
        return self.folder / "memory" / "memory-0.sqlite"


def ports(listed: list[str]) -> set[str]:
    """The UDP ports on which somebody listens, as ss lists them."""
    lines = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    return {line.split()[3].rpartition(":")[2] for line in lines}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    need.program("mtr-packet", "mtr-tiny")
    made = tmp_path / "lab"
    made.mkdir()
    with built(lab(made)) as world, ExitStack() as stack:
        for script, *words in (
            ("plugins/udp_reflector", "--listen", FAR, "--port", "862"),
            ("tests/support/snmp_agent.py", FAR, "161"),
        ):
            command = [*world.network.inside("far"), sys.executable, str(HOUSE / script), *words]
            environment = {**NRPE_ENVIRONMENT, "PYTHONPATH": f"{HOUSE}/lib:{HOUSE}"}
            process = stack.enter_context(
                subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            )
            stack.callback(process.kill)
        memory = tmp_path / "memory"
        memory.mkdir(mode=0o700)
        ini = tmp_path / "bothsides.ini"
        ini.write_text(INI.format(far=FAR, bundle=world.made.bundle, memory=memory))
        ini.chmod(0o640)
        listed = [*world.network.inside("far"), "ss", "-Hlun"]
        until(lambda: {"862", "161"} <= ports(listed), "the far ends")
        yield Site(world, tmp_path)


def in_place(house: Path) -> dict[str, list[str]]:
    """Each check of a checkout, by this Python, which has the libraries."""
    start = "import runpy, sys; sys.argv = sys.argv[1:]; sys.path.insert(0, {!r}); {}"
    run = "runpy.run_path(sys.argv[0], run_name='__main__')"
    return {
        name: [sys.executable, "-c", start.format(f"{house}/lib", run), f"{house}/plugins/{name}"]
        for name in (*CHECKS, "mtr_history")
    }


def set_back(path: Path) -> None:
    """Moves what is remembered of the clock 3 s ahead, as though it had been set back since."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "UPDATE record SET body = json_set(body, '$.low', json_extract(body, '$.low') + 3,"
            " '$.high', json_extract(body, '$.high') + 3) WHERE key LIKE 'snmp_clock%'"
        )
    connection.close()


def kept(path: Path) -> dict[str, int]:
    """How many records and documents each key has."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT key, count(*) FROM (SELECT key FROM record UNION ALL SELECT key FROM document)"
        " GROUP BY key"
    ).fetchall()
    connection.close()
    return dict(rows)


def held(before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> None:
    """The states are the same, and what was learnt is known."""
    assert {name: each.code for name, each in before.items()} == dict.fromkeys(CHECKS, 0), before
    assert {name: each.code for name, each in after.items()} == dict.fromkeys(CHECKS, 0), after
    for name in CHECKS:  # every figure of the first version is still there, in its place
        figures = list(before[name].perfdata)
        assert list(after[name].perfdata)[: len(figures)] == figures
    assert before["check_https"].perfdata["tries"].value == 9
    assert after["check_https"].perfdata["tries"].value == 12
    assert "learning 3/3" in before["check_mtr_path"].line
    assert "learning" not in after["check_mtr_path"].line
    assert after["check_mtr_path"].perfdata["known_paths"].value == 1
    assert re.search(
        r"clock was set by -[23]\.\d+ s since the last", after["check_snmp_clock"].text
    )


def test_what_the_first_version_has_learnt_is_known(site: Site, tmp_path: Path) -> None:
    old, new = in_place(first_version.unpacked(tmp_path / "old")), in_place(HOUSE)
    site.checked(old)
    site.checked(old)
    before, keys = site.checked(old), kept(site.memory)
    set_back(site.memory)
    after = site.checked(new)
    held(before, after)
    grown = kept(site.memory)
    new_ones = set(grown) - set(keys)
    assert set(keys) <= set(grown), "a key of the memory has another name"
    assert {key.partition(" ")[0] for key in new_ones} == {"look"}, "the evidence of the last run"
    assert all(grown[key] >= keys[key] for key in keys)
    listed = site.asked(new["mtr_history"], "list", "--state-dir", str(site.memory.parent))
    assert (listed.code, FAR in listed.text) == (0, True), listed


def test_records_of_the_first_version_are_judged_as_by_it(tmp_path: Path) -> None:
    old = first_version.unpacked(tmp_path / "old")
    told, records = {}, sorted((old / "tests/data/records").glob("*.json"))
    assert len(records) > 10
    for house in (old, HOUSE):
        programs = in_place(house)
        for record in records:
            check = record.name.partition("-")[0]
            done = subprocess.run(
                [*programs[check], "--replay", str(record), "--output", "json"],
                capture_output=True, text=True, env=NRPE_ENVIRONMENT, timeout=60, check=False,
            )  # fmt: skip
            told[house, record.name] = done.returncode, json.loads(done.stdout)["state"]
    for record in records:
        assert told[HOUSE, record.name] == told[old, record.name], record.name


@pytest.mark.soak
def test_an_upgrade_by_the_steps_of_readme_keeps_everything(site: Site, tmp_path: Path) -> None:
    root = tmp_path / "root"
    old = first_version.unpacked(tmp_path / "old")
    steps = ["python3 -m venv /opt/bothsides\n/opt/bothsides/bin/pip install ."]
    done = by_hand.followed(steps, root, old)
    assert done.returncode == 0, done.stderr
    programs = {name: [str(root / "opt/bothsides/bin" / name)] for name in CHECKS}
    for name in CHECKS:
        (root / "usr/lib/nagios/plugins" / name).symlink_to(programs[name][0])
    ini = root / "etc/bothsides.ini"
    shutil.copy2(tmp_path / "bothsides.ini", ini)
    site.checked(programs)
    site.checked(programs)
    before = site.checked(programs)
    set_back(site.memory)
    (by_itself,) = [text for text in blocks("sh") if "pip install" in text]
    done = by_hand.followed([by_itself], root, by_hand.sources(tmp_path / "source"))
    assert done.returncode == 0, done.stderr
    after = site.checked({name: [str(root / "usr/lib/nagios/plugins" / name)] for name in CHECKS})
    held(before, after)
    assert ini.read_text() == (tmp_path / "bothsides.ini").read_text()
