"""The case that is judged: both ends, all views of all hosts, and the ways between them."""

from bothsides.analyse.path.ownership import Owner
from bothsides.base.types import Iterable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.incident.routers import Hop, routers_along, with_those_of
from bothsides.model.evidence import (
    CHECKS,
    Arrived,
    Evidence,
    HttpsEvidence,
    Look,
    OwnTrouble,
    PathEvidence,
    UdpEvidence,
)
from bothsides.model.verdict import FAR_END, MONITOR, NONE, UNKNOWN
from bothsides.parse.mtr.model import is_address

_UNKNOWN = 2
"""Silent hops between the last router that ever answered and a target that was never reached: the
target is no neighbour of that router, so its network says nothing about whose the router is."""

Part = UdpEvidence | PathEvidence | HttpsEvidence
"""One check's results in a Look."""


class Step(NamedTuple):
    """One flow of a trace at one address."""

    flow: int
    place: int  # hops before it
    before: str  # the address before it, "" where not known


class Way(NamedTuple):
    """The way of the packets from one host to another, as traces along it show it."""

    flows: Mapping[int, tuple[str, ...]]  # by flow: the address at each hop, "" where not known
    line: tuple[Hop, ...]  # the routers of most flows, the target last
    usual: bool  # whether the part that does not answer now is known from before
    steps: Mapping[str, Sequence[Step]]  # by address: where the flows meet it

    @property
    def length(self) -> int:
        """Hops to the target."""
        return len(self.line)


class View(NamedTuple):
    """What one host knows of another."""

    start: str  # name of the host that measured
    target: str  # name of its peer
    now: Look
    before: Look
    way: Way | None  # None: never traced
    arrived: Arrived | None  # what came from `start` at the reflector of `target`
    arrived_at: float  # s since 1970; when that was asked
    address: str  # of the peer; "" where only its name is known


class Case(NamedTuple):
    """All that is known."""

    start: str  # name of the host that checks
    target: str  # name of the host that is checked
    views: Mapping[tuple[str, str], View]  # by names of both hosts
    troubles: Mapping[str, tuple[OwnTrouble, ...]]  # by name of the host
    owners: Mapping[str, Owner]  # by address

    def view(self, start: str, target: str) -> View | None:
        """What `start` knows of `target`."""
        return self.views.get((start, target))

    @property
    def there(self) -> View | None:
        """What `start` knows of `target`."""
        return self.view(self.start, self.target)

    @property
    def here(self) -> View | None:
        """What `target` knows of `start`."""
        return self.view(self.target, self.start)

    def witnesses(self) -> Iterator[View]:
        """The views of all other pairs."""
        pair = {self.start, self.target}
        for view in self.views.values():
            if {view.start, view.target} != pair:
                yield view

    def host(self, name: str) -> str:
        """The code of a host as a side; "" for a third host."""
        if name == self.start:
            return MONITOR
        return FAR_END if name == self.target else ""

    def role(self, label: str) -> str:
        """The role of a label of the owner map."""
        return next((owner.role for owner in self.owners.values() if owner.label == label), "")


def joined_case(
    start: str,
    target: str,
    documents: Sequence[Evidence],
    owners: Mapping[str, Owner],
) -> Case:
    """The case of two hosts out of the documents of any number of hosts."""
    owners = {address: _by_name(owner) for address, owner in owners.items()}
    arrived = {
        (peer.peer, document.host): (peer.arrived, document.at)
        for document in documents
        for peer in document.peers
    }
    views = {}
    for document in documents:
        for peer in document.peers:
            key = document.host, peer.peer
            views[key] = View(
                start=document.host,
                target=peer.peer,
                now=peer.now,
                before=peer.before,
                way=way_of(peer.now.path, peer.before.path, owners),
                arrived=arrived.get(key, (None, 0.0))[0],
                arrived_at=arrived.get(key, (None, 0.0))[1],
                address=peer.address,
            )
    troubles = {document.host: document.troubles for document in documents}
    views = {key: _with_opposite(view, views.get((key[1], key[0]))) for key, view in views.items()}
    return Case(start, target, views, troubles, owners)


def _with_opposite(view: View, other: View | None) -> View:
    """A view whose way knows of the networks that the opposite way shows alone."""
    if view.way is None or other is None or other.way is None:
        return view
    line = with_those_of(view.way.line, other.way.line)
    return view._replace(way=view.way._replace(line=line))


def _by_name(owner: Owner) -> Owner:
    """An owner without a role whose label says that it is a tunnel gets that role.

    A label that is a word of the verdict itself would be taken for that: it gets one more.
    """
    if owner.label == UNKNOWN:
        return Owner()
    if owner.label in (FAR_END, MONITOR, NONE):
        owner = owner._replace(label=f"{owner.label} (network)")
    label = owner.label.lower()
    named = not owner.role and any(word in label for word in ("tunnel", "vpn", "wireguard"))
    return owner._replace(role="tunnel") if named else owner


def addresses_of(documents: Iterable[Evidence]) -> list[str]:
    """Every address that a trace or an ICMP error names."""
    addresses: set[str] = set()
    for document in documents:
        for peer in document.peers:
            addresses.add(peer.address)
            for look in (peer.now, peer.before):
                if look.path is not None:
                    addresses |= {look.path.target, look.path.source}
                    addresses |= {hop.host for hop in look.path.hops}
                    addresses |= {refusal.host for refusal in look.path.refusals}
                    addresses |= set(look.path.loop)
                if look.udp is not None:
                    addresses |= {word.source for word in look.udp.icmp}
    return sorted(address for address in addresses if is_address(address))


def way_of(
    now: PathEvidence | None, before: PathEvidence | None, owners: Mapping[str, Owner]
) -> Way | None:
    """The way now; what does not answer now is taken from before, where the rest is the same."""
    traces = [trace for trace in (now, before) if trace is not None and trace.hops]
    if not traces:
        return None
    target = traces[0].target
    length = next((trace.length for trace in traces if trace.length), 0)
    older = by_flow(before) if before is not None else {}
    newer = {flow: _once(hops) for flow, hops in by_flow(now).items()} if now is not None else {}
    if not length:
        ttls = (ttl for hops in (*older.values(), *newer.values()) for ttl in hops)
        length = max(ttls, default=0) + _UNKNOWN + 1
    members: dict[int, set[str]] = {}
    for hops in older.values():
        for ttl, host in hops.items():
            members.setdefault(ttl, set()).add(host)
    other = _farthest_other(newer, members)
    if other and now is not None and not now.length:
        length = max(length, other + _UNKNOWN + 1)
    flows = {
        flow: _merged(newer.get(flow, {}), older.get(flow, {}), members, length, target)
        for flow in sorted({*older, *newer})
    }
    line = [_most(flow[place] for flow in flows.values()) for place in range(length)]
    whole = before is not None and bool(before.length and older)
    return Way(flows, routers_along(line, owners, traces[0].source), whole, _steps(flows))


def _farthest_other(newer: Mapping[int, Mapping[int, str]], members: Mapping[int, set[str]]) -> int:
    """The last hop of a way on which every flow meets other routers than before; 0: some do not.

    Where it does not reach the target, how far that was before says nothing of it.
    """
    turned = [
        max(hops)
        for hops in newer.values()
        if any(ttl in members and host not in members[ttl] for ttl, host in hops.items())
    ]
    return max(turned) if turned and len(turned) == len(newer) else 0


def _steps(flows: Mapping[int, Sequence[str]]) -> dict[str, list[Step]]:
    """Where the flows meet each address; a long way is asked for it once for every link."""
    steps: dict[str, list[Step]] = {}
    for flow, line in flows.items():
        for place, address in enumerate(line):
            step = Step(flow, place, line[place - 1] if place else "")
            steps.setdefault(address, []).append(step)
    return steps


def _once(hops: Mapping[int, str]) -> dict[int, str]:
    """The hops of a flow up to the first router that it meets again: behind it packets circle."""
    line: dict[int, str] = {}
    for ttl in sorted(hops):
        if hops[ttl] in line.values() and line.get(ttl - 1) != hops[ttl]:
            break
        line[ttl] = hops[ttl]
    return line


def by_flow(trace: PathEvidence) -> dict[int, dict[int, str]]:
    """The address at each hop, for each flow."""
    flows: dict[int, dict[int, str]] = {}
    for hop in trace.hops:
        mine = flows.setdefault(hop.flow, {})
        if hop.host:
            mine[hop.ttl] = hop.host
    return flows


def _merged(
    new: Mapping[int, str],
    old: Mapping[int, str],
    members: Mapping[int, set[str]],
    length: int,
    target: str,
) -> tuple[str, ...]:
    """One flow's way; from the first unknown router on, what was before counts no more."""
    turned = min(
        (ttl for ttl, host in new.items() if ttl in members and host not in members[ttl]),
        default=length + 1,
    )
    line = [
        new.get(ttl) or (old.get(ttl, "") if ttl < turned else "") for ttl in range(1, length + 1)
    ]
    if line:
        line[-1] = target
    return tuple(line)


def _most(hosts: Iterable[str]) -> str:
    """The address of most flows; "" only where nobody knows one."""
    known = [host for host in hosts if host]
    return max(known, key=known.count, default="")


def dropped(look: Look, kept: Look) -> Iterator[tuple[str, Part]]:
    """The checks whose results a look holds and what was kept of it does not."""
    for check, part, left in zip(CHECKS, look, kept, strict=True):
        if part is not None and left is None:
            yield check, part
