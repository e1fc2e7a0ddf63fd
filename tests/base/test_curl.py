"""pycurl's C half."""

import subprocess
import sys

import pycurl

from bothsides.base.curl import library
from tests.support.process import HOUSE


def test_it_is_pycurls_own_and_loaded_once() -> None:
    assert library() is library()
    assert library().version == pycurl.version
    assert library().Curl is pycurl.Curl


def test_how_later_libraries_are_bound_stays_as_it_was() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r}); before = sys.getdlopenflags();"
        " from bothsides.base.curl import library; library(); print(before, sys.getdlopenflags())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = said.stdout.split()
    assert before == after
