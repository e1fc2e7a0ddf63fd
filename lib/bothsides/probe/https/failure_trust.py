"""Why a certificate is not accepted: the verifier's own verdict first, in plain words.

A server may send certificates that its path does not need; only those of the path are blamed.
"""

import re
from itertools import pairwise

from bothsides.model.failure import Failure
from bothsides.model.https import Outcome
from bothsides.parse.certificate import Certificate, alternative_names, common_name, fits, way_up
from bothsides.parse.text import to_words
from bothsides.probe.https.failure_words import without_prefixes

# OpenSSL's verdicts, X509_V_ERR_* of X509_STORE_CTX_get_error(3).
_NO_CRL, _BAD_SIGNATURE, _EARLY, _EXPIRED, _CRL_EARLY, _CRL_EXPIRED, _REVOKED = (
    3,
    7,
    9,
    10,
    11,
    12,
    23,
)
_UNSPECIFIED = 1  # libcurl gave up over the name before it read OpenSSL's verdict
_NO_ISSUER = (2, 18, 19, 20, 21, 27)  # missing, self-signed or not trusted
_WRONG_NAME = (_UNSPECIFIED, 62)
_OTHER_NAME = r"does not match|no alternative certificate subject name|target host"
_VERDICTS = {  # OpenSSL's words and ours; {key} and {issuer} are of the server's own certificate
    "EE certificate key too weak": "its key is too weak ({key})",
    "CA certificate key too weak": "the key of its issuer is too weak",
    "CA signature digest algorithm too weak": "its chain is signed with a hash that is broken",
    "unsuitable certificate purpose": "it is made for clients, not for servers",
    "permitted subtree violation": "its authority may not sign this name (name constraints)",
    "excluded subtree violation": "its authority may not sign this name (name constraints)",
    "invalid CA certificate": "its issuer {issuer} is no certificate authority",
    "path length constraint exceeded": "its chain is longer than its authority allows",
    "unhandled critical extension": "it has an unknown critical extension",
}

# GnuTLS's verdict is a set of bits, gnutls_certificate_status_t.
_GNUTLS_VERDICT = "server certificate verification failed"  # so begins libcurl's text then
_GNUTLS_EARLY, _GNUTLS_EXPIRED = 1 << 9, 1 << 10
_FLAWS = {
    1 << 7: "the issuer of a certificate in the chain is no certificate authority",
    1 << 8: "a certificate in the chain is signed with an algorithm that is no longer trusted",
    1 << 11: "a certificate in the chain has a signature that does not fit",
    1 << 16: "a certificate in the chain breaks the constraints of its issuer",
    1 << 18: "it is made for clients, not for servers",
    1 << 21: "a certificate in the chain has an unknown critical extension",
}
_NAMES = 3  # alternative names to list


def of_trust(outcome: Outcome, now: float) -> Failure:
    """Why the certificate is not accepted. now: UTC seconds."""
    chain, verify = outcome.chain, outcome.verify
    gnutls = outcome.text.startswith(_GNUTLS_VERDICT)
    if not gnutls and verify in (_NO_CRL, _CRL_EARLY, _CRL_EXPIRED):
        return _of_list(verify, chain)
    if not gnutls and verify == _REVOKED:
        return Failure("tls", "the certificate is revoked by its issuer (--crl)")
    if re.search(_OTHER_NAME, outcome.text, re.I) or (not gnutls and verify in _WRONG_NAME):
        return Failure("tls", _other_name(outcome))
    if not chain:
        return Failure("tls", f"the certificate is not trusted: {without_prefixes(outcome.text)}")
    dates = verify & (_GNUTLS_EARLY | _GNUTLS_EXPIRED) if gnutls else verify in (_EARLY, _EXPIRED)
    if dates or (verify == 0 and _wrong_date(way_up(chain), now)):
        return _of_dates(way_up(chain), now)
    flaw = _gnutls_flaw(verify) if gnutls else _flaw(outcome)
    if flaw:
        return Failure("tls", flaw)
    return Failure("tls", _unknown_issuer(chain))


def _of_list(verify: int, chain: tuple[Certificate, ...]) -> Failure:
    """Our own revocation list is of no use."""
    if verify == _NO_CRL:
        issuers = " and ".join(dict.fromkeys(common_name(one.issuer) for one in way_up(chain)))
        words = f"the file of --crl has no list of {issuers or 'the issuer'}"
    else:
        words = (
            f"the list of --crl {'has expired' if verify == _CRL_EXPIRED else 'is not valid yet'}"
        )
    return Failure("config", f"{words}: fetch one (target not tested)")


def _other_name(outcome: Outcome) -> str:
    """Whom the certificate is for: its alternative names, for its common name does not count."""
    chain, host = outcome.chain, outcome.url.host
    names = alternative_names(chain[0].pem) if chain else ()
    if not names:
        return f"the certificate is not for {host} but for {chain[0].name if chain else 'others'}"
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return f"the certificate is not for {host} but for {', '.join(names[:_NAMES])}{more}"


def _of_dates(way: tuple[Certificate, ...], now: float) -> Failure:
    """A date on the path looks wrong; where none of those sent does, the root's, which is ours."""
    wrong = _wrong_date(way, now)
    if wrong:
        return Failure("tls", wrong)
    words = f"the root {common_name(way[-1].issuer)} in our own CA bundle has expired"
    return Failure("config", f"{words} (target not tested)")


def _wrong_date(way: tuple[Certificate, ...], now: float) -> str:
    for place, one in enumerate(way):
        which = "the certificate" if place == 0 else f"the intermediate certificate {one.name}"
        if one.ends is not None and one.ends < now:
            return f"{which} expired {to_words(now - one.ends)} ago"
        if one.starts is not None and one.starts > now:
            return f"{which} is not valid yet: it begins in {to_words(one.starts - now)}"
    return ""


def _flaw(outcome: Outcome) -> str:
    """What is wrong with a certificate whoever issued it, as far as OpenSSL tells."""
    if outcome.verify == _BAD_SIGNATURE:
        return _misfit(way_up(outcome.chain)) or "the signature of the certificate does not fit"
    problem = re.fullmatch(
        r"SSL certificate (?:problem|OpenSSL verify result): (.*?)(?: \([0-9]+\))?", outcome.text
    )
    if problem is None or outcome.verify in (0, *_NO_ISSUER):
        return ""
    leaf = outcome.chain[0]
    words = _VERDICTS.get(problem[1], problem[1])
    words = words.format(key=leaf.key or "its size", issuer=common_name(leaf.issuer))
    return f"the certificate is not accepted: {words}"


def _gnutls_flaw(verdict: int) -> str:
    return next((words for bit, words in _FLAWS.items() if verdict & bit), "")


def _misfit(way: tuple[Certificate, ...]) -> str:
    """An issuer by name whose key is another one."""
    for one, issuer in pairwise(way):
        if not fits(one, issuer):
            return f"the intermediate {issuer.name} does not fit: another key has signed"
    return ""


def _unknown_issuer(chain: tuple[Certificate, ...]) -> str:
    """Which certificate of the chain leads to no issuer that is trusted here."""
    way = way_up(chain)
    last = way[-1]
    misfit = _misfit(way)
    if misfit:
        return misfit
    if last.self_signed and len(way) == 1:
        return f"the certificate of {last.name} is self-signed"
    if last.self_signed:
        return f"the issuer {last.name} is not trusted here"
    issuer = common_name(last.issuer)
    if len(way) == 1 and len(chain) > 1:
        missing = f"not {issuer}, which is not trusted here"
        return f"the server sends other intermediates, but {missing}"
    if len(way) == 1:
        missing = f"{issuer} is not trusted here (a private root?); see --ca-cert"
        return f"no intermediate certificate is sent, and {missing}"
    return f"the issuer {issuer} is not trusted here"
