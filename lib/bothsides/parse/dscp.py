"""The six bits that routers sort packets by, as people name them (RFC 2474, 2597, 3246, 5865)."""

import re

from bothsides.parse import Unreadable
from bothsides.parse.text import from_count

_NAMED = {"EF": 46, "VA": 44, "BE": 0, "DF": 0}


def from_dscp(text: str) -> int:
    """0 to 63 from `46`, `EF`, `AF41`, `CS5` or `BE`: the code point itself, not the shifted octet."""
    name = text.upper()
    if name in _NAMED:
        return _NAMED[name]
    if re.fullmatch(r"CS[0-7]", name):
        return int(name[2]) * 8
    if re.fullmatch(r"AF[1-4][1-3]", name):
        return int(name[2]) * 8 + int(name[3]) * 2
    try:
        return from_count(text, 0, 63)
    except Unreadable:
        raise Unreadable(
            f"{text[:40]!r} is no DSCP; write it as 0 to 63, EF, AF41 or CS5"
        ) from None
