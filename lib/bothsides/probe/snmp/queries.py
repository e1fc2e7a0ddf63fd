"""Queries to one agent: repeated while nobody answers, and aimed at an instant where asked for."""

import math
import os
import time

from bothsides.base.deadline import Deadline
from bothsides.base.types import Generator
from bothsides.model.clock import VERSIONS, Look, Plan
from bothsides.model.failure import Failure
from bothsides.parse.snmp import Oid
from bothsides.probe.net.datagrams import Ask, Reply
from bothsides.probe.net.local_clock import Timeline
from bothsides.probe.snmp.failures import silence
from bothsides.probe.snmp.message import Community, Received
from bothsides.probe.snmp.usm import Keys, Usm

RESERVE = 0.3  # s of the deadline that no further look may use up
_PATIENCE = (0.8, 1.6, 3.2)  # s to wait for the first replies; later ones take what is left
_UNBOUNDED = 3600.0  # s: the deadline ends the last wait

Outcome = Reply[Received] | Failure | None
"""What came of a query; None is silence."""


class Queries:
    """The queries to one agent, with the session that they belong to."""

    def __init__(
        self, plan: Plan, keys: Keys | None, deadline: Deadline, timeline: Timeline
    ) -> None:
        """keys: of the plan's user."""
        self.count = 0  # queries sent
        self.request = int.from_bytes(os.urandom(4), "big") & 0x3FFFFFFF  # id of the last one
        self._before = self.request  # ids of ours are above
        self._plan, self._keys, self._deadline = plan, keys, deadline
        self._timeline = timeline
        self.elsewhere = ""  # another address than the one asked, from which replies came
        self._unread = 0  # datagrams that came, but were no reply to anything
        self.session = self._session()

    def begin_anew(self) -> None:
        """A session of its own for another address."""
        self.elsewhere = ""
        self.session = self._session()

    def _session(self) -> Community | Usm:
        if self._plan.user is not None and self._keys is not None:
            return Usm(self._plan.user, self._keys)
        many = len(self._plan.hosts) > 1
        return Community(VERSIONS.index(self._plan.version), self._plan.community, many)

    def silence(self) -> Failure:
        """What it may mean that nobody answered."""
        if self.elsewhere and not self._plan.any_source:
            words = f"replies come from {self.elsewhere} instead; --any-source takes them"
            return Failure("server", words)
        return silence(self.session, self.count, self._unread)

    def notice(self, sender: str) -> bool:
        """Whether a reply from another address than the one asked counts."""
        self.elsewhere = sender
        return self._plan.any_source

    def query(
        self, oids: tuple[Oid, ...], at: int = 0, last: Look | None = None
    ) -> Generator[Ask[Received], Outcome, Outcome]:
        """One query, repeated while nobody answers; late replies to earlier tries count.

        oids: none asks an SNMPv3 engine to describe itself; at: when to send it, ns since 1970, 0
        for now; last: the last look, for a repetition at the same moment of a later second.
        """
        when = time.monotonic() + (at - self._timeline.now()) / 1e9 if at else 0.0
        for attempt in range(self._plan.retries + 1):
            now = max(when, time.monotonic())
            bounded = attempt < min(self._plan.retries, len(_PATIENCE))
            until = now + (_PATIENCE[attempt] if bounded else _UNBOUNDED)
            self.request = (self.request + 1) & 0x7FFFFFFF
            self.count += 1
            outcome = yield Ask(self._octets(oids), self.request, until, self._read, when)
            refused = self.elsewhere and not self._plan.any_source
            if outcome is not None or self._deadline.left() <= 0 or refused:
                return outcome
            when = self._repetition(when, last)
        return None

    def _octets(self, oids: tuple[Oid, ...]) -> bytes:
        if not oids and isinstance(self.session, Usm):
            return self.session.discover(self.request)
        return self.session.ask(self.request, oids)

    def _read(self, octets: bytes) -> tuple[int, Received] | None:
        read = self.session.read(octets)
        self._unread += read is None or (
            isinstance(self.session, Community) and not self._before < read[0] <= self.request
        )
        return read

    def _repetition(self, when: float, last: Look | None) -> float:
        """When to repeat what nobody answered: at once, or as it was aimed, in a later second."""
        if not when or last is None or not 0 < last.grain <= 10**9:
            return 0.0
        grain = last.grain / 1e9
        again = when + math.ceil((time.monotonic() - when) / grain) * grain
        return again if again - time.monotonic() < self._deadline.left() - RESERVE else 0.0
