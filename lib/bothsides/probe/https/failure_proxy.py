"""Whose fault a transfer is that failed at a proxy: its answer to CONNECT, its SOCKS reply."""

import errno
import os
import re

from bothsides.model.failure import Failure
from bothsides.model.https import Outcome
from bothsides.probe.https import curl_codes
from bothsides.probe.https.failure_words import shown_proxy, within

NO_WAY_OUT = {
    errno.ENETUNREACH,
    errno.EACCES,
    errno.EPERM,
    errno.EINVAL,
    errno.EADDRNOTAVAIL,
    errno.ENODEV,
    errno.ENETDOWN,
}
"""Errors of connecting for which nothing has left this machine."""

_SQUID = {
    "ERR_DNS_FAIL": "no address for that name",
    # What CONNECT gets, with status 500.
    "ERR_CANNOT_FORWARD": "no address for that name, or no way there",
}
_SOCKS_FORBIDS = 2  # X'02', connection not allowed by ruleset (RFC 1928 section 6)
_SOCKS = {  # the same section; 91 to 93 are SOCKS 4's
    1: "general failure",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    91: "rejected or failed",
}


def of_proxy(outcome: Outcome) -> Failure:
    """What went wrong at the proxy, or behind it."""
    proxy = shown_proxy(outcome.proxy)
    answered = _of_answer(outcome, proxy)
    if answered is not None:
        return answered
    if outcome.proxy.startswith("socks") and outcome.code == curl_codes.PROXY:
        return _of_socks(outcome, proxy)
    if outcome.code == curl_codes.OPERATION_TIMEDOUT:
        asked = "" if outcome.proxy.startswith("socks") else " CONNECT"
        doing = f"took the connection, but does not answer{asked}"
        if outcome.phases.last == "connect":
            doing = "does not answer"
        return Failure("proxy", f"proxy {proxy} {doing} {within(outcome)}")
    if outcome.errno in NO_WAY_OUT:
        why = os.strerror(outcome.errno)
        return Failure("local", f"no way out to the proxy {proxy}: {why} (target not tested)")
    if outcome.errno == errno.ECONNREFUSED and outcome.phases.last == "connect":
        return Failure("proxy", f"proxy {proxy} refuses connections")
    return Failure("proxy", f"proxy {proxy} failed: {outcome.text}")


def _of_answer(outcome: Outcome, proxy: str) -> Failure | None:
    """What the proxy's answer to CONNECT means; None when there was none, or a yes."""
    code = outcome.connect_code
    if code == 407:
        return Failure("proxy", f"proxy {proxy} {_login_refused(outcome)}")
    if code == 403:
        return Failure("proxy", f"proxy {proxy} forbids this target (403)")
    squid = _squid(outcome)
    if outcome.refusal.get("X-Squid-Error").startswith("ERR_DNS_FAIL"):
        words = f"proxy {proxy} finds no address for the target ({code}{squid})"
        return Failure("proxy-dns", words)
    if code in (502, 503, 504) or (code == 500 and squid):
        return Failure("path", f"proxy {proxy} does not reach the target ({code}{squid})")
    if squid:
        return Failure("proxy", f"proxy {proxy} refused to connect ({code}{squid})")
    if code >= 300:
        return Failure("proxy", f"proxy {proxy} refused to connect ({code}); is it a proxy?")
    return None


def _of_socks(outcome: Outcome, proxy: str) -> Failure:
    """A SOCKS proxy's refusal, by the number of its reply."""
    text = outcome.text
    if "rejected by the SOCKS" in text and outcome.proxy_user:
        return Failure("proxy", f"proxy {proxy} refused the login of user {outcome.proxy_user}")
    if "authentication method" in text or "rejected by the SOCKS" in text:
        return Failure("proxy", f"proxy {proxy} requires a login; see --proxy-authorization")
    reply = re.search(r"\(([0-9]{1,3})\)", text)
    number = int(reply[1]) if reply else -1
    if number in _SOCKS:
        return Failure("path", f"proxy {proxy} does not reach the target (SOCKS: {_SOCKS[number]})")
    if number == _SOCKS_FORBIDS:
        return Failure("proxy", f"proxy {proxy} forbids this target (SOCKS)")
    return Failure("proxy", f"proxy {proxy} speaks no such SOCKS: {text}")


def _login_refused(outcome: Outcome) -> str:
    """A proxy's 407: the login was wrong, or there was none of the kind that it wants."""
    if outcome.proxy_user:
        return f"refused the login of user {outcome.proxy_user} (407)"
    if outcome.refusal.get("Proxy-Authenticate").lower().startswith("negotiate"):
        return "requires a Kerberos ticket (407); see klist and --proxy-auth negotiate"
    return "requires a login (407); see --proxy-authorization"


def _squid(outcome: Outcome) -> str:
    """Squid's own reason: `ERR_CONNECT_FAIL 111` carries the errno that the proxy saw."""
    error = re.match(r"(ERR_[A-Z_]+) ([0-9]{1,4})", outcome.refusal.get("X-Squid-Error"))
    if error is None:
        return ""
    number = int(error[2])
    if error[1] == "ERR_CONNECT_FAIL" and number:
        return f", Squid: {os.strerror(number).lower()}"
    return f", Squid: {_SQUID.get(error[1], error[1])}"
