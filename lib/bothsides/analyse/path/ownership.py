"""Which network owns a hop, and between which networks a change lies."""

from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.parse.ip_owners import Map, Span, to_number, to_span

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
_SPANS: list[Span] = []  # the same, filled when they are first needed
_NOBODY = {label for _, label in _SPECIAL}
_BETWEEN = ("private", "link-local", "carrier NAT")


class Owner(NamedTuple):
    """The network that an address belongs to."""

    label: str = ""  # its name for people; "": not known
    asn: int = 0  # AS number; 0: not known
    role: str = ""  # as in the operator's map
    sure: bool = True  # False: guessed

    def __str__(self) -> str:
        name = self.label or (f"AS{self.asn}" if self.asn else "")
        return f"{name}?" if name and not self.sure else name  # a tilde would not survive Nagios


Systems = Mapping[str, tuple[int, str]]
"""AS number and its name by address; 0 where a table does not know the address."""


class Maps(NamedTuple):
    """Owners that files name, both read already."""

    operators: Map = Map()  # --map
    exchanges: tuple[Span, ...] = ()  # --exchanges


def name_owners(
    addresses: Sequence[str],
    maps: Maps,
    systems: Systems,
    guesses: Mapping[str, int] | None = None,
) -> dict[str, Owner]:
    """The owner of each address, by the first source that knows it.

    In order: the map, an exchange's member, an exchange, the AS tables, a guess, a special range.
    `guesses`: AS numbers that a report names itself.
    """
    owners = {address: _owner(address, maps, systems) for address in addresses}
    for address, number in (guesses or {}).items():
        if number and address in owners and owners[address].label in ("", *_NOBODY):
            owners[address] = _system(number, "", maps.operators)._replace(sure=False)
    return owners


def _owner(address: str, maps: Maps, systems: Systems) -> Owner:
    key = to_number(address)
    mapped = _narrowest(maps.operators.spans, key)
    if mapped is not None and mapped.role:
        return Owner(mapped.label, 0, mapped.role)
    exchange = _narrowest(maps.exchanges, key)
    if mapped is not None:  # a label without a role does not make a network of an exchange
        return Owner(mapped.label, 0, "exchange" if exchange is not None else "")
    if exchange is not None and exchange.asn:
        return _system(exchange.asn, exchange.label, maps.operators)
    if exchange is not None:
        return Owner(exchange.label, 0, "exchange")
    asn, name = systems.get(address, (0, ""))
    special = _special(key)
    if special and not asn:
        return Owner(special, 0, "")
    return _system(asn, name, maps.operators) if asn else Owner()


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
    return bool(_special(to_number(address)))


def _special(key: tuple[int, int]) -> str:
    """The label of the special range that holds an address, or ""."""
    if not _SPANS:
        _SPANS.extend(to_span(prefix, label=label) for prefix, label in _SPECIAL)
    return next((span.label for span in _SPANS if span.holds(*key)), "")


def owners_along(line: Sequence[str | None], known: Mapping[str, Owner]) -> list[Owner]:
    """The owner of each hop of a path (None: silent).

    Private addresses between two hops of one network are guessed to belong to it.
    """
    owners = [known.get(address, Owner()) if address else Owner() for address in line]
    for place, owner in enumerate(owners):
        if owner.asn or owner.label not in ("", *_BETWEEN) or not line[place]:
            continue
        before = next((other for other in reversed(owners[:place]) if is_network(other)), None)
        after = next((other for other in owners[place + 1 :] if is_network(other)), None)
        if before is not None and after is not None and same_network(before, after):
            owners[place] = before._replace(sure=False)
    return owners


def networks(owners: Iterable[Owner]) -> list[Owner]:
    """The networks that a path passes, each once where it enters it; unknown hops are left out."""
    passed: list[Owner] = []
    for owner in owners:
        if is_network(owner) and not (passed and same_network(passed[-1], owner)):
            passed.append(owner)
    return passed


def own_network(maps: Maps) -> Owner | None:
    """The network of this host: the only one with the role us in the operator's map."""
    named = [(span.label, span.role) for span in maps.operators.spans]
    ours = {label for label, role in (*named, *maps.operators.systems.values()) if role == "us"}
    return Owner(min(ours), 0, "us") if len(ours) == 1 else None


def is_network(owner: Owner) -> bool:
    """Whether a network is named, and not only a special range."""
    return bool(owner.asn) or (bool(owner.label) and owner.label not in _NOBODY)


def same_network(owner: Owner, other: Owner) -> bool:
    """Whether two owners are one network."""
    if owner.asn and other.asn:
        return owner.asn == other.asn
    return owner.label == other.label
