"""Whose fault a failed TLS handshake is: the certificate, what is stapled to it, or the refusal."""

import re

from bothsides.model.failure import Failure
from bothsides.model.https import Outcome
from bothsides.parse.certificate import Certificate, common_name
from bothsides.parse.text import to_words
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

# OpenSSL's verdicts, X509_V_ERR_* of X509_STORE_CTX_get_error(3).
_X509_OK = 0
_X509_UNSPECIFIED = 1  # libcurl gave up over the name before it read OpenSSL's verdict
_X509_UNABLE_TO_GET_ISSUER_CERT = 2
_X509_DEPTH_ZERO_SELF_SIGNED_CERT = 18
_X509_SELF_SIGNED_CERT_IN_CHAIN = 19
_X509_UNABLE_TO_GET_ISSUER_CERT_LOCALLY = 20
_X509_UNABLE_TO_VERIFY_LEAF_SIGNATURE = 21
_X509_CERT_UNTRUSTED = 27
_X509_HOSTNAME_MISMATCH = 62
_WRONG_NAME = {_X509_UNSPECIFIED, _X509_HOSTNAME_MISMATCH}
_NO_FLAW = {  # the name, or an issuer that is missing or not trusted
    _X509_OK,
    *_WRONG_NAME,
    _X509_UNABLE_TO_GET_ISSUER_CERT,
    _X509_DEPTH_ZERO_SELF_SIGNED_CERT,
    _X509_SELF_SIGNED_CERT_IN_CHAIN,
    _X509_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
    _X509_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
    _X509_CERT_UNTRUSTED,
}

# GnuTLS's verdict is a set of bits, gnutls_certificate_status_t.
_GNUTLS_VERDICT = "server certificate verification failed"  # so begins libcurl's text then
_GNUTLS_REVOKED = 1 << 5
_GNUTLS_SIGNER_NOT_CA = 1 << 7
_GNUTLS_INSECURE_ALGORITHM = 1 << 8
_GNUTLS_SIGNATURE_FAILURE = 1 << 11
_GNUTLS_REVOCATION_DATA_SUPERSEDED = 1 << 12
_GNUTLS_SIGNER_CONSTRAINTS_FAILURE = 1 << 16
_GNUTLS_PURPOSE_MISMATCH = 1 << 18
_GNUTLS_MISSING_OCSP_STATUS = 1 << 19
_GNUTLS_INVALID_OCSP_STATUS = 1 << 20
_GNUTLS_UNKNOWN_CRIT_EXTENSIONS = 1 << 21
_FLAWS = {
    _GNUTLS_SIGNER_NOT_CA: "the issuer of a certificate in the chain is no authority",
    _GNUTLS_INSECURE_ALGORITHM: "a certificate in the chain is signed with an algorithm"
    " that is no longer trusted",
    _GNUTLS_SIGNATURE_FAILURE: "a certificate in the chain has a signature that does not fit",
    _GNUTLS_SIGNER_CONSTRAINTS_FAILURE: "a certificate in the chain breaks the constraints"
    " of its issuer",
    _GNUTLS_PURPOSE_MISMATCH: "the certificate is not made for servers",
    _GNUTLS_UNKNOWN_CRIT_EXTENSIONS: "a certificate in the chain has a critical extension"
    " that nobody knows",
}

_PLAIN = r"wrong.version.number|packet length|http.request|unexpected TLS packet"
_REFUSED = r"alert|protocol.version|no shared cipher|unsupported protocol|handshake failure"
_OTHER_NAME = r"does not match|no alternative certificate subject name|target host"


def of_tls(outcome: Outcome, now: float) -> Failure:
    """What went wrong with the handshake. now: UTC seconds, against which certificates are held."""
    text = outcome.text
    stapled = _stapled(outcome)
    if stapled:
        return Failure("tls", stapled)
    if outcome.code in TRUST:
        return Failure("tls", _untrusted(outcome, now))
    if re.search(_PLAIN, text, re.I):
        words = "the server answers the handshake with something else (plain HTTP?)"
        return Failure("tls", f"no TLS on this port: {words}")
    reason = without_prefixes(text)
    if re.search(_REFUSED, text, re.I):
        return Failure("tls", f"the TLS handshake was refused: {reason}")
    return Failure("tls", f"the TLS handshake broke off: {reason or 'connection closed'}")


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


def _untrusted(outcome: Outcome, now: float) -> str:
    """Why the certificate is not accepted, in the order in which an operator would mend it."""
    chain = outcome.chain
    dates = (_wrong_date(one, place, now) for place, one in enumerate(chain))
    wrong = next((words for words in dates if words), "") or _flaw(outcome)
    if wrong:
        return wrong
    if re.search(_OTHER_NAME, outcome.text, re.I) or outcome.verify in _WRONG_NAME:
        name = chain[0].name if chain else "another name"
        return f"the certificate is not for {outcome.url.host} but for {name}"
    if not chain:
        return f"the certificate is not trusted: {without_prefixes(outcome.text)}"
    return _unknown_issuer(chain)


def _unknown_issuer(chain: tuple[Certificate, ...]) -> str:
    """Which certificate of the chain leads to no issuer that is trusted here."""
    last = _last(chain)
    alone = last is chain[0]
    if last.self_signed and alone:
        return f"the certificate of {last.name} is self-signed"
    if last.self_signed:
        return f"the issuer {last.name} is not trusted here"
    issuer = common_name(last.issuer)
    if alone and len(chain) > 1:
        missing = f"not {issuer}, which is not trusted here"
        return f"the server sends other intermediates, but {missing}"
    if alone:
        missing = f"{issuer} is not trusted here"
        return f"the server sends no intermediate certificate, and {missing}"
    return f"the issuer {issuer} is not trusted here"


def _last(chain: tuple[Certificate, ...]) -> Certificate:
    """Where the way up from the server's own certificate ends among those that it sends."""
    last, others = chain[0], list(chain[1:])
    while not last.self_signed:
        issuer = next((one for one in others if one.subject == last.issuer), None)
        if issuer is None:
            break
        others.remove(issuer)
        last = issuer
    return last


def _flaw(outcome: Outcome) -> str:
    """What is wrong with a certificate whoever issued it, as far as the TLS library tells.

    Such as a weak key.
    """
    text, verdict = outcome.text, outcome.verify
    if text.startswith(_GNUTLS_VERDICT):
        return next((words for bit, words in _FLAWS.items() if verdict & bit), "")
    problem = re.fullmatch(
        r"SSL certificate (?:problem|OpenSSL verify result): (.*?)(?: \([0-9]+\))?", text
    )
    if problem and verdict not in _NO_FLAW:
        return f"the certificate is not accepted: {problem[1]}"
    return ""


def _wrong_date(certificate: Certificate, place: int, now: float) -> str:
    which = "the certificate" if place == 0 else f"the intermediate certificate {certificate.name}"
    if certificate.ends is not None and certificate.ends < now:
        return f"{which} expired {to_words(now - certificate.ends)} ago"
    if certificate.starts is not None and certificate.starts > now:
        return f"{which} is not valid yet, only in {to_words(certificate.starts - now)}"
    return ""
