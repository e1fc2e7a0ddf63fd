"""Our resolver's health, asked of name servers on loopback that live, refuse or are silent."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.probe.net import resolver_health


@contextmanager
def server(code: int | None) -> Iterator[int]:
    """A name server on 127.0.0.1 that answers everything with this code (None: nothing); its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)

        def talk() -> None:
            try:
                query, peer = listener.recvfrom(512)
            except OSError:
                return
            if code is not None:
                listener.sendto(query[:2] + bytes([0x81, 0x80 | code]) + query[4:], peer)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(6)


@pytest.mark.parametrize(
    ("code", "alive"), [(0, True), (3, True), (2, False), (5, False), (None, False)]
)
def test_only_a_server_that_can_look_things_up_is_alive(
    code: int | None, alive: bool, tmp_path: Path
) -> None:
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    with server(code) as port:
        found = resolver_health.ask("", Deadline(5), 0.3, port, str(tmp_path / "resolv.conf"))
    assert found == resolver_health.Resolver(("127.0.0.1",), ("127.0.0.1",) if alive else ())


def test_a_question_is_one_of_rfc_1035() -> None:
    assert resolver_health.question(b"ab", "") == bytes.fromhex(
        "6162 0100 0001 0000 0000 0000 00 0002 0001"
    )
    assert resolver_health.question(b"ab", "a.bc").endswith(b"\x01a\x02bc\x00\x00\x01\x00\x01")


def test_name_servers_come_from_resolv_conf(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# x\nnameserver 192.0.2.1\nsearch a\nnameserver 2001:db8::1\noptions x\n")
    assert resolver_health.configured(str(file)) == ("192.0.2.1", "2001:db8::1")
    assert resolver_health.configured(str(tmp_path / "gone")) == ("127.0.0.1",)
