"""The TLVs of our own in STAMP packets: what the reflector has received, asked for by the sender.

They stand behind the base packet as RFC 8972 has it, with type 240 of the range for experimental
use. The reply has the same length as the request, so a request carries the room for its answer. A
reflector that does not know the type returns it with its U flag set and everything else unchanged.

     0  1  flags: 0x80 unrecognised (set in a request), 0x40 malformed
     1  1  type, 240
     2  2  length of what follows
     4  4  "bsdT", so that another experiment with this type is not taken for ours
     8  1  kind: 1 account, 2 arrivals, 3 follow-up
     9  1  status: 0 request, 1 answered, 2 nothing is known about it, 3 not for this sender

    account: what became of one flow's requests     arrivals: when a host's requests arrived
    10  2  SSID of the flow                          10  2  zero
    12  2  its source port, 0 for any                12 16  address asked about; IPv4 is mapped
    14  2  octets of each of the two bitmaps         28  4  age of the last request, ms
    16  4  first sequence number of the bitmaps      32  4  age of what is remembered, ms
    20  8  boot id: random, new with its memory      36 24  requests in each of the last 6 minutes,
    28  4  age of its memory, ms                            this minute first, 4 octets each
    32  4  age of the flow's account, ms
    36  4  requests of the flow, duplicates too
    40  4  sequence numbers below this may be forgotten
    44  4  datagrams that its sockets dropped meanwhile
    48  4  requests of this source over its rate meanwhile
    52  4  flows forgotten meanwhile for want of room
    56  2  source ports that the flow came from
    58  2  zero
    60  n  bitmap: request arrived (highest bit first)
    60+n n bitmap: request refused by the rate; with the bit above: arrived, and no reply was sent

    follow-up: when the previous reply left
    10  2  zero
    12  4  number of the previous reply to this session, octets 0 to 3 of that reply
    16  8  the kernel's stamp of its sending, in the format of T3

A request with a follow-up makes the reflector take the kernel's stamp of its reply, and the next
reply to the same address, port and SSID carries it: nobody can write into a packet when it leaves.
What lies between T3 and that stamp is delay of the reflector's host and not of the network.

Ages and counts stop at 2^32 - 1.
"""

from struct import Struct

from bothsides.base.types import Iterator, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.ntp_time import from_ntp, to_ntp

TYPE = 240
MOST = 512  # octets of a bitmap
LEAST_ACCOUNT = 60  # octets of the TLV without bitmaps
ARRIVALS = 60  # octets of the whole TLV
FOLLOW_UP = 24  # likewise, and the least of all TLVs of ours
MINUTES = 6
HEAD = 10  # octets that are the same in both

REQUEST, ANSWERED, UNKNOWN, DENIED = 0, 1, 2, 3

_MAGIC = b"bsdT"
_ACCOUNT, _ARRIVALS, _FOLLOW_UP = 1, 2, 3
_HEAD = Struct("!BBH4sBB")
_ASKED = Struct("!HHHI")
_ANSWER = Struct("!QIIIIIIIH2x")
_ARRIVED = Struct("!2x16sII6I")
_FOLLOWED = Struct("!2xIQ")
_FULL = 0xFFFFFFFF


class Account(NamedTuple):
    """What a reflector has received of one flow."""

    status: int  # 0 request, 1 answered, 2 nothing is known about the flow
    ssid: int  # of the flow
    port: int  # source port of the flow, 0 for any
    first: int  # sequence number of the bitmaps' first bit
    octets: int  # of each bitmap
    boot: int = 0  # random, new whenever the reflector has forgotten all flows
    uptime: int = 0  # ms since then
    age: int = 0  # ms since the flow's account was opened
    requests: int = 0  # requests of the flow, duplicates too
    forgotten: int = 0  # sequence numbers below this may be forgotten
    overflow: int = 0  # datagrams that the reflector's sockets dropped meanwhile
    refused: int = 0  # requests of this source over its rate meanwhile
    evicted: int = 0  # flows forgotten meanwhile for want of room
    ports: int = 0  # source ports that the flow came from
    arrived_bits: bytes = b""  # bitmap of the requests that arrived
    refused_bits: bytes = b""  # bitmap of the requests refused by the rate


class Arrivals(NamedTuple):
    """When the requests of one host arrived at a reflector."""

    status: int  # 0 request, 1 answered, 2 nothing arrived, 3 not for this sender
    address: bytes  # 16 octets, IPv4 as ::ffff:a.b.c.d
    last: int = 0  # ms since the last request
    since: int = 0  # ms since the host is remembered
    minutes: tuple[int, ...] = (0,) * MINUTES  # requests in each, this minute first


class FollowUp(NamedTuple):
    """When a reflector's previous reply to the same session left its host."""

    status: int  # 0 request, 1 answered, 2 no stamp is known
    number: int = 0  # of that reply, the reflector's own sequence number
    left: int = 0  # kernel's stamp of its sending, ns since 1970 by the reflector's clock


Contents = Account | Arrivals | FollowUp
"""The contents of a TLV of ours."""


def to_account(account: Account) -> bytes:
    """The TLV of a request or of its answer."""
    arrived = account.arrived_bits.ljust(account.octets, b"\0")
    refused = account.refused_bits.ljust(account.octets, b"\0")
    counts = (
        account.uptime, account.age, account.requests, account.forgotten, account.overflow,
        account.refused, account.evicted,
    )  # fmt: skip
    return (
        _head(_ACCOUNT, account.status, LEAST_ACCOUNT + 2 * account.octets)
        + _ASKED.pack(account.ssid, account.port, account.octets, account.first)
        + _ANSWER.pack(
            account.boot, *(min(count, _FULL) for count in counts), min(account.ports, 0xFFFF)
        )
        + arrived
        + refused
    )


def to_arrivals(arrivals: Arrivals) -> bytes:
    """The TLV of a request or of its answer."""
    counts = (min(count, _FULL) for count in (arrivals.last, arrivals.since, *arrivals.minutes))
    return _head(_ARRIVALS, arrivals.status, ARRIVALS) + _ARRIVED.pack(arrivals.address, *counts)


def to_follow_up(follow_up: FollowUp) -> bytes:
    """The TLV of a request or of its answer."""
    stamp = to_ntp(follow_up.left) if follow_up.left else 0
    return _head(_FOLLOW_UP, follow_up.status, FOLLOW_UP) + _FOLLOWED.pack(follow_up.number, stamp)


def find(tail: bytes) -> tuple[int, Contents] | None:
    """Place and contents of our first TLV behind the base packet; None without one.

    Unreadable when it is broken.
    """
    for place, length in tlvs(tail):
        if tail[place + 1] == TYPE and tail[place + 4 : place + 8] == _MAGIC:
            return place, _from_tlv(tail[place : place + 4 + length])
    return None


def is_account(head: bytes) -> bool:
    """Whether the first octets of a TLV are those of a question about a flow."""
    return head[1:2] == bytes((TYPE,)) and head[4:] == _MAGIC + bytes((_ACCOUNT, REQUEST))


def tlvs(tail: bytes) -> Iterator[tuple[int, int]]:
    """Place and length of each whole TLV; it ends where no TLV follows."""
    place = 0
    while place + 4 <= len(tail):
        length = int.from_bytes(tail[place + 2 : place + 4])
        if place + 4 + length > len(tail):
            return
        yield place, length
        place += 4 + length


def sequences(bits: bytes, first: int) -> Iterator[int]:
    """The sequence numbers whose bits are set."""
    for place, octet in enumerate(bits):
        if octet:
            for bit in range(8):
                if octet & 0x80 >> bit:
                    yield first + 8 * place + bit


def _head(kind: int, status: int, whole: int) -> bytes:
    return _HEAD.pack(0x80 if status == REQUEST else 0, TYPE, whole - 4, _MAGIC, kind, status)


def _from_tlv(data: bytes) -> Contents:
    kind, status = (data[8], data[9]) if len(data) >= HEAD else (0, 0)
    least = FOLLOW_UP if kind == _FOLLOW_UP else LEAST_ACCOUNT
    if len(data) < least:
        raise Unreadable(f"{len(data)} octets are too short for a TLV of ours ({least})")
    if kind == _FOLLOW_UP:
        number, stamp = _FOLLOWED.unpack_from(data, 10)
        return FollowUp(status, number, from_ntp(stamp) if stamp else 0)
    if kind == _ARRIVALS:
        address, last, since, *minutes = _ARRIVED.unpack_from(data, 10)
        return Arrivals(status, address, last, since, tuple(minutes))
    if kind != _ACCOUNT:
        raise Unreadable(f"a TLV of ours of the unknown kind {kind}")
    ssid, port, octets, first = _ASKED.unpack_from(data, 10)
    if octets > MOST or len(data) != LEAST_ACCOUNT + 2 * octets:
        raise Unreadable(f"bitmaps of {octets} octets do not fit into a TLV of {len(data)}")
    boot, uptime, age, requests, forgotten, overflow, refused, evicted, ports = _ANSWER.unpack_from(
        data, 20
    )
    end = LEAST_ACCOUNT + octets
    return Account(
        status=status,
        ssid=ssid,
        port=port,
        first=first,
        octets=octets,
        boot=boot,
        uptime=uptime,
        age=age,
        requests=requests,
        forgotten=forgotten,
        overflow=overflow,
        refused=refused,
        evicted=evicted,
        ports=ports,
        arrived_bits=data[LEAST_ACCOUNT:end],
        refused_bits=data[end : end + octets],
    )
