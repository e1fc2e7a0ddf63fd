"""Just enough of the DNS to ask for a TXT record and read the answer (RFC 1035, section 4).

header   id, flags, counts of questions, answers, authorities, additional records: 2 octets each
question name as labels with their lengths, 0, type 2 octets (16: TXT), class 2 octets (1)
answer   name (or a pointer, C0 and up), type, class, ttl 4, length 2, TXT as strings with their lengths
"""

import struct

from bothsides.parse import Unreadable

_TXT = 16


def to_question(number: int, name: str) -> bytes:
    """The message that asks for the TXT records of a name; recursion desired."""
    labels = b"".join(bytes((len(label),)) + label.encode("ascii") for label in name.split("."))
    return (
        struct.pack("!6H", number, 0x0100, 1, 0, 0, 0)
        + labels
        + b"\0"
        + struct.pack("!2H", _TXT, 1)
    )


def from_answer(message: bytes) -> tuple[int, tuple[str, ...]]:
    """The number of an answer and the texts in it (none when the name has none)."""
    try:
        number, _, questions, answers, _, _ = struct.unpack_from("!6H", message)
        place = 12
        for _ in range(questions):
            place = _behind_name(message, place) + 4
        texts = []
        for _ in range(answers):
            place = _behind_name(message, place)
            kind, _, _, length = struct.unpack_from("!2HIH", message, place)
            data = message[place + 10 : place + 10 + length]
            place += 10 + length
            if kind == _TXT:
                texts.append(_text(data))
    except (struct.error, IndexError):
        raise Unreadable("a DNS answer that ends too soon") from None
    return number, tuple(texts)


def _behind_name(message: bytes, place: int) -> int:
    while (length := message[place]) and length < 0xC0:
        place += 1 + length
    return place + (2 if length else 1)


def _text(data: bytes) -> str:
    parts = []
    place = 0
    while place < len(data):
        parts.append(data[place + 1 : place + 1 + data[place]])
        place += 1 + data[place]
    return b"".join(parts).decode("ascii", "replace")
