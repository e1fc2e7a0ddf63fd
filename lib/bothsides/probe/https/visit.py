"""One URL to its end: name look-up, redirects hop by hop, and the second questions that a failure asks for."""

import os
import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import TYPE_CHECKING, Any, Generator, Iterable, NamedTuple
from bothsides.model.failure import Failure
from bothsides.parse import Unreadable
from bothsides.parse.http import from_date
from bothsides.parse.libcurl import Phases
from bothsides.parse.text import to_words
from bothsides.parse.url import Url, redirected
from bothsides.probe.https.curl_options import (
    Request,
    auth,
    for_strangers,
    redirected_request,
    settings,
    tls_only,
    unverified,
)
from bothsides.probe.https.outcome import OVERDUE, Order, Outcome
from bothsides.probe.https.plan import Plan, Route
from bothsides.probe.net.resolve import Address, resolve_all

if TYPE_CHECKING:
    from bothsides.probe.https.proxy import Proxy

REDIRECTS = (301, 302, 303, 307, 308)
_PATIENCE = 2.0  # for a look-up, before our own resolver comes under suspicion
_CLOCK = 86400.0  # a clock that is off by more than a day may be why a date looks wrong


class Visit(NamedTuple):
    """One URL with every transfer that it took, redirects included.

    failure: why the last one did not end well; late: because time ran out; address: when only this
    one was asked; proxy: what it went through, and which variable named it; accepted: old TLS
    versions that the server should have refused; untried: those that it could not be asked for, and
    why ("" where our own library cannot speak them).
    """

    url: Url
    hops: tuple[Outcome, ...]
    failure: Failure | None = None
    late: bool = False
    address: str = ""
    proxy: str = ""
    proxy_source: str = ""
    accepted: tuple[str, ...] = ()
    untried: tuple[tuple[str, str], ...] = ()

    @property
    def last(self) -> Outcome:
        """The transfer that counts: the one that was not a redirect, or that failed."""
        return self.hops[-1]

    @property
    def seconds(self) -> float:
        """All hops together."""
        return sum(hop.phases.total for hop in self.hops)

    @property
    def begun(self) -> bool:
        """Whether anybody was asked for anything."""
        return any(phase is not None for hop in self.hops for phase in hop.phases)


class Names:
    """Look-ups of one run; when they fail, our resolver is asked for its own health.

    Many visits share what was found; many tries of one URL do not, since a look-up may be what fails.
    """

    def __init__(self, route: Route, deadline: Deadline, shared: bool = True) -> None:
        self.route, self.deadline, self.shared = route, deadline, shared
        self.known: dict[str, tuple[tuple[str, ...] | Failure, float]] = {}

    def lacks(self, name: str) -> bool:
        """Whether it has to be looked up, which may take its time."""
        return not self.shared or name not in self.known

    def hosts(self, name: str) -> tuple[tuple[str, ...] | Failure, float]:
        """Addresses of a name or why there is none, and the seconds that finding them took whoever asks first."""
        if self.lacks(name):
            self.look_up((name,))
        answer, seconds = self.known[name]
        self.known[name] = answer, 0.0
        return answer, seconds

    def look_up(self, names: Iterable[str]) -> None:
        """Looks up names at once: none of them, and no visit that has begun, is held up by one without an answer."""
        found = resolve_all(names, self.route.family, self.deadline, self._patience())
        began = time.monotonic()
        silent = [name for name, (answer, seconds) in found.items() if seconds and _ours(answer)]
        settled = self._suspected(silent) if silent and self.route.suspicious else {}
        more = time.monotonic() - began
        for name, (answer, seconds) in found.items():
            if name in settled:
                self.known[name] = settled[name], seconds + more
            else:
                self.known[name] = (
                    answer if isinstance(answer, Failure) else _numeric(answer),
                    seconds,
                )

    def _patience(self) -> float:
        dead = any(
            _ours(one) for one, _ in list(self.known.values())
        )  # other look-ups may add to it meanwhile
        return min(0.3 if dead else _PATIENCE, self.deadline.left() * 0.7)

    def _suspected(self, names: list[str]) -> dict[str, tuple[str, ...] | Failure]:
        """A look-up without an answer is our fault only when our resolver answers nothing else either."""
        from bothsides.probe.net.resolver_health import ask

        try:
            resolver = ask(self.route.canary, self.deadline)
        except Unable as fault:
            return dict.fromkeys(names, Failure("local", f"{fault} (target not tested)"))
        if not resolver.alive:
            servers = ", ".join(resolver.servers)
            return dict.fromkeys(
                names,
                Failure("local", f"our resolver {servers} does not answer (target not tested)"),
            )
        again = resolve_all(
            names, self.route.family, self.deadline, min(_PATIENCE, self.deadline.left() * 0.7)
        )
        settled: dict[str, tuple[str, ...] | Failure] = {}
        for name, (answer, seconds) in again.items():
            if not isinstance(answer, Failure):
                settled[name] = _numeric(answer)
            elif _ours(answer) and seconds:
                words = f"the name servers of {name} give no answer, while our resolver {resolver.alive[0]} works"
                settled[name] = Failure("dns", words)
            else:
                settled[name] = answer
        return settled


def first_names(plan: Plan) -> list[str]:
    """The names that have to be looked up before any URL can be asked."""
    found = []
    for url in plan.urls:
        proxy = _proxy(plan, url)
        found += [proxy.host] if proxy else []
        found += [plan.route.address or url.host] if not proxy or proxy.looks_up_here else []
    return found


def _ours(answer: object) -> bool:
    """Whether a look-up failed on our side."""
    return isinstance(answer, Failure) and answer.blame == "local"


def _numeric(addresses: tuple[Address, ...]) -> tuple[str, ...]:
    return tuple(address.host for address in addresses)


class Visiting(NamedTuple):
    """What all visits of a run share. chosen: libcurl options by name."""

    plan: Plan
    names: Names
    chosen: tuple[tuple[str, Any], ...]
    now: float


def visiting(how: Visiting, url: Url, address: str) -> Generator[Order | str, Any, Visit]:
    """Follows a URL to its end, or to where it fails.

    Yields transfers to make, and takes their outcomes; yields names, and takes what `Names.hosts` says of them.
    """
    plan = how.plan
    hops: list[Outcome] = []
    asked = url
    visit = Visit(url, (), address=address)
    request = plan.request
    while True:
        proxy = _proxy(plan, asked)
        if not hops and proxy:
            visit = visit._replace(proxy=f"{proxy.host}:{proxy.port}", proxy_source=proxy.source)
        order, failure = yield from _order(how, _Hop(url, asked, request, not hops), proxy, address)
        if failure is not None:
            hops.append(Outcome(asked, Phases(dns=order.dns), 6, proxy=order.proxy))
        else:
            outcome = yield order
            hops.append(outcome)
            failure = _failed(outcome, how.now)
        following = None if failure else _next(plan, asked, hops)
        if following is None:
            break
        asked, request = following, redirected_request(request, hops[-1].head.code)
    late = failure is not None and how.names.deadline.left() < 0.1
    # What is stapled has dates too, which the TLS libraries keep to themselves.
    dated = _dated(hops[-1], how.now) or plan.trust.stapling
    if failure is not None and failure.blame == "tls" and dated and not late:
        failure = yield from _clock(how, order, failure)
    visit = visit._replace(hops=tuple(hops), failure=failure, late=late)
    return (yield from _refusals(how, order, visit)) if failure is None and plan.refuse else visit


def _proxy(plan: Plan, url: Url) -> "Proxy | None":
    """The proxy for a URL; most machines name none anywhere, and do not load what would choose."""
    named = plan.route.proxy
    if named == "" or (
        named is None and not any(name.lower().endswith("_proxy") for name in os.environ)
    ):
        return None
    from bothsides.probe.https.proxy import choose

    return choose(url, named, plan.route.exempt, os.environ)


class _Hop(NamedTuple):
    """One step of a visit. began: the visit's own first URL; request: as the redirects so far have left it."""

    began: Url
    url: Url
    request: Request
    first: bool

    @property
    def strange(self) -> bool:
        """Whether it is asked of somebody for whom logins and headers of the command line were not meant."""
        return (self.url.scheme, self.url.host, self.url.port) != (
            self.began.scheme,
            self.began.host,
            self.began.port,
        )


def _settings(how: Visiting, hop: _Hop) -> tuple[tuple[str, Any], ...]:
    """libcurl's options for one hop; all hops share them that ask the first one's server for the same."""
    if not hop.strange and hop.request == how.plan.request:
        return how.chosen
    request, trust = (
        for_strangers(hop.request, how.plan.trust) if hop.strange else (hop.request, how.plan.trust)
    )
    return settings(request, trust, os.environ)


def _hosts(
    how: Visiting, name: str
) -> Generator[str, Any, tuple[tuple[str, ...] | Failure, float]]:
    """What `Names.hosts` says; whoever drives the visit sees to it that a look-up holds up no other one."""
    found: tuple[tuple[str, ...] | Failure, float] = (
        (yield name) if how.names.lacks(name) else how.names.hosts(name)
    )
    return found


def _order(
    how: Visiting, hop: _Hop, proxy: "Proxy | None", address: str
) -> Generator[str, Any, tuple[Order, Failure | None]]:
    """The transfer for one hop, with the name that it connects to already resolved."""
    # -I names the machine behind the first URL; a redirect to another host leads away from it.
    plan, url = how.plan, hop.url
    sticks = hop.first or url.host == hop.began.host or plan.follow.startswith("sticky")
    kept = hop.began.host if plan.follow.startswith("sticky") and not hop.first else ""
    target = (address or plan.route.address or kept) if sticks else ""
    found, dns = yield from _hosts(how, proxy.host if proxy else target or url.host)
    hosts = () if isinstance(found, Failure) else found
    if hosts and proxy and proxy.looks_up_here:
        found, more = yield from _hosts(how, target or url.host)
        found = found if isinstance(found, Failure) else _reachable(found, proxy)
        target, dns, proxy = (
            "" if isinstance(found, Failure) else found[0],
            dns + more,
            proxy.told_an_address(),
        )
    through = (str(proxy), proxy.host, proxy.port) if proxy else ("", "", 0)
    login = plan.request.proxy_authorization or (proxy.login if proxy else "")
    chosen = _settings(how, hop)
    if login and not plan.request.proxy_authorization:
        chosen = (
            *chosen,
            ("PROXYUSERPWD", str(login)),
            ("PROXYAUTH", auth(plan.request.proxy_auth)),
        )
    user = login.partition(":")[0] if proxy else ""
    order = Order(
        url,
        hosts,
        dns,
        chosen,
        target,
        *through,
        user,
        request=not plan.request.certificate_only,
        keep=plan.request.keep,
    )
    if isinstance(found, Failure):
        if proxy and not hosts and found.blame == "dns":
            return order, Failure("proxy-dns", f"name of the proxy: {found.words}")
        return order, found
    return order, None


def _reachable(hosts: tuple[str, ...], proxy: "Proxy") -> tuple[str, ...] | Failure:
    """The addresses that a SOCKS proxy can be asked for."""
    known = tuple(host for host in hosts if proxy.scheme != "socks4" or ":" not in host)
    return known or Failure(
        "config", f"SOCKS 4 knows no IPv6, and {hosts[0]} is all there is; try socks5"
    )


def _next(plan: Plan, asked: Url, hops: list[Outcome]) -> Url | None:
    """Where the redirect leads that the last hop answered with; None when it ends here."""
    answer = hops[-1].head
    location = answer.get("Location")
    if (
        answer.code not in REDIRECTS
        or not location
        or plan.follow not in ("follow", "sticky", "stickyport", "curl")
    ):
        return None
    if len(hops) > plan.most_redirects:
        return None
    try:
        following = redirected(asked, location)
    except Unreadable:
        return None
    if plan.follow == "stickyport":
        following = following._replace(port=asked.port)
    # A cookie may be all that the way back lacked; and what is libcurl's own way counts nothing but redirects.
    patient = plan.request.cookies or plan.follow == "curl"
    return None if not patient and any(hop.url == following for hop in hops) else following


def _failed(outcome: Outcome, now: float) -> Failure | None:
    """Whose fault it is when a transfer did not go well; a plain answer may be the proxy's own, not the server's."""
    proxys = outcome.proxy.startswith("http") and outcome.url.scheme == "http"
    if outcome.code == 0 and not (
        proxys and (outcome.head.code == 407 or outcome.head.get("X-Squid-Error"))
    ):
        return None
    try:
        from bothsides.probe.https.failure import from_outcome
    except OSError as fault:  # even to load that takes a descriptor
        return Failure("local", f"out of memory or descriptors here: {fault.strerror}")
    return from_outcome(outcome, now)


def _dated(outcome: Outcome, now: float) -> bool:
    return any((one.ends or now) < now or (one.starts or now) > now for one in outcome.chain)


def _clock(how: Visiting, order: Order, failure: Failure) -> Generator[Order, Outcome, Failure]:
    """A date that looks wrong may be a clock of ours that is: the server's own Date header tells."""
    outcome = yield order._replace(settings=unverified(order.settings), request=True, keep=0)
    told = from_date(outcome.head.get("Date"))
    if told is None or abs(told - how.now) < _CLOCK:
        return failure
    way = "ahead" if told < how.now else "behind"
    off = to_words(abs(told - how.now))
    return Failure(
        "local",
        f"our clock is {off} {way} of the server, so its certificate looks wrong; run check_snmp_clock",
    )


def _refusals(how: Visiting, order: Order, visit: Visit) -> Generator[Order, Outcome, Visit]:
    """Tries each TLS version that should be refused: only a handshake that the server ends is a refusal."""
    accepted, untried = [], []
    for version in how.plan.refuse:
        outcome = yield order._replace(settings=tls_only(order.settings, version), request=False)
        failure = _failed(outcome, how.now)
        if failure is None:
            accepted.append(version)
        elif "no protocols available" in outcome.text or outcome.code in (4, 48, 59):
            untried.append((version, ""))
        elif outcome.phases.last != "tls" or outcome.code == OVERDUE:
            untried.append((version, failure.words))
    return visit._replace(accepted=tuple(accepted), untried=tuple(untried))
