"""Asks HTTPS servers: resolves, connects, follows redirects, and keeps all that happened."""

import os
import time
from typing import NamedTuple

from bothsides.deadline import Deadline, Interrupted, Stop
from bothsides.parse import Unreadable
from bothsides.parse.curl import Phases
from bothsides.parse.url import Url, redirected
from bothsides.probe import Failure
from bothsides.probe.address import resolve
from bothsides.probe.https_blame import from_outcome
from bothsides.probe.https_proxy import Proxy, choose
from bothsides.probe.https_request import Request, Trust, settings
from bothsides.probe.https_transfer import INTERRUPTED, Engine, Order, Outcome, Transfer

_RESOLVER_PATIENCE = 3.0
REDIRECTS = (301, 302, 303, 307, 308)
_STAGES = {
    "dns": "looking up the name",
    "connect": "connecting",
    "proxy": "waiting for the proxy",
    "tls": "waiting for the TLS handshake",
    "server": "waiting for the answer",
    "transfer": "receiving the answer",
}


class Route(NamedTuple):
    """How to get there. family: 4, 6 or 0; address: instead of the URL's host; proxy: None asks the environment."""

    family: int = 0
    address: str = ""
    proxy: str | None = None
    exempt: str | None = None


class Plan(NamedTuple):
    """What to ask of whom. follow: ok, warning, critical, unknown, follow, sticky, stickyport or curl."""

    urls: tuple[Url, ...]
    route: Route = Route()
    request: Request = Request()
    trust: Trust = Trust()
    follow: str = "ok"
    most_redirects: int = 15


class Visit(NamedTuple):
    """One URL with every transfer that it took, redirects included.

    failure: why the last one did not end well; late: because time ran out; addresses: all that the
    name of the first hop has; proxy: what it went through, and which variable named it.
    """

    url: Url
    hops: tuple[Outcome, ...]
    failure: Failure | None = None
    late: bool = False
    addresses: tuple[str, ...] = ()
    proxy: str = ""
    proxy_source: str = ""

    @property
    def last(self) -> Outcome:
        """The transfer that counts: the one that was not a redirect, or that failed."""
        return self.hops[-1]


class Run(NamedTuple):
    """All that happened. now: UTC seconds at the start, against which certificates are held."""

    now: float
    visits: tuple[Visit, ...] = ()
    subject: str = ""
    stopped: Stop | None = None


def measure(plan: Plan, deadline: Deadline) -> Run:
    """Visits every URL of the plan. Raises Unable when there is no CA bundle or a file cannot be read."""
    now = time.time()
    chosen = settings(plan.request, plan.trust, os.environ)
    visits: list[Visit] = []
    stopped = None
    engine = Engine(deadline)
    try:
        for url in plan.urls:
            visits.append(_visit(engine, plan, url, chosen, now))
    except Interrupted as cause:
        visits += _halves(engine)
        stopped = deadline.stop(str(cause))
    finally:
        engine.close()
    if stopped is None and any(visit.late for visit in visits):
        stopped = deadline.stop()
    return Run(now, tuple(visits), str(plan.urls[0]), stopped)


def _visit(engine: Engine, plan: Plan, url: Url, chosen: tuple[tuple[str, object], ...], now: float) -> Visit:
    """Follows a URL to its end, or to where it fails."""
    hops: list[Outcome] = []
    asked = url
    while True:
        first = not hops
        order, failure = _order(engine.deadline, plan, asked, chosen, first)
        if failure is not None:
            hops.append(Outcome(asked, Phases(dns=order.dns), 6, proxy=order.proxy))
        else:
            engine.deadline.enter(f"asking {asked.authority}")
            hops.append(engine.one(order))
            failure = from_outcome(hops[-1], now)
        if first:
            visit = Visit(url, (), None, False, order.hosts, order.proxy, order.proxy_source)
        following = None if failure else _next(plan, asked, hops)
        if failure is not None or following is None:
            late = failure is not None and engine.deadline.left() < 0.1
            return visit._replace(hops=tuple(hops), failure=failure, late=late)
        asked = following


def _order(
    deadline: Deadline, plan: Plan, url: Url, chosen: tuple[tuple[str, object], ...], first: bool
) -> tuple[Order, Failure | None]:
    """The transfer for one hop, with the name that it connects to already resolved."""
    proxy = choose(url, plan.route.proxy, plan.route.exempt, os.environ)
    # -I names the machine behind the first URL; a redirect to another host leads away from it.
    target = plan.route.address if first or url.host == plan.urls[0].host or plan.follow.startswith("sticky") else ""
    connect = proxy.host if proxy else target or url.host
    began = time.monotonic()
    found = resolve(connect, plan.route.family, deadline, _RESOLVER_PATIENCE)
    dns = time.monotonic() - began
    hosts = () if isinstance(found, Failure) else tuple(address.host for address in found)
    order = Order(
        url, hosts, dns, chosen, target, *_through(proxy), request=not plan.request.certificate_only, keep=plan.request.keep
    )
    if isinstance(found, Failure):
        blame = f"proxy-{found.blame}" if proxy and found.blame == "dns" else found.blame
        return order, Failure(blame, found.words)
    return order, None


def _through(proxy: Proxy | None) -> tuple[str, str, int, str]:
    return (str(proxy), proxy.host, proxy.port, proxy.source) if proxy else ("", "", 0, "")


def _next(plan: Plan, asked: Url, hops: list[Outcome]) -> Url | None:
    """Where the redirect leads that the last hop answered with; None when it ends here."""
    answer = hops[-1].head
    location = answer.get("Location")
    if answer.code not in REDIRECTS or not location or plan.follow not in ("follow", "sticky", "stickyport", "curl"):
        return None
    if len(hops) > plan.most_redirects:
        return None
    try:
        following = redirected(asked, location)
    except Unreadable:
        return None
    if plan.follow.startswith("sticky"):
        following = following._replace(host=asked.host, port=asked.port if plan.follow == "stickyport" else following.port)
    return None if any(hop.url == following for hop in hops) else following


def _halves(engine: Engine) -> list[Visit]:
    """What the transfers had reached that were running when a signal came."""
    running: list[Transfer] = list(engine.running.values())
    found = [transfer.outcome(INTERRUPTED, "interrupted") for transfer in running]
    for outcome in found[:1]:
        engine.deadline.stage = _STAGES[outcome.phases.last]
    return [Visit(one.url, (one,), Failure("local", f"{_STAGES[one.phases.last]} was not finished")) for one in found]
