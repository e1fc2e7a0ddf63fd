"""Traces of many packets by the mtr program, by ICMP and TCP at once, as providers ask for them."""

import os
import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import Iterator, Literal, Sequence
from bothsides.model.evidence import LongHop, LongTrace
from bothsides.model.whose_fault import NEEDED, Provider
from bothsides.parse import Unreadable
from bothsides.parse.mtr.json import from_json
from bothsides.parse.mtr.model import Hop, is_address
from bothsides.probe.net.process import Child, find, finished

_TCP = 443
_GRACE = 7.0  # s that mtr may need besides its packets
_LEAST = 5  # packets, fewer are no trace
_HOPS = 64  # that are kept of a trace
_PROTOCOLS: tuple[tuple[Literal["icmp", "tcp"], tuple[str, ...]], ...] = (
    ("icmp", ()),
    ("tcp", ("-T", "-P", str(_TCP))),
)


def seconds(provider: Provider) -> float:
    """How long both traces take for this user, s."""
    return NEEDED[provider] * _pace() + _GRACE


def long_traces(
    addresses: Sequence[str], provider: Provider, deadline: Deadline
) -> dict[str, tuple[LongTrace, ...]]:
    """Both traces of every address; fewer packets where the deadline is near.

    Raises Unable where mtr is missing or cannot trace, or no time is left.
    """
    program = find("mtr")
    if not program:
        raise Unable("mtr is not installed here: apt-get install mtr-tiny")
    packets = min(NEEDED[provider], int((deadline.left() - _GRACE) / _pace()))
    if packets < _LEAST:
        raise Unable(f"no time for a trace of {_LEAST} packets; give -t {seconds(provider):.0f}s")
    deadline.enter(f"tracing {', '.join(addresses)[:60]}")
    began = time.time()
    going = []
    try:
        for address in addresses:
            if not is_address(address):
                raise Unable(f"{address[:60]} is no address: give --to NAME=ADDRESS")
            for protocol, options in _PROTOCOLS:
                words = ("-n", "-j", "-c", str(packets), "-i", f"{_pace():g}", *options)
                child = Child([program, *words, "--", address])
                going.append((address, protocol, child))
        finished([child for _, _, child in going], time.monotonic() + deadline.left() - 0.5)
    finally:
        for _, _, child in going:
            child.end()
    traces: dict[str, tuple[LongTrace, ...]] = {}
    for address, protocol, child in going:
        made = _trace(child, protocol, packets, began)
        traces[address] = (*traces.get(address, ()), *made)
    if not any(traces.values()):
        said = [bytes(each[2].error).decode("utf-8", "replace").strip() for each in going]
        cause = next((each.split("\n")[0][:100] for each in said if each), "it printed nothing")
        raise Unable(f"{program} could not trace {addresses[0]}: {cause}")
    return traces


def _pace() -> float:
    """Seconds between two rounds: mtr lets nobody but root probe faster."""
    return 0.2 if os.geteuid() == 0 else 1.0


def _trace(
    child: Child, protocol: Literal["icmp", "tcp"], packets: int, began: float
) -> Iterator[LongTrace]:
    """What mtr printed; nothing where it could not trace or did not come to its end."""
    try:
        (trace, *_) = from_json(bytes(child.out).decode("utf-8", "replace"))
    except (Unreadable, ValueError):
        return
    words = [word for word in child.argv[1:] if word != "--"]
    yield LongTrace(
        at=round(began, 3),
        protocol=protocol,
        port=_TCP if protocol == "tcp" else 0,
        packets=packets,
        command=" ".join(("mtr", *words)),
        hops=tuple(_hop(hop) for hop in trace.hops[:_HOPS]),
    )


def _hop(hop: Hop) -> LongHop:
    sent = hop.sent or 0
    lost = sent - hop.received if hop.received is not None else round(sent * (hop.loss or 0.0))
    silent = not hop.hosts
    return LongHop(
        ttl=hop.ttl,
        hosts=tuple(host.known for host in hop.hosts[:8]),
        sent=sent,
        lost=min(sent, max(0, lost)),
        last=None if silent else hop.last,
        avg=None if silent else hop.avg,
        best=None if silent else hop.best,
        worst=None if silent else hop.worst,
        stdev=None if silent else hop.stdev,
    )
