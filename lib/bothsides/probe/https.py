"""Asks HTTPS servers: resolves, connects, follows redirects, and keeps all that happened."""

import os
import time
from collections.abc import Generator
from typing import NamedTuple

from bothsides.deadline import Deadline, Interrupted, Stop
from bothsides.parse.url import Url
from bothsides.probe import Failure
from bothsides.probe.https_plan import Plan
from bothsides.probe.https_request import settings
from bothsides.probe.https_transfer import INTERRUPTED, Engine, Order, Outcome, Transfer
from bothsides.probe.https_visit import Names, Visit, Visiting, first_names, visiting

_TOO_LATE = 0.25  # seconds that must be left for another visit to begin
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
    """Visits every URL of the plan. Raises Unable when there is no CA bundle or a file cannot be read."""
    now = time.time()
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
    subject = str(plan.urls[0]) if len(plan.urls) == 1 else f"{len(plan.urls)} URLs"
    return Run(now, tuple(visits), subject, stopped, len(tasks), plan.repeat)


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


def _drive(engine: Engine, how: Visiting, tasks: list[tuple[float, Url, str]], visits: list[Visit]) -> None:
    """Starts visits in their order, some at a time, and collects them as they end."""
    began, plan = time.monotonic(), how.plan
    waiting = list(reversed(tasks))
    going: dict[Transfer, Generator[Order, Outcome, Visit]] = {}
    # Tries of one URL run one after the other, so that they do not measure each other.
    most = plan.parallel if len(plan.urls) > 1 or plan.every_address or plan.interval else 1
    while (waiting or going) and engine.deadline.left() > 0:
        if visits and engine.deadline.left() < min(_TOO_LATE, engine.deadline.seconds / 10):
            waiting = []  # whoever is asked now would be blamed for our lack of time
        while waiting and len(going) < most and time.monotonic() - began >= waiting[-1][0]:
            _, url, host = waiting.pop()
            engine.deadline.enter(f"asking {url.authority}")
            _advance(engine, visiting(how, url, host), None, going, visits)
        if not going:
            if waiting:
                time.sleep(min(engine.deadline.left(), max(0.0, began + waiting[-1][0] - time.monotonic())))
            continue
        soon = began + waiting[-1][0] - time.monotonic() if waiting and len(going) < most else 1.0
        for transfer, outcome in engine.step(max(0.0, soon)):
            _advance(engine, going.pop(transfer), outcome, going, visits)


def _advance(
    engine: Engine,
    visit: Generator[Order, Outcome, Visit],
    outcome: Outcome | None,
    going: dict[Transfer, Generator[Order, Outcome, Visit]],
    visits: list[Visit],
) -> None:
    """Gives a visit what its last transfer brought, and starts its next one."""
    try:
        order = next(visit) if outcome is None else visit.send(outcome)
    except StopIteration as end:
        visits.append(end.value)
    else:
        going[engine.add(order)] = visit


def _halves(engine: Engine) -> list[Visit]:
    """What the transfers had reached that were running when a signal came."""
    running: list[Transfer] = list(engine.running.values())
    found = [transfer.outcome(INTERRUPTED, "interrupted") for transfer in running]
    for outcome in found[:1]:
        engine.deadline.stage = _STAGES[outcome.phases.last]
    return [Visit(one.url, (one,), Failure("local", f"{_STAGES[one.phases.last]} was not finished")) for one in found]
