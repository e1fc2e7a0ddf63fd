"""Whose fault a failed transfer is."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.model.failure import Failure
from bothsides.model.https import Contact, Outcome
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes, refusal
from bothsides.probe.https.failure import from_outcome
from tests.support.https import CHAIN, NOW

URL = from_url("https://a.test/")
LOOKING_UP = Phases(2.0)
CONNECTING = Phases(0.0, 2.0)
SHAKING = Phases(0.0, 0.01, None, 2.0)
WAITING = Phases(0.0, 0.01, None, 0.01, 2.0)
RECEIVING = Phases(0.0, 0.01, None, 0.01, 0.01, 2.0)
ONE = (Contact("192.0.2.1", False, "", 2.0, None, 2),)
TWO = (*ONE, Contact("2001:db8::1", False))


@pytest.fixture(autouse=True)
def nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sends a packet to the addresses above."""
    monkeypatch.setattr(refusal, "who_refuses", lambda host, port: None)
    monkeypatch.setattr(refusal, "filtered_here", lambda host, port: False)


def test_a_version_of_tls_that_our_library_lacks_is_our_own_fault() -> None:
    url = from_url("https://example.org/")
    failed = Outcome(
        url,
        Phases(0.0, 0.01, None, 0.01),
        35,
        "TLS connect error: error:0A0000BF:SSL routines::no protocols available",
    )
    assert from_outcome(failed, 0.0).blame == "config"


@pytest.mark.parametrize(
    ("phases", "blame", "words"),
    [
        (LOOKING_UP, "local", "our resolver does not answer for a.test (target not tested)"),
        (CONNECTING, "path", "no answer from 192.0.2.1 port 443 to 3 SYN packets within 2.0 s;"),
        (SHAKING, "path", "connected to 192.0.2.1 port 443, but the TLS handshake stalls"),
        (WAITING, "path", "192.0.2.1 port 443 took the request, but sends no answer"),
        (RECEIVING, "path", "192.0.2.1 port 443 sends too slowly: 7 octets in 2.0 s"),
    ],
)
def test_whose_fault_a_timeout_is_depends_on_the_phase(
    phases: Phases, blame: str, words: str
) -> None:
    code = curl_codes.OPERATION_TIMEDOUT
    found = from_outcome(Outcome(URL, phases, code, contacts=ONE, size=7), NOW)
    assert (found.blame, found.words[: len(words)]) == (blame, words)


@pytest.mark.parametrize(
    ("number", "contacts", "blame", "words"),
    [
        (errno.ECONNREFUSED, ONE, "server", "connection refused by 192.0.2.1 port 443"),
        (errno.ECONNREFUSED, TWO, "server", "connection refused by all 2 addresses of a.test port"),
        (errno.ENETUNREACH, ONE, "path", "192.0.2.1 port 443 cannot be reached"),
        (errno.ENETDOWN, ONE, "local", "no way out to 192.0.2.1 port 443"),
        (errno.EHOSTUNREACH, ONE, "path", "192.0.2.1 port 443 cannot be reached"),
        (errno.ETIMEDOUT, ONE, "path", "no answer from 192.0.2.1 port 443 within 2.0 s"),
        (errno.EMFILE, ONE, "local", "out of memory or descriptors here"),
        (0, (), "path", "no connection to a.test port 443"),
    ],
)
def test_without_a_connection_the_error_number_tells(
    number: int, contacts: tuple[Contact, ...], blame: str, words: str
) -> None:
    outcome = Outcome(
        URL, CONNECTING, curl_codes.COULDNT_CONNECT, "it failed", number, contacts=contacts
    )
    found = from_outcome(outcome, NOW)
    assert (found.blame, found.words[: len(words)]) == (blame, words)


@pytest.mark.parametrize(
    ("code", "text", "blame", "words"),
    [
        (curl_codes.GOT_NOTHING, "", "server", "the connection was closed without an answer"),
        (curl_codes.PARTIAL_FILE, "x", "server", "the answer ended too early (x)"),
        (curl_codes.HTTP2_STREAM, "x", "server", "the HTTP/2 exchange broke off (x)"),
        (curl_codes.RECV_ERROR, "tlsv13 alert certificate required", "tls",
         "the server broke TLS off after the handshake: tlsv13 alert certificate required; see"),
        (curl_codes.RECV_ERROR, "unexpected eof", "server", "the answer ended too early"),
        (curl_codes.SSL_CACERT_BADFILE, "x", "config", "cannot use the CA bundle: x"),
        (curl_codes.NOT_BUILT_IN, "x", "config", "libcurl cannot do this: x"),
        (curl_codes.FAILED_INIT, "x", "local", "out of memory or descriptors here: x"),
        (curl_codes.OUT_OF_MEMORY, "x", "server", "the head of the answer is too large (x)"),
        (curl_codes.COULDNT_RESOLVE_HOST, "x", "local", "the name could not be looked up: x"),
        (12345, "", "server", "the exchange broke off"),
    ],
)  # fmt: skip
def test_a_code_has_its_class_and_its_sentence(
    code: int, text: str, blame: str, words: str
) -> None:
    found = from_outcome(Outcome(URL, WAITING, code, text, size=9), NOW)
    assert (found.blame, found.words[: len(words)]) == (blame, words)


def test_a_plain_request_that_breaks_off_at_a_proxy_is_the_proxys_fault() -> None:
    plain = from_url("http://a.test/")
    outcome = Outcome(plain, Phases(0.0, 0.1, None, None, 1.0), 52, proxy="http://u:w@p:3128")
    words = "proxy p:3128: the connection was closed without an answer"
    assert from_outcome(outcome, NOW) == Failure("proxy", words)


@given(
    st.integers(1, 110),
    st.sampled_from([LOOKING_UP, CONNECTING, SHAKING, WAITING, RECEIVING]),
    st.text(max_size=60),
    st.sampled_from(["", "http://p:1", "socks5://p:1"]),
    st.integers(0, 130),
    st.integers(0, 1 << 22),
)
def test_every_failure_has_one_class_and_one_line(
    code: int, phases: Phases, text: str, proxy: str, number: int, verify: int
) -> None:
    outcome = Outcome(URL, phases, code, text, number, verify, proxy=proxy, chain=CHAIN)
    found = from_outcome(outcome, NOW)
    assert found.blame in ("config", "local", "proxy", "path", "tls", "server")
    assert found.words
