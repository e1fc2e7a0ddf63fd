"""Through a real Squid: Kerberos tickets, and Squid's own word for a failure."""

import os
from collections.abc import Iterator

import pytest

from tests.support import need
from tests.support.daemons import folder
from tests.support.forked import run
from tests.support.kerberos import realm
from tests.support.lab import Lab, lab
from tests.support.proxies import squid
from tests.support.servers import ANSWER, Server, answering, serving

_SPNEGO = 1 << 8  # CURL_VERSION_SPNEGO in the features of curl_version_info(3)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def server(made: Lab) -> Iterator[Server]:
    with serving(answering(ANSWER), made.file("good")) as found:
        yield found


def test_a_kerberos_ticket_opens_the_way_and_its_lack_is_said(made: Lab, server: Server) -> None:
    import pycurl

    if not pycurl.version_info()[4] & _SPNEGO:
        need.missing("this pycurl has no Kerberos: pip install pycurl")
    allowed = "http_access allow known"
    with folder() as root, realm(root, "monitor", "HTTP/localhost") as made_realm:
        known = made_realm.environment
        with squid(root, allowed, {}, "negotiate", environment=known) as proxy:
            arguments = (
                f"https://127.0.0.1:{server.port}/",
                "--ca-cert",
                made.bundle,
                "-x",
                f"http://localhost:{proxy.port}",
            )
            path = {"PATH": os.environ["PATH"]}
            negotiate = (*arguments, "--proxy-auth", "negotiate", "-vvv")
            good = run(
                "check_https", *negotiate, environment={**path, **known, **made_realm.ticket}
            )
            without = run("check_https", *negotiate, environment={**path, **known})
            nobody = run("check_https", *arguments, environment=path)
    assert (good.code, good.error, f"through proxy localhost:{proxy.port}" in good.line) == (
        0,
        "",
        True,
    ), good.text
    for outcome in (without, nobody):
        words = "requires a Kerberos ticket (407), see klist and --proxy-auth negotiate"
        assert (outcome.code, words in outcome.line, "blame: proxy)" in outcome.line) == (
            2,
            True,
            True,
        ), outcome.text


@pytest.mark.parametrize(
    ("status", "told", "words", "blame"),
    [
        (
            "503 Service Unavailable",
            "ERR_DNS_FAIL 0",
            "finds no address for the target (503, Squid: no address for that name)",
            "proxy-dns",
        ),
        (
            "504 Gateway Timeout",
            "ERR_CONNECT_FAIL 110",
            "(504, Squid: connection timed out)",
            "path",
        ),
        (
            "500 Internal Server Error",
            "ERR_CANNOT_FORWARD 0",
            "(500, Squid: no address for that name, or no way there)",
            "path",
        ),
        (
            "400 Bad Request",
            "ERR_INVALID_URL 0",
            "refused to connect (400, Squid: ERR_INVALID_URL)",
            "proxy",
        ),
        ("500 Internal Server Error", "", "refused to connect (500), is it a proxy?", "proxy"),
    ],
)
def test_squids_own_word_tells_why_it_does_not_connect(
    status: str, told: str, words: str, blame: str, made: Lab
) -> None:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n"
        + (f"X-Squid-Error: {told}\r\n" if told else "")
        + "\r\n"
    )
    with serving(answering(head.encode())) as proxy:
        way = ("-t", "6", "--ca-cert", made.bundle, "-x", f"http://127.0.0.1:{proxy.port}")
        environment = {"PATH": os.environ["PATH"]}
        outcome = run("check_https", *way, "https://good.test/", environment=environment)
    assert outcome.error == ""
    assert (outcome.code, words in outcome.line, f"blame: {blame})" in outcome.line) == (
        2,
        True,
        True,
    ), outcome.text
