"""check_whose_fault asks hosts by real NRPE: slow, lying, dead, cut, and behind another one."""

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator

import pytest

from bothsides.incident.document import from_text
from bothsides.parse import Unreadable
from tests.support import daemons, need
from tests.support.evidence_hosts import (
    HOSTS,
    LOSS,
    THIRDS,
    asked,
    at,
    command,
    hosts,
    landscape,
    nrpe,
)
from tests.support.net import Network


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with hosts() as made:
        yield made


def test_nrpe_with_one_slow_one_lying_one_late_clock_and_one_dead_host(net: Network) -> None:
    need.program("check_nrpe", "nagios-nrpe-plugin")
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        now = time.time()
        documents = {
            "A": at(LOSS[0], now),
            "B": at(LOSS[1], now + 70),  # its clock is 70 s ahead
            "C": at(THIRDS[0], now).replace('"lost":0', '"lost":1', 1),  # its digest is wrong
        }
        for name, text in documents.items():
            (root / f"{name}.json").write_text(text)
            line = command(root, f"{name}.sh", f"cat {root}/{name}.json")
            stage.enter_context(nrpe(net, root, name, line))
        stage.enter_context(nrpe(net, root, "D", command(root, "D.sh", "sleep 20")))
        outcome = asked(net, landscape(root, {}), "-t", "4")
    assert outcome.seconds < 4.5
    assert outcome.code == 2, outcome.text
    assert outcome.line.startswith("WHOSE_FAULT CRITICAL - A to B: lost 1"), outcome.line
    assert "its document was changed on the way (digest)" in outcome.text
    assert re.search(r"it did not answer within [1-3]", outcome.text)
    assert "10.78.4.2 port 5666: Connection refused" in outcome.text
    # the documents say when they were made, so seconds that a busy machine takes are missing
    ahead = r"witness B: clock off, its clock is (6[6-9]|70)[.\d]* s ahead of that of A: corrected"
    assert re.search(ahead, outcome.text), outcome.text


def test_nrpe_that_cuts_at_1_kb_is_told_as_such(net: Network) -> None:
    need.program("check_nrpe", "nagios-nrpe-plugin")
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        now = time.time()
        for name, made in (("A", LOSS[0]), ("B", LOSS[1])):
            (root / f"{name}.json").write_text(at(made, now))
            cut = "head -c 1023" if name == "B" else "cat"
            line = command(root, f"{name}.sh", f"{cut} {root}/{name}.json")
            stage.enter_context(nrpe(net, root, name, line))
        outcome = asked(net, landscape(root, {}), "--third", "C", "-t", "5")
    assert "cut at 1 kB, as NRPE does before version 4" in outcome.text
    assert outcome.code in (2, 3), outcome.text


@pytest.mark.parametrize("version", ["-2", "-3"])
def test_packets_of_nrpe_2_and_3_carry_1_kb_which_is_said(net: Network, version: str) -> None:
    client = need.program("check_nrpe", "nagios-nrpe-plugin")
    with daemons.folder() as root:
        (root / "B.json").write_text(at(LOSS[1], time.time()))
        with nrpe(net, root, "B", command(root, "B.sh", f"cat {root}/B.json")):
            words = [client, version, "-H", HOSTS["B"], "-c", "bothsides_evidence", "-t", "9"]
            done = subprocess.run(
                [*net.inside("M"), *words], capture_output=True, text=True, check=False
            )
    with pytest.raises(Unreadable, match="cut at 1 kB, as NRPE does before version 4"):
        from_text(done.stdout.strip())


def test_a_host_behind_a_cut_is_asked_through_another_one(net: Network) -> None:
    client = need.program("check_nrpe", "nagios-nrpe-plugin")
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        now = time.time()
        for name, made in (("A", LOSS[0]), ("B", LOSS[1]), ("C", THIRDS[0])):
            (root / f"{name}.json").write_text(at(made, now))
            line = command(root, f"{name}.sh", f"cat {root}/{name}.json")
            if name == "C":
                asks = f"{client} -H {HOSTS['B']} -c bothsides_evidence -t 8"
                line += f"\ncommand[bothsides_evidence_B]={asks}"
            stage.enter_context(nrpe(net, root, name, line))
        net.drop("B", f"ip saddr {HOSTS['M']} drop")
        path = landscape(root, {"B": 'through = "C"'})
        outcome = asked(net, path, "--third", "C", "-t", "6")
    assert outcome.code == 2, outcome.text
    assert "B did not answer us: asked through C" in outcome.text
