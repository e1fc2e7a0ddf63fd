"""Numbers, durations, hosts and screened words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.text import (
    escaped,
    from_address,
    from_count,
    from_duration,
    from_host,
    screened,
    shortened,
    to_number,
    to_whole_words,
    to_words,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("5ms", 0.005), ("250us", 0.00025), ("2s", 2.0), ("3m", 180.0),
     ("1h", 3600.0), ("14d", 1209600.0),
     (".5s", 0.5), ("2w", 1209600.0)],
)  # fmt: skip
def test_a_duration_takes_a_unit_and_a_bare_number_is_seconds(text: str, seconds: float) -> None:
    assert from_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "-1", "1e3", "5 ms", "ms", "nan", "1_0", "5sec", "\u0665", "1.s", "0x5"]
)
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        from_duration(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "99999999999", "\u0665", "1e3"])
def test_a_count_is_a_whole_number_from_one(text: str) -> None:
    with pytest.raises(Unreadable):
        from_count(text)


@pytest.mark.parametrize(
    "text", ["web1", "10.0.0.1", "::1", "fe80::1%lo", "a_b.example", "x" * 253]
)
def test_hosts_pass(text: str) -> None:
    assert from_host(text) == text


def test_brackets_around_an_address_are_dropped() -> None:
    assert from_host("[::1]") == "::1"


@pytest.mark.parametrize(
    "text", ["-oX", "; reboot", "$(id)", "x" * 300, "", "a b", "a|b", "\n", "\x00", "caf\u00e9"]
)
def test_what_could_be_an_option_or_a_command_is_no_host(text: str) -> None:
    with pytest.raises(Unreadable):
        from_host(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.3, "0.3"), (0.1 + 0.2, "0.3"), (1e-9, "0"), (-0.0, "0"), (-1e-9, "0"), (1 / 3, "0.333333"),
     (1e20, "1" + "0" * 20), (None, "U"),
     (float("nan"), "U"), (float("inf"), "U"), (float("-inf"), "U"), (5, "5"), (True, "1"), (10.0,
      "10"), (1e-5, "0.00001")],
)  # fmt: skip
def test_a_number_is_a_plain_decimal(value: float | None, text: str) -> None:
    assert to_number(value) == text


@given(st.floats())
def test_no_float_escapes_the_grammar_of_perfdata(value: float) -> None:
    assert re.fullmatch(r"U|-?[0-9]+(\.[0-9]{1,6})?", to_number(value))
    assert to_number(value) != "-0"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.00123, "1.23 ms"), (0.0000451, "45.1 us"), (45.0, "45 s"), (1.5, "1.5 s"), (299, "299 s"),
     (600, "10 min"), (-7.3, "-7.3 s"),
     (None, "unknown"), (0, "0 ms"), (172800, "2 d"), (1e9, "11574 d")],
)  # fmt: skip
def test_durations_in_words_have_three_digits_and_a_fitting_unit(
    seconds: float | None, words: str
) -> None:
    assert to_words(seconds) == words


@given(st.text())
def test_screened_words_are_one_line_that_every_consumer_survives(text: str) -> None:
    assert re.fullmatch(r"[ -~]*", screened(text))
    assert not set(screened(text)) & set("|;\"'`<>&~$\\")


def test_shortened_words_say_that_they_are() -> None:
    assert shortened("abcdefgh", 6) == "abc..."
    assert shortened("abcdef", 6) == "abcdef"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3.0, "0 s"),
        (0.4, "0 s"),
        (119.0, "119 s"),
        (120.0, "2 min"),
        (7199.0, "120 min"),
        (7200.0, "2 h"),
        (172800.0, "2 d"),
        (1e8, "1157 d"),
    ],
)
def test_a_span_of_time_has_whole_units(seconds: float, words: str) -> None:
    assert to_whole_words(seconds) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.test/x?a=1&b=2;c=$HOME: refused", "https://a.test/x?a=...%26b=...: refused"),
        ("https://a.test/it's<b>", "https://a.test/it%27s%3Cb%3E"),
        ("after https://a.test/?token=abc, x & y", "after https://a.test/?token=..., x + y"),
        ("https://a.test/?flag: x", "https://a.test/?flag: x"),
    ],
)
def test_a_url_can_be_read_back_and_its_query_shows_no_value(text: str, shown: str) -> None:
    assert screened(text) == shown


def test_what_a_consumer_would_lose_is_escaped_so_that_it_can_be_read_back() -> None:
    assert escaped("plain (x) % text") == "plain (x) % text"
    assert escaped("Gr\u00f6\u00dfe") == "Gr%C3%B6%C3%9Fe"
    assert escaped('it\'s "up" & <ok>') == "it%27s %22up%22 %26 %3Cok%3E"


@pytest.mark.parametrize("text", ["192.0.2.1", "::1", "2001:db8::7", "fe80::1%eth0.5"])
def test_an_address_stays_as_it_is(text: str) -> None:
    assert from_address(text) == text


@pytest.mark.parametrize(
    "text", ["", "x", "192.0.2", "192.0.2.256", "192.0.2.1%eth0", "fe80::1%", "::1 ", "[::1]", "-1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r"is not an IPv4 or IPv6 address|a zone belongs"):
        from_address(text)


def test_quotes_around_a_url_are_no_part_of_it() -> None:
    assert screened("'https://h/a b' is not a URL") == "https://h/a b is not a URL"
    assert screened("('ftp://h/'): no") == "(ftp://h/): no"
    assert screened("https://h/it's: refused") == "https://h/it%27s: refused"
