"""--source: every check sends from the named address, and says so where this host lacks it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import need
from tests.support.process import run

SOURCE = "127.0.0.77"
FOUR = ("check_udp_loss", "check_https", "check_mtr_path", "check_snmp_clock")


@contextmanager
def senders(kind: socket.SocketKind, port: int = 0) -> Iterator[tuple[int, list[str]]]:
    """A port on loopback that answers nothing, and the addresses that have sent to it."""
    with socket.socket(socket.AF_INET, kind) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(("127.0.0.1", port))
        opened.settimeout(5)
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
        run(check, "-H", "127.0.0.1", "-p", str(port), "--source", SOURCE, "-t", "1")
    assert heard == [SOURCE]


@pytest.mark.parametrize("engine", ["mtr-packet", "mtr"])
def test_a_path_is_traced_from_the_named_source(engine: str, tmp_path: Path) -> None:
    need.root()
    need.program(engine, "mtr-tiny")
    words = ("-H", "127.0.0.1", "--engine", engine, "--source", SOURCE, "--state-dir")
    with senders(socket.SOCK_DGRAM, 33434) as (_, heard):  # where UDP probes go
        outcome = run("check_mtr_path", *words, str(tmp_path))
    assert (heard, outcome.code) == ([SOURCE], 0), outcome.text


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
