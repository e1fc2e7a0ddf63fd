"""check_http's regular expressions mean what the C library makes of them."""

import ctypes
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.posix_regex import from_posix

EXTENDED, IGNORE_CASE, NO_SUB, NEWLINE = 1, 2, 8, 4
LETTERS = st.text("ab1 $^\n]_-.", max_size=8)
SETS = [
    "[ab]",
    "[^a]",
    "[^]x]",
    "[]a]",
    "[[:digit:]]",
    "[^[:space:]]",
    "[[:alpha:]_]",
    "[a-b]",
    "[$]",
    "[a^]",
    "[a-]",
]
ATOMS = st.sampled_from([*"ab1 _-]}", ".", r"\.", r"\$", r"\w", "\n", *SETS])
PIECES = st.builds(
    str.__add__, ATOMS, st.sampled_from(["", "*", "+", "?", "{2}", "{1,}"])
) | st.sampled_from([r"\<", r"\>"])
BRANCHES = st.lists(PIECES, min_size=1, max_size=4).map("".join)
PATTERNS = st.recursive(
    BRANCHES,
    lambda inner: (
        st.builds("({})".format, inner)
        | st.builds("{}|{}".format, inner, inner)
        | st.builds(str.__add__, inner, inner)
    ),
    max_leaves=4,
)


class _Compiled(ctypes.Structure):
    _fields_ = (("octets", ctypes.c_char * 512),)


def c_library(pattern: str, text: str, flags: int) -> bool | None:
    """What regcomp(3) and regexec(3) make of it; None for what is no expression."""
    libc, compiled = ctypes.CDLL(None), _Compiled()
    kinds = (
        EXTENDED
        | NO_SUB
        | (IGNORE_CASE if flags & re.IGNORECASE else 0)
        | (NEWLINE if flags & re.MULTILINE else 0)
    )
    if libc.regcomp(ctypes.byref(compiled), pattern.encode(), kinds):
        return None
    try:
        return bool(libc.regexec(ctypes.byref(compiled), text.encode(), 0, None, 0) == 0)
    finally:
        libc.regfree(ctypes.byref(compiled))


@given(
    PATTERNS,
    st.sampled_from(["", "^"]),
    st.sampled_from(["", "$"]),
    LETTERS,
    st.booleans(),
    st.booleans(),
)
def test_it_finds_what_the_c_library_finds(
    pattern: str, begin: str, end: str, text: str, linespan: bool, ignore: bool
) -> None:
    flags = (re.DOTALL if linespan else re.MULTILINE) | (re.IGNORECASE if ignore else 0)
    whole = begin + pattern + end
    wanted = c_library(whole, text, flags)
    if wanted is not None:
        assert (from_posix(whole, flags).search(text) is not None) == wanted


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [(":)", "so :) it is", True), (r"\<all\>", "ball", False), (r"\<all\>", "all is", True),
     ('{"ok"', '{"ok":1}', True),
     (r"\d+", "a1", True), ("[[:upper:]]", "a", False)],
)  # fmt: skip
def test_what_people_write_is_found(pattern: str, text: str, found: bool) -> None:
    assert (from_posix(pattern, re.MULTILINE).search(text) is not None) == found


@given(
    st.text("ab()[]{}*+?|^$\\.:<>-1,\n", max_size=20), st.sampled_from([0, re.MULTILINE, re.DOTALL])
)
def test_nothing_but_unreadable_comes_of_any_text(pattern: str, flags: int) -> None:
    try:
        from_posix(pattern, flags)
    except Unreadable as fault:
        assert "is not a regular expression" in str(fault)
