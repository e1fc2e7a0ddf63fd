"""What ports say that speak neither TLS nor HTTP, or the other one."""

import socket
from pathlib import Path

import pytest

from bothsides.probe.https.banner import banner
from tests.support.lab import lab
from tests.support.servers import ANSWER, answering, serving


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", "it greets with SSH-2.0-OpenSSH_9.2p1 Debian"),
        (b"220 mail.test ESMTP\r\n250 x\r\n", "it greets with 220 mail.test ESMTP"),
        (b"\x00\xff\xfe", ""),
    ],
)
def test_a_greeting_is_shown(words: bytes, said: str) -> None:
    def greet(client: socket.socket) -> None:
        client.sendall(words)
        client.recv(100)

    with serving(greet) as server:
        assert banner("127.0.0.1", server.port) == said


def test_a_port_that_speaks_http_or_tls_is_told(tmp_path: Path) -> None:
    with serving(answering(ANSWER)) as plain:
        assert banner("127.0.0.1", plain.port) == "it speaks plain HTTP"
    with serving(answering(ANSWER), lab(tmp_path).file("good")) as tls:
        assert banner("127.0.0.1", tls.port) in ("it speaks TLS", "")


def test_a_port_that_is_closed_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert banner("127.0.0.1", port) == ""
