"""A traced path as mtr reports it: one model for all of its formats."""

from bothsides.base.types import Literal, Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable

# patterns are compiled when they are first needed, which a run with mtr-packet over IPv4 does never
_BOTH = r"(?P<name>\S.*?)\s+\((?P<address>[^()\s]+)\)"
_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{0,9})?(?:e[-+]?[0-9]{1,2})?"
_DIGITS = frozenset("0123456789")
_V6 = _DIGITS | frozenset("abcdefABCDEF:")
_ZONE = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-")
_SILENT = (
    "",
    "???",
    "(waiting for reply)",
    "(no route to host)",
    "(no route to network)",
    "(host down)",
)


class Label(NamedTuple):
    """One MPLS label."""

    label: int  # 0 to 2^20 - 1
    tc: int  # traffic class
    bottom: int  # bottom-of-stack bit
    ttl: int


class Host(NamedTuple):
    """A router or the target that answered."""

    address: str  # numeric; "" where mtr printed only a name
    name: str = ""
    asn: str = ""  # "64502" or "64502 64503"

    @property
    def known(self) -> str:
        """The address, else the name."""
        return self.address or self.name


class Hop(NamedTuple):
    """One TTL. None: the format does not say."""

    ttl: int
    hosts: tuple[Host, ...] = ()  # empty when it was silent
    sent: int | None = None  # probes
    received: int | None = None  # answers
    loss: float | None = None  # fraction
    last: float | None = None  # s, latest round trip
    avg: float | None = None  # s
    best: float | None = None  # s
    worst: float | None = None  # s
    stdev: float | None = None  # s
    mpls: tuple[Label, ...] = ()


class Probe(NamedTuple):
    """One probe of the raw format."""

    ttl: int
    number: int  # the engine's sequence
    host: str | None  # None: no answer
    rtt: float | None  # s; None: no answer


Format = Literal["raw", "json", "csv", "xml", "report", "split"]


class Trace(NamedTuple):
    """A whole run of mtr."""

    format: Format
    version: str  # "" when not given
    source: str  # "" when not given
    target: str  # "" when not given
    started: float | None  # s, UTC
    hops: tuple[Hop, ...]  # up to the target, or to the last one that was probed
    probes: tuple[Probe, ...] = ()  # of the raw format

    @property
    def reached(self) -> bool | None:
        """Whether the target answered; None when the format does not show it."""
        if not self.hops or not self.hops[-1].hosts:
            return False
        last = self.hops[-1].hosts
        if not self.target:
            return None
        if any(self.target in (host.address, host.name) for host in last):
            return True
        return (
            None if not is_address(self.target) or not any(host.address for host in last) else False
        )


def is_address(text: str) -> bool:
    """Whether the text is a numeric IPv4 or IPv6 address."""
    if ":" in text:
        return _is_v6(text)
    parts = text.split(".")
    return len(parts) == 4 and all(_is_octet(part) for part in parts)


def _is_v6(text: str) -> bool:
    """Whether it is made of what an IPv6 address has, an IPv4 address and a zone at its end."""
    address, percent, zone = text.partition("%")
    if percent and not (1 <= len(zone) <= 15 and _ZONE.issuperset(zone)):
        return False
    head, _, tail = address.rpartition(":")
    if "." in tail:
        if not is_address(tail):
            return False
        address = f"{head}:"
    return address.count(":") >= 2 and len(address) <= 39 and _V6.issuperset(address)


def _is_octet(text: str) -> bool:
    """Whether it is a number up to 255, of three digits without a zero in front."""
    if not 1 <= len(text) <= 3 or not _DIGITS.issuperset(text):
        return False
    return len(text) < 3 or "100" <= text <= "255"


def from_host(text: str, asn: str = "") -> Host | None:
    """The host of `10.0.0.1`, `name`, `name (10.0.0.1)`; None for every spelling of silence."""
    bare = text.strip()
    if bare in _SILENT:
        return None
    number = asn.strip().removeprefix("AS")
    number = "" if number.startswith("?") else number
    both = None
    if bare.endswith(")"):
        import re

        both = re.fullmatch(_BOTH, bare)
    if both and is_address(both["address"]):
        return Host(
            both["address"], both["name"] if both["name"] != both["address"] else "", number
        )
    return Host(bare, "", number) if is_address(bare) else Host("", bare, number)


def finished(hops: Sequence[Hop]) -> tuple[Hop, ...]:
    """The hops in order without the silent ones that mtr prints behind the last answer.

    One of them is kept: it shows that the path went on. Silent ones in between that a format leaves
    out are put in.
    """
    known = {hop.ttl: hop for hop in hops}
    last = max((ttl for ttl, hop in known.items() if hop.hosts), default=0)
    first = min(known, default=1)
    middle = [known.get(ttl, Hop(ttl)) for ttl in range(first, last + 1)]
    after = min((ttl for ttl in known if ttl > last), default=0)
    return (*middle, known[after]) if after else tuple(middle)


def measured(
    ttl: int, hosts: tuple[Host, ...], fields: Mapping[str, str], mpls: tuple[Label, ...] = ()
) -> Hop:
    """The hop of mtr's own field names (Loss%, Snt, Rcv, Drop, Last, Avg, ...), times in ms.

    A silent hop has zeros for times; they are no measurement. Raises Unreadable for no number.
    """
    sent = _number(fields, "Snt", ttl)
    share = _number(fields, "Loss%", ttl) if "Loss%" in fields else _number(fields, "Loss", ttl)
    dropped, received = _number(fields, "Drop", ttl), _number(fields, "Rcv", ttl)
    loss = None if share is None else min(1.0, max(0.0, share / 100))
    if received is None and sent is not None:
        if dropped is not None:
            received = sent - dropped
        elif loss is not None:
            received = round(sent * (1 - loss))
    answered = bool(hosts) and received != 0 and loss != 1.0
    times = [
        _number(fields, name, ttl) if answered else None
        for name in ("Last", "Avg", "Best", "Wrst", "StDev")
    ]
    last, avg, best, worst, stdev = (None if time is None else time / 1e3 for time in times)
    return Hop(
        ttl=ttl,
        hosts=hosts,
        sent=None if sent is None else int(sent),
        received=None if received is None else max(0, int(received)),
        loss=loss,
        last=last,
        avg=avg,
        best=best,
        worst=worst,
        stdev=stdev,
        mpls=mpls,
    )


def _number(fields: Mapping[str, str], name: str, ttl: int) -> float | None:
    text = fields.get(name, "").strip().rstrip("%")
    if not text:
        return None
    import re

    if not re.fullmatch(_NUMBER, text, re.ASCII):
        raise Unreadable(f"hop {ttl}: {name} {text[:20]!r} is not a number")
    return float(text)
