"""Asks a reflector of ours when the requests of a host arrived there last, and how many."""

import _socket as socket  # the C half has all that is needed; the other half costs 2 ms of CPU
import os
import time

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable, stamp, stamp_tlv

_TRIES = 3  # requests, each with an equal part of the time


class Arrivals(NamedTuple):
    """What a reflector says about the requests of one host."""

    known: bool  # whether requests of the host have arrived, as far as is remembered
    allowed: bool  # whether the reflector tells us; False: neither key nor named network
    last: float  # s since the last request
    since: float  # s for which the host is remembered
    minutes: tuple[int, ...]  # requests in each of the last minutes, this one first


def arrivals(
    reflector: tuple[str, int], host: str, seconds: float = 1.0, key: bytes = b"", ssid: int = 0
) -> Arrivals | None:
    """When requests from the address `host` arrived at the reflector, an address and a port.

    seconds: to wait at most; key, ssid: of the authenticated mode. None when nothing answers, or
    what answers is no reflector of ours. Raises OSError when nothing can be sent.
    """
    asked = stamp_tlv.to_arrivals(stamp_tlv.Arrivals(stamp_tlv.REQUEST, _octets(host)))
    ssid = ssid or int.from_bytes(os.urandom(2)) or 1
    family = socket.AF_INET6 if ":" in reflector[0] else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.connect(reflector)
        for place in range(_TRIES):
            sent = time.time_ns()
            request = stamp.Request(place, sent, stamp.UNSYNCHRONISED, ssid)
            opened.settimeout(seconds / _TRIES)
            try:
                opened.send(stamp.to_request(request, 0, key) + asked)
                reply = _answer(opened.recv(65536), sent, key)
            except (TimeoutError, ConnectionRefusedError, Unreadable):
                continue
            if reply is not None:
                return reply
    finally:
        opened.close()
    return None


def _answer(data: bytes, sent: int, key: bytes) -> Arrivals | None:
    """The answer in a reply to the request that was sent at this instant."""
    if stamp.from_reply(data, key).sent != sent:
        return None
    tlv = stamp_tlv.find(data[stamp.SEALED if key else stamp.PLAIN :])
    if tlv is None or not isinstance(tlv[1], stamp_tlv.Arrivals):
        return None
    contents = tlv[1]
    if contents.status == stamp_tlv.REQUEST:  # returned by a reflector that does not know the TLV
        return None
    return Arrivals(
        known=contents.status == stamp_tlv.ANSWERED,
        allowed=contents.status != stamp_tlv.DENIED,
        last=contents.last / 1000,
        since=contents.since / 1000,
        minutes=contents.minutes,
    )


def _octets(host: str) -> bytes:
    """An address in 16 octets."""
    if ":" in host:
        return socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    return b"\0" * 10 + b"\xff\xff" + socket.inet_pton(socket.AF_INET, host)
