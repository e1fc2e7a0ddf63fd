"""NTP packets of client and server mode (RFC 5905 section 7.3), as far as SNTP needs them.

 0 LI VN Mode | Stratum | Poll | Precision      16 reference time
 4 root delay (16.16 s)                         24 originate: what the client sent at 40
 8 root dispersion (16.16 s)                    32 receive
12 reference id                                 40 transmit
"""

import struct

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.ntp_time import from_ntp

_PACKET = struct.Struct("!BBbbII4s8s8sQQ")
_CLIENT, _SERVER = 3, 4  # modes
_VERSION = 4
_UNSYNCHRONISED = 3  # leap indicator
_HIGHEST_STRATUM = 15


class Reply(NamedTuple):
    """The reply of a server."""

    stratum: int  # 1 to 15; 0: it refuses
    receive: int  # ns since 1970 on its clock, when the request arrived
    transmit: int  # ns since 1970 on its clock, when the reply left
    error: float  # s, its greatest distance from true time
    refused: str = ""  # why it does not serve; "" where it does


def to_request(cookie: bytes) -> bytes:
    """The packet of a client.

    cookie: 8 octets that the reply must repeat; a random number, so that our time stays private.
    """
    blank = bytes(8)
    return _PACKET.pack(
        _VERSION << 3 | _CLIENT, 0, 0, 0, 0, 0, bytes(4), blank, blank, 0, int.from_bytes(cookie)
    )


def from_reply(octets: bytes, cookie: bytes, near: int) -> Reply:
    """The reply to the request with this cookie; near: ns since 1970, for the era."""
    if len(octets) < _PACKET.size:
        raise Unreadable(f"an NTP packet has {_PACKET.size} octets, not {len(octets)}")
    flags, stratum, _, _, delay, dispersion, identity, _, originate, receive, transmit = (
        _PACKET.unpack_from(octets)
    )
    if flags & 7 != _SERVER or originate != cookie:
        raise Unreadable("not the answer to our NTP request")
    if stratum == 0 and identity[:1].isalpha():  # kiss of death, RFC 5905 section 7.4
        return Reply(stratum, 0, 0, 0.0, f"it refuses ({identity.decode('ascii', 'replace')})")
    if flags >> 6 == _UNSYNCHRONISED or not 1 <= stratum <= _HIGHEST_STRATUM:
        return Reply(stratum, 0, 0, 0.0, "it is not synchronised itself")
    if not receive or not transmit:
        raise Unreadable("an NTP reply without the server's time")
    error = delay / 2**17 + dispersion / 2**16  # half the delay, and the dispersion
    return Reply(stratum, from_ntp(receive, near), from_ntp(transmit, near), error)
