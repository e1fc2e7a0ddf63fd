"""A visit, driven by hand: what it asks for next after each outcome."""

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.model.failure import Failure
from bothsides.model.https import Order, Outcome, Plan, Policy, Request, Route, Trust, Visit
from bothsides.parse.http import Head
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import Url, from_url
from bothsides.probe.https import curl_codes
from bothsides.probe.https.curl_options import settings
from bothsides.probe.https.names import Names
from bothsides.probe.https.visit import Context, Going, first_names, visiting
from tests.support.https import CHAIN, DAY, NOW

URL = from_url("https://192.0.2.1/")
GOOD = Outcome(URL, Phases(0.0, 0.1, None, 0.1, 0.1, 0.1), 0, head=Head("HTTP/1.1 200 OK", 200))


def begun(plan: Plan, address: str = "") -> Going:
    plan = plan._replace(route=plan.route._replace(proxy=plan.route.proxy or ""))
    trust = plan.trust._replace(verify=False)
    deadline = Deadline(5)
    context = Context(
        plan=plan,
        names=Names(plan.route, deadline),
        settings=settings(plan.request, trust, {}),
        now=NOW,
        proxied=bool(plan.route.proxy),
        deadline=deadline,
    )
    return visiting(context, plan.urls[0], address)


def answer(visit: Going, order: Order, outcome: Outcome) -> Order | Visit:
    """Hands an outcome over; the next order, or the visit when it is over."""
    try:
        wanted = visit.send(outcome._replace(url=order.url, proxy=order.proxy))
        while isinstance(wanted, str):
            wanted = visit.send(Names(Route(), Deadline(5)).hosts(wanted))
    except StopIteration as end:
        over: Visit = end.value
        return over
    return wanted


def first(visit: Going) -> Order:
    wanted = next(visit)
    while isinstance(wanted, str):
        wanted = visit.send(Names(Route(), Deadline(5)).hosts(wanted))
    return wanted


def redirect(location: str, code: int = 302) -> Outcome:
    return GOOD._replace(head=Head(f"HTTP/1.1 {code} Found", code, (("Location", location),)))


def visited(plan: Plan, *outcomes: Outcome) -> tuple[list[Order], Visit]:
    """Every order of a visit, and the visit itself."""
    visit = begun(plan)
    orders = [first(visit)]
    for outcome in outcomes:
        following = answer(visit, orders[-1], outcome)
        if isinstance(following, Visit):
            return orders, following
        orders.append(following)
    raise AssertionError("the visit goes on")


def test_a_good_answer_ends_the_visit() -> None:
    (order,), visit = visited(Plan((URL,)), GOOD)
    assert (order.url, order.hosts, order.target, order.proxy) == (URL, ("192.0.2.1",), "", "")
    assert (visit.failure, len(visit.hops)) == (None, 1)


@pytest.mark.parametrize(
    ("follow", "asked"),
    [("ok", 1), ("critical", 1), ("follow", 2), ("sticky", 2), ("stickyport", 2), ("curl", 2)],
)
def test_a_redirect_is_followed_where_that_is_asked_for(follow: Policy, asked: int) -> None:
    orders, visit = visited(Plan((URL,), follow=follow), redirect("/next"), GOOD)
    assert len(orders) == len(visit.hops) == asked


def test_a_loop_and_too_many_redirects_end_the_visit() -> None:
    plan = Plan((URL,), follow="follow", most_redirects=2)
    orders, _ = visited(plan, redirect("/a"), redirect("/"))
    assert [order.url.path for order in orders] == ["/", "/a"]
    orders, _ = visited(plan, redirect("/a"), redirect("/b"), redirect("/c"))
    assert [order.url.path for order in orders] == ["/", "/a", "/b"]
    orders, _ = visited(plan, redirect("ftp://192.0.2.1/"))
    assert len(orders) == 1


def test_sticky_stays_at_the_first_machine_and_stickyport_at_the_port_too() -> None:
    there = redirect("https://192.0.2.2:444/")
    orders, _ = visited(Plan((URL,), follow="sticky"), there, GOOD)
    assert (orders[1].url, orders[1].target) == (Url("https", "192.0.2.2", 444), "192.0.2.1")
    orders, _ = visited(Plan((URL,), follow="stickyport"), there, GOOD)
    assert orders[1].url.port == 443
    orders, _ = visited(Plan((URL,), follow="follow"), there, GOOD)
    assert (orders[1].hosts, orders[1].target) == (("192.0.2.2",), "")


def test_logins_do_not_follow_to_another_server_and_a_post_becomes_a_get() -> None:
    request = Request(
        "POST", Secret("body"), headers=(Secret("X: y"),), authorization=Secret("u:p")
    )
    plan = Plan((URL,), request=request, trust=Trust(verify=False), follow="follow")
    same, _ = visited(plan, redirect("/next"), GOOD)
    assert dict(same[0].settings)["POSTFIELDS"] == "body"
    assert dict(same[1].settings)["USERPWD"] == "u:p"
    assert "POSTFIELDS" not in dict(same[1].settings)
    other, _ = visited(plan, redirect("https://192.0.2.2/"), GOOD)
    assert "USERPWD" not in dict(other[1].settings)
    assert dict(other[1].settings)["HTTPHEADER"] == []


def test_the_proxy_is_connected_to_and_given_its_login() -> None:
    plan = Plan((URL,), Route(proxy="http://u:p@192.0.2.9:3128"))
    (order,), visit = visited(plan, GOOD)
    assert (order.proxy, order.proxy_host, order.proxy_port) == (
        "http://192.0.2.9:3128",
        "192.0.2.9",
        3128,
    )
    assert (order.hosts, order.proxy_user) == (("192.0.2.9",), "u")
    assert dict(order.settings)["PROXYUSERPWD"] == "u:p"
    assert visit.proxy == "192.0.2.9:3128"


def test_socks_4_is_given_an_address_and_no_ipv6() -> None:
    (order,), _ = visited(Plan((URL,), Route(proxy="socks5://192.0.2.9")), GOOD)
    assert (order.proxy, order.target) == ("socks5h://192.0.2.9:1080", "192.0.2.1")
    visit = begun(Plan((from_url("https://[2001:db8::1]/"),), Route(proxy="socks4://192.0.2.9")))
    with pytest.raises(StopIteration) as end:
        wanted = next(visit)
        while True:
            assert isinstance(wanted, str)
            wanted = visit.send(Names(Route(), Deadline(5)).hosts(wanted))
    failure = end.value.value.failure
    assert failure == Failure(
        "config",
        "SOCKS 4 knows no IPv6, and 2001:db8::1 is all there is; try socks5",
    )


def test_a_date_that_looks_wrong_is_held_against_the_servers_clock() -> None:
    chain = (CHAIN[0]._replace(ends=NOW - 2 * DAY),)
    expired = GOOD._replace(
        code=curl_codes.PEER_FAILED_VERIFICATION,
        phases=Phases(0.0, 0.1, None, 0.1),
        head=Head("", 0),
        chain=chain,
    )
    theirs = (("Date", "Thu, 01 Jan 2026 00:00:00 GMT"),)
    orders, visit = visited(Plan((URL,)), expired, GOOD._replace(head=Head("x", 200, theirs)))
    assert ("SSL_VERIFYPEER", 0) in orders[1].settings
    assert visit.failure is not None
    assert visit.failure.words.startswith("our clock is 379 d ahead of the server")
    _, visit = visited(Plan((URL,)), expired, GOOD)
    assert visit.failure == Failure("tls", "the certificate expired 2 d ago")


def test_each_version_that_must_be_refused_is_tried() -> None:
    refused = GOOD._replace(
        code=curl_codes.SSL_CONNECT_ERROR, text="alert", phases=Phases(0.0, 0.1, None, 0.1)
    )
    stalled = refused._replace(code=curl_codes.OPERATION_TIMEDOUT)
    ours = refused._replace(code=curl_codes.SSL_CIPHER)
    plan = Plan((URL,), refuse=("1.0", "1.1", "1.2", "1.3"))
    orders, visit = visited(plan, GOOD, GOOD, refused, stalled, ours)
    assert [order.request for order in orders] == [True, False, False, False, False]
    assert visit.accepted == ("1.0",)
    assert [version for version, _ in visit.untried] == ["1.2", "1.3"]
    assert visit.untried[1] == ("1.3", "")


def test_the_names_to_look_up_first_are_those_that_are_connected_to() -> None:
    urls = (from_url("https://a.test/"), from_url("https://b.test/"))
    assert first_names(Plan(urls, Route(proxy="")), True) == ["a.test", "b.test"]
    assert first_names(Plan(urls, Route(address="c.test", proxy="")), True) == ["c.test", "c.test"]
    assert first_names(Plan(urls[:1], Route(proxy="http://p.test")), True) == ["p.test"]
    assert first_names(Plan(urls[:1], Route(proxy="socks5://p.test")), True) == ["p.test", "a.test"]
