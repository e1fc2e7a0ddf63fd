"""Joins the command lines of one check into one run of its engine, and takes the run apart again.

Lines are joined where their plans differ in nothing but the target. What is taken out of the run is
what the line's own run would have been, so that the same analysis and the same judge follow.
"""

from bothsides.base.deadline import Stop
from bothsides.base.types import Any, Callable, Mapping, NamedTuple, Sequence
from bothsides.command.batch_lines import Order
from bothsides.model import clock, https, udp
from bothsides.parse.url import Url

_URLS = 200  # in flight at the same time: select(2) in libcurl ends at 1024 descriptors
_OWN = 40  # descriptors of the process beside those of its transfers
_OF_A_URL = 5  # descriptors: two addresses at the same time, each twice, and a look at the route
_PACE = 0.002  # s between two URLs: more at once would measure each other
_PACKETS = 8000  # a second that one process can send and receive
_AGENTS = 200  # conversations at the same time

Plan = Any  # each check has its own
Run = Plan  # likewise


class Engine(NamedTuple):
    """How the lines of one check become one run."""

    alike: Callable[[Plan], object]  # what of a plan must be equal; None: it runs alone
    most: Callable[[Plan], int]  # targets in one run
    joined: Callable[[Sequence[Plan], float], Plan]  # plans and -t to the one plan
    parts: Callable[[Run], Callable[[Plan], Run]]  # of the whole run: a line's plan to its run
    seconds: Callable[[int, float], float]  # what so many targets may take, each -t


def key(order: Order) -> object:
    """What lines that can be joined have in common; None for a line that runs alone."""
    engine, options = ENGINES.get(order.check.name), order.options
    if engine is None or options is None or order.plan is None:
        return None
    apart = (
        options.replay,
        options.record,
        options.explain,
        options.export,
        options.submit,
        options.exit_ok,
        options.output != "text",
    )
    alike = None if any(apart) else engine.alike(order.plan)
    memory = (getattr(options, "state_dir", ""), str(getattr(options, "state", "")))
    return None if alike is None else (order.check.name, alike, options.timeout, memory)


def _one_host(plan: Plan) -> Plan | None:
    """A plan about one host, without it: what plans that are joined have in common."""
    return plan._replace(hosts=()) if len(plan.hosts) == 1 else None


def _all_hosts(plans: Sequence[Plan], timeout: float) -> Plan:
    hosts = dict.fromkeys(host for plan in plans for host in plan.hosts)
    return plans[0]._replace(hosts=tuple(hosts))


def _udp_parts(run: udp.Run) -> Callable[[udp.Plan], udp.Run]:
    targets = {target.host: target for target in run.targets}

    def part(plan: udp.Plan) -> udp.Run:
        target = targets[plan.hosts[0]]
        host, address = target.host, target.address
        subject = host if address in ("", host) else f"{host} ({address})"
        return run._replace(subject=subject, targets=(target,))

    return part


def _udp_most(plan: udp.Plan) -> int:
    return max(1, int(_PACKETS * plan.interval)) if plan.interval else 100


def _clock_parts(run: clock.Run) -> Callable[[clock.Plan], clock.Run]:
    """Time that ran out for others has not run out for a host that answered."""
    hosts = {host.name: host for host in run.hosts}

    def part(plan: clock.Plan) -> clock.Run:
        host, stopped = hosts[plan.hosts[0]], run.stopped
        cut = stopped if stopped is not None and not _answered(host, stopped) else None
        return run._replace(subject=host.name, hosts=(host,), stopped=cut)

    return part


def _answered(host: clock.Host, stopped: Stop) -> bool:
    return bool(host.samples) and stopped.cause == "deadline"


def _https_alike(plan: https.Plan) -> https.Plan | None:
    """Tries, addresses and cookies are counted or kept for the whole run of one line."""
    alone = len(plan.urls) == 1 and plan.repeat == 1 and not plan.every_address
    return plan._replace(urls=()) if alone and not plan.request.cookies else None


def _https_joined(plans: Sequence[https.Plan], timeout: float) -> https.Plan:
    urls = dict.fromkeys(url for plan in plans for url in plan.urls)
    at_once = _urls_at_once()
    return plans[0]._replace(urls=tuple(urls), parallel=at_once, pace=_PACE, patience=timeout)


def _urls_at_once() -> int:
    """URLs in flight: what this process may open decides, or many would fail by our own fault."""
    import resource

    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return _URLS
    return max(1, min(_URLS, (allowed - _OWN) // _OF_A_URL))


def _https_seconds(targets: int, timeout: float) -> float:
    return timeout * (1 + targets // _urls_at_once()) + targets * _PACE + 0.5


def _https_parts(run: https.Run) -> Callable[[https.Plan], https.Run]:
    visits: dict[Url, list[https.Visit]] = {}
    for visit in run.visits:
        visits.setdefault(visit.url, []).append(visit)

    def part(plan: https.Plan) -> https.Run:
        (url,) = plan.urls
        mine, stopped = tuple(visits.get(url, ())), run.stopped
        if stopped is None or stopped.cause == "deadline":
            late = [visit for visit in mine if visit.late]
            after = late[0].seconds if late else stopped.after if stopped else 0.0
            cut = bool(late) or not mine
            stopped = Stop("deadline", f"asking {url.authority}", after) if cut else None
        return run._replace(subject=str(url), visits=mine, planned=1, stopped=stopped)

    return part


ENGINES: Mapping[str, Engine] = {
    "UDP_LOSS": Engine(
        _one_host,
        _udp_most,
        _all_hosts,
        _udp_parts,
        lambda targets, timeout: timeout,
    ),
    "SNMP_CLOCK": Engine(
        _one_host,
        lambda plan: _AGENTS,
        _all_hosts,
        _clock_parts,
        lambda targets, timeout: timeout,
    ),
    "HTTPS": Engine(
        _https_alike,
        lambda plan: 2000,
        _https_joined,
        _https_parts,
        _https_seconds,
    ),
}
