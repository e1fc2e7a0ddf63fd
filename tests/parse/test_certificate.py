"""Certificates as OpenSSL and GnuTLS list them."""

import base64
import calendar
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.certificate import (
    Certificate,
    alternative_name,
    common_name,
    from_certinfo,
    from_date,
    has_alternative_names,
    has_ocsp,
    must_staple,
)
from tests.support.lab import issue

OPENSSL = [
    ("Subject", "O = Lab, CN = good.test"), ("Issuer", "O = Lab, CN = Lab Intermediate"),
     ("Serial Number", "0a"),
    ("Start date", "Aug 27 13:36:46 2026 GMT"), ("Expire date", "Nov 25 13:36:46 2026 GMT"),
     ("Cert", "-----BEGIN"),
]  # fmt: skip
GNUTLS = [
    ("Subject", "O=Lab,CN=good.test"), ("Issuer", "O=Lab,CN=Lab Intermediate"), ("Serial Number",
     "0a"),
    ("Start Date", "2026-08-27 13:36:46 GMT"), ("Expire Date", "2026-11-25 13:36:46 GMT"), ("Cert",
     "-----BEGIN"),
]  # fmt: skip


def test_both_back_ends_tell_the_same_certificate() -> None:
    (one,), (other,) = from_certinfo([OPENSSL]), from_certinfo([GNUTLS])
    assert (one.starts, one.ends, one.name, one.serial) == (
        other.starts,
        other.ends,
        other.name,
        other.serial,
    )
    assert one.ends == calendar.timegm((2026, 11, 25, 13, 36, 46))
    assert not one.self_signed


@given(st.integers(0, 4102444800))
def test_every_second_until_2100_is_read_back_in_both_spellings(instant: int) -> None:
    parts = time.gmtime(instant)
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
        parts.tm_mon - 1
    ]
    clock = f"{parts.tm_hour:02}:{parts.tm_min:02}:{parts.tm_sec:02}"
    assert from_date(f"{month} {parts.tm_mday:2} {clock} {parts.tm_year} GMT") == instant
    assert from_date(f"{parts.tm_year}-{parts.tm_mon:02}-{parts.tm_mday:02} {clock} GMT") == instant


@pytest.mark.parametrize(
    ("hosts", "name"), [(("a.test", "127.0.0.1"), "a.test"), (("127.0.0.1", "a.test"), "127.0.0.1")]
)
def test_a_certificate_without_a_subject_goes_by_the_first_host_that_it_is_for(
    hosts: tuple[str, ...], name: str
) -> None:
    pem = issue("", issue("Root", authority=True), hosts=hosts).pem.decode()
    (one,) = from_certinfo([[("Subject", ""), ("Cert", pem)]])
    assert one.name == name
    assert from_certinfo([[("Subject", "")]])[0].name == "nobody"


@given(st.binary(max_size=80))
def test_no_octets_behind_the_mark_of_alternative_names_raise_anything(octets: bytes) -> None:
    pem = base64.b64encode(b"\x06\x03\x55\x1d\x11" + octets).decode()
    assert isinstance(alternative_name(pem), str)


def test_what_is_no_date_is_not_measured() -> None:
    assert from_date("") is None
    assert from_date("2026-13-45 99:99:99 GMT") is None


def test_a_certificate_without_a_common_name_goes_by_its_organization() -> None:
    assert common_name("C = DE, O = Lab, OU = x") == "Lab"
    assert common_name("C=DE") == "C=DE"


@given(st.lists(st.lists(st.tuples(st.text(), st.text()))))
def test_nothing_a_certificate_says_raises(chain: list[list[tuple[str, str]]]) -> None:
    for one in from_certinfo(chain):
        assert isinstance(one.name, str) and isinstance(one.self_signed, bool)


def test_a_certificate_with_a_year_of_thousands_of_digits_has_no_date() -> None:
    assert from_date(f"Nov 25 13:36:46 {'1' * 5000} GMT") is None


@given(st.binary(max_size=40), st.binary(max_size=40), st.sampled_from([b"\x04", b"\x01\x01\xff"]))
def test_alternative_names_are_found_wherever_they_stand(
    before: bytes, behind: bytes, tag: bytes
) -> None:
    """Key usage and basic constraints differ from them in the last four bits alone."""
    for last in (0x0E, 0x0F, 0x11, 0x12, 0x13, 0x1F, 0x20, 0x23):
        octets = before + bytes((6, 3, 0x55, 0x1D, last)) + tag + behind
        one = Certificate("", "", None, None, pem=base64.b64encode(octets).decode())
        assert has_alternative_names(one) == (b"\x06\x03\x55\x1d\x11" in octets)


@given(st.binary(max_size=40), st.binary(max_size=40), st.integers(10, 70))
def test_ocsp_and_stapling_are_found_wherever_they_stand_in_a_certificate(
    before: bytes, behind: bytes, columns: int
) -> None:
    """They are sought in the base64 first, where they look different by their place."""
    ocsp, feature = (bytes.fromhex("06082b0601050507" + end) for end in ("3001", "0118"))
    for middle in (b"", ocsp, feature):
        octets = before + middle + behind
        text = base64.b64encode(octets).decode()
        lines = [text[place : place + columns] for place in range(0, len(text), columns)]
        pem = "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])
        one = Certificate("", "", None, None, pem=pem)
        assert (has_ocsp(one), must_staple(one)) == (ocsp in octets, feature in octets)
