"""Any output of mtr 0.85 to 0.96 and later, recognised by its content, as one model.

for trace in from_mtr(data):
    for hop in trace.hops: ...
"""

import re

from bothsides.base.types import Callable
from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import Hop, Host, Label, Probe, Trace

__all__ = ["Hop", "Host", "Label", "Probe", "Trace", "from_mtr"]


def from_mtr(data: bytes | str) -> tuple[Trace, ...]:
    """Reads mtr's json, raw, csv, xml, report or split output; one Trace for every target in it.

    Raises Unreadable, with the place, for everything else, and for nothing at all: mtr prints
    nothing for a name that does not resolve (and up to 0.95 ends with 0 all the same).
    """
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    # names are printed as found in the DNS, and an AS look-up complains on stdout
    text = "\n".join(
        line for line in re.split("\r\n|\n", text.replace("\0", "")) if not line.startswith("@")
    )
    bare = text.lstrip("\ufeff \t\n")
    if not bare:
        raise Unreadable(
            "empty: mtr prints nothing when a name does not resolve or it may not probe"
        )
    return _reader(bare)(bare)


def _reader(text: str) -> Callable[[str], tuple[Trace, ...]]:
    """The format's own reader; each is imported only when it is needed."""
    first = text.partition("\n")[0]
    if text[0] in "{[":
        from bothsides.parse.mtr.json import from_json as read
    elif text[0] == "<":
        from bothsides.parse.mtr.xml import from_xml as read
    elif re.match(r"Mtr_Version,|MTR\.[0-9]", first):
        from bothsides.parse.mtr.csv import from_csv as read
    elif re.match(r"Start: |HOST: ", first):
        from bothsides.parse.mtr.report import from_report as read
    elif re.match(r"[xhpdmt] [0-9]+( |$)", first):
        from bothsides.parse.mtr.raw import from_raw as read
    elif re.match(r"-?[0-9]+( |$)", first):
        from bothsides.parse.mtr.split import from_split as read
    else:
        raise Unreadable(
            "no report of mtr: line 1 is of none of its formats; make one by mtr --json"
        )
    return read
