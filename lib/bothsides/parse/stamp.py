"""STAMP packets octet by octet (RFC 8762, RFC 8972), and TWAMP-Light's (RFC 5357, appendix I).

    unauthenticated sender           unauthenticated reflector
     0  4  sequence number            0  4  sequence number, the reflector's own
     4  8  T1, time of sending        4  8  T3, time of replying
    12  2  error estimate            12  2  error estimate
    14  2  SSID (RFC 8972)           14  2  SSID
    16 28  zero                      16  8  T2, time of arrival
                                     24  4  sender's sequence number
                                     28  8  T1
                                     36  2  sender's error estimate
                                     38  2  zero
                                     40  1  sender's TTL as it arrived
                                     41  3  zero

    authenticated: 112 octets, the last 16 of them HMAC-SHA-256 over the 96 before
     0  4  sequence number            0  4  sequence number
    16  8  T1                        16  8  T3
    24  2  error estimate            24  2  error estimate
    26  2  SSID                      26  2  SSID
    96 16  HMAC                      32  8  T2
                                     48  4  sender's sequence number
                                     64  8  T1
                                     72  2  sender's error estimate
                                     80  1  sender's TTL
                                     96 16  HMAC

Octets behind that are padding or TLVs (flags 1, type 1, length 2, value).
"""

from struct import Struct

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.ntp_time import from_ntp, to_ntp

PORT = 862
PLAIN = 44  # octets of a whole packet without authentication
SEALED = 112  # with it
UNSYNCHRONISED = 0x2001  # error estimate: no claim to UTC; 2^-32 * 2^32 * 1 = 1 s

_HEAD = Struct("!IQHH")
_REQUEST = Struct("!IQHH28x")
_REPLY = Struct("!IQHHQIQH")
_TTL = 40
_INSTANT = Struct("!Q")
_SEALED_REQUEST = Struct("!I12xQHH68x")
_SEALED_REPLY = Struct("!I12xQHH4xQ8xI12xQH6xB15x")
_SHORTEST_REQUEST = 14  # TWAMP-Light: sequence, T1, error estimate
_SHORTEST_REPLY = 38  # without TTL, as twampy sends it
_DIGEST = 96
_BILLION = 1_000_000_000


class Request(NamedTuple):
    """The fields of a sender's packet."""

    sequence: int  # sequence number, 32 bits
    sent: int  # T1, ns since 1970
    error: int  # error estimate of the sender's clock, the raw 16 bits
    ssid: int  # session identifier (RFC 8972), 0 where the sender knows none


class Reply(NamedTuple):
    """The fields of a reflector's packet."""

    number: int  # the reflector's own sequence number; the sender's where it is stateless
    replied: int  # T3, ns since 1970
    error: int  # error estimate of the reflector's clock, the raw 16 bits
    ssid: int  # session identifier of the request
    received: int  # T2, ns since 1970
    sequence: int  # the request's sequence number, returned
    sent: int  # the request's T1, returned, ns since 1970
    ttl: int | None  # TTL or hop limit of the request as it arrived; None in a shorter packet


def from_stamp(stamp: int, error: int) -> int:
    """A timestamp as ns since 1970; the Z bit of the error estimate means PTP instead of NTP."""
    return from_ptp(stamp) if error & 0x4000 else from_ntp(stamp)


def from_ptp(stamp: int) -> int:
    """A PTP timestamp, seconds and nanoseconds of 32 bits each, as ns since 1970."""
    return (stamp >> 32) * _BILLION + (stamp & 0xFFFFFFFF)


def to_error(seconds: float | None) -> int:
    """An error estimate: synchronised to UTC within `seconds`, or (None) not synchronised."""
    if seconds is None:
        return UNSYNCHRONISED
    units = max(1, int(seconds * 2**32) + 1)
    scale = max(0, units.bit_length() - 8)
    scale += units > 255 << scale
    return 0x8000 | min(scale, 63) << 8 | min(255, -(-units >> scale))


def from_error(error: int) -> float | None:
    """Seconds that the clock claims to be within of UTC; None when it makes no such claim."""
    multiplier = error & 0xFF
    if not error & 0x8000 or multiplier == 0:
        return None
    return float(multiplier * 2.0 ** ((error >> 8 & 0x3F) - 32))


def to_request(request: Request, size: int = PLAIN, key: bytes = b"") -> bytes:
    """The sender's packet of `size` octets (44 or 112 at least), sealed when there is a key."""
    fields = request.sequence, to_ntp(request.sent), request.error, request.ssid
    if key:
        body = _SEALED_REQUEST.pack(*fields)
        return body + digest(body, key) + to_padding(size - SEALED)
    body = _REQUEST.pack(*fields)
    return body if size <= PLAIN else body + to_padding(size - PLAIN)


def to_padding(size: int) -> bytes:
    """An Extra Padding TLV of `size` octets in all; zeros where a TLV does not fit."""
    if size < 4:
        return bytes(max(0, size))
    return Struct("!BBH").pack(0x80, 1, size - 4) + bytes(size - 4)


def from_request(data: bytes, key: bytes = b"") -> Request:
    """Reads a sender's packet; with a key, Unreadable unless it is sealed with that key."""
    if key:
        _verified(data, key)
        sequence, sent, error, ssid = _SEALED_REQUEST.unpack_from(data)
    elif len(data) < _SHORTEST_REQUEST:
        raise Unreadable(
            f"{len(data)} octets are too short for a STAMP request ({_SHORTEST_REQUEST} at least)"
        )
    else:
        sequence, sent, error, ssid = _HEAD.unpack_from(data[:16] + b"\0\0")
    return Request(sequence, from_stamp(sent, error), error, ssid)


def to_reply(reply: Reply, request: bytes, key: bytes = b"") -> bytes:
    """The reflector's packet for a request: as long as that, with its fields and TLVs returned."""
    if key:
        head = _SEALED_REPLY.pack(
            reply.number, to_ntp(reply.replied), reply.error, reply.ssid, to_ntp(reply.received),
            *_SEALED_REQUEST.unpack_from(request)[:3], reply.ttl or 0,
        )  # fmt: skip
        return head + digest(head, key) + to_returned(request[SEALED:])
    head = _REPLY.pack(
        reply.number, to_ntp(reply.replied), reply.error, reply.ssid, to_ntp(reply.received),
        *_HEAD.unpack_from(request[:16] + b"\0\0")[:3],
    )  # fmt: skip
    return (head + bytes((0, 0, reply.ttl or 0, 0, 0, 0)))[: len(request)] + to_returned(
        request[PLAIN:]
    )


def sealed_at(packet: bytearray, replied: int, key: bytes = b"") -> None:
    """Writes T3 (ns since 1970) into a reflector's packet, and seals it again where it has a key.

    Everything else about the packet is done before the clock is read.
    """
    if key:
        _INSTANT.pack_into(packet, 16, to_ntp(replied))
        packet[_DIGEST:SEALED] = digest(bytes(packet[:_DIGEST]), key)
    else:
        _INSTANT.pack_into(packet, 4, to_ntp(replied))


def to_returned(tail: bytes) -> bytes:
    """What a reflector sends back for the octets behind the base packet.

    RFC 8972, section 4: a TLV arrives with its U flag set, which is cleared for a type that the
    reflector knows (here Extra Padding, 1); M is set where a length leads beyond the packet. Octets
    that are no TLV are plain padding and go back as they came.
    """
    if not tail or not tail[0] & 0x80:
        return tail
    returned = bytearray(tail)
    place = 0
    while place + 4 <= len(tail) and tail[place] & 0x80:
        length = int.from_bytes(tail[place + 2 : place + 4])
        if place + 4 + length > len(tail):
            returned[place] |= 0x40
        elif tail[place + 1] == 1:
            returned[place] &= 0x7F
        place += 4 + length
    return bytes(returned)


def from_reply(data: bytes, key: bytes = b"") -> Reply:
    """Reads a reflector's packet; Unreadable when it is short, wrongly sealed or only an echo."""
    if key:
        _verified(data, key)
        number, replied, error, ssid, received, sequence, sent, sender_error, ttl = (
            _SEALED_REPLY.unpack_from(data)
        )
    elif len(data) < _SHORTEST_REPLY:
        raise Unreadable(
            f"{len(data)} octets are too short for a STAMP reply ({_SHORTEST_REPLY} at least)"
        )
    else:
        number, replied, error, ssid, received, sequence, sent, sender_error = _REPLY.unpack_from(
            data
        )
        ttl = data[_TTL] if len(data) > _TTL else None
    if not sent:
        raise Unreadable("not a reflector's packet: the sender's timestamp is missing (an echo?)")
    theirs = from_ptp if error & 0x4000 else from_ntp
    ours = from_ptp if sender_error & 0x4000 else from_ntp
    return Reply(number, theirs(replied), error, ssid, theirs(received), sequence, ours(sent), ttl)


def digest(body: bytes, key: bytes) -> bytes:
    """HMAC-SHA-256, its first 16 octets (RFC 8762, section 4.4)."""
    import hmac  # 3 ms that only authenticated runs pay

    return hmac.digest(key, body, "sha256")[:16]


def _verified(data: bytes, key: bytes) -> None:
    import hmac

    if len(data) < SEALED:
        raise Unreadable(
            f"{len(data)} octets are too short for an authenticated STAMP packet ({SEALED})"
        )
    if not hmac.compare_digest(digest(data[:_DIGEST], key), bytes(data[_DIGEST:SEALED])):
        raise Unreadable("the HMAC does not fit the key")
