"""Key files of authenticated STAMP: one key a line, by the SSID that it belongs to.

# ssid key              a line that starts with # is a comment
1001   hex:8f3a...      octets in hex
1002   some long words  or the words themselves, as UTF-8
*      hex:00ff...      for every SSID that is not named
"""

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.text import from_count

_SHORTEST = 8  # octets; a shorter key can be guessed


class Key(NamedTuple):
    """One line of a key file; its text never shows the key."""

    ssid: int | None  # session identifier, 1 to 65535; None for all that are not named
    octets: bytes  # the key itself

    def __repr__(self) -> str:
        return f"Key({self.ssid}, ...)"


def from_keys(text: str) -> tuple[Key, ...]:
    """All keys in their order; Unreadable names the line, never the key."""
    keys: list[Key] = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare and not bare.startswith("#"):
            key = _key(bare, number)
            if any(key.ssid == other.ssid for other in keys):
                raise Unreadable(f"line {number}: a second key for the same SSID")
            keys.append(key)
    if not keys:
        raise Unreadable("no key in it; write lines of SSID and key")
    return tuple(keys)


def _key(line: str, number: int) -> Key:
    name, words = (*line.split(None, 1), "")[:2]
    try:
        ssid = None if name == "*" else from_count(name, 1, 65535)
    except Unreadable:
        raise Unreadable(f"line {number}: begins with an SSID from 1 to 65535, or with *") from None
    try:
        octets = (
            bytes.fromhex(words[4:])
            if words.startswith("hex:")
            else words.encode("utf-8", "surrogateescape")
        )
    except ValueError:
        raise Unreadable(f"line {number}: what follows hex: is not hex") from None
    if len(octets) < _SHORTEST:
        raise Unreadable(f"line {number}: the key is shorter than {_SHORTEST} octets")
    return Key(ssid, octets)
