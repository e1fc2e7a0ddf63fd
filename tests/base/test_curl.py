"""pycurl's C half."""

import pycurl

from bothsides.base.curl import library


def test_it_is_pycurls_own_and_loaded_once() -> None:
    assert library() is library()
    assert library().version == pycurl.version
    assert library().Curl is pycurl.Curl
