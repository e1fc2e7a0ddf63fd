"""Whose hop it is, and whose fault it may be: a pair of networks where one cannot be certain."""

from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.parse.ip_owners import Map, Span, owners, to_number, to_span

_SPECIAL = (
    ("10.0.0.0/8", "private"),
    ("172.16.0.0/12", "private"),
    ("192.168.0.0/16", "private"),
    ("100.64.0.0/10", "carrier NAT"),
    ("127.0.0.0/8", "loopback"),
    ("169.254.0.0/16", "link-local"),
    ("192.0.0.0/24", "IETF"),
    ("192.0.2.0/24", "documentation"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("198.18.0.0/15", "benchmark"),
    ("::1/128", "loopback"),
    ("fc00::/7", "private"),
    ("fe80::/10", "link-local"),
    ("2001:db8::/32", "documentation"),
)  # RFC 6890
_NOBODY = {label for _, label in _SPECIAL}
_BETWEEN = ("private", "link-local", "carrier NAT")


class Owner(NamedTuple):
    """Whose an address is. label: for people; asn: 0 when unknown; role: as in the map; sure: it is not guessed."""

    label: str = ""
    asn: int = 0
    role: str = ""
    sure: bool = True

    def __str__(self) -> str:
        name = self.label or (f"AS{self.asn}" if self.asn else "")
        return f"{name}?" if name and not self.sure else name  # a tilde would not survive Nagios


class Sources(NamedTuple):
    """What is known beforehand: the operator's map and the exchanges, both read already."""

    map: Map = Map()
    exchanges: tuple[Span, ...] = ()


def looked_up(addresses: Iterable[str], lines: Iterable[str]) -> dict[str, tuple[int, str]]:
    """AS number and name of each address that a table of lines (pyasn, iptoasn) knows."""
    numbers = {address: to_number(address) for address in addresses}
    found = owners(lines, numbers.values())
    return {
        address: (found[key].asn, found[key].label)
        for address, key in numbers.items()
        if key in found
    }


def named(
    addresses: Sequence[str],
    sources: Sources,
    systems: Mapping[str, tuple[int, str]],
    guesses: Mapping[str, int] | None = None,
) -> dict[str, Owner]:
    """The owner of each address, in this order: the map, an exchange's member, an exchange, the AS tables,
    a guess, a special range. `systems`: AS number and name by address; `guesses`: AS numbers that
    somebody else says."""
    found = {address: _owner(address, sources, systems) for address in addresses}
    for address, number in (guesses or {}).items():
        if number and address in found and found[address].label in ("", *_NOBODY):
            found[address] = _system(number, "", sources.map)._replace(sure=False)
    return found


def _owner(address: str, sources: Sources, systems: Mapping[str, tuple[int, str]]) -> Owner:
    key = to_number(address)
    mapped = _narrowest(sources.map.spans, key)
    if mapped is not None:
        return Owner(mapped.label, 0, mapped.role)
    exchange = _narrowest(sources.exchanges, key)
    if exchange is not None and exchange.asn:
        return _system(exchange.asn, exchange.label, sources.map)
    if exchange is not None:
        return Owner(exchange.label, 0, "exchange")
    asn, name = systems.get(address, (0, ""))
    special = next((label for prefix, label in _SPECIAL if to_span(prefix).holds(*key)), "")
    if special and not asn:
        return Owner(special, 0, "")
    return _system(asn, name, sources.map) if asn else Owner()


def _system(asn: int, name: str, operators: Map) -> Owner:
    label, role = operators.systems.get(asn, (name or f"AS{asn}", ""))
    return Owner(label, asn, role)


def _narrowest(spans: Iterable[Span], key: tuple[int, int]) -> Span | None:
    return min(
        (span for span in spans if span.holds(*key)),
        key=lambda span: span.last - span.first,
        default=None,
    )


def is_special(address: str) -> bool:
    """Whether an address lies in a range that nobody announces (RFC 6890)."""
    key = to_number(address)
    return any(to_span(prefix).holds(*key) for prefix, _ in _SPECIAL)


def along(line: Sequence[str | None], known: Mapping[str, Owner]) -> list[Owner]:
    """The owner of each hop of a path (None: silent), private addresses between two hops of one network
    given to it as a guess, and unknown ones left unknown."""
    found = [known.get(address, Owner()) if address else Owner() for address in line]
    for place, owner in enumerate(found):
        if owner.asn or owner.label not in ("", *_BETWEEN) or not line[place]:
            continue
        before = next((other for other in reversed(found[:place]) if is_network(other)), None)
        after = next((other for other in found[place + 1 :] if is_network(other)), None)
        if before is not None and after is not None and _same(before, after):
            found[place] = before._replace(sure=False)
    return found


def networks(owners: Iterable[Owner]) -> list[Owner]:
    """The networks that a path passes, each once where it enters it; unknown hops are passed over."""
    passed: list[Owner] = []
    for owner in owners:
        if is_network(owner) and not (passed and _same(passed[-1], owner)):
            passed.append(owner)
    return passed


def between(before: Owner, after: Owner, following: Owner) -> str:
    """In words, where something happens that begins behind one hop and before another.

    A router at a border may carry the neighbour's address, so a network is named alone only when the
    hops on both sides and the one after them are its own; otherwise the pair is.
    """
    names = [str(owner) if is_network(owner) else "" for owner in (before, after)]
    if not any(names):
        return ""
    if names[0] == names[1]:
        return f"inside {names[0]}"
    if all(names):
        sure = not is_network(following) or _same(after, following)
        return f"between {names[0]} and {names[1]}" + ("" if sure else " (border not certain)")
    return f"near {names[0] or names[1]}"


def is_network(owner: Owner) -> bool:
    """Whether somebody in particular is named, and not only a special range."""
    return bool(owner.asn) or (bool(owner.label) and owner.label not in _NOBODY)


def _same(one: Owner, other: Owner) -> bool:
    return one.asn == other.asn if one.asn and other.asn else one.label == other.label
