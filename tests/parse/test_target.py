"""Hosts that a check can ask, and what is said of those that it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.target import from_target, is_plain_ipv4


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("web1.example", "web1.example"),
        ("web1.example.", "web1.example."),
        ("192.0.2.1", "192.0.2.1"),
        ("127.1", "127.1"),
        ("1.2.3", "1.2.3"),
        ("::1", "::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
    ],
)
def test_hosts_that_can_be_asked(text: str, host: str) -> None:
    assert from_target(text) == host


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("192.0.2.1:862", "'192.0.2.1:862': write the host without its port"),
        ("[::1]:862", "write the host without its port"),
        ("FE80::1:2", "FE80::1:2: a link-local address needs its interface, as FE80::1:2%eth0"),
        ("2001:db8::1%eth0", "only a link-local address has an interface behind %"),
        ("1:2:3", "'1:2:3' is not an address"),
        ("0.0.0.0", "0.0.0.0 is no address of a single host"),
        ("::", ":: is no address of a single host"),
        ("224.0.0.1", "is no address of a single host"),
        ("ff02::1%eth0", "is no address of a single host"),
        ("255.255.255.255", "is no address of a single host"),
        ("", r"\(nothing\) is not a host name or address"),
        (" ", r"\(nothing\) is not a host name or address"),
        ("a b", "'a b' is not a host name or address"),
        ("stra\u00dfe.de", "means two names"),
    ],
)
def test_hosts_that_cannot_be_asked(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        from_target(text)


@given(st.text(max_size=40))
def test_any_text_is_a_host_or_unreadable(text: str) -> None:
    try:
        host = from_target(text)
    except Unreadable:
        return
    assert host.isascii()
    assert host[0] != "-"


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("0.0.0.0", True),
        ("192.0.2.255", True),
        ("192.0.2.256", False),
        ("192.0.2.01", False),  # octal to some programs
        ("127.1", False),
        ("1.2.3.4.5", False),
        ("1..2.3", False),
        ("1.2.3.x", False),
        ("1.2.3.\u0664", False),
        ("", False),
        ("::1", False),
        (f"1.2.3.{'4' * 5000}", False),
    ],
)
def test_an_address_in_its_only_form_is_known_as_one(host: str, plain: bool) -> None:
    assert is_plain_ipv4(host) is plain
