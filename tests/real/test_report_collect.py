"""bothsides report asks the hosts of a landscape, and lets both ends collect long traces."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.incident.report_evidence import from_page
from bothsides.model.evidence import LongTrace
from tests.support import daemons, need
from tests.support.evidence_hosts import (
    HOSTS,
    LOSS,
    SSH,
    at,
    command,
    hosts,
    keys,
    laid_over,
    landscape,
    nrpe,
    sshd,
)
from tests.support.net import Network
from tests.support.process import PLUGINS


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    need.program("sshd", "openssh-server")
    need.program("mtr", "mtr-tiny")
    with hosts() as made:
        yield made


def evidence(root: Path, name: str, more: str = "") -> str:
    """The command line by which a host tells its evidence, as `bothsides generate` writes it."""
    words = f"{PLUGINS}/bothsides evidence --now -t 4 --name {name} --socket '' {more}"
    return f"{sys.executable} {words} --landscape {root}/landscape.toml"


def report(net: Network, root: Path, home: Path, *more: str) -> tuple[int, str]:
    """The report that M makes about A and B."""
    words = [str(PLUGINS / "bothsides"), "report", "A", "B", "--third", "C"]
    words += ["--landscape", str(root / "landscape.toml"), *more]
    inside = (*net.inside("M"), *laid_over(home))
    done = subprocess.run(
        [*inside, sys.executable, *words],
        capture_output=True, text=True, check=False, timeout=120, cwd="/",
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def collected(page: Path) -> dict[str, tuple[LongTrace, ...]]:
    """The long traces of a page by the host that made them."""
    documents = from_page(page.read_text()).run.documents
    return {
        each.host: peer.collected
        for each in documents
        for peer in each.peers
        if {each.host, peer.peer} == {"A", "B"}
    }


@pytest.mark.timeout(200)
def test_both_ends_trace_each_other_by_both_protocols_over_ssh(net: Network) -> None:
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        home = keys(root)
        landscape(root, dict.fromkeys(HOSTS, SSH))
        for name in "ABC":
            forced = evidence(root, name, "--asked").replace('"', '\\"')
            stage.enter_context(sshd(net, root, name, forced))
        page, text = root / "page.html", root / "page.txt"
        files = ("--html", str(page), "--text", str(text))
        assert report(net, root, home, "--collect", "--for", "aws", *files) == (0, "")
        found = collected(page)
        said = text.read_text()
    assert set(found) == {"A", "B"}
    for traces in found.values():
        assert [(each.protocol, each.port, each.packets) for each in traces] == [
            ("icmp", 0, 50), ("tcp", 443, 50),
        ]  # fmt: skip
        for each in traces:
            assert [hop.ttl for hop in each.hops] == [1, 2]
            assert each.hops[-1].hosts[0] in (HOSTS["A"], HOSTS["B"])
            assert (each.hops[-1].sent, each.hops[-1].lost) == (50, 0)
    assert "by TCP 50 out, 50 back: that is enough." in " ".join(said.split())
    assert "A TO B, 50 PACKETS BY TCP PORT 443" in said
    assert "mtr -n -j -c 50 -i 0.2 -T -P 443 10.78.1.2" in said
    assert "us-1 to B: " in said, "the third host was asked for its usual document"


@pytest.mark.timeout(200)
def test_who_cannot_collect_is_asked_for_the_usual_document_and_named(net: Network) -> None:
    need.program("check_nrpe", "nagios-nrpe-plugin")
    with daemons.folder() as root, contextlib.ExitStack() as stage:
        home = keys(root)
        landscape(root, {"A": 'transport = "nrpe"', "B": 'transport = "none"'})
        (root / "A.json").write_text(at(LOSS[0], time.time()))
        line = command(root, "A.sh", f"cat {root}/A.json")
        stage.enter_context(nrpe(net, root, "A", line))
        code, said = report(net, root, home, "--collect", "--for", "hetzner", "-t", "20")
    words = " ".join(said.split())
    assert code == 0, said
    assert "A collected no traces: NRPE: Command 'bothsides_collect_B' not defined" in words
    assert "B collected no traces: its transport is none; run there bothsides evidence" in words
    assert "B is missing: its transport is none: nobody asks it" in words
    assert "on A: mtr -bzw -c 200 52.1.9.10" in words


def test_the_forced_command_does_nothing_that_is_not_asked_in_its_words(net: Network) -> None:
    with daemons.folder() as root:
        landscape(root, {})
        for asked in ("rm -rf /", "x --collect evil --to B", "--collect aws --to nobody", ""):
            words = evidence(root, "A", "--asked -t 2").replace(" --now", "").split()
            words = [word.strip("'") for word in words]
            done = subprocess.run(
                [*net.inside("A"), "env", f"SSH_ORIGINAL_COMMAND={asked}", *words],
                capture_output=True, text=True, check=False, timeout=20,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout
            peers = json.loads(done.stdout)["peers"]
            assert [each["peer"] for each in peers] == ["B", "C", "D", "E"]
            assert not any("collected" in each for each in peers)
