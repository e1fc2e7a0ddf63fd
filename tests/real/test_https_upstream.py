"""Upstream's own lists of commands, side by side.

Every state is theirs, or better with a row in the manual.
"""

import os
import shlex
import ssl
import subprocess
from collections.abc import Iterator, Sequence

import pytest

from bothsides.command.manual import text_of
from tests.support import forked, need
from tests.support.lab import Lab, issue, lab, write
from tests.support.servers import serving
from tests.support.upstream_lists import NEWER, ROWS, TLS_ROWS, Row
from tests.support.upstream_site import nothing_chunked, talk

OURS = {
    "http": "--plain",
    "https": "--insecure",
}  # rows `without -S` and `certificate` of the manual
PORTS = {"http": 80, "https": 443}


class Site:
    """The far end over plain HTTP and over TLS."""

    def __init__(self, made: Lab, plain: int, tls: int) -> None:
        self.made, self.ports = made, {"http": plain, "https": tls}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = lab(tmp_path_factory.mktemp("lab"))
    with serving(talk) as plain, serving(talk, made.file("good")) as tls:
        yield Site(made, plain.port, tls.port)


def states(scheme: str, port: int, row: Row) -> dict[str, int]:
    """What each of the three plugins makes of a command line."""
    options = row.options.replace("{port}", str(port)).replace("{default}", str(PORTS[scheme]))
    words = shlex.split(options)
    where = [*([] if "-H" in words else ["-H", "127.0.0.1"]), "-p", str(port)]
    tls = ["-S"] if scheme == "https" else []
    clean = {name: text for name, text in os.environ.items() if "proxy" not in name.lower()}
    more = dict(pair.split("=", 1) for pair in row.environment.split())
    commands: dict[str, Sequence[str]] = {
        "check_http": [need.program("check_http", "monitoring-plugins-basic")],
        "check_curl": [need.program("check_curl", "monitoring-plugins-standard")],
    }
    started = {
        name: subprocess.Popen(
            [*command, *where, *tls, *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            env=clean | more,
        )
        for name, command in commands.items()
    }  # fmt: skip
    arguments = (OURS[scheme], *where, *tls, *words)
    ours = forked.run("check_https", *arguments, environment=clean | more, timeout=30)
    return {name: process.wait(30) for name, process in started.items()} | {
        "check_https": ours.code
    }


def held(row: Row, found: dict[str, int]) -> None:
    """Ours is as the list wants it; theirs is the same, or the manual says why ours is better."""
    assert found["check_https"] == row.state, found
    if not row.better:
        assert set(found.values()) == {row.state}, found


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.options} {row.environment}".strip())
def test_every_command_of_upstreams_lists_gives_their_state(
    row: Row, scheme: str, site: Site
) -> None:
    held(row, states(scheme, site.ports[scheme], row))


@pytest.mark.parametrize("row", TLS_ROWS, ids=lambda row: row.options)
def test_every_command_about_the_certificate_gives_their_state(row: Row, site: Site) -> None:
    held(row, states("https", site.ports["https"], row))


def test_an_expired_certificate_gives_their_state(site: Site) -> None:
    with serving(talk, site.made.file("expired")) as server:
        held(Row("", 2), states("https", server.port, Row("-C 7", 2)))


@pytest.mark.parametrize("chain", [False, True], ids=["certificate alone", "with its issuer"])
def test_a_server_that_asks_for_a_client_certificate_gives_their_state(
    chain: bool, site: Site
) -> None:
    made = site.made
    issuer = issue("Client Authority", made.root, authority=True) if chain else made.root
    ours = write(made.folder, "client", issue("me", issuer), *([issuer] if chain else []))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    context.load_verify_locations(made.bundle)
    context.verify_mode = ssl.CERT_REQUIRED
    with serving(talk, context=context) as server:
        row = Row(f"-J {ours} -K {ours} -u /status/200", 0)
        held(row, states("https", server.port, row))


def test_a_last_chunk_alone_holds_no_string() -> None:
    with serving(nothing_chunked) as server:
        row = Row("-u / -s ChunkedEncodingSpecialTest", 2)
        held(row, states("http", server.port, row))


def test_a_proxy_of_the_environment_and_one_of_the_command_line_rank_as_upstream(
    site: Site,
) -> None:
    """http_proxy before HTTP_PROXY, and -x before both; 2.3.3 asks the server itself."""
    with serving(talk) as proxy:  # asked for a whole URL, it answers 403
        taken = f"http://127.0.0.1:{proxy.port}"
        for row in (
            Row("-u /status/200", 1, NEWER, f"http_proxy={taken}"),
            Row("-u /status/200", 1, NEWER, f"http_proxy={taken} HTTP_PROXY=http://127.0.0.1:1"),
            Row(f"-u /status/200 -x {taken}", 1, NEWER, "http_proxy=http://127.0.0.1:1"),
            Row(f"-u /status/200 --proxy {taken}", 1, NEWER, "http_proxy=http://127.0.0.1:1"),
        ):
            assert states("http", site.ports["http"], row)["check_https"] == row.state, row


def test_what_is_better_stands_in_the_manual() -> None:
    table = text_of("check_https", 1).partition("REPLACING CHECK_HTTP")[2]
    for row in {row.better for row in ROWS if row.better}:
        assert f"\n= {row}\n" in table, row
