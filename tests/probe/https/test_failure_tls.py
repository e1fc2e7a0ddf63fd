"""Why a TLS handshake failed."""

import pytest

from bothsides.model.failure import Failure
from bothsides.model.https import Outcome
from bothsides.parse.certificate import Certificate
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes
from bothsides.probe.https.failure_tls import of_tls
from tests.support.https import CHAIN, DAY, NOW

URL = from_url("https://example.org/")
GNUTLS = "server certificate verification failed. CAfile: x CRLfile: none"
UNTRUSTED = curl_codes.PEER_FAILED_VERIFICATION
ROOT = Certificate("CN=Root", "CN=Root", NOW - DAY, NOW + DAY)


def failed(
    text: str, verify: int = 0, code: int = UNTRUSTED, chain: tuple[Certificate, ...] = CHAIN
) -> str:
    """The words about a handshake that failed."""
    outcome = Outcome(URL, Phases(0.0, 0.1, None, 0.1), code, text, verify=verify, chain=chain)
    failure = of_tls(outcome, NOW)
    assert failure.blame == "tls"
    return failure.words


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        (CHAIN, "the issuer Root is not trusted here"),
        ((*CHAIN, ROOT), "the issuer Root is not trusted here"),
        ((ROOT,), "the certificate of Root is self-signed"),
        (CHAIN[:1], "no intermediate certificate is sent, and Middle is not trusted here"
         " (a private root?); see --ca-cert"),
        ((CHAIN[0], ROOT),
         "the server sends other intermediates, but not Middle, which is not trusted here"),
        ((), "the certificate is not trusted: unable to get local issuer certificate"),
    ],
)  # fmt: skip
def test_an_issuer_that_is_not_trusted_is_named(chain: tuple[Certificate, ...], words: str) -> None:
    text = "SSL certificate problem: unable to get local issuer certificate"
    assert failed(text, 20, chain=chain) == words


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ((CHAIN[0]._replace(ends=NOW - 2 * DAY),), "the certificate expired 2 d ago"),
        ((CHAIN[0], CHAIN[1]._replace(ends=NOW - 2 * DAY)),
         "the intermediate certificate Middle expired 2 d ago"),
        ((CHAIN[0]._replace(starts=NOW + 2 * DAY),),
         "the certificate is not valid yet: it begins in 2 d"),
        (CHAIN, "the root Root in our own CA bundle has expired (target not tested)"),
        ((*CHAIN, ROOT._replace(subject="CN=Extra", ends=NOW - DAY)),
         "the root Root in our own CA bundle has expired (target not tested)"),
    ],
)  # fmt: skip
def test_a_date_on_the_path_is_wrong_or_that_of_our_own_root(
    chain: tuple[Certificate, ...], words: str
) -> None:
    text = "SSL certificate problem: certificate has expired"
    outcome = Outcome(URL, Phases(0.0, 0.1, None, 0.1), UNTRUSTED, text, verify=10, chain=chain)
    found = of_tls(outcome, NOW)
    assert (found.words, found.blame == "config") == (words, "our own" in words)


def test_a_wrong_name_is_said_before_an_expired_certificate_that_nobody_needs() -> None:
    extra = ROOT._replace(subject="CN=Extra", ends=NOW - 50 * DAY)
    text = "SSL: no alternative certificate subject name matches target host name"
    assert failed(text, chain=(*CHAIN, extra)).startswith("the certificate is not for example.org")


@pytest.mark.parametrize(
    ("bit", "words"),
    [
        (5, "the certificate is revoked by its issuer"),
        (12, "the OCSP answer that the server staples is out of date"),
        (19, "the server staples no valid OCSP answer to its certificate"),
        (20, "the server staples no valid OCSP answer to its certificate"),
        (7, "the issuer of a certificate in the chain is no certificate authority"),
        (8, "a certificate in the chain is signed with an algorithm that is no longer trusted"),
        (11, "a certificate in the chain has a signature that does not fit"),
        (16, "a certificate in the chain breaks the constraints of its issuer"),
        (18, "it is made for clients, not for servers"),
        (21, "a certificate in the chain has an unknown critical extension"),
        (6, "the issuer Root is not trusted here"),
    ],
)
def test_each_bit_of_gnutls_has_its_words(bit: int, words: str) -> None:
    assert failed(GNUTLS, 1 << 1 | 1 << bit) == words


@pytest.mark.parametrize(
    ("text", "verify", "words"),
    [
        ("SSL: no alternative certificate subject name matches target host name", 0,
         "the certificate is not for example.org but for example.org"),
        ("SSL certificate problem: hostname mismatch", 62,
         "the certificate is not for example.org but for example.org"),
        ("SSL certificate problem: EE certificate key too weak", 66,
         "the certificate is not accepted: its key is too weak (RSA 1024)"),
        ("SSL certificate problem: unsuitable certificate purpose", 26,
         "the certificate is not accepted: it is made for clients, not for servers"),
        ("SSL certificate problem: permitted subtree violation", 47,
         "the certificate is not accepted: its authority may not sign this name (name"
         " constraints)"),
        ("SSL certificate problem: certificate revoked", 23,
         "the certificate is revoked by its issuer (--crl)"),
        ("SSL certificate OpenSSL verify result: CA md too weak (68)", 68,
         "the certificate is not accepted: CA md too weak"),
    ],
)  # fmt: skip
def test_openssls_verdict_tells_a_flaw_from_a_name(text: str, verify: int, words: str) -> None:
    chain = (CHAIN[0]._replace(key="RSA 1024"), *CHAIN[1:])
    assert failed(text, verify, chain=chain) == words


@pytest.mark.parametrize(
    ("verify", "words"),
    [(3, "the file of --crl has no list of Middle and Root: fetch one (target not tested)"),
     (12, "the list of --crl has expired: fetch one (target not tested)"),
     (11, "the list of --crl is not valid yet: fetch one (target not tested)")],
)  # fmt: skip
def test_a_revocation_list_that_is_of_no_use_is_our_own_fault(verify: int, words: str) -> None:
    outcome = Outcome(URL, Phases(0.0, 0.1, None, 0.1), UNTRUSTED, "x", verify=verify, chain=CHAIN)
    assert of_tls(outcome, NOW) == Failure("config", words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("error:0A00010B:SSL routines::wrong version number", "no TLS on this port: the server"),
        ("error:0A000410:SSL routines::ssl/tls alert handshake failure",
         "the TLS handshake was refused: nothing in common with us (ssl/tls alert handshake"),
        ("error:0A000458:SSL routines::tlsv1 unrecognized name",
         "the TLS handshake was refused: the server knows no host example.org (tlsv1 unrec"),
        ("error:0A000460:SSL routines::tlsv1 alert no application protocol",
         "the TLS handshake was refused: the server speaks none of our versions of HTTP"),
        ("error:0A000102:SSL routines::unsupported protocol",
         "the TLS handshake was refused: the server speaks none of our versions of TLS"),
        ("error:0A000438:SSL routines::tlsv1 alert internal error",
         "the TLS handshake was refused: the server has an internal error"),
        ("error:0A0003EA:SSL routines::something alert 123", "the TLS handshake was refused: some"),
    ],
)  # fmt: skip
def test_a_handshake_that_failed_otherwise_is_told_by_its_text(text: str, words: str) -> None:
    assert failed(text, code=curl_codes.SSL_CONNECT_ERROR).startswith(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [("Connection reset by peer", "the TLS handshake broke off: Connection reset by peer"),
     ("", "the TLS handshake broke off: connection closed")],
)  # fmt: skip
def test_who_closes_the_connection_in_the_handshake_is_the_server(text: str, words: str) -> None:
    code = curl_codes.SSL_CONNECT_ERROR
    outcome = Outcome(URL, Phases(0.0, 0.1, None, 0.1), code, text, chain=CHAIN)
    blame = "server" if text else "tls"
    assert of_tls(outcome, NOW) == Failure(blame, words)


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        (curl_codes.SSL_INVALIDCERTSTATUS, "", "staples no valid OCSP answer"),
        (curl_codes.SSL_INVALIDCERTSTATUS, "revocation reason: (-1)", "is revoked by its issuer"),
        (curl_codes.SSL_INVALIDCERTSTATUS, "OCSP response has expired", "is out of date"),
    ],
)
def test_what_is_stapled_is_told_by_openssls_text(code: int, text: str, words: str) -> None:
    assert words in failed(text, code=code)
