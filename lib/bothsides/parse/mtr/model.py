"""A traced path as mtr tells it: the one model behind all of its formats."""

import re

from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable

_V4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}", re.ASCII)
_V6 = re.compile(
    r"(?=.*:.*:)[0-9A-Fa-f:]{2,39}(?:[0-9.]{7,15})?(?:%[A-Za-z0-9._-]{1,15})?", re.ASCII
)
_BOTH = re.compile(r"(?P<name>\S.*?)\s+\((?P<address>[^()\s]+)\)")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{0,9})?(?:e[-+]?[0-9]{1,2})?", re.ASCII)
_SILENT = (
    "",
    "???",
    "(waiting for reply)",
    "(no route to host)",
    "(no route to network)",
    "(host down)",
)


class Label(NamedTuple):
    """One MPLS label: its number, traffic class, bottom-of-stack bit and TTL."""

    label: int
    tc: int
    bottom: int
    ttl: int


class Host(NamedTuple):
    """Who answered. address: numeric, or "" where mtr printed only a name; asn: as in "64502" or "64502 64503"."""

    address: str
    name: str = ""
    asn: str = ""

    @property
    def known(self) -> str:
        """The address, else the name."""
        return self.address or self.name


class Hop(NamedTuple):
    """One TTL. hosts: empty when it was silent; loss: a fraction; times in seconds; None: not told."""

    ttl: int
    hosts: tuple[Host, ...] = ()
    sent: int | None = None
    received: int | None = None
    loss: float | None = None
    last: float | None = None
    avg: float | None = None
    best: float | None = None
    worst: float | None = None
    stdev: float | None = None
    mpls: tuple[Label, ...] = ()


class Probe(NamedTuple):
    """One probe of the raw format. number: the engine's sequence; host and rtt: None when nobody answered."""

    ttl: int
    number: int
    host: str | None
    rtt: float | None


class Trace(NamedTuple):
    """A whole run. format: "raw", "json", "csv", "xml", "report" or "split"; version, source, target: "" when
    not told; started: UTC seconds; hops: up to the target or the last one that was asked."""

    format: str
    version: str
    source: str
    target: str
    started: float | None
    hops: tuple[Hop, ...]
    probes: tuple[Probe, ...] = ()

    @property
    def reached(self) -> bool | None:
        """Whether the target answered; None when the format does not let one know."""
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
    return bool(_V4.fullmatch(text) or _V6.fullmatch(text))


def from_host(text: str, asn: str = "") -> Host | None:
    """The host of `10.0.0.1`, `name`, `name (10.0.0.1)`; None for every spelling of silence."""
    bare = text.strip()
    if bare in _SILENT:
        return None
    number = asn.strip().removeprefix("AS")
    number = "" if number.startswith("?") else number
    both = _BOTH.fullmatch(bare)
    if both and is_address(both["address"]):
        return Host(
            both["address"], both["name"] if both["name"] != both["address"] else "", number
        )
    return Host(bare, "", number) if is_address(bare) else Host("", bare, number)


def finished(hops: Sequence[Hop]) -> tuple[Hop, ...]:
    """The hops in order without the silent ones that mtr prints behind the last answer.

    One of them is kept: it says that there was more way to go. Silent ones in between that a format
    leaves out are put in.
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
    """The hop of mtr's own field names (Loss%, Snt, Rcv, Drop, Last, Avg, ...), whose times are milliseconds.

    A silent hop has zeros for times; they are no measurement. Raises Unreadable for what is no number.
    """
    sent = _number(fields, "Snt", ttl)
    share = _number(fields, "Loss%", ttl) if "Loss%" in fields else _number(fields, "Loss", ttl)
    dropped, received = _number(fields, "Drop", ttl), _number(fields, "Rcv", ttl)
    loss = None if share is None else min(1.0, max(0.0, share / 100))
    if received is None and sent is not None:
        received = (
            sent - dropped
            if dropped is not None
            else None
            if loss is None
            else round(sent * (1 - loss))
        )
    heard = bool(hosts) and received != 0 and loss != 1.0
    times = [
        _number(fields, name, ttl) if heard else None
        for name in ("Last", "Avg", "Best", "Wrst", "StDev")
    ]
    last, avg, best, worst, stdev = (None if time is None else time / 1e3 for time in times)
    return Hop(
        ttl,
        hosts,
        None if sent is None else int(sent),
        None if received is None else max(0, int(received)),
        loss,
        last,
        avg,
        best,
        worst,
        stdev,
        mpls,
    )


def _number(fields: Mapping[str, str], name: str, ttl: int) -> float | None:
    text = fields.get(name, "").strip().rstrip("%")
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise Unreadable(f"hop {ttl}: {name} {text[:20]!r} is not a number")
    return float(text)
