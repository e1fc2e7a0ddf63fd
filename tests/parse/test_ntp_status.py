"""What hosts say of their own NTP through SNMP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.ntp_status import CISCO_STATUS, NTP_STATUS, NtpStatus, from_values
from bothsides.parse.snmp import Value


def cisco(status: int, stratum: int, dispersion: bytes, leap: int) -> NtpStatus | None:
    values = (
        Value("Integer32", status),
        Value("Integer32", stratum),
        Value("OctetString", dispersion),
        Value("Integer32", leap),
    )
    return from_values(dict(zip(CISCO_STATUS, values, strict=True)))


def rfc5907(mode: int, stratum: int, dispersion: str) -> NtpStatus | None:
    values = (
        Value("Integer32", mode),
        Value("Unsigned32", stratum),
        Value("OctetString", dispersion.encode()),
    )
    return from_values(dict(zip(NTP_STATUS, values, strict=True)))


def test_cisco() -> None:
    assert cisco(6, 2, b"\x00\x00\x80\x00", 0) == NtpStatus(True, "", 2, 0.5, "")
    assert cisco(3, 16, b"\x00\x0f\xe9\x00", 3) == NtpStatus(
        False, "not synchronised", 16, 15.91015625, ""
    )
    assert cisco(6, 2, b"\x00\x00\x00\x00", 1) == NtpStatus(
        True, "", 2, 0.0, "a leap second is to be inserted"
    )
    assert cisco(4, 8, b"", 0) == NtpStatus(False, "synchronised to itself alone", 8, None, "")
    assert cisco(1, 0, b"", 0) == NtpStatus(None, "", 0, None, "")
    assert cisco(6, 2, b"", 3) == NtpStatus(
        False, "not synchronised (leap indicator 3)", 2, None, ""
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12.5", 0.0125), ("1.5 ms", 0.0015), ("0.25 s", 0.25), ("+40 us", 4e-5), ("much", None)],
)
def test_rfc_5907(text: str, seconds: float | None) -> None:
    found = rfc5907(6, 3, text)
    assert found is not None
    assert (found.synchronised, found.stratum) == (True, 3)
    assert found.dispersion == (None if seconds is None else pytest.approx(seconds))


def test_modes_of_rfc_5907() -> None:
    words = [found.words for mode in (1, 2, 3, 4, 5, 6, 99) if (found := rfc5907(mode, 1, ""))]
    assert words == [
        "not running",
        "not synchronised",
        "configured without a server",
        "synchronised to itself alone",
        "",
        "",
        "",
    ]


def test_an_agent_without_either_mib_says_nothing() -> None:
    assert from_values({}) is None
    assert from_values(dict.fromkeys(NTP_STATUS, Value("noSuchObject"))) is None


@given(st.integers(), st.integers(), st.binary(max_size=20))
def test_whatever_is_sent_raises_nothing(mode: int, stratum: int, octets: bytes) -> None:
    cisco(mode, stratum, octets, mode)
    rfc5907(mode, stratum, octets.decode("latin-1"))
