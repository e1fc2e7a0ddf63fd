"""Answers' first lines and headers, also broken ones."""

import calendar
import time

from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.http import from_date, from_head


def test_a_head_has_code_reason_and_headers_in_any_case() -> None:
    head = from_head(
        [
            b"HTTP/1.1 404 Not Found\r\n",
            b"Server: x\r\n",
            b"LOCATION: /a\r\n",
            b" folded\r\n",
            b"broken\r\n",
        ]
    )
    assert (head.code, head.reason, head.get("location"), head.get("nothing")) == (
        404,
        "404 Not Found",
        "/a folded",
        "",
    )


def test_http_2_has_no_reason() -> None:
    assert from_head([b"HTTP/2 200 \r\n"]).reason == "200"


def test_what_is_not_http_has_code_0() -> None:
    assert from_head([b"220 mail.example.org ESMTP\r\n"]).code == 0
    assert from_head([]).code == 0


@given(st.lists(st.binary()))
def test_nothing_a_server_sends_raises(lines: list[bytes]) -> None:
    from_head(lines)


FORMS = (
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
)  # RFC 9110 section 5.6.7


@given(st.integers(0, calendar.timegm((2069, 12, 31, 23, 59, 59))), st.sampled_from(FORMS))
def test_a_date_in_each_of_its_three_forms_is_read_to_the_second(moment: int, form: str) -> None:
    assert from_date(time.strftime(form, time.gmtime(moment))) == moment


@given(
    st.text()
    | st.from_regex(
        r"\w+,? [0-9]{1,2}[ -]\w{3}[ -][0-9]{1,5} [0-9:]{1,9}( GMT| [0-9]{1,4})?", fullmatch=True
    )
)
def test_no_text_for_a_date_raises_anything(text: str) -> None:
    assert from_date(text) is None or isinstance(from_date(text), float)


def test_a_date_of_five_thousand_digits_is_no_date() -> None:
    assert from_date(f"Sun, 06 Nov {'9' * 5000} 08:49:37 GMT") is None
