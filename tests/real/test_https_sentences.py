"""Line 1 of check_https word by word.

What an operator reads when the wrong port or page was asked.
"""

import gzip
import socket
import time
from collections.abc import Callable

import pytest

from tests.support.forked import run
from tests.support.lab import Lab, lab
from tests.support.servers import ANSWER, answering, read_head, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def said(made: Lab, port: int, *arguments: str) -> tuple[int, str]:
    """Exit code, and line 1 with the port as PORT."""
    where = ("-I", "127.0.0.1", "-H", "localhost", "-p", str(port), "--ca-cert", made.bundle)
    outcome = run("check_https", *where, *arguments, "-t", "3")
    return outcome.code, outcome.line.replace(f":{port}", ":PORT")


def answered(text: bytes) -> Callable[[socket.socket], None]:
    return answering(b"HTTP/1.1 " + text)


def test_a_port_that_greets_is_named_by_its_greeting(made: Lab) -> None:
    def greet(client: socket.socket) -> None:
        client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        client.recv(100)
        time.sleep(0.1)

    with serving(greet) as server:
        found = said(made, server.port)
    words = "no TLS on this port: it greets with SSH-2.0-OpenSSH_9.2 (blame: tls)"
    assert found == (2, f"HTTPS CRITICAL - https://localhost:PORT/: {words}")


def test_a_port_for_tls_that_was_asked_in_plain_is_said_to_be_one(made: Lab) -> None:
    body = b"<h1>The plain HTTP request was sent to HTTPS port</h1>"
    text = b"400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with serving(answered(text)) as server:
        code, line = said(made, server.port, "--plain")
    assert (code, line.endswith(", this port speaks TLS, see -S")) == (1, True), line


def test_a_compressed_body_that_nobody_asked_for_is_named_where_a_string_is_missing(
    made: Lab,
) -> None:
    body = gzip.compress(b"hello")
    head = b"200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    with serving(answered(head + body), made.file("good")) as server:
        code, line = said(made, server.port, "-s", "hello")
    hint = "the body is gzip, see --enable-automatic-decompression"
    assert (code, line.endswith(f"string hello not found in the body, {hint}")) == (2, True), line


def test_a_failure_after_a_redirect_names_both_urls_without_tokens(made: Lab) -> None:
    to = b"302 F\r\nLocation: https://127.0.0.1:1/x?token=secret\r\nContent-Length: 0\r\n\r\n"
    with serving(answered(to), made.file("good")) as server:
        followed = said(made, server.port, "-f", "follow", "-u", "/go")
        shown = said(made, server.port, "-f", "warning", "-u", "/go")
    cause = "connection refused by 127.0.0.1 port 1 (blame: server)"
    words = f"after a redirect to https://127.0.0.1:1/x?token=...: {cause}"
    assert followed == (2, f"HTTPS CRITICAL - https://localhost:PORT/go: {words}")
    assert shown[0] == 1
    assert "secret" not in shown[1]
    assert shown[1].endswith("redirects to https://127.0.0.1:1/x?...")


def test_a_url_in_place_of_a_name_is_answered_with_the_remedy() -> None:
    outcome = run("check_https", "-H", "https://www.lab.test/")
    assert outcome.code == 3
    assert "-H takes a name: give the URL alone, or with -u" in outcome.line


@pytest.mark.parametrize(("scheme", "port"), [("--plain", "80"), ("-S", "443")])
def test_the_own_port_of_a_scheme_is_no_part_of_the_host_header(
    scheme: str, port: str, made: Lab
) -> None:
    heads: list[bytes] = []

    def talk(client: socket.socket) -> None:
        heads.append(read_head(client))
        client.sendall(ANSWER)

    certificate = "" if scheme == "--plain" else made.file("good")
    with serving(talk, certificate) as server:
        where = ("-I", "127.0.0.1", "-H", f"localhost:{port}", "-p", str(server.port), scheme)
        outcome = run("check_https", *where, "--ca-cert", made.bundle)
    assert outcome.code == 0, outcome.text
    assert b"\r\nHost: localhost\r\n" in heads[-1]


def test_a_method_is_sent_as_it_is_written(made: Lab) -> None:
    heads: list[bytes] = []

    def talk(client: socket.socket) -> None:
        heads.append(read_head(client))
        client.sendall(ANSWER)

    with serving(talk, made.file("good")) as server:
        assert said(made, server.port, "-j", "foo")[0] == 0
    assert heads[-1].startswith(b"foo / HTTP/1.1\r\n")


def test_many_urls_and_addresses_are_counted(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        dead = [f"https://127.0.0.1:{port}/" for port in (1, 2, 3)]
        good = f"https://localhost:{server.port}/"
        outcome = run("check_https", good, *dead, "-4", "--ca-cert", made.bundle)
    assert outcome.code == 2
    assert outcome.line.startswith("HTTPS CRITICAL - 4 URLs: 3 of 4 bad: https://127.0.0.1:1/: ")
