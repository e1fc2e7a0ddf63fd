"""pycurl's C half."""

import subprocess
import sys

import pycurl
import pytest

from bothsides.base.curl import Exhausted, begun, library
from tests.support.process import HOUSE


def test_it_is_pycurls_own_and_loaded_once() -> None:
    assert library() is library()
    assert library().version == pycurl.version
    assert library().Curl is pycurl.Curl


def test_it_needs_no_datetime() -> None:
    said = ran("library(); print('_datetime' in sys.modules, 'datetime' in sys.modules)")
    assert said == "False False\n"


def test_a_pycurl_that_uses_more_of_datetime_gets_it() -> None:
    code = (
        "from bothsides.base import curl; own = curl._imported;\n"
        "def wanting():\n"
        "    from datetime import timedelta\n"  # an ImportError is what Python makes of it
        "    return own()\n"
        "curl._imported = wanting\n"
        "print(curl.library().version[:6], '_datetime' in sys.modules)"
    )
    assert ran(code) == "PycURL True\n"


def ran(code: str) -> str:
    """What a process prints that has loaded nothing else."""
    first = (
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r})\n"
        "from bothsides.base.curl import library\n"
    )
    command = [sys.executable, "-c", first + code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_how_later_libraries_are_bound_stays_as_it_was() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r}); before = sys.getdlopenflags();"
        " from bothsides.base.curl import library; library(); print(before, sys.getdlopenflags())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = said.stdout.split()
    assert before == after


def test_a_handle_that_cannot_be_had_is_a_lack_of_this_host() -> None:
    def refused() -> None:
        raise library().error

    with pytest.raises(Exhausted, match="out of memory or descriptors here"):
        begun(refused)
