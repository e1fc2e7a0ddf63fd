"""Asks HTTPS servers: resolves, connects, follows redirects, and keeps all that happened."""

import _thread
import os
import time

from bothsides.base.curl import Exhausted
from bothsides.base.deadline import Deadline, Interrupted, block_signals
from bothsides.base.errors import Unable
from bothsides.base.types import Mapping, NamedTuple
from bothsides.model.failure import Failure
from bothsides.model.https import Outcome, Plan, Run, Visit
from bothsides.parse.libcurl import PhaseName, Phases
from bothsides.parse.url import Url
from bothsides.probe.https.curl_codes import ABORTED_BY_CALLBACK, OPERATION_TIMEDOUT
from bothsides.probe.https.curl_options import settings
from bothsides.probe.https.multi import Transfers
from bothsides.probe.https.names import LookUp, Names
from bothsides.probe.https.transfer import Transfer
from bothsides.probe.https.visit import Context, Going, News, first_names, visiting

_TOO_LATE = 0.25  # s that must be left for another visit to begin
_TOO_LATE_SHARE = 10  # or that part of the whole budget, where it is less
_PREPARED = 2.0  # s before the deadline
_GLANCE = 0.01  # s between two looks at whether a look-up has come back
_STAGES: Mapping[PhaseName, str] = {
    "dns": "looking up the name",
    "connect": "connecting",
    "proxy": "waiting for the proxy",
    "tls": "waiting for the TLS handshake",
    "server": "waiting for the answer",
    "transfer": "receiving the answer",
}


class _Task(NamedTuple):
    """One visit to make."""

    at: float  # s after the start
    url: Url
    address: str  # to use; "": the name's own


def measure(plan: Plan, past: object, deadline: Deadline) -> Run:
    """Visits every URL of the plan. What earlier runs left changes nothing in how it is asked.

    What we lack for asking at all is a failure of every URL.
    """
    now = time.time()
    subject = str(plan.urls[0]) if len(plan.urls) == 1 else f"{len(plan.urls)} URLs"
    try:
        return _measured(plan, deadline, now)._replace(subject=subject)
    except Unable as fault:
        failure = Failure("local" if isinstance(fault, Exhausted) else "config", str(fault))
        visits = tuple(Visit(url, (Outcome(url, Phases(), 0),), failure) for url in plan.urls)
        return Run(now, visits, subject, planned=len(visits))


def _measured(plan: Plan, deadline: Deadline, now: float) -> Run:
    names = Names(plan.route, deadline, shared=plan.repeat == 1)
    chosen = settings(plan.request, plan.trust, os.environ)
    context = Context(plan, names, chosen, now, deadline, _may_have_proxy(plan))
    transfers = Transfers(deadline)
    visits: list[Visit] = []
    tasks: list[_Task] = []
    stopped = None
    try:
        if len(plan.urls) > 1 and names.shared:
            names.look_up(first_names(plan, context.proxied))
        tasks = _tasks(plan, names)
        _drive(transfers, context, tasks, visits)
    except Interrupted as cause:
        visits += _unfinished(transfers, now, late=str(cause) == "deadline")
        stopped = deadline.stop(str(cause))
    finally:
        transfers.close()
    if stopped is None and (any(visit.late for visit in visits) or len(visits) < len(tasks)):
        stopped = deadline.stop()
    return Run(
        now=now,
        visits=tuple(visits),
        stopped=stopped,
        planned=len(tasks),
        repeat=plan.repeat,
    )


def _may_have_proxy(plan: Plan) -> bool:
    """Whether a proxy is named; most machines name none, and do not load what would choose."""
    if plan.route.proxy is None:
        return any(name.lower().endswith("_proxy") for name in os.environ)
    return plan.route.proxy != ""


def _tasks(plan: Plan, names: Names) -> list[_Task]:
    """Every visit to make, in their order."""
    tasks: list[_Task] = []
    for number in range(plan.repeat):
        for place, url in enumerate(plan.urls):
            at = number * plan.interval + place * plan.pace
            addresses = [""]
            if plan.every_address:
                hosts = names.hosts(plan.route.address or url.host).hosts
                addresses = [""] if isinstance(hosts, Failure) else list(hosts)
            tasks += [_Task(at, url, address) for address in addresses]
    return tasks


def _drive(transfers: Transfers, context: Context, tasks: list[_Task], visits: list[Visit]) -> None:
    """Starts visits in their order, some at a time, and collects them as they end."""
    began, plan, deadline = time.monotonic(), context.plan, context.deadline
    waiting = list(reversed(tasks))
    going = _Visits(transfers, context.names, visits)
    # Tries of one URL run one after the other, so that they do not measure each other.
    most = plan.parallel if len(plan.urls) > 1 or plan.every_address or plan.interval else 1
    while (waiting or going.many) and deadline.left() > 0:
        if visits and deadline.left() < min(_TOO_LATE, deadline.seconds / _TOO_LATE_SHARE):
            waiting = []  # whoever is asked now would be blamed for our lack of time
        while waiting and going.many < most and time.monotonic() - began >= waiting[-1].at:
            task = waiting.pop()
            deadline.enter(f"asking {task.url.authority}")
            own = context
            if plan.patience is not None:
                own = context._replace(deadline=Deadline(min(plan.patience, deadline.left())))
            going.advance(visiting(own, task.url, task.address), None, own.deadline)
        soon = began + waiting[-1].at - time.monotonic() if waiting and going.many < most else 1.0
        if waiting or going.many:
            going.step(max(0.0, soon))
    going.finish()


class _Visits:
    """The visits that have begun, each with the transfer or the look-up that it waits for."""

    def __init__(self, transfers: Transfers, names: Names, visits: list[Visit]) -> None:
        self._transfers, self._names, self._visits = transfers, names, visits
        self._waiting: dict[Transfer, tuple[Going, Deadline]] = {}
        self._searching: dict[_Search, tuple[Going, Deadline]] = {}

    @property
    def many(self) -> int:
        """How many there are."""
        return len(self._waiting) + len(self._searching)

    def step(self, most: float) -> None:
        """Lets time pass, at most so many seconds.

        Moves those on whose transfer or look-up has come to its end.
        """
        deadline = self._transfers.deadline
        if deadline.left() < min(_PREPARED, deadline.seconds / 2):
            _prepare()
        seconds = min(most, _GLANCE) if self._searching else most
        if self._waiting:
            for transfer, outcome in self._transfers.step(seconds):
                visit, deadline = self._waiting.pop(transfer)
                self.advance(visit, outcome, deadline)
        else:
            time.sleep(min(self._transfers.deadline.left(), seconds))
        for search in [search for search in self._searching if search.over]:
            visit, deadline = self._searching.pop(search)
            self.advance(visit, search.result, deadline)

    def finish(self) -> None:
        """Ends the transfers that a busy machine has let run beyond the deadline."""
        for transfer, (visit, deadline) in list(self._waiting.items()):
            outcome = transfer.outcome(ABORTED_BY_CALLBACK, "no time left")
            self.advance(visit, outcome._replace(code=OPERATION_TIMEDOUT), deadline)
        self._waiting.clear()

    def advance(self, visit: Going, news: News, deadline: Deadline) -> None:
        """Gives a visit what it waited for, and starts what it asks for next."""
        try:
            wanted = visit.send(news)
            while isinstance(wanted, str) and not self.many:  # then nobody else is held up
                wanted = visit.send(self._names.hosts(wanted))
        except StopIteration as end:
            self._visits.append(end.value)
            return
        if isinstance(wanted, str):
            self._searching[_Search(self._names, wanted)] = visit, deadline
        else:
            self._waiting[self._transfers.add(wanted, deadline)] = visit, deadline


class _Search:
    """A look-up in a thread of its own, beside transfers that go on meanwhile."""

    def __init__(self, names: Names, name: str) -> None:
        self.over = False
        self.result = LookUp(Failure("local", f"{name} was not looked up"), 0.0)
        try:
            _thread.start_new_thread(self._beside, (names, name))
        except RuntimeError:  # no more threads here
            self._run(names, name)

    def _beside(self, names: Names, name: str) -> None:
        # A signal that this thread took would strike the main one where it has blocked them.
        block_signals()
        self._run(names, name)

    def _run(self, names: Names, name: str) -> None:
        try:
            self.result = names.hosts(name)
        finally:
            self.over = True


def _prepare() -> None:
    """Loads what finds whose fault it is: at the deadline there is no time for that."""
    import bothsides.probe.https.failure  # noqa: F401
    from bothsides.probe.https.refusal import watch

    watch()


def _unfinished(transfers: Transfers, now: float, late: bool) -> list[Visit]:
    """What the transfers had reached that were running when a signal came.

    late: whether that was the net below our deadline, which a busy machine falls into: then a
    transfer has failed like any other for which time ran out.
    """
    outcomes = [
        transfer.outcome(ABORTED_BY_CALLBACK, "interrupted")
        for transfer in transfers.running.values()
    ]
    for outcome in outcomes[:1]:
        transfers.deadline.stage = _STAGES[outcome.phases.last]
    if late:
        from bothsides.probe.https.failure import from_outcome

        ended = [one._replace(code=OPERATION_TIMEDOUT) for one in outcomes]
        return [Visit(one.url, (one,), from_outcome(one, now), late=True) for one in ended]
    return [
        Visit(one.url, (one,), Failure("local", f"{_STAGES[one.phases.last]} was not finished"))
        for one in outcomes
    ]
