"""What resolv.conf(5) says, as the C library reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.resolv_conf import (
    ResolverConfiguration,
    candidates,
    from_resolv_conf,
)


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("", ()),
        ("nameserver\n", ()),
        ("# nameserver 192.0.2.9\nsearch a\n", ()),
        ("nameserver 192.0.2.1", ("192.0.2.1",)),
        ("# x\nnameserver 192.0.2.1\nsearch a\n\tnameserver fe80::1%eth0 # y\r\n",
         ("192.0.2.1", "fe80::1%eth0")),
        ("".join(f"nameserver 192.0.2.{number}\n" for number in range(1, 6)),
         ("192.0.2.1", "192.0.2.2", "192.0.2.3")),
    ],
)  # fmt: skip
def test_name_servers_come_in_their_order(text: str, servers: tuple[str, ...]) -> None:
    assert from_resolv_conf(text).servers == servers


@given(st.text())
def test_any_text_lists_three_servers_at_most(text: str) -> None:
    assert len(from_resolv_conf(text).servers) <= 3


@pytest.mark.parametrize(
    ("text", "search"),
    [("", ("own.net",)), ("domain a.net b.net", ("a.net",)), ("search a.net .b.net. a.net",
     ("a.net", "b.net")), ("search a.net\ndomain c.net", ("c.net",))],
)  # fmt: skip
def test_the_last_search_or_domain_line_counts(text: str, search: tuple[str, ...]) -> None:
    assert from_resolv_conf(text, "own.net").search == search
    assert from_resolv_conf(text, "own.net", "env.net x.net").search == ("env.net", "x.net")


def test_options_come_from_the_file_and_from_the_environment() -> None:
    text = "options ndots:3 edns0 timeout:1\noptions use-vc ndots:x"
    assert from_resolv_conf(text, options="no-aaaa ndots:99") == ResolverConfiguration(
        ndots=15, edns=True, tcp=True, no_aaaa=True
    )


@pytest.mark.parametrize(
    ("name", "ndots", "names"),
    [("www", 1, ["www.a.net", "www.b.net", "www"]),
     ("www.x", 1, ["www.x", "www.x.a.net", "www.x.b.net"]),
     ("www.x", 2, ["www.x.a.net", "www.x.b.net", "www.x"]),
     ("www.", 1, ["www"])],
)  # fmt: skip
def test_the_names_to_try_follow_search_and_ndots(name: str, ndots: int, names: list[str]) -> None:
    known = ResolverConfiguration(search=("a.net", "b.net"), ndots=ndots)
    assert list(candidates(name, known)) == names
