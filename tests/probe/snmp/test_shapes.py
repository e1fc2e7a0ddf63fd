"""Responses read by their shape are what pysnmp reads, octet for octet, refusals too."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import encoder
from pysnmp.proto.api import v2c

from bothsides.parse.snmp import HR_SYSTEM_DATE, SYS_OBJECT_ID, SYS_UPTIME, Oid, Response
from bothsides.probe.snmp.message import Community
from bothsides.probe.snmp.shapes import Shapes


def response(request: int, ticks: int, date: bytes, system: Oid = (1, 3, 6, 1)) -> bytes:
    """An agent's response, by pysnmp."""
    pdu, message = v2c.ResponsePDU(), v2c.Message()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, request)
    values = [
        (SYS_UPTIME, v2c.TimeTicks(ticks)),
        (SYS_OBJECT_ID, v2c.ObjectIdentifier(system)),
        (HR_SYSTEM_DATE, v2c.OctetString(date)),
    ]
    v2c.apiPDU.set_varbinds(pdu, values)
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, "public")
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


class Counting:
    """pysnmp, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._read = Community(1, "public")._decoded

    def __call__(self, octets: bytes) -> Response | None:
        self.asked += 1
        return self._read(octets)


DATE = b"\x07\xea\x0b\x15\x16\x15\x11\x00+\x00\x00"


def test_the_third_response_of_a_shape_needs_no_pysnmp_any_more() -> None:
    decode = Counting()
    shapes = Shapes(decode)
    shapes.read(response(0x1000_0001, 43424, DATE))
    assert decode.asked == 1  # a single run learns nothing
    shapes.read(response(0x1000_0002, 43425, DATE))
    learnt = decode.asked
    later = DATE[:6] + b"\x12" + DATE[7:]
    for number in range(9):
        read = shapes.read(response(0x1100_0000 + number, 43500 + number, later))
        assert read is not None
        assert read.request == 0x1100_0000 + number
        assert [value.data for value in read.values] == [43500 + number, b"1.3.6.1", later]
    assert decode.asked == learnt


def test_another_product_is_not_mistaken_for_the_one_that_was_learnt() -> None:
    shapes = Shapes(Counting())
    for last in (5, 5, 6):
        read = shapes.read(response(0x1000_0001, 43424, DATE, (1, 3, 6, 1, 4, last)))
        assert read is not None
        assert read.values[1].data == f"1.3.6.1.4.{last}".encode()


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 0x7FFF_FFFF), st.integers(0, 2**32 - 1), st.binary(max_size=12)),
        min_size=3,
        max_size=8,
    )
)
def test_every_response_is_read_as_pysnmp_reads_it(rows: list[tuple[int, int, bytes]]) -> None:
    plain = Community(1, "public")._decoded
    shapes = Shapes(plain)
    for request, ticks, date in [rows[0], *rows]:
        octets = response(request, ticks, date)
        assert shapes.read(octets) == plain(octets)


@settings(max_examples=30)
@given(st.data())
def test_damaged_octets_are_read_as_pysnmp_reads_them(data: st.DataObject) -> None:
    plain = Community(1, "public")._decoded
    shapes = Shapes(plain)
    well = response(0x1000_0001, 43424, DATE)
    shapes.read(well)
    shapes.read(well)
    for _ in range(5):
        damaged = bytearray(well)
        for place in data.draw(st.lists(st.integers(0, len(well) - 1), min_size=1, max_size=3)):
            damaged[place] = data.draw(st.integers(0, 255))
        assert shapes.read(bytes(damaged)) == plain(bytes(damaged))
