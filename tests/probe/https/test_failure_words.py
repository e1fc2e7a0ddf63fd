"""Words that sentences about failed transfers share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.model.https import Outcome
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.probe.https.failure_words import shown_proxy, within, without_prefixes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TLS connect error: error:0A000410:SSL routines::ssl/tls alert handshake failure",
         "ssl/tls alert handshake failure"),
        ("SSL certificate problem: unable to get local issuer certificate",
         "unable to get local issuer certificate"),
        ("gnutls_handshake() failed: A TLS fatal alert has been received.",
         "A TLS fatal alert has been received."),
        ("Recv failure: Connection reset by peer, errno 0",
         "Connection reset by peer"),
        ("Send failure: Broken pipe", "Broken pipe"),
        ("", ""),
    ],
)  # fmt: skip
def test_libcurls_prefixes_and_numbers_are_left_out(text: str, words: str) -> None:
    assert without_prefixes(text) == words


@given(st.text())
def test_what_is_left_is_one_line(text: str) -> None:
    assert without_prefixes(text) == " ".join(without_prefixes(text).split())


@pytest.mark.parametrize("proxy", ["p:1", "http://p:1", "http://u:w@p:1/", "socks5h://u:@w@p:1"])
def test_a_proxy_is_shown_without_scheme_and_login(proxy: str) -> None:
    assert shown_proxy(proxy) == "p:1"


def test_the_time_until_the_failure_is_that_of_all_phases() -> None:
    outcome = Outcome(from_url("https://a.test/"), Phases(0.5, 1.0, None, 1.51), 28)
    assert within(outcome) == "within 3.0 s"
