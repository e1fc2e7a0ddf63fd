"""Look-ups by the C library, in threads."""

import _thread
import errno
import os

import pytest

from bothsides.base.poll import ready
from bothsides.probe.net.system_lookup import SystemLookups, shortage, wire


def test_an_answer_comes_back_from_its_thread() -> None:
    lookups = SystemLookups(["localhost", "-no-.invalid.."], 0)
    assert [lookups.begin(0), lookups.begin(1)] == ["", ""]
    while None in lookups.answers:
        assert ready([lookups.reader], 10)
        os.read(lookups.reader, 10)
    good, bad = lookups.answers
    assert isinstance(good, list) and good[0][4][0] in ("127.0.0.1", "::1")
    assert isinstance(bad, OSError | UnicodeError)
    lookups.close()


def test_what_this_machine_lacks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    lookups = SystemLookups(["a.test"], 0)
    monkeypatch.setattr(_thread, "start_new_thread", none)
    assert lookups.begin(0) == "no more threads here"
    lookups.close()
    full = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    assert shortage(full) == "too many open files here"


def test_plain_names_go_as_octets_and_others_as_text() -> None:
    assert wire("a.test.") == b"a.test."
    assert wire("b\u00fccher.test") == "b\u00fccher.test"
    assert wire("a..b") == "a..b"
