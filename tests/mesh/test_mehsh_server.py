"""mehsh's far end: what it answers, and what ended or misled mehsh's own server."""

import socket
import time
from collections.abc import Iterator

import pytest

from bothsides.base.errors import Unable
from bothsides.mesh.mehsh_server import MehshServer

REQUEST = bytes.fromhex("13706a4b0000000100000000000000010001")
"""The first request of a mehsh node, as it stands in research and on the wire."""

REPLY = bytes.fromhex("13706a4b0000000100000000000000010002")


@pytest.fixture
def server() -> Iterator[MehshServer]:
    made = MehshServer(0, frozenset(("127.0.0.1",)))
    yield made
    made.close()


def asked(server: MehshServer, *data: bytes) -> list[bytes]:
    """All replies to these datagrams."""
    port = server.socket.getsockname()[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.settimeout(0.1)
        for each in data:
            opened.sendto(each, ("127.0.0.1", port))
        time.sleep(0.02)
        server.turn()
        found = []
        try:
            while True:
                found.append(opened.recv(2048))
        except TimeoutError:
            return found


def test_a_request_of_mehsh_has_mehsh_s_reply(server: MehshServer) -> None:
    assert asked(server, REQUEST) == [REPLY]


def test_junk_ends_nothing(server: MehshServer) -> None:
    """mehsh, defect 1: one bad datagram ended its whole process."""
    junk = (b"", b"x", bytes(18), b"\xff" * 18, REQUEST[:17], b"\x13\x70\x6a\x4b" * 400)
    assert asked(server, *junk, REQUEST) == [REPLY]


def test_a_reply_is_not_answered(server: MehshServer) -> None:
    """mehsh, defect 2: one forged packet went to and fro between two servers for ever."""
    assert asked(server, REPLY) == []


def test_a_long_request_has_not_six_replies(server: MehshServer) -> None:
    """mehsh, defect 3: a request of 100 octets had 6 replies of 18."""
    assert asked(server, REQUEST + bytes(82)) == []


def test_strangers_and_other_servers_have_no_reply(server: MehshServer) -> None:
    assert server.reply(REQUEST, "127.0.0.1", 40000) == REPLY
    assert server.reply(REQUEST, "192.0.2.1", 40000) == b""
    assert server.reply(REQUEST, "127.0.0.1", 862) == b""


def test_a_port_that_is_taken_is_said(server: MehshServer) -> None:
    port = server.socket.getsockname()[1]
    with pytest.raises(Unable, match=f"cannot answer mehsh on port {port}: Address already in use"):
        MehshServer(port, frozenset())
