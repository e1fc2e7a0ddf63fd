"""Products by sysObjectID."""

import pytest

from bothsides.parse.snmp import from_oid, from_source
from bothsides.parse.snmp_vendors import VENDORS, clock_of, vendor_of


@pytest.mark.parametrize(
    ("system", "vendor", "clock"),
    [
        ("1.3.6.1.4.1.9.1.1745", "Cisco", "cntpSysClock"),
        ("1.3.6.1.4.1.318.1.3.27", "APC", "mconfigClockTime"),
        ("1.3.6.1.4.1.232.165.3", "HP UPS", "upsConfigDateAndTime"),
        ("1.3.6.1.4.1.232.9.4.10", "HP", ""),
        ("1.3.6.1.4.1.534.1", "Eaton", "xupsConfigDateAndTime"),
        ("1.3.6.1.4.1.674.10895.3065", "Dell", "agentSystemTime"),
        ("1.3.6.1.4.1.674.10892.5", "Dell", ""),
        ("1.3.6.1.4.1.2636.1.1.1.2.29", "Juniper", ""),
        ("1.3.6.1.4.1.14988.1", "MikroTik", ""),
        ("1.3.6.1.4.1.311.1.1.3.1.2", "Windows", ""),
        ("1.3.6.1.4.1.39165.1.1", "Hikvision", "hikSysTime"),
        ("1.3.6.1.4.1.8072.3.2.10", "net-snmp", ""),
    ],
)
def test_the_product_and_where_its_clock_is(system: str, vendor: str, clock: str) -> None:
    found = vendor_of(from_oid(system))
    assert found is not None
    assert found.name == vendor
    source = clock_of(from_oid(system))
    assert (source.words if source else "") == clock


def test_what_is_not_listed_is_none() -> None:
    for system in ("1.3.6.1.4.1.99999.1", "1.3.6.1.2.1.1", "0.0"):
        assert vendor_of(from_oid(system)) is None
        assert clock_of(from_oid(system)) is None


def test_every_row_has_a_clock_that_can_be_asked_for() -> None:
    for vendor in VENDORS:
        assert from_source(vendor.clock).known
        assert vendor.advice or vendor.name == "net-snmp"
