"""Ranges of the Monitoring Plugins guidelines: `[@][start:][end]`, exactly.

    10        alert below 0 or above 10          10:      alert below 10
    ~:10      alert above 10                     10:20    alert outside 10 to 20
    @10:20    alert inside 10 to 20, ends included

Source: Monitoring Plugins Development Guidelines, "Threshold and ranges".
"""

from bothsides.base.types import Literal, Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.text import plain_decimal, quoted, whole_match

_NUMBER = r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_RANGE = (  # as text: most runs have few limits or none, and compiling it costs 0.3 ms
    rf"(?P<inside>@)?(?:(?P<start>~|(?:{_NUMBER})?)(?P<start_unit>[a-zA-Z%]*):)?"
    rf"(?P<end>{_NUMBER})?(?P<end_unit>[a-zA-Z%]*)"
)
_INFINITY = float("inf")
_OF_UNITS = "%abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

Unit = Literal["", "s", "%", "B", "c"]
"""Units of measure in performance data: "" is a plain number, "c" a counter that only grows."""

UNITS: Mapping[str, Mapping[str, float]] = {
    "s": {
        "": 1.0,
        "s": 1.0,
        "ms": 1e-3,
        "us": 1e-6,
        "m": 60.0,
        "min": 60.0,
        "h": 3600.0,
        "d": 86400.0,
    },
    "%": {"": 1.0, "%": 1.0},
}
"""The units that a bound may carry for each unit of measure, and what one of them is worth."""


class Range(NamedTuple):
    """The values that do not alert."""

    start: float = 0.0  # the lowest of them
    end: float = _INFINITY  # the highest of them
    inside: bool = False  # the other way round: the values from start to end alert

    def alerts(self, value: float) -> bool:
        """Whether the value alerts. It is compared as it is printed, so that 0.1 + 0.2 is 0.3."""
        printed = round(value, 6)
        return (self.start <= printed <= self.end) == self.inside

    def __str__(self) -> str:
        return to_range(self)


def from_range(text: str, uom: str = "") -> Range:
    """Reads a range whose bounds may carry a unit that fits `uom`.

    Raises Unreadable for everything else: nan, inf, 0x10, 010, 1_000, `2:1`, `:` and words.
    """
    number = text.rstrip(_OF_UNITS)
    if plain_decimal(number):  # the usual limit, without the cost of compiling the pattern
        return Range(0.0, _bound(number, text[len(number) :], uom, text))
    match = whole_match(_RANGE, text)
    if match is None or not (match["end"] or match["start"]):
        raise Unreadable(f"{quoted(text)} is not a range; {_hint(text)}")
    low, low_unit, end, end_unit = (
        match[name] or "" for name in ("start", "start_unit", "end", "end_unit")
    )
    if (low_unit and low in ("~", "")) or (end_unit and not end):
        raise Unreadable(f"{quoted(text)} has a unit without a number; {_hint(text)}")
    start = -_INFINITY if low == "~" else _bound(low or "0", low_unit, uom, text)
    end_value = _bound(end, end_unit, uom, text) if end else _INFINITY
    if start > end_value:
        raise Unreadable(f"{quoted(text)}: the start is above the end; write the lower bound first")
    return Range(start, end_value, match["inside"] is not None)


def to_range(limits: Range) -> str:
    """The range in its shortest spelling; `from_range` reads back the same range."""
    end = "" if limits.end == _INFINITY else _shortest(limits.end)
    if limits.start == -_INFINITY:
        start = "~:"
    elif limits.start == 0:
        start = "" if end else "0:"
    else:
        start = _shortest(limits.start) + ":"
    return ("@" if limits.inside else "") + start + end


def _bound(number: str, unit: str, uom: str, text: str) -> float:
    units = UNITS.get(uom, {"": 1.0, uom: 1.0})
    if unit not in units:
        allowed = ", ".join(name for name in units if name) or "none"
        raise Unreadable(
            f"{quoted(text)}: unit {quoted(unit)} does not fit here (units: {allowed})"
        )
    value = float(number) * units[unit] + 0.0  # + 0.0 turns -0.0 into 0.0
    if value in (_INFINITY, -_INFINITY):
        raise Unreadable(f"{quoted(text)}: a bound is too large")
    return value


def _shortest(bound: float) -> str:
    text = repr(bound)
    return text[:-2] if text.endswith(".0") else text


def _hint(text: str) -> str:
    import re

    if re.search(r"^@?/.*:", text):
        return "the shell expanded ~ to a directory: put it in quotes or write --warning=~:10"
    if re.search(r"[0-9],[0-9]", text):
        return "decimals take a point, not a comma"
    return "write it as 10, 5:10, ~:10, 10: or @5:10"
