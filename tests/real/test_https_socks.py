"""Through SOCKS proxies, real and broken ones, and through an HTTP proxy that is itself spoken to by TLS."""

import os
import re
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.parse.perfdata import from_perfdata
from tests.support import need
from tests.support.daemons import folder, free_port, microsocks, squid, stunnel
from tests.support.lab import Lab, lab
from tests.support.process import HOUSE
from tests.support.servers import ANSWER, Server, Talk, answering, serving

START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from bothsides.check.https.check import main; main()"
WORD = "s3cretw0rd"
LOGIN = f"monitor:{WORD}"
PYTHONS = (sys.executable, "/usr/bin/python3")  # the wheel's libcurl and Debian's


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def server(made: Lab) -> Iterator[Server]:
    with serving(answering(ANSWER), made.file("good")) as found:
        yield found


@pytest.fixture(scope="module")
def guarded() -> Iterator[int]:
    """The port of a SOCKS proxy that wants a login."""
    with folder() as root, microsocks(root, LOGIN) as daemon:
        yield daemon.port


def ask(made: Lab, python: str, proxy: str, *arguments: str) -> tuple[int, str]:
    """Exit code and whole output, which has no secret in it."""
    command = [
        python,
        "-c",
        START,
        str(HOUSE / "lib"),
        "-t",
        "4",
        "--ca-cert",
        made.bundle,
        "-x",
        proxy,
        *arguments,
    ]
    environment = {"PATH": os.environ["PATH"], "LOGIN": LOGIN}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=20, check=False
    )
    assert done.stderr == ""
    assert WORD not in done.stdout
    return done.returncode, done.stdout


def phases(text: str) -> dict[str, float]:
    figures = from_perfdata(text.partition("\n")[0].partition("|")[2])
    return {figure.label: figure.value or 0.0 for figure in figures}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_socks_proxy_leads_to_the_server(
    made: Lab, server: Server, guarded: int, python: str, scheme: str, host: str
) -> None:
    proxy = f"{scheme}://127.0.0.1:{guarded}"
    code, text = ask(
        made, python, proxy, f"https://{host}:{server.port}/", "-4", "-b", "env:LOGIN", "-v"
    )
    assert (code, "200 OK in " in text, f"through proxy 127.0.0.1:{guarded}" in text) == (
        0,
        True,
        True,
    ), text
    found = phases(text)
    assert 0 < found["time_proxy"] < 0.5
    assert 0 < found["time_tls"] < 0.5
    parts = sum(
        found[f"time_{name}"] for name in ("dns", "connect", "proxy", "tls", "server", "transfer")
    )
    assert abs(parts - found["time"]) < 0.001


@pytest.mark.parametrize("python", PYTHONS)
def test_a_socks_proxys_refusals_are_told_apart(
    made: Lab, server: Server, guarded: int, python: str
) -> None:
    proxy, here = f"socks5h://127.0.0.1:{guarded}", f"https://127.0.0.1:{server.port}/"
    closed = free_port()
    cases = [
        (
            ask(made, python, proxy, here, "-b", "monitor:wrong"),
            "refused the login of user monitor",
            "proxy",
        ),
        (ask(made, python, proxy, here), "wants a login, see --proxy-authorization", "proxy"),
        (
            ask(made, python, proxy, f"https://127.0.0.1:{closed}/", "-b", "env:LOGIN"),
            "does not reach the target (SOCKS: connection refused)",
            "path",
        ),
        (
            ask(made, python, proxy, f"http://127.0.0.1:{closed}/", "-b", "env:LOGIN"),
            "does not reach the target (SOCKS: connection refused)",
            "path",
        ),
        (
            ask(made, python, proxy, "https://nowhere.invalid/", "-b", "env:LOGIN"),
            "does not reach the target (SOCKS: general failure)",
            "path",
        ),
        (
            ask(made, python, f"socks5h://127.0.0.1:{closed}", here),
            f"proxy 127.0.0.1:{closed} refuses connections",
            "proxy",
        ),
    ]
    for (code, text), words, blame in cases:
        assert (code, words in text, f"blame: {blame})" in text) == (2, True, True), text


def test_a_name_that_the_proxy_is_not_to_look_up_fails_as_one_of_our_own(
    made: Lab, guarded: int
) -> None:
    code, text = ask(
        made,
        sys.executable,
        f"socks5://127.0.0.1:{guarded}",
        "https://nowhere.invalid/",
        "-b",
        "env:LOGIN",
    )
    assert code in (2, 3), text
    assert re.search(r"nowhere\.invalid .*blame: (dns|local)\)", text), text
    assert "name of the proxy" not in text


def replying(*replies: bytes) -> Talk:
    """A proxy that answers each message with the next reply, and then hangs up."""

    def talk(client: socket.socket) -> None:
        for reply in replies:
            if not client.recv(4096):
                return
            client.sendall(reply)

    return talk


OPEN = b"\x05\x00"  # version 5, no login wanted


@pytest.mark.parametrize(
    ("scheme", "replies", "words", "blame"),
    [
        ("socks5h", (OPEN, b"\x05\x02\x00\x01" + bytes(6)), "forbids this target (SOCKS)", "proxy"),
        ("socks5h", (OPEN, b"\x05\x03\x00\x01" + bytes(6)), "(SOCKS: network unreachable)", "path"),
        ("socks5h", (OPEN, b"\x05\x04\x00\x01" + bytes(6)), "(SOCKS: host unreachable)", "path"),
        (
            "socks5h",
            (OPEN, b"\x05\x06\x00\x01" + bytes(6)),
            "(SOCKS: time to live expired)",
            "path",
        ),
        ("socks4", (b"\x00\x5b" + bytes(6),), "(SOCKS: rejected or failed)", "path"),
        ("socks5h", (b"\x05\xff",), "wants a login", "proxy"),
        ("socks5h", (b"\x05\x02", b"\x01\x01"), "wants a login", "proxy"),
        ("socks5h", (b"HTTP/1.1 400 Bad Request\r\n\r\n",), "speaks no such SOCKS", "proxy"),
    ],
)
def test_every_reply_of_a_socks_proxy_has_its_words(
    made: Lab, scheme: str, replies: tuple[bytes, ...], words: str, blame: str
) -> None:
    with serving(replying(*replies)) as proxy:
        code, text = ask(
            made, sys.executable, f"{scheme}://127.0.0.1:{proxy.port}", "https://127.0.0.1:9/"
        )
    assert (code, words in text, f"blame: {blame})" in text) == (2, True, True), text


def test_version_4_of_socks_does_not_wait_for_a_look_up_that_is_over(
    made: Lab, server: Server
) -> None:
    def talk(client: socket.socket) -> None:
        asked = client.recv(4096)
        client.sendall(b"\x00\x5a" + bytes(6))
        with socket.create_connection(("127.0.0.1", int.from_bytes(asked[2:4], "big"))) as far:
            _carried(client, far)

    with serving(talk) as proxy:
        code, text = ask(
            made,
            sys.executable,
            f"socks4://127.0.0.1:{proxy.port}",
            f"https://localhost:{server.port}/",
        )
    assert code == 0, text
    assert phases(text)["time"] < 0.5


def _carried(one: socket.socket, other: socket.socket) -> None:
    """Carries octets both ways until either side is done."""
    while True:
        for side in select.select([one, other], [], [], 5)[0]:
            octets = side.recv(65536)
            if not octets:
                return
            (other if side is one else one).sendall(octets)


def test_version_4_of_socks_knows_no_ipv6_and_that_is_said(made: Lab) -> None:
    with serving(replying(b"")) as proxy:
        code, text = ask(
            made, sys.executable, f"socks4://127.0.0.1:{proxy.port}", "https://[::1]:9/"
        )
    assert (code, "SOCKS 4 knows no IPv6" in text, "blame: config)" in text) == (3, True, True), (
        text
    )


def test_a_silent_socks_proxy_is_not_the_servers_fault(made: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        code, text = ask(
            made, sys.executable, f"socks5h://127.0.0.1:{port}", "https://127.0.0.1:9/", "-t", "1"
        )
    assert (code, "took the connection, but does not answer" in text, "blame: proxy)" in text) == (
        2,
        True,
        True,
    ), text


def test_a_libcurl_that_loses_answers_of_a_proxy_behind_tls_is_not_trusted_with_one(
    made: Lab,
) -> None:
    """Debian's libcurl 7.88 with GnuTLS: one answer in twelve was never told, and the server blamed."""
    python = "/usr/bin/python3"
    told = subprocess.run(
        [python, "-c", "import pycurl; print(pycurl.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    if "GnuTLS" not in told.stdout or "libcurl/7." not in told.stdout:
        need.missing(
            "the system's pycurl is no old one with GnuTLS: apt-get install python3-pycurl"
        )
    code, text = ask(made, python, "https://127.0.0.1:9", "https://127.0.0.1:9/")
    assert (code, "loses answers of a proxy that is spoken to by TLS" in text) == (3, True), text


def test_a_proxy_behind_tls_is_verified_and_leads_to_the_server(made: Lab, server: Server) -> None:
    python = sys.executable
    with folder() as root, squid(root, "http_access allow known", {"monitor": WORD}) as inner:
        with stunnel(root, Path(made.file("good")), inner.port) as outer:
            proxy, here = f"https://localhost:{outer.port}", f"https://127.0.0.1:{server.port}/"
            good = ask(made, python, proxy, here, "-b", "env:LOGIN", "-v", "--noproxy", "")
            refused = ask(made, python, proxy, here, "-b", "monitor:wrong")
        with stunnel(root, Path(made.file("selfsigned")), inner.port) as outer:
            unknown = ask(made, python, f"https://localhost:{outer.port}", here, "-b", "env:LOGIN")
    assert (good[0], "through proxy localhost" in good[1]) == (0, True), good[1]
    found = phases(good[1])
    parts = sum(
        found[f"time_{name}"] for name in ("dns", "connect", "proxy", "tls", "server", "transfer")
    )
    assert abs(parts - found["time"]) < 0.001
    assert (refused[0], "refused the login of user monitor (407)" in refused[1]) == (2, True), (
        refused[1]
    )
    assert (unknown[0], "blame: proxy)" in unknown[1]) == (2, True), unknown[1]


def test_what_an_http_proxy_answers_itself_to_a_plain_request_is_not_the_servers_answer(
    made: Lab,
) -> None:
    with folder() as root, squid(root, "http_access allow known", {"monitor": WORD}) as proxy:
        through, closed = f"http://127.0.0.1:{proxy.port}", free_port()
        lost = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        with serving(answering(ANSWER)) as plain, serving(answering(lost)) as other:
            good = ask(
                made, sys.executable, through, f"http://127.0.0.1:{plain.port}/", "-b", "env:LOGIN"
            )
            theirs = ask(
                made, sys.executable, through, f"http://127.0.0.1:{other.port}/", "-b", "env:LOGIN"
            )
            nobody = ask(made, sys.executable, through, f"http://127.0.0.1:{plain.port}/")
        dead = ask(made, sys.executable, through, f"http://127.0.0.1:{closed}/", "-b", "env:LOGIN")
    assert good[0] == 0, good[1]
    assert (theirs[0], "HTTP status 404" in theirs[1]) == (1, True), theirs[1]
    assert (nobody[0], "wants a login (407)" in nobody[1], "blame: proxy)" in nobody[1]) == (
        2,
        True,
        True,
    ), nobody[1]
    words = "does not reach the target (503, Squid: connection refused)"
    assert (dead[0], words in dead[1], "blame: path)" in dead[1]) == (2, True, True), dead[1]
