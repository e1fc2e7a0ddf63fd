"""Names of libcurl's codes, against those that pycurl has."""

import pycurl

from bothsides.probe.https import curl_codes

OURS = {name: value for name, value in vars(curl_codes).items() if name.isupper()}


def test_every_name_has_pycurls_number() -> None:
    theirs = {name: getattr(pycurl, f"E_{name}", None) for name in OURS}
    known = {name: value for name, value in theirs.items() if value is not None}
    assert {name: OURS[name] for name in known} == known
    assert len(known) > 25


def test_no_number_has_two_names() -> None:
    assert len(set(OURS.values())) == len(OURS)
