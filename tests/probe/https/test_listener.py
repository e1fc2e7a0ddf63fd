"""What is collected while a transfer runs."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base.curl import library
from bothsides.model.https import Order
from bothsides.parse.libcurl import Tls
from bothsides.parse.url import from_url
from bothsides.probe.https.listener import Listener

ORDER = Order(from_url("https://a.test/"), ("192.0.2.1",), None, keep=5)
AGREED = b"SSL connection using TLSv1.3 / AES / x25519\n"


def listener(order: Order = ORDER, seconds: float = 5.0) -> Listener:
    return Listener(library(), order, seconds)


def test_of_the_body_no_more_is_kept_than_may_be() -> None:
    one = listener()
    assert [one.take(data) for data in (b"abc", b"def", b"ghi")] == [3, 3, 3]
    assert (bytes(one.body), one.received) == (b"abcde", 9)


def test_a_body_ends_with_the_time() -> None:
    assert listener(seconds=0.0).take(b"abc") == 0


def test_verbose_lines_tell_refusals_and_what_tls_agreed_on() -> None:
    one = listener()
    one.note(0, b"connect to 192.0.2.1 port 443 from 0.0.0.0 port 5 failed: Connection refused\n")
    one.note(0, b"Connected to a.test (192.0.2.2) port 443\n")
    one.note(0, AGREED)
    one.digest()
    assert one.refusals == {"192.0.2.1": "Connection refused"}
    assert one.tls == Tls("1.3", "AES", "x25519")
    assert one.connected > 0
    assert not one.verbose  # there is no more news to come


def test_a_handshake_with_the_proxy_itself_is_not_that_with_the_server() -> None:
    one = listener(ORDER._replace(proxy="https://p:443"))
    one.note(0, AGREED)
    one.digest()
    assert one.tls is None
    one.note(0, AGREED.replace(b"AES", b"CHACHA"))
    one.digest()
    assert one.tls == Tls("1.3", "CHACHA", "x25519")


@pytest.mark.parametrize(
    ("proxy", "line", "answered"),
    [
        ("http://p:1", b"HTTP/1.1 200 Connection established\r\n", True),
        ("http://p:1", b"HTTP/1.1 407 Who are you\r\n", False),
        ("", b"HTTP/1.1 200 OK\r\n", False),
        ("socks5://p:1", b"HTTP/1.1 200 OK\r\n", False),
    ],
)
def test_a_proxys_yes_to_connect_is_noted(proxy: str, line: bytes, answered: bool) -> None:
    one = listener(ORDER._replace(proxy=proxy))
    one.lines.append(line)
    one.digest()
    assert (one.proxy_answered > 0) is answered


def test_a_socks_proxys_yes_is_a_verbose_line() -> None:
    one = listener(ORDER._replace(proxy="socks5://p:1"))
    one.note(0, b"SOCKS5 request granted.\n")
    assert one.proxy_answered > 0


def test_sockets_are_kept_with_their_address_until_they_are_closed() -> None:
    one = listener()
    address = (socket.AF_INET, socket.SOCK_STREAM, 0, ("192.0.2.7", 443))
    opened = one.open_socket(0, address)
    assert not isinstance(opened, int)
    assert [known.host for known in one.sockets] == ["192.0.2.7"]
    one.close()
    assert opened.fileno() == -1


def test_a_socket_that_cannot_be_had_leaves_its_error_number() -> None:
    one = listener()
    assert one.open_socket(0, (socket.AF_INET, 99, 99, ("192.0.2.7", 443))) == (
        library().SOCKET_BAD
    )
    assert one.socket_errno > 0
    assert one.sockets == []


@given(st.lists(st.tuples(st.integers(0, 6), st.binary(max_size=60))), st.binary(max_size=40))
def test_no_line_of_libcurl_raises(news: list[tuple[int, bytes]], header: bytes) -> None:
    one = listener()
    for kind, data in news:
        one.note(kind, data)
        one.note(0, b"SSL connection using " + data)
        one.note(0, b"connect to " + data)
    one.lines.append(header)
    one.digest()
    assert one.tls is None or isinstance(one.tls, Tls)
