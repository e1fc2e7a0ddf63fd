"""Files that name the owners of addresses: an operator's map, exchanges, tables of AS numbers.

    10.0.0.0/8 = office, us              a map: prefix or AS number = label, role (us, isp,
    AS16509    = Amazon, cloud           exchange, transit, cloud, hoster, far end, tunnel)
    80.249.208.0/21 AMS-IX               an exchange's network
    1.0.0.0/24<TAB>13335                 pyasn: prefix, AS number; ; begins a comment
    1.0.0.0<TAB>1.0.0.255<TAB>13335<TAB>US<TAB>CLOUDFLARENET
                                         iptoasn: from, to, AS number, country, name

PeeringDB's JSON dumps of ixpfx (prefixes of exchanges) and netixlan (addresses of their members)
are read too. The results are closed ranges of whole numbers, IPv4 and IPv6 apart.
"""

from bothsides.base.types import Iterable, Iterator, Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import is_address

ROLES = ("us", "isp", "exchange", "transit", "cloud", "hoster", "far end", "tunnel")
_DIGITS = frozenset("0123456789")
_HEXADECIMAL = _DIGITS | frozenset("abcdefABCDEF")


class Span(NamedTuple):
    """A range of addresses and its owner."""

    family: int  # 4 or 6
    first: int  # address as a number
    last: int  # address as a number, included
    asn: int = 0  # AS number; 0: not known
    label: str = ""  # name for people
    role: str = ""  # one of ROLES, or ""

    def holds(self, family: int, number: int) -> bool:
        """Whether an address lies in the range."""
        return family == self.family and self.first <= number <= self.last


class Map(NamedTuple):
    """An operator's map."""

    spans: tuple[Span, ...] = ()
    systems: Mapping[int, tuple[str, str]] = {}  # label and role by AS number


def to_number(address: str) -> tuple[int, int]:
    """The family and the number of a numeric address; a %scope is left out."""
    bare = address.partition("%")[0]
    if not is_address(bare):
        raise Unreadable(f"{address[:40]!r} is not an address")
    if ":" not in bare:
        a, b, c, d = bare.split(".")
        return 4, int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)
    if "." in bare:  # ::ffff:10.0.0.1
        head, _, tail = bare.rpartition(":")
        number = to_number(tail)[1]
        bare = f"{head}:{number >> 16:x}:{number & 0xFFFF:x}"
    front, gap, back = bare.partition("::")
    groups = [front.split(":") if front else [], back.split(":") if back else []]
    missing = 8 - len(groups[0]) - len(groups[1])
    parts = [*groups[0], *["0"] * (missing if gap else 0), *groups[1]]
    if (
        len(parts) != 8
        or missing < 0
        or not all(1 <= len(part) <= 4 and _HEXADECIMAL.issuperset(part) for part in parts)
    ):
        raise Unreadable(f"{address[:40]!r} is not an address")
    number = 0
    for part in parts:
        number = number << 16 | int(part, 16)
    return 6, number


def to_span(prefix: str, asn: int = 0, label: str = "", role: str = "") -> Span:
    """The addresses of `10.0.0.0/8`, `2001:db8::/32` or a single address."""
    address, slash, length = prefix.partition("/")
    family, number = to_number(address)
    bits = 32 if family == 4 else 128
    if slash and not (_small(length) and int(length) <= bits):
        raise Unreadable(f"{prefix[:40]!r} is not a prefix")
    free = bits - int(length) if slash else 0
    first = number >> free << free
    return Span(family, first, first + (1 << free) - 1, asn, label, role)


def from_map(text: str) -> Map:
    """An operator's map; Unreadable names the line that is none."""
    spans: list[Span] = []
    systems: dict[int, tuple[str, str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("#")[0].strip()
        if not bare:
            continue
        key, equals, value = (part.strip() for part in bare.partition("="))
        label, _, role = (part.strip() for part in value.partition(","))
        if not equals or not label or (role and role not in ROLES):
            raise Unreadable(
                f"line {number}: write PREFIX = LABEL, ROLE or ASn = LABEL, ROLE"
                f" (roles: {', '.join(ROLES)})"
            )
        number_of_system = key[2:] if key[:2].upper() == "AS" else key
        if len(number_of_system) <= 10 and _DIGITS.issuperset(number_of_system or " "):
            systems[int(number_of_system)] = (label, role)
            continue
        try:
            spans.append(to_span(key, 0, label, role))
        except Unreadable as fault:
            raise Unreadable(f"line {number}: {fault}") from None
    return Map(tuple(spans), systems)


def from_exchanges(text: str) -> tuple[Span, ...]:
    """Networks of exchanges and addresses of members: PeeringDB's JSON, or lines `prefix name`."""
    if text.lstrip()[:1] in ("{", "["):
        return tuple(_from_peeringdb(text))
    spans = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split(None, 1)
        if words:
            try:
                spans.append(
                    to_span(
                        words[0], 0, words[1].strip() if len(words) > 1 else "exchange", "exchange"
                    )
                )
            except Unreadable as fault:
                raise Unreadable(f"line {number}: {fault}") from None
    return tuple(spans)


def _from_peeringdb(text: str) -> Iterator[Span]:
    import json

    try:
        data: object = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(f"not JSON: {fault}") from None
    rows = data.get("data") if isinstance(data, dict) else data
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict):
            continue
        asn, name = row.get("asn"), str(row.get("name") or row.get("ix_name") or "exchange")
        for key in ("prefix", "ipaddr4", "ipaddr6"):
            if isinstance(row.get(key), str):
                if key != "prefix" and isinstance(asn, int):
                    yield to_span(row[key], asn)
                else:
                    yield to_span(row[key], 0, name, "exchange")


def _small(text: str) -> bool:
    """Whether it is a number in plain digits that could be an octet."""
    return 1 <= len(text) <= 3 and _DIGITS.issuperset(text)


def find_owners(
    lines: Iterable[str], wanted: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], Span]:
    """The narrowest span of a pyasn or iptoasn table for each wanted (family, number).

    The table is read once, line by line, and lines for other first octets are skipped: a million of
    them take a second. Other lines are ignored, as these tables have comments.
    """
    asked = sorted(set(wanted))
    heads = {number >> 24 for family, number in asked if family == 4}
    has_six = any(family == 6 for family, _ in asked)
    narrowest: dict[tuple[int, int], Span] = {}
    for line in lines:
        head = line.partition(".")[0]
        if _small(head):
            words = line.split("\t", 3)
            until = words[1].partition(".")[0] if len(words) > 2 else head
            if not any(
                int(head) <= octet <= int(until if _small(until) else head) for octet in heads
            ):
                continue
        elif not has_six:
            continue
        span = _span(line)
        for key in asked if span else ():
            if (
                span is not None
                and span.holds(*key)
                and (key not in narrowest or _width(span) <= _width(narrowest[key]))
            ):
                narrowest[key] = span
    return narrowest


def is_row(line: str) -> bool:
    """Whether a line begins as those of a pyasn or iptoasn table do: an address or prefix, more."""
    words = line.split()
    try:
        return len(words) > 1 and bool(to_span(words[0]))
    except Unreadable:
        return False


def _width(span: Span) -> int:
    return span.last - span.first


def _span(line: str) -> Span | None:
    words = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
    try:
        if len(words) >= 3 and "/" not in words[0]:
            (family, first), (_, last) = to_number(words[0]), to_number(words[1])
            asn = int(words[2].upper().removeprefix("AS"))
            return (
                Span(family, first, last, asn, words[4].strip() if len(words) > 4 else "")
                if asn
                else None
            )
        if len(words) >= 2 and "/" in words[0]:
            return to_span(words[0], int(words[1].upper().removeprefix("AS")))
    except (Unreadable, ValueError):
        return None
    return None
