"""The part of the DNS that is asked here: one question, and the answer's code and texts (RFC 1035).

header   id, flags, counts of questions, answers, authorities, additional records: 2 octets each
question name as labels with their lengths, 0, type 2 octets, class 2 octets (1)
answer   name (or a pointer, C0 and up), type, class, ttl 4, length 2, data;
         the data of a TXT are strings with their lengths, those of a CNAME a name
OPT      name 0, type 41, octets of the largest answer by UDP, 4 and 2 octets of 0 (RFC 6891)
"""

import struct

from bothsides.base.types import Iterator, NamedTuple
from bothsides.parse import Unreadable

A, NS, CNAME, TXT, AAAA, OPT = 1, 2, 5, 16, 28, 41  # types of records
_OCTETS = {A: 4, AAAA: 16}  # of an address
_INTERNET = 1
_RECURSION_DESIRED = 0x0100
_TRUNCATED = 0x0200
_RESPONSE = 0x8000
_MOST_POINTERS = 32  # of one name; more are a loop
_HEADER = struct.Struct("!6H")
_LONGEST_LABEL = 63

NO_ERROR, FORMAT_ERROR, NAME_ERROR, NOT_IMPLEMENTED = 0, 1, 3, 4
"""RCODEs. A server that could look a name up says NO_ERROR, or NAME_ERROR: no such name."""


class Header(NamedTuple):
    """The header of a message."""

    number: int  # repeats that of the question
    code: int  # RCODE: 0 no error, 2 server failure, 3 no such name, 5 refused
    questions: int
    answers: int


class Reply(NamedTuple):
    """What a server says about the addresses of a name."""

    number: int  # repeats that of the question
    code: int  # RCODE
    truncated: bool  # the whole is to be had by TCP
    addresses: tuple[str, ...]  # in the server's order


def to_question(number: int, name: str, kind: int = TXT, payload: int = 0) -> bytes:
    """The message that asks for the records of a name ("" is the root); recursion desired.

    A label that is too long or not ASCII is cut or altered: such a name does not exist anyway.
    payload: octets of the largest answer by UDP that EDNS offers; 0: without EDNS.
    """
    parts = [part.encode("ascii", "replace")[:_LONGEST_LABEL] for part in name.split(".") if part]
    labels = b"".join(bytes((len(part),)) + part for part in parts)
    header = _HEADER.pack(number, _RECURSION_DESIRED, 1, 0, 0, 1 if payload else 0)
    extension = b"\0" + struct.pack("!2HIH", OPT, payload, 0, 0) if payload else b""
    return header + labels + b"\0" + struct.pack("!2H", kind, _INTERNET) + extension


def from_header(message: bytes) -> Header:
    """The header of an answer."""
    try:
        number, flags, questions, answers, _, _ = _HEADER.unpack_from(message)
    except struct.error:
        raise Unreadable("a DNS answer that ends too soon") from None
    return Header(number, flags & 15, questions, answers)


def from_answer(message: bytes) -> tuple[int, tuple[str, ...]]:
    """The number of an answer and the texts in it (none when the name has none)."""
    header = from_header(message)
    try:
        place = _HEADER.size
        for _ in range(header.questions):
            place = _behind_name(message, place) + 4
        texts = []
        for _ in range(header.answers):
            place = _behind_name(message, place)
            kind, _, _, length = struct.unpack_from("!2HIH", message, place)
            data = message[place + 10 : place + 10 + length]
            place += 10 + length
            if kind == TXT:
                texts.append(_text(data))
    except (struct.error, IndexError):
        raise Unreadable("a DNS answer that ends too soon") from None
    return header.number, tuple(texts)


def from_reply(message: bytes, name: str, kind: int) -> Reply:
    """The addresses (A or AAAA) of a name in a reply, along the CNAMEs that lead to them.

    Other types of records have none, and records of other names are left out. Raises Unreadable for
    what is no reply to this question.
    """
    header = from_header(message)
    flags = int.from_bytes(message[2:4], "big")
    if not flags & _RESPONSE:
        raise Unreadable("a DNS question instead of an answer")
    reply = Reply(header.number, header.code, bool(flags & _TRUNCATED), ())
    wanted = name.rstrip(".").lower()
    try:
        place = _HEADER.size
        if header.questions:
            asked, place = _name(message, place)
            if (asked, struct.unpack_from("!H", message, place)[0]) != (wanted, kind):
                raise Unreadable("a DNS answer to another question")
            place += 4
        elif header.code == NO_ERROR:
            raise Unreadable("a DNS answer without its question")
        if reply.truncated:
            return reply
        addresses = tuple(_along(message, place, header.answers, wanted, kind))
    except (struct.error, IndexError):
        raise Unreadable("a DNS answer that ends too soon") from None
    return reply._replace(addresses=tuple(dict.fromkeys(addresses)))


def _along(message: bytes, place: int, answers: int, wanted: str, kind: int) -> Iterator[str]:
    """The addresses of the wanted name, in whatever order the records stand."""
    from ipaddress import ip_address

    records = []
    for _ in range(answers):
        owner, place = _name(message, place)
        that, _, _, length = struct.unpack_from("!2HIH", message, place)
        place += 10
        if that == CNAME:
            records.append((owner, that, _name(message, place)[0]))
        elif that == kind and kind in _OCTETS:
            data = message[place : place + length]
            if len(data) != _OCTETS[kind]:
                raise Unreadable("a DNS answer with half an address")
            records.append((owner, that, str(ip_address(data))))
        place += length
    names = [wanted]
    for one in names:
        aliases = (value for owner, that, value in records if that == CNAME and owner == one)
        names += [alias for alias in aliases if alias not in names]
        yield from (value for owner, that, value in records if that == kind and owner == one)


def _name(message: bytes, place: int) -> tuple[str, int]:
    """A name in lower case without its last dot, and the place behind it."""
    labels, behind, pointers = [], 0, 0
    while length := message[place]:
        if length >= 0xC0:
            behind = behind or place + 2
            place = (length & 0x3F) << 8 | message[place + 1]
            pointers += 1
            if pointers > _MOST_POINTERS:
                raise Unreadable("a DNS name without an end")
        else:
            labels.append(message[place + 1 : place + 1 + length])
            place += 1 + length
    return b".".join(labels).decode("latin-1").lower(), behind or place + 1


def _behind_name(message: bytes, place: int) -> int:
    """The place of the octet after a name that begins here."""
    while (length := message[place]) and length < 0xC0:
        place += 1 + length
    return place + (2 if length else 1)


def _text(data: bytes) -> str:
    """The strings of a TXT record as one text."""
    parts = []
    place = 0
    while place < len(data):
        parts.append(data[place + 1 : place + 1 + data[place]])
        place += 1 + data[place]
    return b"".join(parts).decode("ascii", "replace")
