"""mtr's XML (`--xml`), one document for each target.

    <MTR SRC="vm" DST="10.0.67.2" TOS="0x0" PSIZE="64" BITPATTERN="0x00" TESTS="3">
        <HUB COUNT="1" HOST="gw.office.example (10.0.1.1)">
            <Loss>  0.0%</Loss> <Snt>     3</Snt> <Last>   0.1</Last> ...

Later versions add ADDR and HOSTNAME. Up to 0.96 names are not escaped, so an XML parser would fail
at a name that a stranger has put into the DNS; this one looks for mtr's own elements only.
"""

import re

from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import Hop, Trace, finished, from_host, measured

_RUN = re.compile(r'<MTR((?:\s+[A-Z]+="[^"\n]*")*)\s*(/>|>(.*?)</MTR>)', re.DOTALL)
_HUB = re.compile(r'<HUB((?:\s+[A-Z]+="[^\n]*?")*)\s*(?:/>|>(.*?)</HUB>)', re.DOTALL)
_WORD = re.compile(r'([A-Z]+)="(.*?)"(?=\s+[A-Z]+="|\s*$)', re.DOTALL)
_FIELD = re.compile(r"<([A-Z][A-Za-z]{1,7}%?)>\s*(-?[0-9.]{1,20})%?\s*</\1>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def from_xml(text: str) -> tuple[Trace, ...]:
    """Every document's trace; Unreadable when there is no MTR element, or one that does not end."""
    runs = list(_RUN.finditer(text))
    if not runs or len(runs) != text.count("<MTR"):
        raise Unreadable("XML, but no whole <MTR> element in it")
    return tuple(_trace(run[1], run[3] or "") for run in runs)


def _trace(words: str, inside: str) -> Trace:
    about = _words(words)
    hubs = list(_HUB.finditer(inside))
    if len(hubs) != inside.count("<HUB"):
        raise Unreadable("a <HUB> element in it is broken")
    hops = [_hop(hub[1], hub[2] or "", number) for number, hub in enumerate(hubs, 1)]
    return Trace("xml", "", about.get("SRC", ""), about.get("DST", ""), None, finished(hops))


def _hop(words: str, inside: str, number: int) -> Hop:
    about = _words(words)
    count = about.get("COUNT", str(number))
    if not re.fullmatch("[0-9]{1,3}", count, re.ASCII):
        raise Unreadable(f"hub {number}: COUNT {count[:20]!r} is not a hop")
    name = about.get("HOST", "")
    host = from_host(name, about.get("ASN", ""))
    if host is not None and not host.address and about.get("ADDR"):
        host = host._replace(address=about["ADDR"])
    return measured(int(count), (host,) if host else (), dict(_FIELD.findall(inside)))


def _words(text: str) -> dict[str, str]:
    words = {}
    for key, value in _WORD.findall(text):
        for entity, character in _ENTITIES:
            value = value.replace(entity, character)
        words[key] = value
    return words
