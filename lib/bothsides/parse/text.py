"""Numbers, durations and hosts as people write them, and words that no consumer trips over."""

import re

from bothsides.parse import Unreadable

# Patterns as text: `re` keeps what it has compiled, and a run that reads none does not compile any.
_DURATION = r"(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))(?P<unit>us|ms|s|m|min|h|d|w)?"
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
_HOST = r"(?!-)[A-Za-z0-9_.:%-]{1,253}"

# Nagios strips ` ~ $ & | ' " < > from what it hands to notifications and turns ; into :, NRPE and
# Checkmk split at a bar or a backslash, Icinga Web takes <word for HTML.
_HARMLESS = {
    ord(character): replacement
    for character, replacement in zip(
        "|;\"'`<>&~$\\", ["/", ",", "", "", "", "(", ")", "+", "-", "", "/"], strict=True
    )
}


def from_duration(text: str) -> float:
    """Seconds from `2`, `0.5`, `5ms`, `250us`, `2s`, `3m` (also `min`), `1h`, `14d` or `2w`."""
    match = re.fullmatch(_DURATION, text, re.ASCII)
    if match is None:
        raise Unreadable(f"{text[:40]!r} is not a duration; write it as 5ms, 2s, 0.5 or 14d")
    return float(match["number"]) * _SECONDS[match["unit"] or "s"]


def from_count(text: str, least: int = 1, most: int = 2**31 - 1) -> int:
    """A whole number between `least` and `most`, in plain decimal digits."""
    if (
        not (text.isascii() and text.isdigit() and len(text) <= 10)
        or not least <= int(text) <= most
    ):
        raise Unreadable(f"{text[:40]!r} is not a whole number from {least} to {most}")
    return int(text)


def from_host(text: str) -> str:
    """A host name or address that cannot be mistaken for an option; `[v6]` loses its brackets."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not re.fullmatch(_HOST, bare, re.ASCII):
        raise Unreadable(f"{text[:40]!r} is not a host name or address")
    return bare


def to_number(value: float | None) -> str:
    """A plain decimal with at most 6 places, never an exponent or -0; `U` when not measured."""
    if value is None or value != value or value in (float("inf"), float("-inf")):
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


def screened(text: str, spared: str = "") -> str:
    """One line of printable ASCII without the characters that some consumer of plugin output loses.

    spared: characters that stay nevertheless.
    """
    table = {code: safe for code, safe in _HARMLESS.items() if chr(code) not in spared}
    return "".join(
        c if " " <= c <= "~" else " " if c in "\t\r\n" else "?" for c in text.translate(table)
    )


def shortened(text: str, most: int) -> str:
    """The text, cut with `...` where it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 3] + "..."
