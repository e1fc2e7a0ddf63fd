"""The part of the DNS that is asked here: one question, and the answer's code and texts (RFC 1035).

header   id, flags, counts of questions, answers, authorities, additional records: 2 octets each
question name as labels with their lengths, 0, type 2 octets, class 2 octets (1)
answer   name (or a pointer, C0 and up), type, class, ttl 4, length 2, data;
         the data of a TXT are strings with their lengths
"""

import struct

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable

A, NS, TXT = 1, 2, 16  # types of records
_INTERNET = 1
_RECURSION_DESIRED = 0x0100
_HEADER = struct.Struct("!6H")
_LONGEST_LABEL = 63

NO_ERROR, NAME_ERROR = 0, 3
"""The codes of a server that could look a name up; with NAME_ERROR the name does not exist."""


class Header(NamedTuple):
    """The header of a message."""

    number: int  # repeats that of the question
    code: int  # RCODE: 0 no error, 2 server failure, 3 no such name, 5 refused
    questions: int
    answers: int


def to_question(number: int, name: str, kind: int = TXT) -> bytes:
    """The message that asks for the records of a name ("" is the root); recursion desired.

    A label that is too long or not ASCII is cut or altered: such a name does not exist anyway.
    """
    parts = [part.encode("ascii", "replace")[:_LONGEST_LABEL] for part in name.split(".") if part]
    labels = b"".join(bytes((len(part),)) + part for part in parts)
    header = _HEADER.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0)
    return header + labels + b"\0" + struct.pack("!2H", kind, _INTERNET)


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
