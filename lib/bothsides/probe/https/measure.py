"""Asks HTTPS servers: resolves, connects, follows redirects, and keeps all that happened."""

import _thread
import os
import time

from bothsides.base.deadline import Deadline, Interrupted, Stop, block_signals
from bothsides.base.errors import Unable
from bothsides.base.types import Any, Generator, NamedTuple
from bothsides.model.failure import Failure
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import Url
from bothsides.probe.https.curl_options import settings
from bothsides.probe.https.multi import Engine, Exhausted
from bothsides.probe.https.outcome import INTERRUPTED, Order, Outcome
from bothsides.probe.https.plan import Plan
from bothsides.probe.https.transfer import Transfer
from bothsides.probe.https.visit import Names, Visit, Visiting, first_names, visiting

_TOO_LATE = 0.25  # seconds that must be left for another visit to begin
_GLANCE = 0.01  # seconds between two looks at whether a look-up has come back
_STAGES = {
    "dns": "looking up the name",
    "connect": "connecting",
    "proxy": "waiting for the proxy",
    "tls": "waiting for the TLS handshake",
    "server": "waiting for the answer",
    "transfer": "receiving the answer",
}


class Run(NamedTuple):
    """All that happened. now: UTC seconds at the start, against which certificates are held; planned: visits."""

    now: float
    visits: tuple[Visit, ...] = ()
    subject: str = ""
    stopped: Stop | None = None
    planned: int = 1
    repeat: int = 1


def measure(plan: Plan, deadline: Deadline) -> Run:
    """Visits every URL of the plan; what we lack for asking at all is a failure of every one of them."""
    now = time.time()
    subject = str(plan.urls[0]) if len(plan.urls) == 1 else f"{len(plan.urls)} URLs"
    try:
        return _measured(plan, deadline, now)._replace(subject=subject)
    except Unable as fault:
        failure = Failure("local" if isinstance(fault, Exhausted) else "config", str(fault))
        visits = tuple(Visit(url, (Outcome(url, Phases(), 0),), failure) for url in plan.urls)
        return Run(now, visits, subject, None, len(visits))


def _measured(plan: Plan, deadline: Deadline, now: float) -> Run:
    names = Names(plan.route, deadline, shared=plan.repeat == 1)
    how = Visiting(plan, names, settings(plan.request, plan.trust, os.environ), now)
    engine = Engine(deadline)
    visits: list[Visit] = []
    tasks: list[tuple[float, Url, str]] = []
    stopped = None
    try:
        if len(plan.urls) > 1 and names.shared:
            names.look_up(first_names(plan))
        tasks = _tasks(plan, names)
        _drive(engine, how, tasks, visits)
    except Interrupted as cause:
        visits += _halves(engine)
        stopped = deadline.stop(str(cause))
    finally:
        engine.close()
    if stopped is None and (any(visit.late for visit in visits) or len(visits) < len(tasks)):
        stopped = deadline.stop()
    return Run(now, tuple(visits), "", stopped, len(tasks), plan.repeat)


def _tasks(plan: Plan, names: Names) -> list[tuple[float, Url, str]]:
    """Every visit to make: seconds after the start, URL, and the address to use ("" for the name's own)."""
    found: list[tuple[float, Url, str]] = []
    for number in range(plan.repeat):
        for url in plan.urls:
            hosts = [""]
            if plan.every_address:
                known, _ = names.hosts(plan.route.address or url.host)
                hosts = list(known) if not isinstance(known, Failure) else [""]
            found += [(number * plan.interval, url, host) for host in hosts]
    return found


def _drive(
    engine: Engine, how: Visiting, tasks: list[tuple[float, Url, str]], visits: list[Visit]
) -> None:
    """Starts visits in their order, some at a time, and collects them as they end."""
    began, plan = time.monotonic(), how.plan
    waiting = list(reversed(tasks))
    going = _Going(engine, how.names, visits)
    # Tries of one URL run one after the other, so that they do not measure each other.
    most = plan.parallel if len(plan.urls) > 1 or plan.every_address or plan.interval else 1
    while (waiting or going.many) and engine.deadline.left() > 0:
        if visits and engine.deadline.left() < min(_TOO_LATE, engine.deadline.seconds / 10):
            waiting = []  # whoever is asked now would be blamed for our lack of time
        while waiting and going.many < most and time.monotonic() - began >= waiting[-1][0]:
            _, url, host = waiting.pop()
            engine.deadline.enter(f"asking {url.authority}")
            going.advance(visiting(how, url, host), None)
        soon = began + waiting[-1][0] - time.monotonic() if waiting and going.many < most else 1.0
        if waiting or going.many:
            going.step(max(0.0, soon))


class _Going:
    """The visits that have begun, each with the transfer or the look-up that it waits for."""

    def __init__(self, engine: Engine, names: Names, visits: list[Visit]) -> None:
        self.engine, self.names, self.visits = engine, names, visits
        self.transfers: dict[Transfer, Generator[Order | str, Any, Visit]] = {}
        self.searches: dict[_Search, Generator[Order | str, Any, Visit]] = {}

    @property
    def many(self) -> int:
        """How many there are."""
        return len(self.transfers) + len(self.searches)

    def step(self, most: float) -> None:
        """Lets time pass, at most so many seconds, and moves those on whose transfer or look-up has come to its end."""
        if self.transfers:
            for transfer, outcome in self.engine.step(
                min(most, _GLANCE) if self.searches else most
            ):
                self.advance(self.transfers.pop(transfer), outcome)
        else:
            time.sleep(min(self.engine.deadline.left(), most, _GLANCE if self.searches else most))
        for search in [search for search in self.searches if search.over]:
            self.advance(self.searches.pop(search), search.found)

    def advance(self, visit: Generator[Order | str, Any, Visit], news: Any) -> None:
        """Gives a visit what it waited for, and starts what it asks for next."""
        try:
            wanted = visit.send(news)
            while isinstance(wanted, str) and not self.many:  # then nobody else is held up
                wanted = visit.send(self.names.hosts(wanted))
        except StopIteration as end:
            self.visits.append(end.value)
            return
        if isinstance(wanted, str):
            self.searches[_Search(self.names, wanted)] = visit
        else:
            self.transfers[self.engine.add(wanted)] = visit


class _Search:
    """A look-up in a thread of its own, beside transfers that go on meanwhile."""

    def __init__(self, names: Names, name: str) -> None:
        self.over = False
        self.found: tuple[tuple[str, ...] | Failure, float] = (
            Failure("local", f"{name} was not looked up"),
            0.0,
        )
        try:
            _thread.start_new_thread(self._beside, (names, name))
        except RuntimeError:  # no more threads here
            self._run(names, name)

    def _beside(self, names: Names, name: str) -> None:
        block_signals()  # one that this thread took would strike the main one where it has blocked them
        self._run(names, name)

    def _run(self, names: Names, name: str) -> None:
        try:
            self.found = names.hosts(name)
        finally:
            self.over = True


def _halves(engine: Engine) -> list[Visit]:
    """What the transfers had reached that were running when a signal came."""
    running: list[Transfer] = list(engine.running.values())
    found = [transfer.outcome(INTERRUPTED, "interrupted") for transfer in running]
    for outcome in found[:1]:
        engine.deadline.stage = _STAGES[outcome.phases.last]
    return [
        Visit(one.url, (one,), Failure("local", f"{_STAGES[one.phases.last]} was not finished"))
        for one in found
    ]
