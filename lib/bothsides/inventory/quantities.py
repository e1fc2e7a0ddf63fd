"""Numbers of a landscape: durations, rates, losses, ports and counts."""

import math
import re

from bothsides.inventory.faults import Wrong, quoted
from bothsides.inventory.model import Value

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(us|ms|s|m|h|d|w)")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)/(s|m|h)")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


def wrong(value: object, what: str, remedy: str) -> Wrong:
    """What is said about a value that is not what it must be."""
    shown = quoted(value) if isinstance(value, str) else _toml_type(value)
    return Wrong(f"{shown} is not {what}", remedy)


def _toml_type(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)[:40]
    return (
        "an array"
        if isinstance(value, list)
        else "a table"
        if isinstance(value, dict)
        else "a date"
    )


def whole(value: object) -> int:
    """A count above 0."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 31:
        raise wrong(value, "a whole number above 0", "write digits without quotes")
    return value


def port(value: object) -> int:
    """A UDP or TCP port."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        raise wrong(value, "a port", "write a number from 1 to 65535 without quotes")
    return value


def _scaled(value: object, pattern: re.Pattern[str], what: str, remedy: str) -> float:
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) < 1e15 else math.inf
    elif isinstance(value, str):
        match = pattern.fullmatch(value)
        if match:
            scale = _SECONDS[match[2]]
            number = float(match[1]) * (scale if what == "a duration" else 1 / scale)
    if not 0 < number < math.inf:
        raise wrong(value, what, remedy)
    return number


def duration(value: object) -> float:
    """A duration in seconds."""
    number = _scaled(value, _DURATION, "a duration", 'write seconds or "20ms", "5s", "5m", "14d"')
    if number > 366 * 86400:
        raise wrong(value, "a duration", "at most 366 days")
    return number


def rate(value: object) -> float:
    """A rate in packets per second."""
    packets = _scaled(value, _RATE, "a rate", 'write packets a second or "40/s", "30/m"')
    if packets > 10000:
        raise wrong(value, "a rate", "at most 10000/s")
    return packets


def loss(value: object) -> Value:
    """Lost packets of a slice as a whole number, or their share as a fraction."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 32:
        return value
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if not match or not 0 < float(match[1]) <= 100:
        raise wrong(value, "a loss", 'write packets of a slice as 20, or a share as "10%"')
    return float(match[1]) / 100
