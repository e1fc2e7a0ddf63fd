"""Performance data as Nagios, Icinga and their graphers read it.

    rta=0.001234s;0.1;0.2;0; pl=5%;5;15;0;100 jitter=U;;;0;

Source: Monitoring Plugins Development Guidelines, "Performance data".
"""

import re

from bothsides.base.types import Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, Unit, from_range

LABEL = re.compile(r"[a-z][a-z0-9_]{0,18}", re.ASCII)
"""The labels of our figures: RRD's data sources hold no more than 19 characters."""

_NUMBER = r"-?[0-9]+(?:\.[0-9]{1,6})?"
_TOKEN = re.compile(
    rf"(?P<label>[a-z][a-z0-9_]{{0,18}})=(?:U|(?P<value>{_NUMBER})(?P<uom>|s|%|B|c))"
    r"(?:;(?P<warning>[^;]*))?(?:;(?P<critical>[^;]*))?"
    rf"(?:;(?P<low>(?:{_NUMBER})?))?(?:;(?P<high>(?:{_NUMBER})?))?",
    re.ASCII,
)
_UNITS: Mapping[str, Unit] = {"": "", "s": "s", "%": "%", "B": "B", "c": "c"}


class Perfdata(NamedTuple):
    """One figure as printed."""

    label: str
    value: float | None  # in the unit; None: printed as U, not measured
    uom: Unit
    warning: Range | None
    critical: Range | None
    low: float | None  # least possible value
    high: float | None  # greatest possible value


def from_perfdata(text: str) -> tuple[Perfdata, ...]:
    """Reads performance data; Unreadable names the first token that breaks the grammar."""
    return tuple(_from_token(token) for token in text.split(" ") if token)


def _from_token(token: str) -> Perfdata:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise Unreadable(f"perfdata {token[:60]!r}: expected label=value[uom];warn;crit;min;max")
    return Perfdata(
        label=match["label"],
        value=_number(match["value"]),
        uom=_UNITS[match["uom"] or ""],
        warning=_range(match["warning"]),
        critical=_range(match["critical"]),
        low=_number(match["low"]),
        high=_number(match["high"]),
    )


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _range(text: str | None) -> Range | None:
    return from_range(text) if text else None
