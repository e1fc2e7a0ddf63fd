"""Whose an address is, read from an operator's map, from exchanges and from AS tables."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.ip_owners import Map, find_owners, from_exchanges, from_map, to_number, to_span

PYASN = (
    "; IP-ASN32-DAT file\n1.0.0.0/24\t13335\n52.92.0.0/14\t16509\n"
    "52.93.128.0/24\t64500\n2001:db8::/32\t64510\n"
)
IPTOASN = (
    "1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n"
    "51.0.0.0\t53.255.255.255\t16509\tUS\tAMAZON-02\n"
    "10.0.0.0\t10.255.255.255\t0\tNone\tNot routed\n"
)


def test_a_map_has_prefixes_and_systems() -> None:
    made = from_map(
        "# ours\n10.0.0.0/8 = office, us\nAS16509 = Amazon, cloud  # rented\n2001:db8::/32=lab\n"
    )
    assert [(span.label, span.role) for span in made.spans] == [("office", "us"), ("lab", "")]
    assert made.systems == {16509: ("Amazon", "cloud")}
    assert from_map("") == Map()


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "10.0.0.0/33 = x", "AS1 = ", "x = y", "10.0.0.0/8 = a, boss"]
)
def test_a_line_that_is_no_map_is_named(text: str) -> None:
    with pytest.raises(Unreadable, match="line 2"):
        from_map("\n" + text)


def test_the_narrowest_prefix_wins_and_other_octets_are_not_read() -> None:
    wanted = [
        to_number(address) for address in ("52.93.128.156", "52.93.0.5", "9.9.9.9", "2001:db8::7")
    ]
    found = find_owners(PYASN.splitlines(True), wanted)
    assert [found[key].asn if key in found else 0 for key in wanted] == [64500, 16509, 0, 64510]


def test_ranges_that_span_octets_are_found_with_their_name() -> None:
    found = find_owners(IPTOASN.splitlines(), [to_number("52.1.2.3"), to_number("10.1.1.1")])
    assert [(span.asn, span.label) for span in found.values()] == [(16509, "AMAZON-02")]


def test_exchanges_in_lines_and_as_peeringdb_dumps_them() -> None:
    assert from_exchanges("80.249.208.0/21 AMS-IX\n# x\n")[0].label == "AMS-IX"
    member = '{"ipaddr4":"80.249.208.10","ipaddr6":null,"asn":64501,"name":"x"}'
    dump = f'{{"data":[{{"prefix":"80.249.208.0/21","name":"AMS-IX"}},{member}]}}'
    network, address = from_exchanges(dump)
    assert (network.label, network.role, address.asn, address.first) == (
        "AMS-IX",
        "exchange",
        64501,
        address.last,
    )
    with pytest.raises(Unreadable):
        from_exchanges("{")


@given(st.ip_addresses())
def test_numbers_are_those_of_the_standard_library(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert to_number(str(address)) == (address.version, int(address))


@given(st.ip_addresses(v=6), st.integers(0, 128))
def test_spans_are_those_of_the_standard_library(
    address: ipaddress.IPv6Address, length: int
) -> None:
    network = ipaddress.ip_network((address, length), strict=False)
    span = to_span(f"{address}/{length}")
    assert (span.first, span.last) == (int(network.network_address), int(network.broadcast_address))


@given(st.text(max_size=60))
def test_any_text_is_read_or_unreadable(text: str) -> None:
    for read in (from_map, from_exchanges, to_number, to_span):
        try:
            read(text)
        except Unreadable:
            pass
    find_owners([text, f"52.{text}", f"1.0.0.0\t{text}"], [(4, 52 << 24), (6, 1)])
