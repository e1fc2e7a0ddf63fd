"""Whose fault it is that there is no connection (S11, S16)."""

import errno

import pytest

from bothsides.model.failure import Failure
from bothsides.model.https import Contact, Outcome
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes, refusal
from bothsides.probe.https.failure_connecting import of_connecting
from bothsides.probe.https.refusal import Refusal

T = "192.0.2.1 port 443"
NOT_REACHED = f"{T} cannot be reached"


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (None, Failure("path", f"{NOT_REACHED}: No route to host", "far end")),
        (Refusal("198.51.100.1", "administratively prohibited"),
         Failure("path", f"{NOT_REACHED}: 198.51.100.1 answers administratively prohibited")),
        (Refusal("198.51.100.1", "host unreachable"),
         Failure("path", f"{NOT_REACHED}: 198.51.100.1 answers host unreachable", "far end")),
        (Refusal("198.51.100.1", "TTL exceeded (a loop?)"),
         Failure("path", f"{NOT_REACHED}: a router answers TTL exceeded (a loop?)")),
        (Refusal("192.0.2.1", "administratively prohibited"),
         Failure("server", f"{T} refuses: administratively prohibited")),
        (Refusal("", "no answer to ARP"),
         Failure("path", f"{T} is absent on our own link: no answer to ARP", "far end")),
        (Refusal("", "no answer to ARP", "203.0.113.1"),
         Failure("local", f"no way out to {T}: our gateway 203.0.113.1 does not answer on our own"
                 " link (target not tested)")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [errno.EHOSTUNREACH])
def test_who_says_that_there_is_no_way_is_named(
    said: Refusal | None, failure: Failure, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal, "who_refuses", lambda host, port: said)
    assert of_connecting(unconnected(number, True)) == failure


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EACCES, errno.EHOSTUNREACH])
def test_without_a_route_of_our_own_it_is_ours_and_else_a_routers_word(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Refusal("2001:db8::1", "no route")
    monkeypatch.setattr(refusal, "who_refuses", lambda host, port: said)
    assert of_connecting(unconnected(number, False)).blame == "local"
    found = of_connecting(unconnected(number, True))
    assert found == Failure("path", f"{NOT_REACHED}: 2001:db8::1 answers no route")


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (None, Failure("server", f"connection refused by {T}")),
        (Refusal("192.0.2.1", "port unreachable (a firewall?)"),
         Failure("server", f"connection refused by {T}")),
        (Refusal("198.51.100.1", "port unreachable (a firewall?)"),
         Failure("path", f"{NOT_REACHED}: 198.51.100.1 answers port unreachable (a firewall?)")),
    ],
)  # fmt: skip
def test_a_router_that_refuses_in_the_place_of_the_server_is_named(
    said: Refusal | None, failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal, "who_refuses", lambda host, port: said)
    assert of_connecting(unconnected(errno.ECONNREFUSED, True)) == failure


def unconnected(number: int, routed: bool) -> Outcome:
    contacts = (Contact("192.0.2.1", False),)
    code = curl_codes.COULDNT_CONNECT
    return Outcome(
        from_url("https://a.test/"), Phases(0.0, 1.0), code, "", number, contacts=contacts,
        routed=routed,
    )  # fmt: skip


def test_no_way_to_a_link_local_address_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusal, "who_refuses", lambda host, port: None)
    url = from_url("https://[fe80::1%25lo]/")
    contact = Contact("fe80::1", False, "Network is unreachable")
    outcome = Outcome(url, Phases(0, 0.01), curl_codes.COULDNT_CONNECT, contacts=(contact,))
    failure = of_connecting(outcome._replace(errno=errno.ENETUNREACH))
    assert failure.blame == "local"
    assert failure.words.endswith("Network is unreachable (target not tested)")
