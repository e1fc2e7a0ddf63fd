"""Outcomes out of handles and listeners."""

import pytest

from bothsides.base.curl import library
from bothsides.model.https import Order, Outcome
from bothsides.parse.http import Head
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes
from bothsides.probe.https.listener import Listener
from bothsides.probe.https.read_out import read_out

HTTPS = from_url("https://a.test/")
EOF = "OpenSSL SSL_read: unexpected eof while reading"
HEAD = [b"HTTP/1.1 200 OK\r\n", b"Server: x\r\n", b"\r\n"]
WHOLE = [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 9\r\n", b"\r\n"]
YES = [b"HTTP/1.1 200 Connection established\r\n", b"\r\n"]
LOGIN = [b"HTTP/1.1 407 Who are you\r\n", b"\r\n"]


def outcome(
    lines: list[bytes], code: int = 0, text: str = "", proxy: str = "", seconds: float = 5.0
) -> Outcome:
    """What is read out of a handle that has done nothing, with these header lines."""
    order = Order(HTTPS, ("192.0.2.1",), 0.0, proxy=proxy)
    listener = Listener(library(), order, seconds)
    listener.lines += lines
    handle = library().Curl()
    try:
        return read_out(library(), handle, order, listener, (code, text), {})
    finally:
        handle.close()


def test_the_last_head_counts_and_all_lines_are_octets_that_came() -> None:
    interim = [b"HTTP/1.1 100 Continue\r\n", b"\r\n"]
    found = outcome([*interim, *HEAD])
    assert found.head == Head("HTTP/1.1 200 OK", 200, (("Server", "x"),))
    assert found.size == len(b"".join([*interim, *HEAD]))
    assert found.refusal == Head("", 0)


@pytest.mark.parametrize(
    ("lines", "refusal", "head"),
    [([*LOGIN, *YES, *HEAD], 200, 200), (LOGIN, 407, 0), ([*YES], 200, 0), ([], 0, 0)],
)
def test_a_proxys_answers_to_connect_are_not_the_servers(
    lines: list[bytes], refusal: int, head: int
) -> None:
    found = outcome(lines, proxy="http://p:3128")
    assert (found.refusal.code, found.head.code) == (refusal, head)


@pytest.mark.parametrize(
    ("lines", "unclosed"), [(HEAD, True), (WHOLE, False), (HEAD[:-1], False), ([], False)]
)
def test_only_an_answer_without_a_length_may_end_without_close_notify(
    lines: list[bytes], unclosed: bool
) -> None:
    found = outcome(lines, curl_codes.RECV_ERROR, EOF)
    assert found.unclosed is unclosed
    assert found.code == (0 if unclosed else curl_codes.RECV_ERROR)
    assert found.text == ("" if unclosed else EOF)


def test_a_body_that_we_stopped_for_lack_of_time_is_a_timeout() -> None:
    assert outcome(HEAD, curl_codes.WRITE_ERROR, seconds=0.0).code == (
        curl_codes.OPERATION_TIMEDOUT
    )
    assert outcome(HEAD, curl_codes.WRITE_ERROR).code == curl_codes.WRITE_ERROR


def test_what_was_not_connected_has_no_route_where_no_address_was_tried() -> None:
    assert not outcome([], curl_codes.COULDNT_CONNECT).routed
    assert outcome([]).routed
