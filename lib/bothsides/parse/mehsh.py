"""The 18 octets of easybill's mehsh: a request and a reply with the same number.

0  4  magic 326134347     8  8  number
4  4  version 1          16  2  1 request, 2 reply         all big-endian
"""

from struct import Struct

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable

PORT = 4232
MAGIC = 326134347
REQUEST = 1
REPLY = 2
_PACKET = Struct("!IIQH")
SIZE = _PACKET.size


class Packet(NamedTuple):
    """The fields of one packet."""

    number: int  # 64 bits of the sender's choice, returned in the reply
    kind: int  # REQUEST or REPLY


def to_packet(packet: Packet) -> bytes:
    """The packet's 18 octets."""
    return _PACKET.pack(MAGIC, 1, packet.number, packet.kind)


def from_packet(data: bytes) -> Packet:
    """Reads a packet; Unreadable says what is not mehsh's about it."""
    if len(data) < SIZE:
        raise Unreadable(f"{len(data)} octets are too short for mehsh ({SIZE})")
    magic, version, number, kind = _PACKET.unpack_from(data)
    if magic != MAGIC or version != 1:
        raise Unreadable("not mehsh's magic number and version 1")
    if kind not in (REQUEST, REPLY):
        raise Unreadable(f"mehsh's packets are of kind {REQUEST} or {REPLY}, not {kind}")
    return Packet(number, kind)
