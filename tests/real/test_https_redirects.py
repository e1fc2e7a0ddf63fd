"""Redirects: where they lead, and what goes with them."""

import socket
import ssl
from collections.abc import Callable

import pytest

from tests.support.forked import run
from tests.support.lab import Lab, lab
from tests.support.servers import ANSWER, answering, read_head, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def test_a_redirect_to_plain_http_is_a_warning(made: Lab) -> None:
    with serving(answering(ANSWER)) as plain:
        location = f"Location: http://127.0.0.1:{plain.port}/\r\nContent-Length: 0\r\n\r\n"
        there = f"HTTP/1.1 301 Moved\r\n{location}".encode()
        with serving(answering(there), made.file("good")) as server:
            url = f"https://127.0.0.1:{server.port}/"
            outcome = run("check_https", url, "--ca-cert", made.bundle, "-f", "follow")
    assert (outcome.code, "redirect from https to http" in outcome.line) == (1, True), outcome.text


def test_sticky_stays_at_the_address_and_stickyport_at_the_port(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as other:

        def talk(client: socket.socket) -> None:
            path = read_head(client).split()[1]
            location = f"https://good.test:{other.port}/there"
            there = f"HTTP/1.1 301 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            client.sendall(ANSWER if path == b"/there" else there.encode())

        with serving(talk, made.file("good")) as server:
            where = (
                "-H",
                "localhost",
                "-I",
                "127.0.0.1",
                "-p",
                str(server.port),
                "--ca-cert",
                made.bundle,
                "-t",
                "3",
            )
            sticky = run("check_https", *where, "-f", "sticky", "-e", "200", "-v")
            port = run("check_https", *where, "-f", "stickyport", "-e", "200", "-v")
    assert sticky.code == 0, sticky.text
    assert f"https://good.test:{other.port}/there" in sticky.text
    assert port.code == 0, port.text
    assert f"https://good.test:{server.port}/there" in port.text


def asked(
    heads: list[bytes], there: str, status: str = "302 Found"
) -> Callable[[socket.socket], None]:
    """A server that redirects / and keeps the heads of all that it was asked."""

    def talk(client: socket.socket) -> None:
        head = read_head(client)
        known = isinstance(client, ssl.SSLSocket) and client.getpeercert()
        heads.append(b"certified " + head if known else head)
        away = f"HTTP/1.1 {status}\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode()
        client.sendall(away if head.split()[1] == b"/" else ANSWER)

    return talk


def test_sticky_stays_at_the_host_of_its_own_url_among_many(made: Lab) -> None:
    heads: list[bytes] = []
    with (
        serving(answering(ANSWER), made.file("good")) as one,
        serving(asked(heads, "/next"), made.file("good"), "127.0.0.2") as two,
    ):
        urls = (f"https://127.0.0.1:{one.port}/", f"https://127.0.0.2:{two.port}/")
        outcome = run(
            "check_https", *urls, "-f", "sticky", "--ca-cert", made.bundle, "--insecure", "-t", "3"
        )
    assert outcome.code == 0, outcome.text
    assert [head.split()[1] for head in heads] == [b"/", b"/next"]


def test_logins_headers_and_bodies_do_not_follow_a_redirect_to_another_port(made: Lab) -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    good = made.file("good")
    secrets = (
        "-a",
        "user:secret",
        "-k",
        "X-Token: secret",
        "-P",
        "word=secret",
        "-J",
        good,
        "-K",
        good,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    context.load_verify_locations(made.bundle)
    context.verify_mode = ssl.CERT_OPTIONAL
    for status in ("302 Found", "307 Temporary Redirect"):
        with serving(asked(second, "/here"), context=context) as other:
            there = f"https://localhost:{other.port}/there"
            with serving(asked(first, there, status), context=context) as server:
                url = f"https://localhost:{server.port}/"
                outcome = run(
                    "check_https",
                    url,
                    "-4",
                    "-f",
                    "follow",
                    *secrets,
                    "--ca-cert",
                    made.bundle,
                    "-t",
                    "3",
                )
        assert outcome.code == 0, outcome.text
    assert all(b"Authorization" in head and b"X-Token" in head for head in first)
    assert all(head.startswith(b"certified POST / ") for head in first)
    for head in second:
        assert head.startswith(b"GET /there ")
        assert b"Authorization" not in head
        assert b"X-Token" not in head
        assert b"Content-" not in head


def test_a_redirect_on_the_same_server_keeps_the_login_and_turns_post_into_get(made: Lab) -> None:
    heads: list[bytes] = []
    with serving(asked(heads, "/there"), made.file("good")) as server:
        url = f"https://localhost:{server.port}/"
        given = (
            "-a",
            "user:secret",
            "-P",
            "word=secret",
            "-f",
            "follow",
            "--ca-cert",
            made.bundle,
            "-4",
        )
        assert run("check_https", url, *given).code == 0
    assert [head.split()[0] for head in heads] == [b"POST", b"GET"]
    assert all(b"Authorization: Basic" in head for head in heads)
    assert b"Content-Length" not in heads[1]


def test_a_virtual_port_goes_into_the_host_header_of_the_first_server_alone(made: Lab) -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    with serving(asked(second, "/"), made.file("good"), "127.0.0.2") as other:
        there = f"https://127.0.0.2:{other.port}/there"
        with serving(asked(first, there), made.file("good")) as server:
            where = ("-H", "localhost:8443", "-p", str(server.port), "-4", "--insecure")
            outcome = run("check_https", *where, "-f", "follow", "-t", "3")
    assert outcome.code == 0, outcome.text
    assert b"\r\nHost: localhost:8443\r\n" in first[0]
    assert f"\r\nHost: 127.0.0.2:{other.port}\r\n".encode() in second[0]
