"""One URL to its end: redirects hop by hop, and the second questions that a failure asks for."""

import os

from bothsides.base.deadline import Deadline
from bothsides.base.types import TYPE_CHECKING, Any, Generator, NamedTuple
from bothsides.model.failure import Failure
from bothsides.model.https import Order, Outcome, Plan, Request, Settings, Visit
from bothsides.parse import Unreadable
from bothsides.parse.certificate import has_ocsp, must_staple
from bothsides.parse.http import REDIRECTS, from_date
from bothsides.parse.libcurl import Phases
from bothsides.parse.text import to_words
from bothsides.parse.url import Url, redirected
from bothsides.probe.https import curl_codes
from bothsides.probe.https.curl_options import (
    auth,
    for_strangers,
    redirected_request,
    settings,
    stapled,
    tls_only,
    unverified,
)
from bothsides.probe.https.names import LookUp, Names

if TYPE_CHECKING:
    from bothsides.probe.https.proxy import Proxy

_CLOCK = 86400.0  # s; a clock that is off by more than a day may be why a date looks wrong
_LATE = 0.1  # s; with less left than that, time ran out
_OUR_LIBRARY = (curl_codes.NOT_BUILT_IN, curl_codes.UNKNOWN_OPTION, curl_codes.SSL_CIPHER)

News = Any  # an Outcome for an Order, a LookUp for a name: a generator's type cannot tie the two
Going = Generator[Order | str, News, Visit]  # a visit that has begun


class Context(NamedTuple):
    """What all visits of a run share."""

    plan: Plan
    names: Names
    settings: Settings  # libcurl options of the plan's own request
    now: float  # s, UTC; the start of the run
    deadline: Deadline
    proxied: bool  # whether any URL may have to go through a proxy


class _Hop(NamedTuple):
    """One request of a visit."""

    began: Url  # the visit's own first URL
    url: Url
    request: Request  # as the redirects so far have left it
    first: bool

    @property
    def strange(self) -> bool:
        """Whether logins and headers of the command line were not meant for its server."""
        return (self.url.scheme, self.url.host, self.url.port) != (
            self.began.scheme,
            self.began.host,
            self.began.port,
        )


def first_names(plan: Plan, proxied: bool) -> list[str]:
    """The names that have to be looked up before any URL can be asked."""
    names = []
    for url in plan.urls:
        proxy = _proxy(plan, url) if proxied else None
        names += [proxy.host] if proxy else []
        names += [plan.route.address or url.host] if not proxy or proxy.looks_up_here else []
    return names


def visiting(context: Context, url: Url, address: str) -> Going:
    """Follows a URL to its end, or to where it fails.

    Yields transfers to make, and takes their outcomes; yields names, and takes their look-ups.
    """
    plan = context.plan
    hops: list[Outcome] = []
    asked, request = url, plan.request
    visit = Visit(url, (), address=address)
    while True:
        proxy = _proxy(plan, asked) if context.proxied else None
        if not hops and proxy:
            visit = visit._replace(proxy=f"{proxy.host}:{proxy.port}", proxy_source=proxy.source)
        hop = _Hop(url, asked, request, not hops)
        order, failure = yield from _order(context, hop, proxy, address)
        if failure is not None:
            code = curl_codes.COULDNT_RESOLVE_HOST
            hops.append(Outcome(asked, Phases(dns=order.dns), code, proxy=order.proxy))
        else:
            hops.append((yield order))
            failure = _failure(hops[-1], context.now)
        following = None if failure else _next(plan, asked, hops)
        if following is None:
            break
        asked, request = following, redirected_request(request, hops[-1].head.code)
    late = failure is not None and context.deadline.left() < _LATE
    # What is stapled has dates too, which the TLS libraries keep to themselves.
    dated = _dated(hops[-1], context.now) or plan.trust.stapling
    if failure is not None and failure.blame == "tls" and dated and not late:
        failure = yield from _clock(context, order, failure)
    visit = visit._replace(hops=tuple(hops), failure=failure, late=late)
    if failure is None and _may_staple(plan, hops[-1]):
        visit = yield from _stapled(order, visit)
    if failure is None and plan.refuse:
        return (yield from _refusals(context, order, visit))
    return visit


def _proxy(plan: Plan, url: Url) -> "Proxy | None":
    """The proxy for a URL where one is named."""
    from bothsides.probe.https.proxy import choose

    return choose(url, plan.route.proxy, plan.route.exempt, os.environ)


def _settings(context: Context, hop: _Hop) -> Settings:
    """libcurl's options for one hop; hops that ask the first one's server alike share them."""
    plan = context.plan
    if not hop.strange and hop.request == plan.request:
        return context.settings
    request, trust = hop.request, plan.trust
    if hop.strange:
        request, trust = for_strangers(request, trust)
    return settings(request, trust, os.environ)


def _looked_up(context: Context, name: str) -> Generator[str, News, LookUp]:
    """What came of a name; whoever drives the visit sees that a look-up holds up no other one."""
    if not context.names.lacks(name):
        return context.names.hosts(name)
    result: LookUp = yield name
    return result


def _target(plan: Plan, hop: _Hop, address: str) -> str:
    """What to connect to instead of the URL's host, "" for that.

    -I names the machine behind the first URL; a redirect to another host leads away from it.
    """
    sticky = plan.follow.startswith("sticky")
    if not (hop.first or hop.url.host == hop.began.host or sticky):
        return ""
    return address or plan.route.address or (hop.began.host if sticky and not hop.first else "")


def _order(
    context: Context, hop: _Hop, proxy: "Proxy | None", address: str
) -> Generator[str, News, tuple[Order, Failure | None]]:
    """The transfer for one hop, with the name that it connects to already resolved."""
    plan, url = context.plan, hop.url
    target = _target(plan, hop, address)
    name = proxy.host if proxy else target or url.host
    result, dns, fault = yield from _looked_up(context, name)
    hosts = () if isinstance(result, Failure) else result
    if hosts and proxy and proxy.looks_up_here:
        result, more, further = yield from _looked_up(context, target or url.host)
        fault = fault or further
        result = result if isinstance(result, Failure) else _reachable(result, proxy)
        target, dns = "" if isinstance(result, Failure) else result[0], dns + more
        proxy = proxy.for_an_address()
    chosen = _settings(context, hop)
    login = plan.request.proxy_authorization or (proxy.login if proxy else "")
    if login and not plan.request.proxy_authorization:
        kind = auth(plan.request.proxy_auth)
        chosen = (*chosen, ("PROXYUSERPWD", str(login)), ("PROXYAUTH", kind))
    order = Order(
        url=url,
        hosts=hosts,
        dns=dns,
        settings=chosen,
        target=target,
        proxy=str(proxy) if proxy else "",
        proxy_host=proxy.host if proxy else "",
        proxy_port=proxy.port if proxy else 0,
        proxy_user=login.partition(":")[0] if proxy else "",
        request=not plan.request.certificate_only,
        keep=plan.request.keep,
        resolver=fault,
    )
    if not isinstance(result, Failure):
        return order, None
    if proxy and not hosts and result.blame == "dns":
        return order, Failure("proxy-dns", f"name of the proxy: {result.words}")
    return order, result


def _reachable(hosts: tuple[str, ...], proxy: "Proxy") -> tuple[str, ...] | Failure:
    """The addresses that a SOCKS proxy can be asked for."""
    known = tuple(host for host in hosts if proxy.scheme != "socks4" or ":" not in host)
    words = f"SOCKS 4 knows no IPv6, and {hosts[0]} is all there is; try socks5"
    return known or Failure("config", words)


def _next(plan: Plan, asked: Url, hops: list[Outcome]) -> Url | None:
    """Where the redirect leads that the last hop answered with; None when it ends here."""
    answer = hops[-1].head
    location = answer.get("Location")
    if (
        answer.code not in REDIRECTS
        or not location
        or plan.follow not in ("follow", "sticky", "stickyport", "curl")
        or len(hops) > plan.most_redirects
    ):
        return None
    try:
        following = redirected(asked, location)
    except Unreadable:
        return None
    if plan.follow == "stickyport":
        following = following._replace(port=asked.port)
    # A cookie may be all that the way back lacked; libcurl's own way counts redirects alone.
    patient = plan.request.cookies or plan.follow == "curl"
    return None if not patient and any(hop.url == following for hop in hops) else following


def _failure(outcome: Outcome, now: float) -> Failure | None:
    """Whose fault it is when a transfer did not go well.

    A plain answer may be the proxy's own, not the server's.
    """
    by_proxy = outcome.proxy.startswith("http") and outcome.url.scheme == "http"
    if outcome.code == 0 and not (
        by_proxy and (outcome.head.code == 407 or outcome.head.get("X-Squid-Error"))
    ):
        return None
    try:
        from bothsides.probe.https.failure import from_outcome
    except OSError as fault:  # even to load that takes a descriptor
        return Failure("local", f"out of memory or descriptors here: {fault.strerror}")
    return from_outcome(outcome, now)


def _dated(outcome: Outcome, now: float) -> bool:
    """Whether a certificate of the chain has a date that looks wrong."""
    return any((one.ends or now) < now or (one.starts or now) > now for one in outcome.chain)


def _clock(context: Context, order: Order, failure: Failure) -> Generator[Order, Outcome, Failure]:
    """Blames our own clock for a date that looks wrong, where the server's Date header does."""
    outcome = yield order._replace(settings=unverified(order.settings), request=True, keep=0)
    theirs = from_date(outcome.head.get("Date"))
    if theirs is None or abs(theirs - context.now) < _CLOCK:
        return failure
    way = "ahead of" if theirs < context.now else "behind"
    off = to_words(abs(theirs - context.now))
    words = f"our clock is {off} {way} the server, so its certificate looks wrong"
    return Failure("local", f"{words}; run check_snmp_clock")


def _may_staple(plan: Plan, outcome: Outcome) -> bool:
    """Whether an OCSP answer may be stapled to the certificate, which nobody has looked at."""
    if not plan.trust.verify or plan.trust.stapling or not outcome.chain:
        return False
    return has_ocsp(outcome.chain[0]) or must_staple(outcome.chain[0])


def _stapled(order: Order, visit: Visit) -> Generator[Order, Outcome, Visit]:
    """Asks for a stapled answer in a handshake of its own: one that says revoked is a failure.

    libcurl refuses a server without one, so the first handshake cannot ask for it.
    """
    outcome = yield order._replace(settings=stapled(order.settings), request=False)
    if outcome.code == 0:
        return visit
    if "revoked" in outcome.text or "revocation reason" in outcome.text:
        words = "the certificate is revoked by its issuer (so says the OCSP answer that is stapled)"
        return visit._replace(failure=Failure("tls", words))
    missing = outcome.code == curl_codes.SSL_INVALIDCERTSTATUS
    return visit._replace(unstapled=missing and must_staple(visit.last.chain[0]))


def _refusals(context: Context, order: Order, visit: Visit) -> Generator[Order, Outcome, Visit]:
    """Tries each TLS version that should be refused.

    Only a handshake that the server ends is a refusal.
    """
    accepted, untried = [], []
    for version in context.plan.refuse:
        outcome = yield order._replace(settings=tls_only(order.settings, version), request=False)
        failure = _failure(outcome, context.now)
        if failure is None:
            accepted.append(version)
        elif "no protocols available" in outcome.text or outcome.code in _OUR_LIBRARY:
            untried.append((version, ""))
        elif outcome.phases.last != "tls" or outcome.code == curl_codes.OPERATION_TIMEDOUT:
            untried.append((version, failure.words))
    return visit._replace(accepted=tuple(accepted), untried=tuple(untried))
