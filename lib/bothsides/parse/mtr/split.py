"""mtr's split format (`--split`, `-p`): a line whenever a hop's figures change; the last counts.

3 10.0.34.2 50000 2 4 0 1 1      hop (counted from 0), host, loss in 1/1000 %, received, sent,
                                 best, mean, worst in ms
4 ???                            no router has answered
-5                               the hop is gone
"""

import re

from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import Hop, Trace, finished, from_host, measured

_LINE = re.compile(
    r"(?:-(?P<gone>[0-9]{1,3})|(?P<place>[0-9]{1,3})(?: (?P<host>\S.{0,255}?)"
    r"(?: (?P<loss>[0-9]{1,8}) (?P<rcv>[0-9]{1,8}) (?P<snt>[0-9]{1,8})"
    r" (?P<best>[0-9.]{1,12}) (?P<avg>[0-9.]{1,12}) (?P<worst>[0-9.]{1,12}))?)) ?",
    re.ASCII,
)


def from_split(text: str) -> tuple[Trace, ...]:
    """The one trace that it shows in the end; Unreadable names the line."""
    hops: dict[int, Hop] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        event = _LINE.fullmatch(line)
        if event is None:
            raise Unreadable(f"line {number}: not a line of mtr --split")
        if event["gone"]:
            hops.pop(int(event["gone"]) + 1, None)
            continue
        ttl = int(event["place"]) + 1
        host = from_host(event["host"])
        fields = (
            {}
            if event["loss"] is None
            else {"Loss%": str(int(event["loss"]) / 1000), "Rcv": event["rcv"], "Snt": event["snt"]}
        )
        times = (
            {}
            if event["loss"] is None
            else {"Best": event["best"], "Avg": event["avg"], "Wrst": event["worst"]}
        )
        hops[ttl] = measured(ttl, (host,) if host else (), {**fields, **times})
    return (Trace("split", "", "", "", None, finished(list(hops.values()))),)
