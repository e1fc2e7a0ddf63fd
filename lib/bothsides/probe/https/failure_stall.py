"""Whose fault it is that time ran out: by the phase, and by what TCP itself has counted.

A server is blamed only where its answer came without a gap and all that we sent was acknowledged:
a stall after that may still be large packets that get lost on the way back.
"""

from bothsides.model.failure import Failure
from bothsides.model.https import Contact, Outcome
from bothsides.parse.text import counted
from bothsides.probe.https.failure_words import target_of, within

_STALLED = 1.5  # s without an octet, or half of the transfer: then it is no slow server
_UNREAD = 0.2  # s that an answer lies unread: a host with a processor to spare reads it at once
_ENDLESS = 64 << 20  # octets of an answer after which slowness is not the matter
_BOTH = "far end"


def of_timeout(outcome: Outcome) -> Failure:
    """Time ran out in some phase."""
    target, phase = target_of(outcome), outcome.phases.last
    if phase == "dns":
        words = f"our resolver does not answer for {outcome.url.host} (target not tested)"
        return Failure("local", words)
    endless = phase == "transfer" and outcome.size > _ENDLESS  # however busy this host is
    ours = "" if endless else _of_this_host(outcome)
    if ours:
        return Failure("local", ours)
    if phase == "connect":
        words = f"no answer from {target} to {_unanswered(outcome)} {within(outcome)}"
        if _filtered(outcome):
            words = f"our own firewall drops what we send to {target} (target not tested)"
            return Failure("local", words)
        doubt = f"{_BOTH} or this host" if _deaf() else _BOTH
        return Failure("path", f"{words}; see check_mtr_path", doubt)
    if phase == "tls":
        doing = f"connected to {target}, but the TLS handshake stalls"
    elif phase == "server":
        doing = f"{target} took the request, but sends no answer"
    else:
        return _of_answer(outcome, target)
    return _of_stall(outcome, f"{doing} {within(outcome)}")


def _of_this_host(outcome: Outcome) -> str:
    """How this host has used up the time, so that the far end's silence proves nothing; "" if not.

    The kernel dates what comes and what is sent, whether or not the check runs.
    """
    elapsed = outcome.phases.total - (outcome.phases.dns or 0.0)
    known = next((one.counters for one in outcome.contacts if one.answered), None)
    silent = 0.0
    if known is not None:
        # during the transfer the check may be busy with what it has read
        waiting = outcome.phases.last != "transfer"
        if waiting and known.unread and known.quiet >= _UNREAD:
            return f"this host is too busy: an answer stayed unread for {known.quiet:.1f} s"
        silent = 0.0 if known.unread else min(known.quiet, known.sent)
    elif outcome.phases.last == "connect":  # the kernel awaits the answer to TCP's first packet
        silent = max((one.waited for one in outcome.contacts), default=0.0)
    if outcome.held < elapsed / 2 or silent >= min(_STALLED, elapsed / 2):
        return ""
    held = f"{min(outcome.held, elapsed):.1f} of {elapsed:.1f} s"
    return f"this host is too busy: it did not run the check for {held}"


def _of_stall(outcome: Outcome, words: str) -> Failure:
    """A connection on which nothing came any more."""
    used = _used(outcome)
    known = used.counters if used else None
    again = (used.retransmissions or 0) if used else 0
    if known is None:
        return Failure("path", words, _BOTH)
    if known.unacknowledged:
        if known.sacked:
            why = "our large packets are lost, small ones arrive (MTU?)"
            return Failure("path", f"{words}: {why}")
        why = f"no acknowledgement, {counted(again, 'packet')} sent again"
        return Failure("path", f"{words}: {why}", _BOTH)
    if known.gaps:
        why = "packets of the answer are lost, later ones arrive (MTU?)"
        return Failure("path", f"{words}: {why}")
    if again:
        return Failure("path", f"{words}: {counted(again, 'packet')} sent again", _BOTH)
    if known.received:
        return Failure("path", words, _BOTH)
    return Failure("path", f"{words}; all that we sent is acknowledged", _BOTH)


def _of_answer(outcome: Outcome, target: str) -> Failure:
    """An answer that had begun and did not end in time."""
    used = _used(outcome)
    known = used.counters if used else None
    seconds = f"{outcome.phases.total:.1f} s"
    words = f"{target} sends too slowly: {outcome.size} octets in {seconds}"
    if known is None:
        return Failure("path", words, _BOTH)
    if known.quiet >= min(_STALLED, (outcome.phases.transfer or 0.0) / 2):
        words = f"the answer of {target} stalls: {outcome.size} octets"
        return _of_stall(outcome, f"{words}, then nothing for {known.quiet:.1f} s")
    if outcome.size > _ENDLESS:
        words = f"the answer of {target} does not end: {outcome.size} octets in {seconds}"
        return Failure("server", f"{words}, more than --max-body")
    again = (used.retransmissions or 0) if used else 0
    lost = known.gaps + max(0, again - known.needless)
    if lost:
        return Failure("path", f"{words}, packets are lost on the way", _BOTH)
    return Failure("server", words)


def _used(outcome: Outcome) -> Contact | None:
    """The connection that stalled."""
    return next((one for one in reversed(outcome.contacts) if one.answered), None)


def _filtered(outcome: Outcome) -> bool:
    """Whether our own firewall lets nothing out to the target."""
    from bothsides.probe.https.refusal import filtered_here

    hosts = [contact.host for contact in outcome.contacts]
    return bool(hosts) and filtered_here(hosts[0], outcome.url.port)


def _deaf() -> bool:
    """Whether this host has received nothing at all for a while, from nobody."""
    from bothsides.probe.https.refusal import nothing_received

    return nothing_received()


def _unanswered(outcome: Outcome) -> str:
    """What had no answer: TCP's first packets, or QUIC's, which the kernel does not count."""
    again = [
        contact.retransmissions
        for contact in outcome.contacts
        if contact.retransmissions is not None
    ]
    if outcome.contacts and not again:
        return "QUIC packets"
    tries = max(again, default=0) + 1
    return f"{tries} SYN packets" if tries > 1 else "a SYN packet"
