"""The conversation with one agent: who its engine is, what its clock shows, and when to look again."""

import math
import os
import time

from bothsides.analyse.clock_offset import Look, next_look
from bothsides.base.deadline import Deadline
from bothsides.base.types import Any, Generator
from bothsides.model.clock import VERSIONS, Host, Plan, Sample
from bothsides.model.failure import Failure
from bothsides.parse import Unreadable
from bothsides.parse.clock_value import Moment, from_value
from bothsides.parse.snmp import (
    HR_SYSTEM_DATE,
    HR_SYSTEM_UPTIME,
    IN_PACKETS,
    MIKROTIK_DATE,
    SYS_UPTIME,
    UCD_VERSION_DATE,
    Oid,
    Source,
    Value,
    to_oid,
)
from bothsides.probe.net.datagrams import Ask, Heard, Reply, Talk
from bothsides.probe.net.resolve import Address
from bothsides.probe.snmp.message import Answer, Community
from bothsides.probe.snmp.usm import NOT_IN_WINDOW, REPORTS, UNKNOWN_ENGINE, Keys, User, Usm

_FIRST_CHOICE = Source(HR_SYSTEM_DATE, "hrSystemDate")
_SECOND_CHOICE = Source(UCD_VERSION_DATE, "versionCDate")
# time(2) changes its second up to a tick late: 4 ms at 250 Hz; in the agent itself 7.3 ms were seen in a VM, where
# a program that has just been started is told 4 ms at most.
_COARSE_AGENT, _COARSE_PROGRAM = 10_000_000, 5_000_000  # ns
_COARSE_TENTHS = (
    20_000_000  # ns: tenths of a second come from Windows, whose clock goes on every 15.6 ms
)
_EXEC_CACHE = (
    5.0  # seconds: NETSNMP_DS_AGENT_CACHE_TIMEOUT, which `exec` obeys whatever snmpd.conf(5) says
)
_PATIENCE = (0.8, 1.6, 3.2)  # seconds to wait for the first answers; later ones take what is left
_MENDS = 12  # times that one question is asked anew after what the agent complained of
_RESERVE = 0.3  # seconds of the deadline that no further look may use up
_ERRORS = {
    1: "tooBig",
    2: "noSuchName",
    5: "genErr",
    6: "noAccess",
    13: "resourceUnavailable",
    16: "authorizationError",
}


class Agent:
    """The conversation with one agent, and what it has brought so far."""

    def __init__(
        self, plan: Plan, name: str, keys: Keys | None, zone: Any, deadline: Deadline
    ) -> None:
        self.plan, self.name, self.keys, self.zone, self.deadline = plan, name, keys, zone, deadline
        self.addresses: tuple[Address, ...] = ()
        self.source = plan.source or _FIRST_CHOICE
        self.wish = plan.wish
        self.samples: list[Sample] = []
        self.failure: Failure | None = None
        self.queries = 0
        self.request = int.from_bytes(os.urandom(4), "big") & 0x3FFFFFFF
        self.session: Community | Usm = self._session()
        self.without: set[Oid] = set()  # variables that this agent does not have, besides the time
        self.strict = False  # it refuses everything for a variable beside the wanted one
        self.unread = 0  # datagrams that came, but were no answer to anything

    def _session(self) -> Community | Usm:
        if self.plan.user is not None and self.keys is not None:
            return Usm(self.plan.user, self.keys)
        return Community(VERSIONS.index(self.plan.version), self.plan.community)

    def host(self) -> Host:
        """What has been learned, however far the conversation came."""
        engine = (
            self.session.engine.identity
            if isinstance(self.session, Usm) and self.session.engine
            else b""
        )
        address = self.addresses[0].host if self.addresses else ""
        found = (self.name, address, self.plan.port, self.source, tuple(self.samples))
        failure = self.failure
        if failure is None and not self.samples:
            failure = Failure("server", "no answer")
        return Host(*found, failure, self.queries, self.plan.zone, engine)

    def goes_on(self) -> bool:
        """Whether the host's next address is worth a try: this one had nobody."""
        if (
            not self.samples
            and self.failure
            and self.failure.blame in ("server", "path", "local")
            and len(self.addresses) > 1
        ):
            self.addresses = self.addresses[1:]
            self.session = self._session()
            return self.deadline.left() > _RESERVE
        return False

    def begun(self) -> Talk:
        """Starts the conversation."""
        self.failure = None
        return self._talk()

    def _talk(self) -> Talk:
        self.failure = yield from self._discovered()
        if self.failure is None:
            self.failure = yield from self._sampled(0)
        while self.failure is None:
            at = self._next()
            if at is None:
                return
            failure = yield from self._sampled(at)
            if failure is not None:  # what has been heard stays heard
                return

    def _next(self) -> int | None:
        """When to look again, ns since 1970; None when it is not worth while or there is no time."""
        looks = [sample.look for sample in self.samples if sample.look is not None]
        if len(looks) < len(self.samples) or not looks:
            return None
        at = next_look(looks, self.wish)
        return (
            None
            if at is None or (at - time.time_ns()) / 1e9 > self.deadline.left() - _RESERVE
            else at
        )

    def _get(self, oids: tuple[Oid, ...], at: int = 0) -> Generator[Ask, Heard, Heard]:
        """One question, asked again while nobody answers; late answers to earlier tries count.

        at: when to ask, ns since 1970; asked again, it is in the same moment of a later second.
        """
        when = time.monotonic() + (at - time.time_ns()) / 1e9 if at else 0.0
        for attempt in range(self.plan.retries + 1):
            now = max(when, time.monotonic())
            patience = (
                _PATIENCE[attempt] if attempt < min(self.plan.retries, len(_PATIENCE)) else 3600.0
            )
            self.request = (self.request + 1) & 0x7FFFFFFF
            self.queries += 1
            octets = self._octets(oids)
            heard = yield Ask(octets, self.request, now + patience, self._read, when)
            if heard is not None or self.deadline.left() <= 0:
                return heard
            when = self._repeated(when)
        return None

    def _read(self, octets: bytes) -> Any:
        found = self.session.read(octets)
        self.unread += found is None
        return found

    def _repeated(self, when: float) -> float:
        """When to repeat what nobody answered: at once, or where it was aimed, when the far clock goes on again."""
        look = self.samples[-1].look if self.samples else None
        if not when or look is None or not 0 < look.grain <= 10**9:
            return 0.0
        grain = look.grain / 1e9
        again = when + math.ceil((time.monotonic() - when) / grain) * grain
        return again if again - time.monotonic() < self.deadline.left() - _RESERVE else 0.0

    def _octets(self, oids: tuple[Oid, ...]) -> bytes:
        if not oids and isinstance(self.session, Usm):
            return self.session.discover(self.request)
        return self.session.ask(self.request, oids)

    def _discovered(self) -> Generator[Ask, Heard, Failure | None]:
        """SNMPv3: who the engine is and what time it has."""
        if not isinstance(self.session, Usm):
            return None
        heard = yield from self._get(())
        if not isinstance(heard, Reply):
            return heard or self._silence()
        answer, engine = heard.answer
        if answer.report != UNKNOWN_ENGINE or not engine.identity:
            return Failure("server", "the agent does not tell its SNMPv3 engine id")
        self.session.learn(engine)
        return None

    def _silence(self) -> Failure:
        """What it may mean that nobody answered."""
        if self.unread:
            few = (
                "a datagram comes back"
                if self.unread == 1
                else f"{self.unread} datagrams come back"
            )
            return Failure("server", f"{few}, but none that can be read as an answer of this agent")
        if isinstance(self.session, Usm) and self.session.engine is not None:
            return self._engine_alone(self.session.user)
        tries = f"{self.queries} {'query' if self.queries == 1 else 'queries'}"
        if isinstance(self.session, Usm):
            return Failure(
                "server", f"no answer to {tries}: host down or filtered, or no SNMPv3 there"
            )
        return Failure(
            "server",
            f"no answer to {tries}: host down, filtered, or wrong community (agents never say which)",
        )

    def _engine_alone(self, user: User) -> Failure:
        """SNMPv3's engine told its name, and nothing after that."""
        words = "its SNMPv3 engine answers, then silence"
        causes = [f"no context {user.context}"] if user.context else []
        if user.level == 2:
            other = user.priv.removesuffix("-C") if user.priv.endswith("-C") else f"{user.priv}-C"
            hint = f", {other} extends keys the other way" if "-" in user.priv else ""
            causes.append(f"wrong privacy password or protocol ({user.priv}{hint})")
        return Failure(
            "config" if causes else "server", f"{words}: {' or '.join(causes)}" if causes else words
        )

    def _sampled(self, at: int) -> Generator[Ask, Heard, Failure | None]:
        """One look at the clock."""
        if (
            self.plan.version == "1" and self._may_be_passed()
        ):  # v1 would refuse both for the unknown one
            heard = yield from self._get((self._beside(),), at - 2 * 10**6 if at else 0)
            if not isinstance(heard, Reply):
                return heard or self._silence()
        for _ in range(_MENDS):
            oids = self._variables()
            heard = yield from self._get(oids, at)
            if not isinstance(heard, Reply):
                return heard or self._silence()
            answer, engine = heard.answer
            again = self._mended(answer, engine, oids)
            if isinstance(again, Failure):
                return again
            if not again:
                self._keep(answer, dict(zip(oids, answer.values, strict=False)), self._told(heard))
                return None
            at = 0
        return self._complaint(answer) or Failure(
            "server", "the agent refuses one variable after the other"
        )

    def _told(self, heard: Reply) -> Reply:
        """The answer with the time from which on its value may have been made.

        A `pass` script that a lost try had started keeps its value for the next one: version 1 cannot ask beside it.
        """
        kept = self.plan.version == "1" and self._may_be_passed()
        return heard._replace(sent=heard.first) if kept else heard

    def _variables(self) -> tuple[Oid, ...]:
        """What to ask for, all in one packet, so that it is true at the same time."""
        source = self.source
        wanted: list[Oid] = [SYS_UPTIME, HR_SYSTEM_UPTIME] if self.plan.restarts else [SYS_UPTIME]
        if source.extend:
            wanted += [source.column(2, 1, 5), source.column(3, 1, 4)]
        if self._may_be_kept():
            wanted += [IN_PACKETS, *self.source.described]
        if self._may_be_passed() and self.plan.version != "1" and not self.strict:
            wanted.append(self._beside())
        return (*(oid for oid in wanted if oid not in self.without), source.oid)

    def _beside(self) -> Oid:
        """A variable below the wanted one that nobody has asked for before.

        `pass` of net-snmp keeps the output of its last command for 30 s. Asked for something else
        just before, it has to run its command for the wanted variable again.
        """
        return (*self.source.oid, self.request)

    def _may_be_passed(self) -> bool:
        """Whether the variable could come from a `pass` line: it is no object that is known here."""
        return not self.source.known and not self._may_be_kept()

    def _may_be_kept(self) -> bool:
        return bool(self.source.extend) or self.source.executed

    def _mended(self, answer: Answer, engine: Any, oids: tuple[Oid, ...]) -> Failure | bool:
        """Whether to ask again after what the agent complained of; a Failure where that would not help."""
        if (
            answer.report == NOT_IN_WINDOW
            and isinstance(self.session, Usm)
            and engine != self.session.engine
        ):
            self.session.learn(engine)
            return True
        complaint = self._complaint(answer)
        if complaint is not None:
            return complaint
        if (
            answer.error == 2
            and 1 <= answer.place < len(oids)
            and oids[answer.place - 1][:-1] == self.source.oid
        ):
            self.strict = True  # version 2c by version 1's rules
            return True
        if answer.error == 2 and 1 <= answer.place < len(
            oids
        ):  # v1 refuses all for one: do without that one
            self.without.add(oids[answer.place - 1])
            return True
        if answer.error == 2 and self._second_choice():
            return True
        if answer.error == 16:
            return Failure(
                "config",
                "the agent refuses (authorizationError): this user needs a higher security level there",
            )
        if answer.error not in (0, 2):
            return Failure(
                "server",
                f"the agent answers with {_ERRORS.get(answer.error, f'error {answer.error}')}",
            )
        if answer.error == 0 and answer.names != oids:
            return Failure("server", "the agent answers other variables than those asked for")
        return bool(answer.error == 0 and answer.values[-1].missing and self._second_choice())

    def _complaint(self, answer: Answer) -> Failure | None:
        """What a report says that ends the conversation."""
        if not answer.report:
            return None
        return Failure(
            "config", f"SNMPv3: {REPORTS.get(answer.report, f'it reports {to_oid(answer.report)}')}"
        )

    def _second_choice(self) -> bool:
        """Without hrSystemDate, the agent's version table may have the time."""
        if self.plan.source is None and self.source == _FIRST_CHOICE:
            self.source = _SECOND_CHOICE
            return True
        return False

    def _keep(self, answer: Answer, values: dict[Oid, Value], heard: Reply) -> None:
        value = values.get(self.source.oid, Value("noSuchName"))
        moment, fault = None, ""
        if value.missing or answer.error:
            self.source = (
                self.source if self.plan.source or self.source == _FIRST_CHOICE else _FIRST_CHOICE
            )
            fault = "noSuchName" if answer.error else value.kind
        else:
            try:
                moment = from_value(value, self.source.oid, self.zone, heard.received)
            except Unreadable as why:
                fault = _why(self.source.oid, value, str(why))
        uptime, running = (_ticks(values.get(oid)) for oid in (SYS_UPTIME, HR_SYSTEM_UPTIME))
        status = _number(values.get(self.source.column(3, 1, 4))) if self.source.extend else None
        look = None if moment is None else self._look(moment, values, heard)
        line = " ".join(_text(values.get(oid)) for oid in self.source.described)
        when = heard.sent, heard.received
        self.samples.append(
            Sample(value, moment, look, fault, uptime, status, *when, running, line.strip())
        )

    def _look(self, moment: Moment, values: dict[Oid, Value], heard: Reply) -> Look:
        slack = 0
        if moment.grain >= 10**9:
            slack = _COARSE_AGENT if self.source.known else _COARSE_PROGRAM
        elif moment.grain >= 10**8:
            slack = _COARSE_TENTHS
        packets = _number(values.get(IN_PACKETS))
        cache = self._cache(values)
        live = self.source.known or (bool(self.source.extend) and not cache)
        when = heard.sent, heard.received
        return Look(*when, moment.ns, moment.grain, slack, cache, packets, self.queries, live)

    def _cache(self, values: dict[Oid, Value]) -> float:
        """For how long the agent keeps this value, seconds, as far as it is known."""
        if self.source.extend:
            told = _number(values.get(self.source.column(2, 1, 5)))
            return _EXEC_CACHE if told is None else float(max(0, told))
        return _EXEC_CACHE if self._may_be_kept() else 0.0


def _number(value: Value | None) -> int | None:
    return value.data if value is not None and isinstance(value.data, int) else None


def _text(value: Value | None) -> str:
    return (
        value.data.decode("ascii", "replace")
        if value is not None and isinstance(value.data, bytes)
        else ""
    )


def _ticks(value: Value | None) -> float | None:
    """Seconds of a value in hundredths of them."""
    number = _number(value)
    return None if number is None else number / 100


def _why(oid: Oid, value: Value, why: str) -> str:
    if oid == MIKROTIK_DATE and value.data == 0:
        return "it is 0, which is no time from a GPS receiver; use hrSystemDate"
    return why
