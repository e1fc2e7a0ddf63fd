"""Numbers, durations and hosts as people write them, and words that no consumer trips over."""

from bothsides.base.types import TYPE_CHECKING
from bothsides.parse import Unreadable

if TYPE_CHECKING:
    from re import Match

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SECONDS = {
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}
_PRINTABLE = frozenset(map(chr, range(32, 127)))
_OF_HOSTS = frozenset(f"{_LETTERS}{_LETTERS.upper()}0123456789_.:%-")

# Nagios strips ` ~ $ & | ' " < > from what it hands to notifications and turns ; into :, NRPE and
# Checkmk split at a bar or a backslash, Icinga Web takes <word for HTML.
_HARMLESS = {
    ord(character): replacement
    for character, replacement in zip(
        "|;\"'`<>&~$\\", ["/", ",", "", "", "", "(", ")", "+", "-", "", "/"], strict=True
    )
}
_PLAIN = _PRINTABLE.difference(map(chr, _HARMLESS))  # what `screened` leaves as it is
_INFINITE = float("inf")


def from_duration(text: str) -> float:
    """Seconds from `2`, `0.5`, `5ms`, `250us`, `2s`, `3m` (also `min`), `1h`, `14d` or `2w`."""
    number = text.rstrip(_LETTERS)  # no pattern: compiling one costs every run 0.3 ms of CPU
    unit = text[len(number) :] or "s"
    whole, point, places = number.partition(".")
    if unit not in _SECONDS or not _digits(whole + places) or (point and not places):
        raise Unreadable(f"{quoted(text)} is not a duration; write it as 5ms, 2s, 0.5 or 14d")
    return float(number) * _SECONDS[unit]


def whole_match(pattern: str, text: str) -> "Match[str] | None":
    """The whole text by a pattern; `re` is loaded, and the pattern compiled, only now."""
    import re

    return re.fullmatch(pattern, text, re.ASCII)


def plain_decimal(text: str) -> bool:
    """Whether the text is a number as `0`, `12` or `12.50`: no sign, exponent or leading zero."""
    whole, point, places = text.partition(".")
    return _digits(whole) and (whole == "0" or whole[0] != "0") and (not point or _digits(places))


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def from_count(text: str, least: int = 1, most: int = 2**31 - 1) -> int:
    """A whole number between `least` and `most`, in plain decimal digits."""
    if not (_digits(text) and len(text) <= 10) or not least <= int(text) <= most:
        raise Unreadable(f"{quoted(text)} is not a whole number from {least} to {most}")
    return int(text)


def from_host(text: str) -> str:
    """A host name or address that cannot be mistaken for an option; `[v6]` loses its brackets."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not 1 <= len(bare) <= 253 or bare[0] == "-" or not _OF_HOSTS.issuperset(bare):
        raise Unreadable(f"{quoted(text)} is not a host name or address")
    return bare


def from_address(text: str) -> str:
    """A numeric IPv4 or IPv6 address; an IPv6 one may have a zone, as fe80::1%eth0."""
    from bothsides.parse.ip_owners import to_number as number_of

    bare, percent, zone = text.partition("%")
    try:
        number_of(bare)
    except Unreadable:
        raise Unreadable(f"{quoted(text)} is not an IPv4 or IPv6 address") from None
    if percent and not (zone and ":" in bare and _OF_HOSTS.issuperset(zone)):
        raise Unreadable(f"{text[:60]!r}: a zone belongs to an IPv6 address, as fe80::1%eth0")
    return text


def quoted(text: str) -> str:
    """Text of a command line for a message that refuses it; without anything to see, that."""
    return repr(shortened(text, 60)) if text.strip() else "(nothing)"


def to_number(value: float | None) -> str:
    """A plain decimal with at most 6 places, never an exponent or -0; `U` when not measured."""
    if value is None or not -_INFINITE < value < _INFINITE:
        return "U"
    if isinstance(value, int):
        return str(int(value))
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def to_words(seconds: float | None) -> str:
    """A duration for people: `1.23 ms`, `45 s`, `3.2 h`; `unknown` when not measured."""
    if seconds is None:
        return "unknown"
    size = abs(seconds)
    if not size >= 1:
        return f"{seconds * 1e3:.3g} ms" if size == 0 or size >= 1e-3 else f"{seconds * 1e6:.3g} us"
    worth, unit = _scale(size, 300)
    return f"{seconds / worth:{'.3g' if size / worth < 1000 else '.0f'}} {unit}"


def to_whole_words(seconds: float) -> str:
    """A span of time for people, in whole units: `12 d`, `5 h`, `4 min`, `30 s`."""
    worth, unit = _scale(seconds, 120)
    return f"{max(0.0, seconds) / worth:.0f} {unit}"


def _scale(seconds: float, minutes: float) -> tuple[float, str]:
    """The unit for a duration, and what it is worth; `minutes`: where they begin."""
    for least, worth, unit in ((172800, 86400, "d"), (7200, 3600, "h"), (minutes, 60, "min")):
        if seconds >= least:
            return worth, unit
    return 1, "s"


def escaped(text: str) -> str:
    """Text of others, with %XX of its UTF-8 octets where `screened` would lose a character."""
    lost = {chr(code) for code in _HARMLESS}
    if text.isascii() and lost.isdisjoint(text):
        return text
    return "".join(c if " " <= c <= "~" and c not in lost else _octets(c) for c in text)


def _octets(character: str) -> str:
    octets = character.encode("utf-8", "surrogateescape")
    return "".join(f"%{octet:02X}" for octet in octets)


def escaped_url(url: str) -> str:
    """A URL that no consumer alters; values of its query stand as `...`: a token may be in them."""
    bare, mark, query = url.partition("?")
    shown = (f"{key}{sign}{'...' if value else ''}" for key, sign, value in _pairs(query))
    return escaped(f"{bare}{mark}{'&'.join(shown)}")


def _pairs(query: str) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in query.split("&")]


def screened(text: str, spared: str = "") -> str:
    """One line of printable ASCII without the characters that some consumer of plugin output loses.

    URLs are escaped, and the values of their queries left out. spared: characters that stay.
    """
    if "://" in text:
        words = text.split(" ")
        text = " ".join(_url_screened(word) if "://" in word else word for word in words)
    if _PLAIN.issuperset(text):
        return text
    table = {code: safe for code, safe in _HARMLESS.items() if chr(code) not in spared}
    return "".join(
        c if " " <= c <= "~" else " " if c in "\t\r\n" else "?" for c in text.translate(table)
    )


def _url_screened(word: str) -> str:
    """A word with a URL in it, with the quotes, brackets and points around the URL."""
    begin = len(word) - len(word.lstrip("'\"("))
    end = len(word.rstrip(":,;)'\"" if begin else ":,;)"))
    return word[:begin] + escaped_url(word[begin:end]) + word[end:]


def counted(number: int, thing: str) -> str:
    """A number of things: `1 packet`, `3 packets`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def shortened(text: str, most: int) -> str:
    """The text, cut with `...` where it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 3] + "..."
