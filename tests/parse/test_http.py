"""Answers' first lines and headers, also broken ones."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.http import from_date, from_head


def test_a_head_has_code_reason_and_headers_in_any_case() -> None:
    head = from_head([b"HTTP/1.1 404 Not Found\r\n", b"Server: x\r\n", b"LOCATION: /a\r\n", b" folded\r\n", b"broken\r\n"])
    assert (head.code, head.reason, head.get("location"), head.get("nothing")) == (404, "404 Not Found", "/a folded", "")


def test_http_2_has_no_reason() -> None:
    assert from_head([b"HTTP/2 200 \r\n"]).reason == "200"


def test_what_is_not_http_has_code_0() -> None:
    assert from_head([b"220 mail.example.org ESMTP\r\n"]).code == 0
    assert from_head([]).code == 0


@given(st.lists(st.binary()))
def test_nothing_a_server_sends_raises(lines: list[bytes]) -> None:
    from_head(lines)


def test_a_date_of_five_thousand_digits_is_no_date() -> None:
    assert from_date(f"Sun, 06 Nov {'9' * 5000} 08:49:37 GMT") is None
