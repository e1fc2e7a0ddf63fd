"""Through an HTTP proxy behind TLS, and what an HTTP proxy answers by itself."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import need
from tests.support.daemons import folder, free_port
from tests.support.lab import Lab, lab
from tests.support.proxies import squid, stunnel
from tests.support.servers import ANSWER, Server, answering, serving
from tests.support.through_proxy import WORD, ask, phases


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def server(made: Lab) -> Iterator[Server]:
    with serving(answering(ANSWER), made.file("good")) as found:
        yield found


def test_a_libcurl_that_loses_answers_of_a_proxy_behind_tls_is_not_trusted_with_one(
    made: Lab,
) -> None:
    """Debian's libcurl 7.88 with GnuTLS loses one answer in twelve, and the server was blamed."""
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
    assert (nobody[0], "requires a login (407)" in nobody[1], "blame: proxy)" in nobody[1]) == (
        2,
        True,
        True,
    ), nobody[1]
    words = "does not reach the target (503, Squid: connection refused)"
    assert (dead[0], words in dead[1], "blame: path)" in dead[1]) == (2, True, True), dead[1]
