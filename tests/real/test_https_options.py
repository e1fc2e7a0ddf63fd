"""check_http's and check_curl's options mean the same here: same command lines, same server.

Every option of report section "options" stands in TABLE; where our state differs on purpose, the
line names the difference, and DIFFERENCES says why.
"""

import base64
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.support import forked, need
from tests.support.command_lines import DIFFERENCES, TABLE, Line
from tests.support.lab import Lab, lab
from tests.support.servers import Server, read_head, serving


def talk(client: socket.socket) -> None:
    """A small site with a page for every option."""
    head = read_head(client)
    if not head:
        return
    first, _, rest = head.partition(b"\r\n")
    method, path = first.split()[0].decode(), first.split()[1].decode()
    block, _, body = rest.partition(b"\r\n\r\n")
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (f.partition(":") for f in block.decode().split("\r\n"))
    }
    while len(body) < int(fields.get("content-length", "0")):
        body += client.recv(65536)
    here = f"https://localhost:{client.getsockname()[1]}"
    status, more, text = answer(path, here, fields, block + body)
    length = [] if path == "/endless" else [f"Content-Length: {len(text)}"]
    lines = [
        f"HTTP/1.1 {status}",
        "X-Kind: test",
        f"Date: {formatdate(usegmt=True)}",
        *more,
        *length,
    ]
    client.sendall(
        "\r\n".join([*lines, "Connection: close", "", ""]).encode()
        + (b"" if method == "HEAD" else text)
    )
    client.shutdown(socket.SHUT_WR)


def answer(
    path: str, here: str, fields: dict[str, str], sent: bytes
) -> tuple[str, list[str], bytes]:
    if path.startswith("/slow/"):  # what a busy host adds breaks no limit, so this does
        time.sleep(0.3)
        path = path.removeprefix("/slow")
    if path.startswith("/deep/"):
        return "302 Found", [f"Location: {here}/deep/{int(path[6:]) + 1}"], b""
    if path == "/once":
        if "seen=1" in fields.get("cookie", ""):
            return "200 OK", [], b"in\n"
        return "302 Found", [f"Location: {here}/once", "Set-Cookie: seen=1"], b""
    if path == "/login":
        login = base64.b64encode(b"user:secret").decode()
        if fields.get("authorization") == f"Basic {login}":
            return "200 OK", [], b"in\n"
        return "401 Unauthorized", ['WWW-Authenticate: Basic realm="x"'], b"out\n"
    pages = {
        "/": ("200 OK", [], b"hello\nsecond\n"),
        "/missing": ("404 Not Found", [], b"no\n"),
        "/error": ("500 Internal Server Error", [], b"oh\n"),
        "/moved": ("301 Moved Permanently", [f"Location: {here}/"], b""),
        "/loop": ("302 Found", [f"Location: {here}/loop"], b""),
        "/new": (
            "200 OK",
            [f"Last-Modified: {formatdate(time.time() - 60, usegmt=True)}"],
            b"new\n",
        ),
        "/old": (
            "200 OK",
            [f"Last-Modified: {formatdate(time.time() - 3600 * 5, usegmt=True)}"],
            b"old\n",
        ),
        "/bare": (
            "200 OK",
            ["X-Bare:test", "X-Colour: gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n"],
            b"bare\n",
        ),
        "/choices": ("300 Multiple Choices", [], b"some\n"),
        "/twice": ("302 Found", ["Location: /", "Location: /error"], b""),
        "/elsewhere": ("302 Found", ["Location: https://localhost:99999/"], b""),
        "/figures": ("200 OK", [], b"users=5;;;0 load=0.25;1;2\n"),
        "/endless": ("200 OK", [], b"hello\n"),
        "/same": ("304 Not Modified", [], b""),
        "/posted": ("200 OK" if sent.endswith(b"a=b") else "400 Bad Request", [], b""),
        "/?next=https://other/": ("200 OK", [], b"hello\n"),
        "/echo": ("200 OK", [], sent),
        "/headers": ("200 OK", [], sent),
        "/type": ("200 OK", [], fields.get("content-type", "").encode()),
    }
    return pages.get(path, ("404 Not Found", [], b"no\n"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def site(made: Lab) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    with serving(talk, context=context) as server:
        yield server


@pytest.fixture(scope="module")
def late(made: Lab) -> Iterator[Server]:
    """The same site, but each TLS handshake takes a while."""

    def pause(connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        time.sleep(0.3)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    context.sni_callback = pause
    with serving(talk, context=context) as server:
        yield server


def state(program: str, arguments: list[str], made: Lab) -> int:
    """Exit code of a plugin: ours, or one from PATH."""
    environment = {**os.environ, "SSL_CERT_FILE": made.bundle}
    if program == "check_https":
        return forked.run(program, *arguments, environment=environment, timeout=30).code
    done = subprocess.run(
        [need.program(program, "monitoring-plugins-basic"), *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=30,
        check=False,
        env=environment,
    )
    return done.returncode


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.options or "nothing")
def test_the_same_command_line_gives_the_same_state(
    line: Line, site: Server, late: Server, made: Lab, tmp_path: Path
) -> None:
    def asked(program: str) -> int:
        given = {
            "client": made.file("good"),
            "bundle": made.bundle,
            "port": site.port,
            "late": late.port,
            "jar": tmp_path / program,
        }
        where = ["-I", "127.0.0.1", "-H", "localhost", "-p", str(site.port)]
        tls = [] if "-S" in line.options or "-C" in line.options else ["-S"]
        return state(program, [*tls, *where, *line.options.format(**given).split()], made)

    ours = asked("check_https")
    for name, difference in (("check_http", line.http), ("check_curl", line.curl)):
        theirs = asked(name)
        if difference:
            assert difference in DIFFERENCES
            assert theirs != ours, f"{name} no longer differs: {difference}"
        else:
            assert theirs == ours, f"{name} gives {theirs}, we give {ours}"


def test_every_difference_that_is_named_is_explained() -> None:
    assert {d for line in TABLE for d in (line.http, line.curl) if d} <= set(DIFFERENCES)


def test_every_argument_of_icingas_own_http_command_is_in_the_table() -> None:
    library = Path("/usr/share/icinga2/include/command-plugins.conf")
    if not library.exists():
        need.missing("Icinga's command-plugins.conf: apt-get install icinga2-bin")
    command = library.read_text().partition('object CheckCommand "http" {')[2].partition("\n}")[0]
    arguments = set(re.findall(r'"(-[^"]+)" = \{', command))
    assert len(arguments) > 40
    assert arguments <= {word for line in TABLE for word in line.options.split()} | {
        "-H",
        "-I",
        "-p",
    }


def test_the_old_doubled_letters_still_work(site: Server, made: Lab) -> None:
    options = [
        "-S",
        "-I",
        "127.0.0.1",
        "-hn",
        "localhost",
        "-p",
        str(site.port),
        "-wt",
        "5",
        "-ct",
        "9",
        "-to",
        "10",
        "-nohtml",
    ]
    assert state("check_https", options, made) == 0


@pytest.mark.parametrize(("limits", "theirs", "here"), [("5", 1, 0), ("9,5", 2, 1), ("6", 1, 1)])
def test_the_peers_cut_off_the_rest_of_a_day_and_we_do_not(
    limits: str, theirs: int, here: int, made: Lab
) -> None:
    with serving(talk, made.file("soon")) as server:  # 5 days and 12 hours left
        options = ["-S", "-I", "127.0.0.1", "-H", "localhost", "-p", str(server.port), "-C", limits]
        peers = ("check_http", "check_curl")
        assert [state(peer, options, made) for peer in peers] == [theirs, theirs]
        assert state("check_https", options, made) == here
