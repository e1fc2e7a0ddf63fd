"""Joins the command lines of one check into one run of its engine, and takes the run apart again.

Lines are joined where their plans differ in nothing but the target. What is taken out of the run is
what the line's own run would have been, so that the same analysis and the same judge follow.
"""

from bothsides.base.deadline import Stop
from bothsides.base.types import Any, Callable, Mapping, NamedTuple, Sequence
from bothsides.command.batch_lines import Order
from bothsides.model import clock, https, udp

_URLS = 200  # in flight at the same time: select(2) in libcurl ends at 1024 descriptors
_PACE = 0.002  # s between two URLs: more at once would measure each other
_PACKETS = 8000  # a second that one process can send and receive
_AGENTS = 200  # conversations at the same time


class Engine(NamedTuple):
    """How the lines of one check become one run. Any: each check has its own Plan and Run."""

    alike: Callable[[Any], object]  # what of a plan must be equal; None: it runs alone
    most: Callable[[Any], int]  # targets in one run
    joined: Callable[[Sequence[Any], float], Any]  # plans and -t to the one plan
    parted: Callable[[Any, Any], Any]  # a line's plan and the whole run to the line's run
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


def _udp_alike(plan: udp.Plan) -> udp.Plan | None:
    return plan._replace(hosts=()) if len(plan.hosts) == 1 else None


def _udp_joined(plans: Sequence[udp.Plan], timeout: float) -> udp.Plan:
    hosts = dict.fromkeys(host for plan in plans for host in plan.hosts)
    return plans[0]._replace(hosts=tuple(hosts))


def _udp_parted(plan: udp.Plan, run: udp.Run) -> udp.Run:
    (target,) = (target for target in run.targets if target.host == plan.hosts[0])
    host, address = target.host, target.address
    subject = host if address in ("", host) else f"{host} ({address})"
    return run._replace(subject=subject, targets=(target,))


def _udp_most(plan: udp.Plan) -> int:
    return max(1, int(_PACKETS * plan.interval)) if plan.interval else 100


def _clock_alike(plan: clock.Plan) -> clock.Plan | None:
    return plan._replace(hosts=()) if len(plan.hosts) == 1 else None


def _clock_joined(plans: Sequence[clock.Plan], timeout: float) -> clock.Plan:
    hosts = dict.fromkeys(host for plan in plans for host in plan.hosts)
    return plans[0]._replace(hosts=tuple(hosts))


def _clock_parted(plan: clock.Plan, run: clock.Run) -> clock.Run:
    """Time that ran out for others has not run out for a host that answered."""
    (host,) = (host for host in run.hosts if host.name == plan.hosts[0])
    cut = run.stopped if run.stopped is not None and not _answered(host, run.stopped) else None
    return run._replace(subject=host.name, hosts=(host,), stopped=cut)


def _answered(host: clock.Host, stopped: Stop) -> bool:
    return bool(host.samples) and stopped.cause == "deadline"


def _https_alike(plan: https.Plan) -> https.Plan | None:
    """Tries, addresses and cookies are counted or kept for the whole run of one line."""
    alone = len(plan.urls) == 1 and plan.repeat == 1 and not plan.every_address
    return plan._replace(urls=()) if alone and not plan.request.cookies else None


def _https_joined(plans: Sequence[https.Plan], timeout: float) -> https.Plan:
    urls = dict.fromkeys(url for plan in plans for url in plan.urls)
    return plans[0]._replace(urls=tuple(urls), parallel=_URLS, pace=_PACE, patience=timeout)


def _https_parted(plan: https.Plan, run: https.Run) -> https.Run:
    (url,) = plan.urls
    visits = tuple(visit for visit in run.visits if visit.url == url)
    stopped = run.stopped
    if stopped is None or stopped.cause == "deadline":
        late = [visit for visit in visits if visit.late]
        after = late[0].seconds if late else run.stopped.after if run.stopped else 0.0
        cut = bool(late) or not visits
        stopped = Stop("deadline", f"asking {url.authority}", after) if cut else None
    return run._replace(subject=str(url), visits=visits, planned=1, stopped=stopped)


ENGINES: Mapping[str, Engine] = {
    "UDP_LOSS": Engine(
        _udp_alike,
        _udp_most,
        _udp_joined,
        _udp_parted,
        lambda targets, timeout: timeout,
    ),
    "SNMP_CLOCK": Engine(
        _clock_alike,
        lambda plan: _AGENTS,
        _clock_joined,
        _clock_parted,
        lambda targets, timeout: timeout,
    ),
    "HTTPS": Engine(
        _https_alike,
        lambda plan: 2000,
        _https_joined,
        _https_parted,
        lambda targets, timeout: timeout * (1 + targets // _URLS) + targets * _PACE + 0.5,
    ),
}
