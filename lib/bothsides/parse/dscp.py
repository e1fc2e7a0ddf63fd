"""Names of differentiated services code points (RFC 2474, 2597, 3246, 5865)."""

from bothsides.parse import Unreadable
from bothsides.parse.text import from_count

_NAMED = {"EF": 46, "VA": 44, "BE": 0, "DF": 0}
_NAMED |= {f"CS{number}": number * 8 for number in range(8)}
_NAMED |= {f"AF{row}{drop}": row * 8 + drop * 2 for row in range(1, 5) for drop in range(1, 4)}


def from_dscp(text: str) -> int:
    """The code point, 0 to 63, of `46`, `EF`, `AF41`, `CS5` or `BE`; not the shifted octet."""
    if text.upper() in _NAMED:
        return _NAMED[text.upper()]
    try:
        return from_count(text, 0, 63)
    except Unreadable:
        raise Unreadable(
            f"{text[:40]!r} is no DSCP; write it as 0 to 63, EF, AF41 or CS5"
        ) from None
