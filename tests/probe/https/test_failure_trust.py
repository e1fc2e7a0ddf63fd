"""Why a certificate is not accepted, by certificates that were really made."""

import time

import pytest

from bothsides.model.https import Outcome
from bothsides.parse.certificate import Certificate
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes
from bothsides.probe.https.failure_trust import of_trust
from tests.support.lab import Issued, issue


def seen(issued: Issued) -> Certificate:
    """The certificate as libcurl lists it."""
    made = issued.certificate
    names = [
        ",".join(f"{part.rfc4514_attribute_name}={part.value!s}" for part in name)
        for name in (made.subject, made.issuer)
    ]
    return Certificate(
        subject=names[0],
        issuer=names[1],
        starts=made.not_valid_before_utc.timestamp(),
        ends=made.not_valid_after_utc.timestamp(),
        pem=issued.pem.decode(),
    )


def words(verify: int, text: str, *chain: Issued) -> str:
    outcome = Outcome(
        from_url("https://www.example.org/"), Phases(0.0, 0.1, None, 0.1),
        curl_codes.PEER_FAILED_VERIFICATION, text, verify=verify, chain=tuple(map(seen, chain)),
    )  # fmt: skip
    return of_trust(outcome, time.time()).words


ROOT = issue("Lab Root", authority=True)
MIDDLE = issue("Lab Intermediate", ROOT, authority=True)
OTHER = "SSL: no alternative certificate subject name matches target host name"
NO_ISSUER = "SSL certificate problem: unable to get local issuer certificate"


@pytest.mark.parametrize(
    ("hosts", "named"),
    [(("other.example.org",), "other.example.org"), (("a.test", "b.test"), "a.test, b.test"),
     (("a.test", "b.test", "c.test", "d.test", "e.test"), "a.test, b.test, c.test and 2 more"),
     (("192.0.2.7",), "192.0.2.7")],
)  # fmt: skip
def test_a_wrong_name_is_said_by_the_alternative_names(hosts: tuple[str, ...], named: str) -> None:
    leaf = issue("www.example.org", MIDDLE, hosts=hosts)
    said = f"the certificate is not for www.example.org but for {named}"
    assert words(0, OTHER, leaf, MIDDLE) == said


def test_an_intermediate_of_the_same_name_with_another_key_is_told() -> None:
    again = issue("Lab Intermediate", ROOT, authority=True)
    leaf = issue("www.example.org", MIDDLE)
    said = "the intermediate Lab Intermediate does not fit: another key"
    assert words(20, NO_ISSUER, leaf, again) == f"{said} has signed"
    problem = "SSL certificate problem: certificate signature failure"
    assert words(7, problem, leaf, again).startswith(said)
    assert words(20, NO_ISSUER, leaf, MIDDLE) == "the issuer Lab Root is not trusted here"


def test_the_size_of_a_key_and_the_issuer_are_named() -> None:
    problem = "SSL certificate problem: invalid CA certificate"
    leaf = issue("www.example.org", MIDDLE)
    said = (
        "the certificate is not accepted: its issuer Lab Intermediate is no certificate authority"
    )
    assert words(24, problem, leaf, MIDDLE) == said
