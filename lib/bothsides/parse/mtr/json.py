"""mtr's JSON (`--json`), one document for each target.

    {"report": {"mtr": {"src": "vm", "dst": "10.0.67.2", "tests": 4, ...},
                "hubs": [{"count": 1, "host": "10.0.1.1", "ASN": "AS64500", "Loss%": 0.0, "Snt": 4,
                          "Last": 0.053, "Avg": 0.049, "Best": 0.038, "Wrst": 0.058,
                          "StDev": 0.01}]}}

Up to 0.93 numbers such as count are strings, an unreached target leaves `"hubs": [  }`, and an
order of fields that begins with a blank leaves a comma too many; both are mended. From 0.94 on the
last router that answered is printed of each hop, before that the first.
"""

import re

from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import Hop, Trace, finished, from_host, measured

_MENDS = (
    (r"\[\s*\}\s*\]", "[]"),
    (r"\[\s*\}", "[] }"),
    (r",(\s*,)+", ","),
    (r"([{\[]\s*),", r"\1"),
    (r",(\s*[}\]])", r"\1"),
)


def from_json(text: str) -> tuple[Trace, ...]:
    """Every document's trace; Unreadable names the place where it stops being one."""
    import json

    decoder = json.JSONDecoder()
    traces: list[Trace] = []
    place = 0
    mended = False
    while place < len(text):
        try:
            document, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as fault:
            if mended or isinstance(fault, RecursionError):
                raise Unreadable(f"not JSON of mtr: {fault}") from None
            text, place, mended, traces = _mended(text), 0, True, []
            continue
        traces.append(_trace(document))
        place += len(text[place:]) - len(text[place:].lstrip())
    return tuple(traces)


def _mended(text: str) -> str:
    for broken, whole in _MENDS:
        text = re.sub(broken, whole, text)
    return text


def _trace(document: object) -> Trace:
    report = document.get("report") if isinstance(document, dict) else None
    about = report.get("mtr") if isinstance(report, dict) else None
    hubs = report.get("hubs") if isinstance(report, dict) else None
    if not isinstance(about, dict) or not isinstance(hubs, list):
        raise Unreadable("JSON, but not mtr's: no report with mtr and hubs")
    hops = [_hop(hub, number) for number, hub in enumerate(hubs, 1)]
    return Trace("json", "", _word(about.get("src")), _word(about.get("dst")), None, finished(hops))


def _hop(hub: object, number: int) -> Hop:
    if not isinstance(hub, dict):
        raise Unreadable(f"hub {number} is not an object")
    count = str(hub.get("count", number))
    if not re.fullmatch("[0-9]{1,3}", count, re.ASCII):
        raise Unreadable(f"hub {number}: count {count[:20]!r} is not a hop")
    host = from_host(_word(hub.get("host")), _word(hub.get("ASN")))
    return measured(
        int(count), (host,) if host else (), {key: _word(value) for key, value in hub.items()}
    )


def _word(value: object) -> str:
    return (
        str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    )
