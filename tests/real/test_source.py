"""--source: every check sends from the named address, and says so where this host lacks it."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import need, net
from tests.support.forked import run
from tests.support.harm import PORT, reflecting

SOURCE, TARGET = "127.0.0.77", "127.0.0.78"  # to 127.0.0.1 others send probes meanwhile
FOUR = ("check_udp_loss", "check_https", "check_mtr_path", "check_snmp_clock")


@contextmanager
def senders(kind: socket.SocketKind, port: int = 0) -> Iterator[tuple[int, list[str]]]:
    """A port on loopback that answers nothing, and the addresses that have sent to it."""
    with socket.socket(socket.AF_INET, kind) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((TARGET, port))
        opened.settimeout(60)
        heard: list[str] = []

        def listen() -> None:
            if kind == socket.SOCK_STREAM:
                opened.listen()
                connection, address = opened.accept()
                connection.close()
            else:
                _, address = opened.recvfrom(2048)
            heard.append(address[0])

        thread = threading.Thread(target=listen)
        thread.start()
        yield opened.getsockname()[1], heard
        thread.join()


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        ("check_udp_loss", socket.SOCK_DGRAM),
        ("check_snmp_clock", socket.SOCK_DGRAM),
        ("check_https", socket.SOCK_STREAM),
    ],
)
def test_the_far_end_sees_the_named_source(check: str, kind: socket.SocketKind) -> None:
    with senders(kind) as (port, heard):
        run(check, "-H", TARGET, "-p", str(port), "--source", SOURCE, "-t", "3")
    assert heard == [SOURCE]


@pytest.mark.parametrize("engine", ["mtr-packet", "mtr"])
def test_a_path_is_traced_from_the_named_source(engine: str, tmp_path: Path) -> None:
    need.root()
    need.program(engine, "mtr-tiny")
    words = ("-H", TARGET, "--engine", engine, "--source", SOURCE, "-t", "60", "--state-dir")
    with senders(socket.SOCK_DGRAM, 33434) as (_, heard):  # where UDP probes go
        outcome = run("check_mtr_path", *words, str(tmp_path))
    assert (heard, outcome.code) == ([SOURCE], 0), outcome.text


@pytest.fixture(scope="module")
def lossy() -> Iterator[net.Network]:
    """near with two addresses, a router, and far, which answers UDP to the second one alone.

    far drops each third packet that comes in.
    """
    need.program("mtr-packet", "mtr-tiny")
    with net.network() as made:
        for name in ("near", "router", "far"):
            made.host(name)
        interface, _ = made.link("near", "10.90.0.1/24", "router", "10.90.0.2/24")
        made.link("router", "10.91.0.1/24", "far", "10.91.0.2/24")
        made.route("near", "default", "via", "10.90.0.2")
        made.route("far", "default", "via", "10.91.0.1")
        address = (*made.inside("near"), "ip", "address", "add", "10.90.0.3/24", "dev", interface)
        net.command(*address)
        made.drop("far", f"udp dport {PORT} ip saddr != 10.90.0.3 drop")
        made.drop("far", f"udp dport {PORT} numgen inc mod 3 == 0 drop")
        made.drop("far", "icmp type echo-request numgen inc mod 3 == 0 drop")
        made.drop("far", "udp dport 33434-33524 numgen inc mod 3 == 0 drop")
        with reflecting(made, "far"):
            yield made


PATH = ("-H", "10.91.0.2", "-w", "pl=1", "-t", "8")


def test_the_reflector_of_a_path_is_asked_from_the_named_source(lossy: net.Network) -> None:
    words = (*PATH, "--memory", "off", "--udp", f"10.91.0.2:{PORT}")
    named = run("check_mtr_path", *words, "--source", "10.90.0.3", inside=lossy.inside("near"))
    assert "loss on the way out" in named.line, named
    other = run("check_mtr_path", *words, "--source", "10.90.0.1", inside=lossy.inside("near"))
    assert "where depends on the direction" in other.line, other


def test_the_direction_that_check_udp_loss_remembers_is_used(
    lossy: net.Network, tmp_path: Path
) -> None:
    kept = ("--state-dir", str(tmp_path), "--memory", "rw")
    asked = ("-H", "10.91.0.2", "-p", str(PORT), "--source", "10.90.0.3", "-n", "60", "-t", "3")
    before = run("check_mtr_path", *PATH, *kept, inside=lossy.inside("near"))
    assert "where depends on the direction" in before.line, before
    udp = run("check_udp_loss", *asked, *kept, inside=lossy.inside("near"))
    assert "lost 20/60 (33.33 %: 20 out, 0 back)" in udp.line, udp
    after = run("check_mtr_path", *PATH, *kept, inside=lossy.inside("near"))
    assert "loss on the way out" in after.line, after
    told = r"the direction is check_udp_loss's of \d+ s ago: lost 20/60 \(20 out, 0 back\)"
    assert re.search(told.replace("'", ""), after.text), after


@pytest.mark.parametrize("check", FOUR)
def test_a_source_that_this_host_lacks_is_our_fault(check: str) -> None:
    outcome = run(check, "-H", "127.0.0.1", "--source", "192.0.2.99", "-t", "2")
    assert outcome.code == 3, outcome.text
    if check != "check_https":  # libcurl says it in its own words
        words = "--source 192.0.2.99 is no address of this host, see ip address"
        assert words in outcome.line


@pytest.mark.parametrize("check", FOUR)
def test_a_source_decides_the_ip_version(check: str) -> None:
    outcome = run(check, "-H", "127.0.0.1", "--source", "::1", "-4", "-t", "2")
    assert outcome.code == 3
    assert "--source ::1 is no IPv4 address" in outcome.line
