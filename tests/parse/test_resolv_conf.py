"""The name servers of resolv.conf(5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.resolv_conf import from_resolv_conf


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
    assert from_resolv_conf(text) == servers


@given(st.text())
def test_any_text_lists_three_servers_at_most(text: str) -> None:
    assert len(from_resolv_conf(text)) <= 3
