"""What is asked and how: HTTP/2, source addresses, IPv6, files of ours, odd texts."""

import base64
import socket
import ssl
from pathlib import Path

import pytest

from tests.support import need
from tests.support.daemons import folder, nginx
from tests.support.forked import run
from tests.support.lab import Lab, lab
from tests.support.servers import ANSWER, answering, read_head, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def test_http_2_is_asked_for_expected_and_told(made: Lab) -> None:
    with folder() as root:
        certificate = root / "good.pem"
        certificate.write_bytes(Path(made.file("good")).read_bytes())
        certificate.chmod(0o644)
        server = (
            f"server {{ listen 127.0.0.1:PORT ssl http2; ssl_certificate {certificate};"
            f" ssl_certificate_key {certificate};"
            ' location / { add_header X-Kind test; return 200 "hello\\n"; } }'
        )
        with nginx(server, root) as daemon:
            url = (f"https://127.0.0.1:{daemon.port}/", "--ca-cert", made.bundle)
            two = run(
                "check_https",
                *url,
                "--expect-http-version",
                "2",
                "-s",
                "hello",
                "-d",
                "x-kind: test",
            )
            one = run("check_https", *url, "--http-version", "1.1", "--expect-http-version", "2")
    assert two.code == 0, two.text
    assert (one.code, "answered by HTTP/1.1 instead of 2" in one.line) == (2, True), one.text


def test_the_source_address_is_ours_to_choose(made: Lab) -> None:
    seen: list[str] = []

    def talk(client: socket.socket) -> None:
        read_head(client)
        seen.append(client.getpeername()[0])
        client.sendall(ANSWER)

    with serving(talk, made.file("good")) as server:
        url = f"https://127.0.0.1:{server.port}/"
        assert run("check_https", url, "--ca-cert", made.bundle, "--source", "127.0.0.7").code == 0
        bad = run("check_https", url, "--ca-cert", made.bundle, "--source", "192.0.2.77")
    assert seen[0] == "127.0.0.7"
    assert (bad.code, "blame: " in bad.text) == (3, True), bad.text


def test_ipv6_works_as_a_name_and_as_an_address(made: Lab) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    try:
        with serving(answering(ANSWER), context=context, host="::1") as server:
            outcome = run(
                "check_https",
                "-I",
                "::1",
                "-H",
                "good.test",
                "-p",
                str(server.port),
                "--ca-cert",
                made.bundle,
                "-6",
            )
            literal = run("check_https", f"https://[::1]:{server.port}/", "--ca-cert", made.bundle)
    except OSError:
        need.missing("no IPv6 on loopback")
    assert outcome.code == 0, outcome.text
    assert (literal.code, "not for ::1" in literal.line) == (2, True), literal.text


def test_without_any_bundle_we_cannot_ask(made: Lab) -> None:
    outcome = run("check_https", "https://127.0.0.1:1/", "--ca-cert", "/nowhere/ca.pem")
    assert (outcome.code, "cannot read the CA bundle /nowhere/ca.pem" in outcome.line) == (3, True)


def test_files_of_ours_that_are_broken_are_not_the_servers_fault(made: Lab, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing\n")
    good = made.file("good")
    with serving(answering(ANSWER), good) as server:
        url = f"https://127.0.0.1:{server.port}/"
        bundle = run("check_https", url, "--ca-cert", str(empty))
        pipe = run("check_https", url, "--ca-cert", "/dev/null")
        certificate = run(
            "check_https", url, "--ca-cert", made.bundle, "-J", str(empty), "-K", good
        )
        key = run(
            "check_https", url, "--ca-cert", made.bundle, "-J", good, "-K", made.file("expired")
        )
    for outcome in (bundle, pipe, certificate, key):
        assert (outcome.code, "blame: config" in outcome.text) == (3, True), outcome.text


def test_options_beyond_ascii_go_out_as_the_octets_that_were_given(made: Lab) -> None:
    heads: list[bytes] = []

    def talk(client: socket.socket) -> None:
        heads.append(read_head(client))
        client.sendall(ANSWER)

    with serving(talk, made.file("good")) as server:
        where = ("-H", "localhost", "-4", "-p", str(server.port), "--ca-cert", made.bundle)
        given = (
            "-u",
            "/gr\u00fcn x",
            "-A",
            "M\u00fcller",
            "-k",
            "X-A: \u00e4",
            "-a",
            "\u00fc:\u00f6",
            "-P",
            "\u00df",
        )
        outcome = run("check_https", *where, *given)
    assert outcome.code == 0, outcome.text
    assert heads[0].startswith(b"POST /gr%C3%BCn%20x HTTP/1.1\r\n")
    assert "User-Agent: M\u00fcller\r\n".encode() in heads[0]
    assert "X-A: \u00e4\r\n".encode() in heads[0]
    assert b"Authorization: Basic " + base64.b64encode("\u00fc:\u00f6".encode()) in heads[0]
    assert b"Content-Length: 2\r\n" in heads[0]
