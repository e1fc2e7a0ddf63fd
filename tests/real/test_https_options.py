"""check_http's and check_curl's options mean the same here: the same command lines against the same server.

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
from collections.abc import Iterator, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import need
from tests.support.lab import Lab, lab
from tests.support.process import command_of
from tests.support.servers import Server, read_head, serving

DIFFERENCES = {
    "verified": "the certificate is verified without being asked to; --insecure switches that off",
    "final": "-e is judged on the answer after redirects, and does not keep them from being followed",
    "chain": "-C counts every certificate of the chain, and trust; --leaf-only counts the server's alone",
    "tls": "TLS is spoken without -S; --plain is plain HTTP",
    "curl crashes": "check_curl 2.3.3 fails where check_http and we do not",
    "curl forgets": "check_curl 2.3.3 sends no body together with -N, check_http and we do",
    "http lacks": "check_http 2.3.3 does not have the option and refuses the command line",
    "curl lacks": "check_curl 2.3.3 does not have the option and refuses the command line",
    "ours": "a fault of our side is UNKNOWN: nothing is known about the server",
    "tls1": "-S1 is any TLS from 1.0 on; 2.3.3 offers TLS 1.0 alone, which servers of today refuse",
    "usage": "a broken command line is UNKNOWN, whatever the option",
    "spaces": "a header is found with and without the space behind its colon",
    "limits": "-w and -c hold whatever else is found, with -C too",
    "loop": "a redirect loop is CRITICAL at once, by every policy that follows",
    "close": "a body whose end nothing tells, neither a length nor TLS's close_notify, may be cut off: WARNING",
    "broken": "an answer that breaks HTTP's own rules is CRITICAL",
    "elsewhere": "a redirect to what is no URL is the server's fault: CRITICAL",
    "no redirect": "300 and 304 without a Location are no redirects that could be followed",
    "unit": "sizes and times are checked, not silently cut off",
}


class Line(NamedTuple):
    """Options, and what they differ in: from check_http, from check_curl ("" where the states are equal)."""

    options: str
    http: str = ""
    curl: str = ""


TABLE = (
    Line(""),
    Line("-u /missing"),
    Line("-u /error"),
    Line("-u /missing -e 404"),
    Line("-u /missing -e 200"),
    Line("-e 200,204"),
    Line("-s hello"),
    Line("-s goodbye"),
    Line("-d X-Kind:"),
    Line("-d X-Other:"),
    Line("-d X-Kind:test", http="spaces", curl="spaces"),
    Line("-d X-Bare:test -u /bare"),
    Line("-d gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n -u /bare"),
    Line("-u /?next=https://other/"),
    Line("-u https://other.invalid/missing", curl="curl crashes"),
    Line("-u /choices -f follow", http="no redirect", curl="no redirect"),
    Line("-u /same -f follow", http="no redirect", curl="no redirect"),
    Line("-u /endless", http="close", curl="close"),
    Line("-u /twice", http="broken", curl="broken"),
    Line("-u /elsewhere -f follow", http="elsewhere", curl="elsewhere"),
    Line("-r hello[^x]+second"),
    Line("-l -r hello[^x]+second"),
    Line("-r second$"),
    Line("-l -r second$"),
    Line("-N -P a=b -u /posted", curl="curl forgets"),
    Line("-N -P a=b -u /echo -s a=b"),
    Line("-r hel+o"),
    Line("-r HELLO"),
    Line("-R HELLO"),
    Line("--ereg hel+o"),
    Line("--eregi HELLO"),
    Line("-r ^second$"),
    Line("-r hello.second"),
    Line("-l -r hello.second"),
    Line("--linespan -r hello.second"),
    Line("-r hello --invert-regex"),
    Line("-r goodbye --invert-regex"),
    Line("-r goodbye --state-regex=warning", http="http lacks", curl="curl lacks"),
    Line("-m 10"),
    Line("-m 100000"),
    Line("-m 1:50"),
    Line("-M 1h -u /new"),
    Line("-M 60 -u /old"),
    Line("-M 1d -u /old"),
    Line("-N"),
    Line("-N -s hello"),
    Line("-j HEAD"),
    Line("-j OPTIONS"),
    Line("-P a=b -u /echo -s a=b"),
    Line("-P a=b -j PUT -u /echo -s a=b"),
    Line("-P {{}} -T application/json -u /type -s application/json"),
    Line("-k X-Test:1 -u /headers -s X-Test"),
    Line("-A monitor/1 -u /headers -s monitor/1"),
    Line("-a user:secret -u /login"),
    Line("-a user:wrong -u /login"),
    Line("-u /login"),
    Line("-u /moved"),
    Line("-u /moved -f ok"),
    Line("-u /moved -f warning"),
    Line("-u /moved -f critical"),
    Line("-u /moved -f unknown"),
    Line("-u /moved -f follow"),
    Line("-u /moved -f sticky"),
    Line("-u /moved -f stickyport"),
    Line("-u /moved -f curl", http="http lacks"),
    Line("-u /moved -f follow -e 200", http="final", curl="final"),
    Line("-u /loop -f follow"),
    Line("-u /loop -f curl", http="http lacks"),
    Line("-u /loop -f sticky", http="loop", curl="loop"),
    Line("-u /loop -f stickyport", http="loop", curl="loop"),
    Line("-u /once -f follow"),
    Line("-u /once -f follow --cookie-jar={jar}", http="http lacks"),
    Line("-u /once -f curl --cookie-jar={jar}", http="http lacks"),
    Line("-u /deep/1 -f follow"),
    Line("-u /deep/1 -f follow --max-redirs=3"),
    Line("-u /deep/1 -f sticky -s hello -d X-Other: -m 100000"),
    Line("-u /deep/1 -f follow -c 0.000001", http="limits", curl="limits"),
    Line("-w 5 -c 6"),
    Line("-w 0.000001"),
    Line("-c 0.000001"),
    Line("-t 5"),
    Line("-E"),
    Line("-B"),
    Line("-L"),
    Line("-v"),
    Line("--sni"),
    Line("-D --ca-cert={bundle}", http="http lacks"),
    Line("-4"),
    Line("-C 10"),
    Line("-C 10,5"),
    Line("-C 10 -w 0.000001", http="limits", curl="limits"),
    Line("-C 10 -u /error -s goodbye -m 100000 -M 1h"),
    Line("-C 2000"),
    Line("-C 2000,1000"),
    Line("-C 10 --continue-after-certificate -u /error"),
    Line("-C 10 --continue-after-certificate"),
    Line("-S1.2"),
    Line("-S1.2+"),
    Line("-S1", http="tls1", curl="tls1"),
    Line("-S1+"),
    Line("-S1.1"),
    Line("-S1.1+"),
    Line("-S2", http="usage", curl="usage"),
    Line("-S2+", curl="curl crashes"),
    Line("-S3", http="usage", curl="usage"),
    Line("-S3+", curl="curl crashes"),
    Line("-S -S1.2"),
    Line("-S1.2 -S"),
    Line("--http-version=1.0", http="http lacks"),
    Line("--http-version=1.1", http="http lacks"),
    Line("-J {client} -K {client}"),
    Line("--expect=404 --url=/missing"),
    Line("--string=hello --header-string=X-Kind:"),
    Line("--regex=hel+o --method=GET"),
    Line("--post=a=b --url=/echo --string=a=b"),
    Line("--post=x --content-type=text/plain --url=/type --string=text/plain"),
    Line("--header=X-Test:1 --useragent=monitor/1 --url=/headers --string=X-Test"),
    Line("--authorization=user:secret --url=/login"),
    Line("-b user:secret"),
    Line("--proxy-authorization=user:secret"),
    Line("--no-body --max-age=1h --url=/old"),
    Line("--pagesize=10:1000"),
    Line("--onredirect=warning --url=/moved"),
    Line("--certificate=10,5"),
    Line("--client-cert={client} --private-key={client}"),
    Line("--warning=5 --critical=6 --timeout=9"),
    Line("--extended-perfdata --show-body --link --verbose --use-ipv4"),
    Line("--ssl=1.2+"),
    Line("-6"),
    Line("-n"),
    Line("-U", http="http lacks", curl="curl lacks"),
    Line("--show-url", http="http lacks", curl="curl lacks"),
    Line("-o -u /figures", http="http lacks", curl="curl lacks"),
    Line("--output-body-as-perfdata -u /figures", http="http lacks", curl="curl lacks"),
    Line("-j PURGE -u /missing"),
    Line("-u ?a=b -e 404"),
    Line("-x http://127.0.0.1:{port}", http="http lacks", curl="curl lacks"),
    Line("--noproxy=*", http="http lacks", curl="curl lacks"),
    Line("--timeout-result=warning", http="http lacks", curl="curl lacks"),
    Line("--haproxy-protocol -t 2", http="http lacks", curl="curl lacks"),
    Line("--enable-automatic-decompression", http="http lacks"),
    Line("--cookie-jar={jar}", http="http lacks"),
    Line("--output-format=multi-line", http="http lacks", curl="curl lacks"),
    Line("-m x", http="usage", curl="usage"),
    Line("-M x", http="usage", curl="usage"),
    Line("-f x"),
    Line("-S9"),
    Line("--bogus"),
)


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
    if path.startswith("/deep/"):
        return "302 Found", [f"Location: {here}/deep/{int(path[6:]) + 1}"], b""
    if path == "/once":
        known = "seen=1" in fields.get("cookie", "")
        return (
            ("200 OK", [], b"in\n")
            if known
            else ("302 Found", [f"Location: {here}/once", "Set-Cookie: seen=1"], b"")
        )
    if path == "/login":
        good = fields.get("authorization") == "Basic " + base64.b64encode(b"user:secret").decode()
        return (
            ("200 OK", [], b"in\n")
            if good
            else ("401 Unauthorized", ['WWW-Authenticate: Basic realm="x"'], b"out\n")
        )
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


def state(command: list[str], made: Lab) -> int:
    done = subprocess.run(
        command,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=30,
        check=False,
        env={**os.environ, "SSL_CERT_FILE": made.bundle},
    )
    return done.returncode


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.options or "nothing")
def test_the_same_command_line_gives_the_same_state(
    line: Line, site: Server, made: Lab, tmp_path: Path
) -> None:
    def asked(program: str, command: Sequence[str]) -> int:
        given = {
            "client": made.file("good"),
            "bundle": made.bundle,
            "port": site.port,
            "jar": tmp_path / program,
        }
        where = ["-I", "127.0.0.1", "-H", "localhost", "-p", str(site.port)]
        tls = [] if "-S" in line.options or "-C" in line.options else ["-S"]
        return state([*command, *tls, *where, *line.options.format(**given).split()], made)

    ours = asked("check_https", command_of("check_https"))
    for name, difference in (("check_http", line.http), ("check_curl", line.curl)):
        theirs = asked(name, [need.program(name, "monitoring-plugins-basic")])
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
    assert state([*command_of("check_https"), *options], made) == 0


@pytest.mark.parametrize(("limits", "theirs", "here"), [("5", 1, 0), ("9,5", 2, 1), ("6", 1, 1)])
def test_the_peers_cut_off_the_rest_of_a_day_and_we_do_not(
    limits: str, theirs: int, here: int, made: Lab
) -> None:
    with serving(talk, made.file("soon")) as server:  # 5 days and 12 hours left
        options = ["-S", "-I", "127.0.0.1", "-H", "localhost", "-p", str(server.port), "-C", limits]
        peers = [
            need.program(name, "monitoring-plugins-basic") for name in ("check_http", "check_curl")
        ]
        assert [state([peer, *options], made) for peer in peers] == [theirs, theirs]
        assert state([*command_of("check_https"), *options], made) == here
