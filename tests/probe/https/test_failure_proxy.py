"""Whose fault a failure at a proxy is."""

import errno

import pytest

from bothsides.model.failure import Failure
from bothsides.model.https import Outcome
from bothsides.parse.http import Head
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes
from bothsides.probe.https.failure_proxy import of_proxy

URL = from_url("https://a.test/")
WAITING = Phases(0.0, 0.01, 2.0)


def refused(code: int, *headers: tuple[str, str], user: str = "") -> Outcome:
    """What a proxy answered to CONNECT."""
    head = Head(f"HTTP/1.1 {code} No", code, headers)
    return Outcome(
        URL, WAITING, 56, proxy="http://p:3128", proxy_user=user, connect_code=code, refusal=head
    )


@pytest.mark.parametrize(
    ("outcome", "blame", "words"),
    [
        (refused(407), "proxy", "requires a login (407); see --proxy-authorization"),
        (refused(407, user="me"), "proxy", "refused the login of user me (407)"),
        (refused(407, ("Proxy-Authenticate", "Negotiate")), "proxy",
         "requires a Kerberos ticket (407); see klist and --proxy-auth negotiate"),
        (refused(403), "proxy", "forbids this target (403)"),
        (refused(503), "path", "does not reach the target (503)"),
        (refused(503, ("X-Squid-Error", f"ERR_CONNECT_FAIL {errno.ECONNREFUSED}")), "path",
         "does not reach the target (503, Squid: connection refused)"),
        (refused(500, ("X-Squid-Error", "ERR_CANNOT_FORWARD 0")), "path",
         "does not reach the target (500, Squid: no address for that name, or no way there)"),
        (refused(400, ("X-Squid-Error", "ERR_INVALID_URL 0")), "proxy",
         "refused to connect (400, Squid: ERR_INVALID_URL)"),
        (refused(302), "proxy", "refused to connect (302); is it a proxy?"),
    ],
)  # fmt: skip
def test_an_answer_to_connect_has_its_words(outcome: Outcome, blame: str, words: str) -> None:
    assert of_proxy(outcome) == Failure(blame, f"proxy p:3128 {words}")


@pytest.mark.parametrize(
    ("text", "user", "blame", "words"),
    [
        ("cannot complete SOCKS5 connection to a. (5)", "", "path",
         "does not reach the target (SOCKS: connection refused)"),
        ("cannot complete SOCKS5 connection to a. (2)", "", "proxy",
         "forbids this target (SOCKS)"),
        ("User was rejected by the SOCKS5 server", "me", "proxy",
         "refused the login of user me"),
        ("User was rejected by the SOCKS5 server", "", "proxy",
         "requires a login; see --proxy-authorization"),
        ("odd", "", "proxy", "speaks no such SOCKS: odd"),
    ],
)  # fmt: skip
def test_a_socks_reply_has_its_words(text: str, user: str, blame: str, words: str) -> None:
    outcome = Outcome(
        URL, WAITING, curl_codes.PROXY, text, proxy="socks5://p:1080", proxy_user=user
    )
    assert of_proxy(outcome) == Failure(blame, f"proxy p:1080 {words}")


@pytest.mark.parametrize(
    ("outcome", "blame", "words"),
    [
        (Outcome(URL, Phases(0.0, 2.0), 28), "proxy", "proxy p:1 does not answer within 2.0 s"),
        (Outcome(URL, WAITING, 28), "proxy",
         "proxy p:1 took the connection, but does not answer CONNECT within 2.0 s"),
        (Outcome(URL, Phases(0.0, 0.1), 7, errno=errno.ECONNREFUSED), "proxy",
         "proxy p:1 refuses connections"),
        (Outcome(URL, Phases(0.0, 0.1), 7, errno=errno.ENETUNREACH), "local",
         "no way out to the proxy p:1: Network is unreachable (target not tested)"),
        (Outcome(URL, WAITING, 56, "odd"), "proxy", "proxy p:1 failed: odd"),
    ],
)  # fmt: skip
def test_a_proxy_that_says_nothing_is_told_by_what_happened(
    outcome: Outcome, blame: str, words: str
) -> None:
    assert of_proxy(outcome._replace(proxy="http://p:1")) == Failure(blame, words)
