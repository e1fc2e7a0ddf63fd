"""When requests of each host arrived."""

import ipaddress
import tracemalloc

from bothsides.parse.stamp_tlv import ANSWERED, UNKNOWN
from bothsides.parse.stamp_tlv import Arrivals as Asked
from bothsides.reflector.arrivals import Arrivals


def about(host: str) -> Asked:
    address = ipaddress.ip_address(host)
    mapped = address.packed if address.version == 6 else b"\0" * 10 + b"\xff\xff" + address.packed
    return Asked(0, mapped)


def test_requests_are_counted_by_the_minute() -> None:
    arrivals = Arrivals()
    for now in (0, 10, 59, 60, 130, 200):
        arrivals.note("192.0.2.7", now)
    answer = arrivals.answer(about("192.0.2.7"), 250.0)
    assert (answer.status, answer.last, answer.since) == (ANSWERED, 50000, 250000)
    assert answer.minutes == (0, 1, 1, 1, 3, 0)
    assert arrivals.answer(about("192.0.2.7"), 5000.0).minutes == (0,) * 6


def test_hosts_of_both_versions_are_told_apart_from_strangers() -> None:
    arrivals = Arrivals()
    arrivals.note("2001:db8::7", 1.0)
    assert arrivals.answer(about("2001:db8::7"), 1.0).status == ANSWERED
    assert arrivals.answer(about("192.0.2.8"), 1.0).status == UNKNOWN


def test_memory_is_flat_with_ten_thousand_hosts_and_more() -> None:
    arrivals = Arrivals()

    def fill(count: int) -> int:
        for number in range(count):
            arrivals.note(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", number / 100)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        full, more = fill(30000), fill(45000)
    finally:
        tracemalloc.stop()
    assert len(arrivals) == 12288
    assert more < 1.1 * full < 8_000_000
    assert arrivals.answer(about("10.0.117.47"), 900.0).status == UNKNOWN  # number 29999
