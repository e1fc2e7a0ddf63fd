"""check_https's options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.check.https.check import CHECK
from bothsides.check.https.options import from_size
from bothsides.parse import Unreadable
from bothsides.plugin.command_line import understood
from tests.support.forked import run


def test_a_number_that_is_not_glued_to_all_addresses_is_no_address() -> None:
    outcome = run("check_https", "-H", "localhost", "--all-addresses", "2")
    assert (outcome.code, outcome.text.count("\n")) == (3, 1)
    assert "write --all-addresses=2" in outcome.line
    assert "--all-addresses [=N]" in run("check_https", "--help").text


@pytest.mark.parametrize(
    ("text", "octets"),
    [("0", 0), ("1000", 1000), ("64k", 64 << 10), ("64K", 64 << 10), ("16M", 16 << 20)],
)
def test_sizes_are_octets_with_or_without_a_unit(text: str, octets: int) -> None:
    assert from_size(text) == octets


@given(st.text() | st.from_regex(r"[0-9]{1,9}[kKM]?"))
def test_no_size_is_above_sixteen_megabytes(text: str) -> None:
    try:
        assert 0 <= from_size(text) <= 16 << 20
    except Unreadable:
        pass


def test_without_options_nothing_is_demanded() -> None:
    options = understood(CHECK, ["-H", "example.org"])
    assert (options.string, options.header, options.state) == ([], [], [])
    assert (options.hostname, options.port, options.certificate) == ("example.org", None, None)
    assert (options.max_body, options.window, options.repeat) == (1 << 20, 86400.0, 1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("-k", "no colon"), "-k: write a header as NAME: VALUE, in one line"),
        (("-k", "X: a\r\nY: b"), "-k: write a header as NAME: VALUE, in one line"),
        (("-k", "bad name: x"), "-k: write a header as NAME: VALUE, in one line"),
        (("-j", "GE T"), "-j GE T: a method is one word, as GET or PURGE"),
        (("--fingerprint", "zz"), "--fingerprint zz: write SHA-256 as 64 hexadecimal digits"),
        (("--fingerprint", "0" * 40), "write SHA-256 as 64 hexadecimal digits"),
    ],
)
def test_what_would_be_sent_or_compared_in_vain_is_refused(
    given: tuple[str, str], words: str
) -> None:
    outcome = run("check_https", "-H", "127.0.0.1", "-p", "1", *given)
    assert (outcome.code, words in outcome.line) == (3, True), outcome.text


def test_an_address_of_the_other_family_is_a_mistake_of_the_command_line() -> None:
    outcome = run("check_https", "-H", "127.0.0.1", "-p", "1", "-6")
    words = "127.0.0.1 is no IPv6 address, see -4 and -6 (blame: config)"
    assert (outcome.code, words in outcome.line) == (3, True), outcome.text
