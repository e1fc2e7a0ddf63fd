"""What is sent and trusted, as libcurl's options."""

import os
import socket
import ssl
from pathlib import Path

import pytest

from tests.support.forked import run
from tests.support.lab import Lab, lab
from tests.support.servers import ANSWER, answering, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def test_a_client_certificate_is_shown_and_a_missing_one_is_our_fault(made: Lab) -> None:
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    strict.load_cert_chain(made.file("good"))
    strict.load_verify_locations(made.bundle)
    strict.verify_mode = ssl.CERT_REQUIRED

    def talk(client: socket.socket) -> None:
        with client.dup() as rest:
            try:
                with strict.wrap_socket(client, server_side=True) as tls:
                    answering(ANSWER)(tls)
            except ssl.SSLError:
                rest.recv(
                    1 << 16
                )  # closing with the request unread would reset the connection, and lose the alert

    with serving(talk) as server:
        url = (f"https://127.0.0.1:{server.port}/", "--ca-cert", made.bundle)
        shown = run("check_https", *url, "-J", made.file("good"), "-K", made.file("good"))
        without = run("check_https", *url)
        gone = run("check_https", *url, "-J", "/nowhere/cert.pem", "-K", made.file("good"))
    assert shown.code == 0, shown.text
    assert (
        without.code,
        "after the handshake: tlsv13 alert certificate required, see" in without.text,
    ) == (2, True)
    assert (gone.code, "/nowhere/cert.pem" in gone.line) == (3, True)


@pytest.mark.parametrize("option", ["-J", "-K", "--ca-cert", "--cookie-jar"])
def test_a_pipe_is_no_file_to_wait_for(option: str, made: Lab, tmp_path: Path) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    given = {
        "-J": made.file("good"),
        "-K": made.file("good"),
        "--ca-cert": made.bundle,
        "--cookie-jar": str(tmp_path / "jar"),
    }
    words = [word for pair in {**given, option: pipe}.items() for word in pair]
    outcome = run("check_https", "https://127.0.0.1:1/", "-t", "1", *words)
    assert (outcome.code, pipe in outcome.text) == (3, True), outcome.text


def test_a_cookie_jar_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    for jar in ("-", str(tmp_path / "nowhere" / "jar"), str(tmp_path)):
        outcome = run("check_https", "https://127.0.0.1:1/", "-t", "1", "--cookie-jar", jar)
        assert (outcome.code, f"the cookie jar {jar}: " in outcome.text) == (3, True), outcome.text


def test_a_cookie_jar_is_ours_alone_and_no_link(tmp_path: Path) -> None:
    victim, jar, link = tmp_path / "victim", tmp_path / "jar", tmp_path / "link"
    victim.write_text("untouched")
    link.symlink_to(victim)
    words = ("https://127.0.0.1:1/", "-t", "1", "--cookie-jar")
    assert "it is a symbolic link" in run("check_https", *words, str(link)).line
    run("check_https", *words, str(jar))
    assert (victim.read_text(), jar.stat().st_mode & 0o777) == ("untouched", 0o600)
