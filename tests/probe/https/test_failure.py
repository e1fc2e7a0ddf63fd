"""Whose fault a failed transfer is."""

from bothsides.model.https import Outcome
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.probe.https.failure import from_outcome


def test_a_version_of_tls_that_our_library_lacks_is_our_own_fault() -> None:
    url = from_url("https://example.org/")
    failed = Outcome(
        url,
        Phases(0.0, 0.01, None, 0.01),
        35,
        "TLS connect error: error:0A0000BF:SSL routines::no protocols available",
    )
    assert from_outcome(failed, 0.0).blame == "config"
