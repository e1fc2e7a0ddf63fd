"""Exchanges that break off, and answers whose end nothing tells."""

import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.back_ends import ask, backend, pythons
from tests.support.daemons import folder, nginx
from tests.support.forked import run
from tests.support.lab import Lab, lab
from tests.support.servers import ANSWER, answering, read_head, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def garbage(client: socket.socket) -> None:
    read_head(client)
    client.sendall(b"\x00\xff" * 100 + b"\r\n\r\n")


def gone(client: socket.socket) -> None:
    read_head(client)


def short(client: socket.socket) -> None:
    read_head(client)
    client.sendall(ANSWER[:-3])


def reset(client: socket.socket) -> None:
    read_head(client)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (garbage, "the answer is not HTTP"),
        (gone, "connection was closed without an answer"),
        (short, "the answer ended too early"),
        (reset, "blame: server"),
    ],
)
def test_a_broken_exchange_is_the_servers_fault(
    talk: Callable[[socket.socket], None], words: str, made: Lab
) -> None:
    with serving(talk, made.file("good")) as server:
        outcome = run("check_https", f"https://127.0.0.1:{server.port}/", "--ca-cert", made.bundle)
    assert (outcome.code, words in outcome.text, "blame: server" in outcome.text) == (
        2,
        True,
        True,
    ), outcome.text


@pytest.mark.parametrize(
    "said", ["ERR_CONNECT_FAIL 99999999999999999999", f"ERR_CONNECT_FAIL {'9' * 5000}"]
)
def test_a_proxys_error_number_without_end_is_no_fault_of_ours(said: str) -> None:
    answer = f"HTTP/1.1 503 No\r\nX-Squid-Error: {said}\r\nContent-Length: 0\r\n\r\n".encode()
    with serving(answering(answer)) as proxy:
        outcome = run(
            "check_https",
            "https://good.test/",
            "-x",
            f"http://127.0.0.1:{proxy.port}",
            "--insecure",
        )
    assert (outcome.code, "does not reach the target (503" in outcome.line) == (2, True), (
        outcome.text
    )


def test_an_http_2_stream_that_breaks_off_is_the_servers_fault_and_no_handshake(made: Lab) -> None:
    with folder() as root:
        certificate = root / "good.pem"
        certificate.write_bytes(Path(made.file("good")).read_bytes())
        server = (
            f"server {{ listen 127.0.0.1:PORT ssl http2; ssl_certificate {certificate};"
            f" ssl_certificate_key {certificate};"
            " location / { return 444; } }"  # nginx's own number for ending without an answer
        )
        with nginx(server, root) as daemon:
            for python in pythons():
                backend(python)
                code, line = ask(
                    python,
                    "-H",
                    "localhost",
                    "-4",
                    "-p",
                    str(daemon.port),
                    "--ca-cert",
                    made.bundle,
                )
                known = ("the HTTP/2 exchange broke off", "the server broke off the HTTP/2 answer")
                assert (code, any(words in line for words in known)) == (2, True), (
                    f"{python}: {line}"
                )


def frame(kind: int, stream: int, body: bytes = b"") -> bytes:
    """A frame of HTTP/2 (RFC 9113 section 4.1): length, type, no flags, stream."""
    return len(body).to_bytes(3, "big") + bytes([kind, 0]) + stream.to_bytes(4, "big") + body


def going_away(last: int, reason: int) -> bytes:
    """GOAWAY, as a server that is being stopped or has had enough of a client sends it."""
    return frame(7, 0, last.to_bytes(4, "big") + reason.to_bytes(4, "big"))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            going_away(0, 11),  # ENHANCE_YOUR_CALM
            "the server closed the HTTP/2 connection without an answer (GOAWAY) (blame: server)",
        ),
        (going_away(0, 0), "5 tries in turn ended without an answer of the server (blame: server)"),
        (
            frame(3, 1, (2).to_bytes(4, "big")),  # RST_STREAM
            "the server broke off the HTTP/2 answer (INTERNAL_ERROR) (blame: server)",
        ),
    ],
    ids=["goaway", "goaway of a server that stops", "stream reset"],
)
def test_a_server_that_speaks_http_2_and_gives_no_answer(
    made: Lab, said: bytes, words: str
) -> None:
    def talk(client: socket.socket) -> None:
        client.sendall(frame(4, 0))  # SETTINGS
        received = b""
        while len(received) < 60 and (more := client.recv(65536)):
            received += more
        client.sendall(said)
        client.settimeout(0.3)
        while client.recv(65536):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    context.set_alpn_protocols(["h2"])
    with serving(talk, context=context) as server:
        arguments = ("-I", "127.0.0.1", "-H", "localhost", "-p", str(server.port))
        outcome = run("check_https", *arguments, "--ca-cert", made.bundle)
    assert (outcome.code, outcome.line) == (
        2,
        f"HTTPS CRITICAL - https://localhost:{server.port}/: {words}",
    )


def test_a_body_whose_end_nothing_tells_may_be_cut_off_and_a_head_is_not_an_answer(
    made: Lab,
) -> None:
    def talk(client: socket.socket) -> None:
        head = read_head(client)
        client.sendall(
            b"HTTP/1.1 200 OK\r\nServer: old" + (b"" if b"/head" in head else b"\r\n\r\nhello\n")
        )
        client.shutdown(socket.SHUT_WR)  # TCP's goodbye, without TLS's

    with serving(talk, made.file("good")) as server:
        arguments = ("-H", "localhost", "-4", "-p", str(server.port), "--ca-cert", made.bundle)
        for python in pythons():
            backend(python)
            code, line = ask(python, *arguments, "-s", "hello")
            assert (code, "TLS ended without close_notify" in line) == (1, True), (
                f"{python}: {line}"
            )
            assert ask(python, *arguments, "-s", "goodbye")[0] == 2
            assert ask(python, *arguments, "--state", "close=ok")[0] == 0
            code, line = ask(python, *arguments, "-u", "/head")
            assert (code, "the answer ended too early" in line) == (2, True), f"{python}: {line}"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"X-A: " + b"y" * 1000, "the head of the answer is too large (blame: server)"),
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc",
         "the chunked coding of the answer is broken (chunk hex-length char not a hex digit: 0x7a)"
         " (blame: server)"),
        (b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc",
         "the chunked coding of the answer is broken (invalid chunk size: FFFFFFFFFFFFFFFF)"
         " (blame: server)"),
    ],
    ids=["endless head", "no number of octets", "impossible number of octets"],
)  # fmt: skip
def test_an_answer_that_no_client_can_read_is_named(made: Lab, said: bytes, words: str) -> None:
    def talk(client: socket.socket) -> None:
        read_head(client)
        client.sendall(b"HTTP/1.1 200 OK\r\n" + said)
        while said.startswith(b"X-A"):
            client.sendall(b"\r\n" + said)

    with serving(talk, made.file("good")) as server:
        url = f"https://localhost:{server.port}/"
        outcome = run("check_https", url, "-4", "--ca-cert", made.bundle, "-t", "5")
    assert (outcome.code, outcome.line) == (2, f"HTTPS CRITICAL - {url}: {words}")


def test_a_redirect_to_what_is_no_url_is_said_in_words_for_the_reader(made: Lab) -> None:
    moved = b"HTTP/1.1 302 F\r\nLocation: javascript:alert(1)\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(moved), made.file("good")) as server:
        url = f"https://localhost:{server.port}/"
        outcome = run("check_https", url, "-4", "--ca-cert", made.bundle, "-f", "follow")
    words = "the redirect leads nowhere: javascript:alert(1) is not a URL"
    assert (outcome.code, outcome.line) == (2, f"HTTPS CRITICAL - {url}: {words}")
