"""Whose fault a failed TLS handshake is: what is stapled, a refusal, or no TLS at all."""

import re

from bothsides.model.failure import Failure
from bothsides.model.https import Outcome
from bothsides.probe.https import curl_codes
from bothsides.probe.https.failure_words import without_prefixes

TRUST = {
    curl_codes.SSL_PEER_CERTIFICATE_OLD,
    curl_codes.PEER_FAILED_VERIFICATION,
    curl_codes.SSL_ISSUER_ERROR,
    curl_codes.SSL_PINNEDPUBKEYNOTMATCH,
    curl_codes.SSL_INVALIDCERTSTATUS,
}
"""libcurl's codes for a certificate that is not accepted."""

HANDSHAKE = {
    curl_codes.SSL_CONNECT_ERROR,
    curl_codes.USE_SSL_FAILED,
    curl_codes.SSL_CLIENTCERT,
    curl_codes.ECH_REQUIRED,
}
"""libcurl's codes for a handshake that failed otherwise."""

# GnuTLS's verdict is a set of bits, gnutls_certificate_status_t.
_GNUTLS_VERDICT = "server certificate verification failed"  # so begins libcurl's text then
_GNUTLS_REVOKED = 1 << 5
_GNUTLS_REVOCATION_DATA_SUPERSEDED = 1 << 12
_GNUTLS_MISSING_OCSP_STATUS = 1 << 19
_GNUTLS_INVALID_OCSP_STATUS = 1 << 20

_PLAIN = r"wrong.version.number|packet length|http.request|unexpected TLS packet"
_OTHER = ": the server answers the handshake with something else (plain HTTP?)"
_REFUSED = r"alert|protocol.version|no shared cipher|unsupported protocol|handshake failure"
_CLOSED = r"connection reset|unexpected eof|SSL_ERROR_SYSCALL|connection closed"
_ALERTS = (  # TLS's alerts (RFC 8446 section 6) in plain words
    (r"unrecognized.name", "the server knows no host {host}"),
    (r"no.application.protocol", "the server speaks none of our versions of HTTP"),
    (r"protocol.version|unsupported protocol", "the server speaks none of our versions of TLS"),
    (r"handshake.failure|no shared cipher|insufficient.security", "nothing in common with us"),
    (r"certificate.required", "the server requires a client certificate, see --client-cert"),
    (r"unknown.ca|alert.*(?:bad|unsupported|unknown).certificate|certificate.unknown",
     "the server does not accept our client certificate"),
    (r"internal.error", "the server has an internal error"),
    (r"access.denied", "the server denies us access"),
)  # fmt: skip


def of_tls(outcome: Outcome, now: float) -> Failure:
    """What went wrong with the handshake. now: UTC seconds, against which certificates are held."""
    text = outcome.text
    stapled = _stapled(outcome)
    if stapled:
        return Failure("tls", stapled)
    if outcome.code in TRUST:
        from bothsides.probe.https.failure_trust import of_trust

        return of_trust(outcome, now)
    if re.search(_PLAIN, text, re.I):
        return Failure("tls", f"no TLS on this port{_spoken(outcome)}")
    reason = without_prefixes(text)
    for pattern, words in _ALERTS:
        if re.search(pattern, text, re.I):
            said = words.format(host=outcome.url.host)
            return Failure("tls", f"the TLS handshake was refused: {said} ({reason})")
    if re.search(_REFUSED, text, re.I):
        return Failure("tls", f"the TLS handshake was refused: {reason}")
    words = f"the TLS handshake broke off: {reason or 'connection closed'}"
    return Failure("server" if re.search(_CLOSED, reason, re.I) else "tls", words)


def _spoken(outcome: Outcome) -> str:
    """What the port speaks instead, as far as it says so."""
    from bothsides.probe.https.banner import banner

    asked = outcome.address and not outcome.proxy
    said = banner(outcome.address, outcome.url.port) if asked else ""
    return f": {said}" if said else _OTHER


def _stapled(outcome: Outcome) -> str:
    """What is wrong with the stapled OCSP answer, "" when that is not the matter."""
    bits = outcome.verify if outcome.text.startswith(_GNUTLS_VERDICT) else 0
    if "revocation reason" in outcome.text or bits & _GNUTLS_REVOKED:
        return "the certificate is revoked by its issuer"
    if "OCSP response has expired" in outcome.text or bits & _GNUTLS_REVOCATION_DATA_SUPERSEDED:
        return "the OCSP answer that the server staples is out of date"
    invalid = bits & (_GNUTLS_MISSING_OCSP_STATUS | _GNUTLS_INVALID_OCSP_STATUS)
    if outcome.code == curl_codes.SSL_INVALIDCERTSTATUS or invalid:
        return "the server staples no valid OCSP answer to its certificate"
    return ""
