"""The conversation with one agent: who its engine is, what its clock shows, when to look again."""

from bothsides.analyse.clock_schedule import next_look
from bothsides.base.deadline import Deadline
from bothsides.base.types import TYPE_CHECKING, Generator, Sequence
from bothsides.model.clock import Earlier, Host, Past, Plan, Sample
from bothsides.model.failure import Failure
from bothsides.parse.snmp import Oid
from bothsides.probe.net.datagrams import Ask, Conversation, Reply
from bothsides.probe.net.local_clock import Timeline
from bothsides.probe.net.resolve import Address
from bothsides.probe.snmp.failures import refused, reported
from bothsides.probe.snmp.message import Community, Received
from bothsides.probe.snmp.queries import RESERVE, Outcome, Queries
from bothsides.probe.snmp.sample import to_sample
from bothsides.probe.snmp.usm import NOT_IN_WINDOW, UNKNOWN_ENGINE, Keys, Usm
from bothsides.probe.snmp.variables import Variables

if TYPE_CHECKING:
    from datetime import tzinfo

_PROOF = 86400.0  # s for which it counts how long an agent keeps its values
_MOST_LOOKS = 80  # at one agent, whatever its values and our own clock do
_MENDS = 12  # times that one query is changed after what the agent complained of
_BESIDE = 2 * 10**6  # ns by which the query for the variable beside goes first


class Agent:
    """The conversation with one agent, and what it has brought so far."""

    def __init__(
        self,
        plan: Plan,
        name: str,
        keys: Keys | None,
        zone: "tzinfo | None",
        deadline: Deadline,
        timeline: Timeline | None = None,
    ) -> None:
        """keys: of the plan's user; zone: what times without one mean."""
        self.name = name
        self.addresses: tuple[Address, ...] = ()  # the first is the one that is asked
        self.wish = plan.wish
        self.failure: Failure | None = None
        self._plan, self._zone, self._deadline = plan, zone, deadline
        self._variables = Variables(plan)
        self._timeline = timeline or Timeline()
        self._queries = Queries(plan, keys, deadline, self._timeline)
        self._samples: list[Sample] = []
        self._remembered = False  # whether what is proved here serves later runs

    def remember(self, past: Past) -> None:
        """Takes over for how long the agent keeps its values, or proves it for later runs."""
        self._remembered = True
        runs = past.clocks.get((self.name, self._variables.source.oid), ())
        self._variables.kept = _kept(runs, self._timeline.now() / 1e9)

    def host(self) -> Host:
        """What is known by now, however far the conversation came."""
        session = self._queries.session
        engine = session.engine if isinstance(session, Usm) else None
        failure = self.failure
        if failure is None and not self._samples:
            failure = Failure("silent", "no answer")
        return Host(
            name=self.name,
            address=self.addresses[0].host if self.addresses else "",
            port=self._plan.port,
            source=self._variables.source,
            samples=tuple(self._samples),
            failure=failure,
            queries=self._queries.count,
            zone=self._plan.zone,
            engine=engine.identity if engine is not None else b"",
            system=self._variables.system,
            elsewhere=self._queries.elsewhere if self._samples else "",
        )

    def conversation(self) -> Conversation[Received, None]:
        """The conversation with the first address, which may reply from another one."""
        to, plan = self.addresses[0], self._plan
        return Conversation(to, plan.port, self.talk, self._queries.notice, plan.local_address)

    def try_next_address(self) -> bool:
        """Whether the host's next address is worth a try: nobody answers at this one."""
        if self._samples or self.failure is None or len(self.addresses) < 2:
            return False
        if self.failure.blame not in ("server", "silent", "refused", "path", "local"):
            return False
        self.addresses = self.addresses[1:]
        self._queries.begin_anew()
        return self._deadline.left() > RESERVE

    def talk(self) -> Generator[Ask[Received], Outcome, None]:
        """The conversation with the first address."""
        self.failure = None
        self.failure = yield from self._discover()
        if self.failure is None:
            self.failure = yield from self._sample(0)
        while self.failure is None:
            at = self._next()
            if at is None:
                return
            failure = yield from self._sample(at)
            if failure is not None:  # the samples so far count
                return

    def _next(self) -> int | None:
        """When to look again, ns since 1970; None when it is not worth while or time is short."""
        looks = [sample.look for sample in self._samples if sample.look is not None]
        if len(looks) < len(self._samples) or not looks or len(looks) >= _MOST_LOOKS:
            return None
        at = next_look(looks, self.wish, self._remembered)
        if at is None or (at - self._timeline.now()) / 1e9 > self._deadline.left() - RESERVE:
            return None
        return at

    def _discover(self) -> Generator[Ask[Received], Outcome, Failure | None]:
        """SNMPv3: who the engine is and what time it has."""
        session = self._queries.session
        if not isinstance(session, Usm):
            return None
        outcome = yield from self._queries.query(())
        if not isinstance(outcome, Reply):
            return outcome or self._queries.silence()
        response, engine = outcome.answer
        if engine is None or response.report != UNKNOWN_ENGINE or not engine.identity:
            return Failure("server", "the agent does not tell its SNMPv3 engine id")
        session.learn(engine)
        return None

    def _sample(self, at: int) -> Generator[Ask[Received], Outcome, Failure | None]:
        """One look at the clock. at: ns since 1970; 0 for now."""
        last = self._samples[-1].look if self._samples else None
        flushed = 0
        if self._variables.asks_beside_first:
            beside = (self._variables.beside(self._queries.request),)
            outcome = yield from self._queries.query(beside, at - _BESIDE if at else 0, last)
            if not isinstance(outcome, Reply):
                return outcome or self._queries.silence()
            flushed = outcome.sent
        for _ in range(_MENDS):
            oids = self._variables.wanted(self._queries.request)
            outcome = yield from self._queries.query(oids, at, last)
            if not isinstance(outcome, Reply):
                return outcome or self._queries.silence()
            response, _ = outcome.answer
            again = _again(self._queries.session, self._variables, outcome.answer, oids)
            if isinstance(again, Failure):
                return again
            if not again:
                self._keep(outcome, oids, flushed)
                return None
            at = 0
        too_often = Failure("server", "the agent refuses one variable after the other")
        return reported(response) or too_often

    def _keep(self, outcome: Reply[Received], oids: tuple[Oid, ...], flushed: int) -> None:
        """Adds a sample. flushed: ns since 1970, when another variable was asked for; 0 for never.

        A `pass` script keeps its value for whoever asks next: a lost try of ours, or somebody else
        who asks between the query for the variable beside, which version 1 needs, and this one.
        The value is not older than that query.
        """
        response, _ = outcome.answer
        self._samples.append(
            to_sample(
                variables=self._variables,
                values=dict(zip(oids, response.values, strict=False)),
                refused=bool(response.error),
                sent=outcome.sent,
                oldest=flushed or outcome.sent,
                received=outcome.received,
                queries=self._queries.count,
                zone=self._zone,
            )
        )


def _kept(runs: Sequence[Earlier], now: float) -> float | None:
    """Seconds for which the agent keeps its values, where that was proved a short time ago."""
    if not runs or runs[-1].proved is None or now - runs[-1].proved > _PROOF:
        return None
    return runs[-1].kept


def _again(
    session: Community | Usm, variables: Variables, received: Received, oids: tuple[Oid, ...]
) -> Failure | bool:
    """Whether to ask again after this response; a Failure where that would not help."""
    response, engine = received
    if (
        isinstance(session, Usm)
        and engine is not None
        and response.report == NOT_IN_WINDOW
        and engine != session.engine
    ):
        session.learn(engine)
        return True
    failure = reported(response) or refused(response, oids)
    return failure if failure is not None else variables.adapted(response, oids)
