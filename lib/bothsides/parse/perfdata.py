"""Performance data as Nagios, Icinga and their graphers read it.

    rta=0.001234s;0.1;0.2;0; pl=5%;5;15;0;100 jitter=U;;;0;

Source: Monitoring Plugins Development Guidelines, "Performance data".
"""

import re

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range

LABEL = re.compile(r"[a-z][a-z0-9_]{0,18}", re.ASCII)
_NUMBER = r"-?[0-9]+(?:\.[0-9]{1,6})?"
_TOKEN = re.compile(
    rf"(?P<label>[a-z][a-z0-9_]{{0,18}})=(?:U|(?P<value>{_NUMBER})(?P<uom>|s|%|B|c))"
    rf"(?:;(?P<warning>[^;]*))?(?:;(?P<critical>[^;]*))?(?:;(?P<low>(?:{_NUMBER})?))?(?:;(?P<high>(?:{_NUMBER})?))?",
    re.ASCII,
)


class Perfdata(NamedTuple):
    """One figure as printed; value None is `U`, not measured."""

    label: str
    value: float | None
    uom: str
    warning: Range | None
    critical: Range | None
    low: float | None
    high: float | None


def from_perfdata(text: str) -> tuple[Perfdata, ...]:
    """Reads what stands behind the bar; Unreadable names the first token that breaks the grammar."""
    return tuple(_from_token(token) for token in text.split(" ") if token)


def _from_token(token: str) -> Perfdata:
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise Unreadable(f"perfdata {token[:60]!r}: expected label=value[uom];warn;crit;min;max")
    return Perfdata(
        found["label"],
        float(found["value"]) if found["value"] else None,
        found["uom"] or "",
        from_range(found["warning"]) if found["warning"] else None,
        from_range(found["critical"]) if found["critical"] else None,
        float(found["low"]) if found["low"] else None,
        float(found["high"]) if found["high"] else None,
    )
