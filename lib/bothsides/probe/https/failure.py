"""Whose fault a failed transfer is: libcurl's code, errno and marks to a class and a sentence."""

import errno
import os
import re

from bothsides.model.failure import Failure
from bothsides.parse.certificate import Certificate
from bothsides.parse.text import to_words
from bothsides.probe.https.outcome import OVERDUE, Outcome

# libcurl-errors(3). Names where they tell more than the number.
_USAGE = {3, 4, 43, 48, 49, 59}
_FILES = {53: "the crypto engine", 54: "the crypto engine", 58: "the client certificate or key", 66: "the crypto engine",
          77: "the CA bundle", 82: "the revocation list"}  # fmt: skip
_MEMORY = 27
_RESOURCES = {2, _MEMORY, 99}
_SOURCE = 45  # the source address or interface that was asked for cannot be had
_PROXY = 97
_SENT = (55, 56)  # before there is a connection: QUIC's way of saying that the port is closed
_TRUST = {51, 60, 83, 90, 91}
_HANDSHAKE = {35, 64, 98, 101}
_WRONG_NAME = (
    1,
    62,
)  # X509_V_ERR_HOSTNAME_MISMATCH; 1: libcurl gave up over the name before it read OpenSSL's verdict
_ISSUER = {
    0,
    *_WRONG_NAME,
    2,
    18,
    19,
    20,
    21,
    27,
}  # X509_V_ERR_*: an issuer that is missing or not trusted; a name
_FLAWS = {  # gnutls_certificate_status_t
    7: "the issuer of a certificate in the chain is no authority",
    8: "a certificate in the chain is signed with an algorithm that is no longer trusted",
    11: "a certificate in the chain has a signature that does not fit",
    16: "a certificate in the chain breaks the constraints of its issuer",
    18: "the certificate is not made for servers",
    21: "a certificate in the chain has a critical extension that nobody knows",
}
_NO_WAY_OUT = {
    errno.ENETUNREACH,
    errno.EACCES,
    errno.EPERM,
    errno.EINVAL,
    errno.EADDRNOTAVAIL,
    errno.ENODEV,
    errno.ENETDOWN,
}
_RESOURCE_ERRNO = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_SQUID = {
    "ERR_DNS_FAIL": "no address for that name",
    "ERR_CANNOT_FORWARD": "no address for that name, or no way there",  # what CONNECT gets, with status 500
}
_SOCKS_FORBIDS = 2
_SOCKS = {
    1: "general failure",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    91: "rejected or failed",
}
_PROXYS = {
    1,
    8,
    52,
    55,
    56,
}  # what breaks a plain request that was sent to a proxy, before any answer
_BROKEN = {
    1: "the answer is not HTTP",
    8: "the head of the answer is broken",
    16: "the HTTP/2 exchange broke off",
    18: "the answer ended too early",
    _MEMORY: "the head of the answer is too large",  # so says 7.88
    52: "the connection was closed without an answer",
    55: "sending the request failed",
    56: "receiving the answer failed",
    61: "the encoding of the answer is broken",
    92: "the HTTP/2 exchange broke off",
    95: "the HTTP/3 exchange broke off",
    96: "the QUIC connection failed",
    100: "the head of the answer is too large",
}


def from_outcome(outcome: Outcome, now: float) -> Failure:
    """What went wrong with a transfer. now: UTC seconds, against which certificates are held.

    Code 0 is an answer that the proxy gave by itself.
    """
    code = outcome.code
    if code == 0:
        return _of_proxy(outcome._replace(connect_code=outcome.head.code, refusal=outcome.head))
    connected = outcome.phases.last not in ("dns", "connect")
    ours = _ours(outcome, connected)
    if ours is not None:
        return ours
    if outcome.proxy and (
        outcome.phases.last in ("dns", "connect", "proxy") or "CONNECT" in outcome.text
    ):
        return _of_proxy(outcome)
    if code == OVERDUE:
        return _timeout(outcome)
    if code in (7, _SOURCE) or (code in _SENT and not connected):
        return _unconnected(outcome)
    if code in (5, 6):
        return Failure("local", f"the name could not be looked up: {outcome.text}")
    if outcome.url.scheme == "https" and (
        code in _TRUST or code in _HANDSHAKE or outcome.phases.last == "tls"
    ):
        return _of_tls(outcome, now)
    return _of_exchange(outcome)


def _of_exchange(outcome: Outcome) -> Failure:
    """What broke after the way was open: the server's, or the proxy's when that was asked in its place."""
    code, text = outcome.code, outcome.text
    if (
        code in _SENT and "alert" in text
    ):  # TLS 1.3 looks at our certificate when the handshake is over
        asked = "; see --client-cert" if re.search("certificate|unknown ca", text) else ""
        return Failure("tls", f"the server broke TLS off after the handshake: {_said(text)}{asked}")
    if code == 56 and re.search(r"unexpected eof|non-properly terminated", text):
        code = (
            18 if outcome.size else 52
        )  # cut off without TLS's goodbye: libcurl blames the receiving
    words = f"{_BROKEN.get(code, 'the exchange broke off')}{_detail(outcome)}"
    if code in _PROXYS and outcome.proxy.startswith("http") and outcome.url.scheme == "http":
        return Failure(
            "proxy", f"proxy {shown_proxy(outcome.proxy)}: {words}"
        )  # it would have told of its own server's
    return Failure("server", words)


def _ours(outcome: Outcome, connected: bool) -> Failure | None:
    """A fault of the command line, of our files or of this machine."""
    code = outcome.code
    if code in _FILES or "X.509 key" in outcome.text or "private key file" in outcome.text:
        return Failure(
            "config",
            f"cannot use {_FILES.get(code, 'the client certificate or key')}: {outcome.text}",
        )
    if code in _USAGE or (code == 1 and not connected):
        return Failure("config", f"libcurl cannot do this: {outcome.text}")
    if "no protocols available" in outcome.text:
        return Failure(
            "config", "our own TLS library speaks none of the versions of TLS that are asked for"
        )
    if outcome.errno in _RESOURCE_ERRNO and code == 7:
        return Failure("local", f"out of memory or descriptors here: {os.strerror(outcome.errno)}")
    if code in _RESOURCES and not (
        code == _MEMORY and outcome.phases.last in ("server", "transfer")
    ):
        return Failure("local", f"out of memory or descriptors here: {outcome.text}")
    return None


def _unconnected(outcome: Outcome) -> Failure:
    """Not connected to any address: our own lack of a route, silence, or a refusal."""
    reasons = {contact.reason.lower() for contact in outcome.contacts if contact.reason}
    where = _where(outcome)
    number = outcome.errno
    if outcome.code == _SOURCE:
        return Failure(
            "local",
            f"no way out to {where}: {os.strerror(number) if number else outcome.text} (target not tested)",
        )
    if number in _NO_WAY_OUT or not outcome.routed:
        return Failure("local", f"no way out to {where}: {os.strerror(number)} (target not tested)")
    if number == errno.EHOSTUNREACH:
        return Failure("path", f"{where} cannot be reached: {os.strerror(number)}")
    if number == errno.ECONNREFUSED or "connection refused" in reasons or outcome.code in _SENT:
        return Failure("server", f"connection refused by {where}")
    if number == errno.ETIMEDOUT:
        return Failure(
            "path",
            f"no answer from {where} {_after(outcome)}; check_mtr_path may tell where it ends",
        )
    return Failure("path", f"no connection to {where}: {outcome.text or os.strerror(number)}")


def _timeout(outcome: Outcome) -> Failure:
    where = _where(outcome)
    phase = outcome.phases.last
    if phase == "dns":
        return Failure(
            "local", f"our resolver does not answer for {outcome.url.host} (target not tested)"
        )
    if phase == "connect":
        asked = _asked(outcome)
        return Failure(
            "path",
            f"no answer from {where} to {asked} {_after(outcome)}; check_mtr_path may tell where it ends",
        )
    if phase == "tls":
        return Failure(
            "tls",
            f"connected to {where}, but the TLS handshake stalls after {outcome.phases.total:.1f} s",
        )
    if phase == "server":
        return Failure("server", f"{where} took the request, but sends no answer {_after(outcome)}")
    return Failure(
        "server", f"{where} sends too slowly: {outcome.size} octets in {outcome.phases.total:.1f} s"
    )


def _asked(outcome: Outcome) -> str:
    """What had no answer: TCP's first packets, counted by the kernel, or QUIC's, of which it knows nothing."""
    again = [
        contact.retransmissions
        for contact in outcome.contacts
        if contact.retransmissions is not None
    ]
    if outcome.contacts and not again:
        return "QUIC packets"
    tries = max(again, default=0) + 1
    return f"{tries} SYN packets" if tries > 1 else "a SYN packet"


def _of_proxy(outcome: Outcome) -> Failure:
    proxy, code = shown_proxy(outcome.proxy), outcome.connect_code
    if code == 407:
        return Failure("proxy", f"proxy {proxy} {_unknown_to_it(outcome)}")
    if code == 403:
        return Failure("proxy", f"proxy {proxy} forbids this target (403)")
    squid = _squid(outcome)
    if code in (502, 503, 504) or (code == 500 and squid):
        return Failure("path", f"proxy {proxy} does not reach the target ({code}{squid})")
    if squid:
        return Failure("proxy", f"proxy {proxy} refused to connect ({code}{squid})")
    if code >= 300:
        return Failure("proxy", f"proxy {proxy} refused to connect ({code}); is it a proxy?")
    if outcome.proxy.startswith("socks") and outcome.code == _PROXY:
        return _of_socks(outcome)
    if outcome.code == OVERDUE:
        asked = "" if outcome.proxy.startswith("socks") else " CONNECT"
        doing = (
            "does not answer"
            if outcome.phases.last == "connect"
            else f"took the connection, but does not answer{asked}"
        )
        return Failure("proxy", f"proxy {proxy} {doing} {_after(outcome)}")
    if outcome.errno in _NO_WAY_OUT:
        return Failure(
            "local",
            f"no way out to the proxy {proxy}: {os.strerror(outcome.errno)} (target not tested)",
        )
    if outcome.errno == errno.ECONNREFUSED and outcome.phases.last == "connect":
        return Failure("proxy", f"proxy {proxy} refuses connections")
    return Failure("proxy", f"proxy {proxy} failed: {outcome.text}")


def _of_socks(outcome: Outcome) -> Failure:
    """A SOCKS proxy's refusal, by the number of its reply (RFC 1928 section 6; 91 to 93 are version 4's)."""
    proxy, text = shown_proxy(outcome.proxy), outcome.text
    if "rejected by the SOCKS" in text and outcome.proxy_user:
        return Failure("proxy", f"proxy {proxy} refused the login of user {outcome.proxy_user}")
    if "authentication method" in text or "rejected by the SOCKS" in text:
        return Failure("proxy", f"proxy {proxy} wants a login; see --proxy-authorization")
    said = re.search(r"\(([0-9]{1,3})\)", text)
    number = int(said[1]) if said else -1
    if number in _SOCKS:
        return Failure("path", f"proxy {proxy} does not reach the target (SOCKS: {_SOCKS[number]})")
    if number == _SOCKS_FORBIDS:
        return Failure("proxy", f"proxy {proxy} forbids this target (SOCKS)")
    return Failure("proxy", f"proxy {proxy} speaks no such SOCKS: {text}")


def _unknown_to_it(outcome: Outcome) -> str:
    """A proxy's 407: the login was wrong, or there was none of the kind that it wants."""
    if outcome.proxy_user:
        return f"refused the login of user {outcome.proxy_user} (407)"
    if outcome.refusal.get("Proxy-Authenticate").lower().startswith("negotiate"):
        return "wants a Kerberos ticket (407); see klist and --proxy-auth negotiate"
    return "wants a login (407); see --proxy-authorization"


def _squid(outcome: Outcome) -> str:
    """Squid's own word for it: `ERR_CONNECT_FAIL 111` carries the errno that the proxy saw."""
    said = outcome.refusal.get("X-Squid-Error")
    found = re.match(r"(ERR_[A-Z_]+) ([0-9]{1,4})", said)
    if found is None:
        return ""
    number = int(found[2])
    if found[1] == "ERR_CONNECT_FAIL" and number:
        return f", Squid: {os.strerror(number).lower()}"
    if found[1] in _SQUID:
        return f", Squid: {_SQUID[found[1]]}"
    return f", Squid: {found[1]}"


def shown_proxy(proxy: str) -> str:
    """The proxy without scheme and without any user name or password."""
    return proxy.rpartition("://")[2].rpartition("@")[2].rstrip("/")


def _of_tls(outcome: Outcome, now: float) -> Failure:
    text = outcome.text
    stapled = _stapled(outcome)
    if stapled:
        return Failure("tls", stapled)
    if outcome.code in _TRUST:
        return Failure("tls", _untrusted(outcome, now))
    if re.search(
        r"wrong.version.number|packet length|http.request|unexpected TLS packet", text, re.I
    ):
        return Failure(
            "tls",
            "no TLS on this port: the server answers the handshake with something else (plain HTTP?)",
        )
    if re.search(
        r"alert|protocol.version|no shared cipher|unsupported protocol|handshake failure",
        text,
        re.I,
    ):
        return Failure("tls", f"the TLS handshake was refused: {_said(text)}")
    return Failure("tls", f"the TLS handshake broke off: {_said(text) or 'connection closed'}")


def _stapled(outcome: Outcome) -> str:
    """What is wrong with the stapled OCSP answer, "" when that is not the matter.

    OpenSSL's code is 91 with a text; GnuTLS tells by the bits of its verdict (gnutls_certificate_status_t).
    """
    bits = (
        outcome.verify if outcome.text.startswith("server certificate verification failed") else 0
    )
    if "revocation reason" in outcome.text or bits & 1 << 5:
        return "the certificate is revoked by its issuer"
    if "OCSP response has expired" in outcome.text or bits & 1 << 12:
        return "the OCSP answer that the server staples is out of date"
    if outcome.code == 91 or bits & (1 << 19 | 1 << 20):
        return "the server staples no valid OCSP answer to its certificate"
    return ""


def _untrusted(outcome: Outcome, now: float) -> str:
    """Why the certificate is not accepted, in the order in which an operator would mend it."""
    chain = outcome.chain
    dates = (_wrong_date(one, place, now) for place, one in enumerate(chain))
    wrong = next((found for found in dates if found), "") or _flaw(outcome)
    if wrong:
        return wrong
    if (
        re.search(
            r"does not match|no alternative certificate subject name|target host",
            outcome.text,
            re.I,
        )
        or outcome.verify in _WRONG_NAME
    ):
        return f"the certificate is not for {outcome.url.host} but for {chain[0].name if chain else 'another name'}"
    if not chain:
        return f"the certificate is not trusted: {_said(outcome.text)}"
    last = _last(chain)
    if last.self_signed:
        alone = last is chain[0]
        return (
            f"the certificate of {last.name} is self-signed"
            if alone
            else f"the issuer {last.name} is not trusted here"
        )
    if last is chain[0] and len(chain) > 1:
        return f"the server sends other intermediates, but not {_issuer(last)}, which is not trusted here"
    if last is chain[0]:
        return (
            f"the server sends no intermediate certificate, and {_issuer(last)} is not trusted here"
        )
    return f"the issuer {_issuer(last)} is not trusted here"


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
    """What is wrong with a certificate whoever issued it, such as a weak key, as far as the TLS library tells."""
    text, verdict = outcome.text, outcome.verify
    if text.startswith(
        "server certificate verification failed"
    ):  # GnuTLS, whose verdict is a set of bits
        return next((words for bit, words in _FLAWS.items() if verdict & 1 << bit), "")
    told = re.fullmatch(
        r"SSL certificate (?:problem|OpenSSL verify result): (.*?)(?: \([0-9]+\))?", text
    )
    return f"the certificate is not accepted: {told[1]}" if told and verdict not in _ISSUER else ""


def _issuer(certificate: Certificate) -> str:
    from bothsides.parse.certificate import common_name

    return common_name(certificate.issuer)


def _wrong_date(certificate: Certificate, place: int, now: float) -> str:
    which = "the certificate" if place == 0 else f"the intermediate certificate {certificate.name}"
    if certificate.ends is not None and certificate.ends < now:
        return f"{which} expired {to_words(now - certificate.ends)} ago"
    if certificate.starts is not None and certificate.starts > now:
        return f"{which} is not valid yet, only in {to_words(certificate.starts - now)}"
    return ""


def _where(outcome: Outcome) -> str:
    hosts = tuple(dict.fromkeys(contact.host for contact in outcome.contacts))
    port = outcome.url.port
    if len(hosts) > 1:
        return f"all {len(hosts)} addresses of {outcome.url.host} port {port}"
    return f"{outcome.address or (hosts[0] if hosts else outcome.url.host)} port {port}"


def _after(outcome: Outcome) -> str:
    return f"within {outcome.phases.total:.1f} s"


def _detail(outcome: Outcome) -> str:
    said = _said(outcome.text)
    return f" ({said})" if said else ""


def _said(text: str) -> str:
    """libcurl's words without its prefixes, function names and internal numbers."""
    tail = text.rpartition(":")[2] if re.search(r"error:[0-9A-F]{8}", text) else text
    tail = tail.removesuffix(", errno 0")
    return re.sub(
        r"\s+",
        " ",
        re.sub(
            r"^(TLS connect error|SSL certificate problem|gnutls_handshake\(\) failed): ?", "", tail
        ),
    ).strip()
