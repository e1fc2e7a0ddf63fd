"""Through SOCKS proxies, real and broken ones."""

import re
import select
import socket
import sys
from collections.abc import Iterator

import pytest

from tests.support.daemons import folder, free_port
from tests.support.lab import Lab, lab
from tests.support.proxies import microsocks
from tests.support.servers import ANSWER, Server, Talk, answering, serving
from tests.support.through_proxy import LOGIN, ask, phases

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
    """The port of a SOCKS proxy that requires a login."""
    with folder() as root, microsocks(root, LOGIN) as daemon:
        yield daemon.port


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_socks_proxy_leads_to_the_server(
    made: Lab, server: Server, guarded: int, python: str, scheme: str, host: str
) -> None:
    proxy = f"{scheme}://127.0.0.1:{guarded}"
    url = f"https://{host}:{server.port}/"
    for _ in range(5):  # a process that a busy machine holds up sees two phases end at once
        code, text = ask(made, python, proxy, url, "-4", "-b", "env:LOGIN", "-v")
        assert (code, "200 OK in " in text, f"through proxy 127.0.0.1:{guarded}" in text) == (
            0,
            True,
            True,
        ), text
        seconds = phases(text)
        names = ("dns", "connect", "proxy", "tls", "server", "transfer")
        parts = sum(seconds[f"time_{name}"] for name in names)
        assert abs(parts - seconds["time"]) < 0.001
        if 0 < seconds["time_proxy"] < 0.5 and 0 < seconds["time_tls"] < 0.5:
            break
    assert 0 < seconds["time_proxy"] < 0.5
    assert 0 < seconds["time_tls"] < 0.5


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
        (ask(made, python, proxy, here), "requires a login, see --proxy-authorization", "proxy"),
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
        ("socks5h", (b"\x05\xff",), "requires a login", "proxy"),
        ("socks5h", (b"\x05\x02", b"\x01\x01"), "requires a login", "proxy"),
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
            made, sys.executable, f"socks5h://127.0.0.1:{port}", "https://127.0.0.1:9/", "-t", "2"
        )
    assert (code, "took the connection, but does not answer" in text, "blame: proxy)" in text) == (
        2,
        True,
        True,
    ), text
