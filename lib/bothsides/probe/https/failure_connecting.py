"""Whose fault it is that there is no connection: our own lack of a way, silence, or a refusal."""

import errno
import os

from bothsides.model.failure import Failure
from bothsides.model.https import Outcome
from bothsides.probe.https import curl_codes
from bothsides.probe.https.failure_proxy import NO_WAY_OUT
from bothsides.probe.https.failure_words import target_of, within

# Before there is a connection: QUIC's way of saying that the port is closed.
_SENT = {curl_codes.SEND_ERROR, curl_codes.RECV_ERROR}
_BY_ROUTER = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EPROTO, errno.ENONET)
"""What the kernel makes of a router's ICMP message; without a route it says some itself."""


def of_connecting(outcome: Outcome) -> Failure:
    """Not connected to any address."""
    reasons = {contact.reason.lower() for contact in outcome.contacts if contact.reason}
    target, number = target_of(outcome), outcome.errno
    if outcome.code == curl_codes.INTERFACE_FAILED:
        why = os.strerror(number) if number else outcome.text
        return Failure("local", f"no way out to {target}: {why} (target not tested)")
    if not outcome.routed or (number in NO_WAY_OUT and number not in _BY_ROUTER):
        why = os.strerror(number)
        return Failure("local", f"no way out to {target}: {why} (target not tested)")
    if number in _BY_ROUTER:
        return _unreachable(outcome, target)
    if number == errno.ECONNREFUSED or "connection refused" in reasons or outcome.code in _SENT:
        return _refused(outcome, target)
    if number == errno.ETIMEDOUT:
        words = f"no answer from {target} {within(outcome)}"
        return Failure("path", f"{words}; see check_mtr_path", "far end")
    words = f"no connection to {target}: {outcome.text or os.strerror(number)}"
    return Failure("path", words, "far end")


def _refused(outcome: Outcome, target: str) -> Failure:
    """A refusal: of the server, or of a firewall on the way that answers in its place by ICMP."""
    from bothsides.probe.https.refusal import who_refuses

    hosts = [contact.host for contact in outcome.contacts]
    refusal = who_refuses(hosts[0], outcome.url.port) if len(hosts) == 1 else None
    if refusal is not None and refusal.source not in ("", hosts[0], outcome.address):
        words = f"{target} cannot be reached: {refusal.source} answers {refusal.words}"
        return Failure("path", words)
    return Failure("server", f"connection refused by {target}")


def _unreachable(outcome: Outcome, target: str) -> Failure:
    """Somebody says that there is no way: asks who, which the socket did not tell."""
    from bothsides.probe.https.refusal import who_refuses

    why = os.strerror(outcome.errno)
    hosts = [contact.host for contact in outcome.contacts]
    refusal = who_refuses(hosts[0], outcome.url.port) if hosts else None
    if refusal is None and hosts and hosts[0].lower().startswith("fe80:"):  # no router forwards it
        return Failure("local", f"no way out to {target}: {why} (target not tested)")
    if refusal is None:
        return Failure("path", f"{target} cannot be reached: {why}", "far end")
    if refusal.source and refusal.source in (hosts[0], outcome.address):
        return Failure("server", f"{target} refuses: {refusal.words}")
    if refusal.source and "loop" in refusal.words:  # whoever has to say so is any router of it
        return Failure("path", f"{target} cannot be reached: a router answers {refusal.words}")
    if refusal.source:
        words = f"{target} cannot be reached: {refusal.source} answers {refusal.words}"
        # the last router says so of a host that is down, too
        return Failure("path", words, "far end" if "host" in refusal.words else "")
    if refusal.gateway:
        words = f"our gateway {refusal.gateway} does not answer on our own link"
        return Failure("local", f"no way out to {target}: {words} (target not tested)")
    return Failure("path", f"{target} is absent on our own link: {refusal.words}", "far end")
