"""NTP packets of client and server mode (RFC 5905 section 7.3), as far as SNTP needs them.

 0 LI VN Mode | Stratum | Poll | Precision      16 reference time
 4 root delay (16.16 s)                         24 originate: what the client sent at 40
 8 root dispersion (16.16 s)                    32 receive
12 reference id                                 40 transmit
"""

import struct

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.snmp import from_ntp

_PACKET = struct.Struct("!BBbbII4s8s8s8s8s")
_CLIENT, _SERVER = 3, 4
_VERSION = 4


class Answer(NamedTuple):
    """A server's answer. receive and transmit: ns since 1970; error: its greatest distance from true time,
    seconds; refused: why it does not serve, empty where it does."""

    stratum: int
    receive: int
    transmit: int
    error: float
    refused: str = ""


def to_request(cookie: bytes) -> bytes:
    """A client's packet. cookie: 8 octets that the answer must repeat, instead of our time, which is nobody's business."""
    return _PACKET.pack(
        _VERSION << 3 | _CLIENT, 0, 0, 0, 0, 0, bytes(4), bytes(8), bytes(8), bytes(8), cookie
    )


def from_answer(octets: bytes, cookie: bytes, near: int) -> Answer:
    """The answer to the request with this cookie; near: ns since 1970, which era is meant."""
    if len(octets) < _PACKET.size:
        raise Unreadable(f"an NTP packet has {_PACKET.size} octets, not {len(octets)}")
    flags, stratum, _, _, delay, dispersion, identity, _, originate, receive, transmit = (
        _PACKET.unpack_from(octets)
    )
    if flags & 7 != _SERVER or originate != cookie:
        raise Unreadable("not the answer to our NTP request")
    if stratum == 0 and identity[:1].isalpha():  # kiss of death, RFC 5905 section 7.4
        return Answer(stratum, 0, 0, 0.0, f"it refuses ({identity.decode('ascii', 'replace')})")
    if flags >> 6 == 3 or not 1 <= stratum <= 15:
        return Answer(stratum, 0, 0, 0.0, "it is not synchronised itself")
    error = delay / 2**17 + dispersion / 2**16
    return Answer(stratum, from_ntp(receive, near).ns, from_ntp(transmit, near).ns, error)
