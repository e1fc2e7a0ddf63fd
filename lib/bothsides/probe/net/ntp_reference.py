"""The clock of an NTP server, taken instead of our own: how far it is ahead of ours."""

import os
import time

from bothsides.analyse.interval_sets import intersection
from bothsides.base.deadline import Deadline
from bothsides.base.types import Callable
from bothsides.model.failure import Failure
from bothsides.model.interval import Interval
from bothsides.model.local_clock import Reference
from bothsides.parse import Unreadable, ntp
from bothsides.probe.net.datagrams import Ask, Conversation, Reply, Talk, converse
from bothsides.probe.net.local_clock import Timeline
from bothsides.probe.net.resolve import resolve

_EXCHANGES = 3  # the narrowest of a few is much better than any one
_PATIENCE = 1.0  # s to wait for a reply


def reference(
    host: str,
    port: int,
    family: int,
    deadline: Deadline,
    timeline: Timeline | None = None,
    exchanges: int = _EXCHANGES,
) -> Reference:
    """Asks an NTP server how far it is ahead of our clock."""
    addresses = resolve(host, family, deadline)
    if isinstance(addresses, Failure):
        return Reference(host, None, failure=addresses)
    deadline.enter(f"waiting for the time of {host}")
    talk = Conversation(addresses[0], port, lambda: _exchanges(host, deadline, exchanges))
    return converse((talk,), deadline, timeline)[0]


def _exchanges(name: str, deadline: Deadline, most: int) -> "Talk[ntp.Reply, Reference]":
    """A few exchanges with one server; what all of them allow."""
    allowed: list[Interval] = []
    stratum = 0
    for attempt in range(most):
        cookie = os.urandom(8)
        until = time.monotonic() + _PATIENCE
        outcome = yield Ask(ntp.to_request(cookie), attempt, until, _reader(attempt, cookie))
        if isinstance(outcome, Failure):
            return Reference(name, None, failure=outcome)
        if outcome is None:
            if deadline.left() <= 0:
                break
            continue
        reply = outcome.answer
        if reply.refused:
            return Reference(name, None, reply.stratum, Failure("server", reply.refused))
        allowed.append(_ahead(outcome))
        stratum = reply.stratum
    if not allowed:
        return Reference(name, None, failure=Failure("server", "no answer to NTP"))
    ahead = intersection(allowed)
    if ahead is None:
        failure = Failure("server", "its answers contradict each other")
        return Reference(name, None, stratum, failure)
    return Reference(name, ahead, stratum)


def _reader(attempt: int, cookie: bytes) -> Callable[[bytes], tuple[int, ntp.Reply] | None]:
    """What finds the reply to one request among the datagrams that arrive."""

    def read(octets: bytes) -> tuple[int, ntp.Reply] | None:
        try:
            return attempt, ntp.from_reply(octets, cookie, time.time_ns())
        except Unreadable:
            return None

    return read


def _ahead(outcome: Reply[ntp.Reply]) -> Interval:
    """Seconds by which the server is ahead.

    It received the request after we had sent it, and replied before we had the reply.
    """
    reply = outcome.answer
    low = (reply.transmit - outcome.received) / 1e9
    return Interval(low, (reply.receive - outcome.sent) / 1e9).widened(reply.error)
