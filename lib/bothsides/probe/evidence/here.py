"""The document of this host: its clock, its own troubles, and what it knows of its peers now."""

import os
import threading
import time

from bothsides.analyse.evidence.from_udp import of_target
from bothsides.analyse.udp_run import analyse
from bothsides.base.deadline import Deadline
from bothsides.base.types import Iterable, Literal, Mapping, NamedTuple, Sequence
from bothsides.model import mesh, udp
from bothsides.model.evidence import (
    VERSION,
    Arrived,
    Evidence,
    Look,
    OwnTrouble,
    PathEvidence,
    PeerEvidence,
    UdpEvidence,
)
from bothsides.probe.evidence.own_half import loses, traced
from bothsides.probe.net.local_clock import claim

WINDOW = 60.0
"""Seconds of the mesh that count."""

_PACKETS, _INTERVAL, _PATIENCE, _FLOWS = 100, 0.01, 0.5, 16
_ASKING = 0.3  # s that the own reflector has to say what arrived
_MESH_PATIENCE, _STALLED = 0.3, 0.2
"""Of the mesh: s to wait for a prober, part of the window in which it may be away."""
_TRACE = 1.0  # s that must be left for a trace
_LOCATE = 3.0  # s for a trace that locates loss, where several peers lose


class Peer(NamedTuple):
    """A host to say something about."""

    name: str
    address: str  # name or address
    port: int = 862  # of its reflector (RFC 8762)


def evidence_here(
    name: str,
    peers: Sequence[Peer],
    deadline: Deadline,
    now: bool,
    port: int = 862,
    mesh_socket: str = "",
    window: float = WINDOW,
) -> Evidence:
    """The document; `now`: measures first, UDP to all peers at once, then one trace after another,
    to the peers first that lose most. The trace to a single peer begins beside UDP.

    port: of this host's own reflector, which is asked what arrived from each peer; mesh_socket:
    path of that of udp_mesh here; window: s of it that count where nothing is measured now.
    """
    troubles: list[OwnTrouble] = []
    paths: dict[str, PathEvidence] = {}
    if now and len(peers) == 1:
        seen, paths = _beside(peers[0], deadline, troubles)
    elif now:
        seen = _udp(peers, deadline, troubles)
        paths = _paths(peers, seen, deadline, troubles)
    else:
        seen = _from_mesh(mesh_socket, window, deadline, troubles)
    of_peers = []
    answers = True  # whether this host's reflector answers: else each peer would wait for it
    for peer in peers:
        path = paths.get(peer.name)
        look = Look(seen.get(peer.name), path)
        address = path.target if path is not None else _given(peer)
        arrived, answers = _arrived(address, port) if answers else (None, False)
        of_peers.append(PeerEvidence(peer.name, address, look, Look(), arrived))
    return Evidence(
        version=VERSION,
        host=name or os.uname().nodename,
        at=time.time(),
        clock_error=claim(),
        troubles=tuple(dict.fromkeys(troubles)),
        peers=tuple(sorted(of_peers, key=_worst_first)),
    )


def _beside(
    peer: Peer, deadline: Deadline, troubles: list[OwnTrouble]
) -> tuple[dict[str, UdpEvidence], dict[str, PathEvidence]]:
    """UDP to one peer, and its trace, which has to know of a loss only after its first look."""
    seen: dict[str, UdpEvidence] = {}
    faults: list[BaseException] = []

    def measured() -> None:
        try:
            seen.update(_udp([peer], deadline, troubles))
        except BaseException as fault:  # raised again where it is waited for
            faults.append(fault)

    def loss() -> bool:
        thread.join()
        return loses(seen.get(peer.name))

    thread = threading.Thread(target=measured, daemon=True)
    thread.start()
    path = traced(peer.address, 0, Deadline(deadline.left()), troubles, loss)[0]
    thread.join()
    for fault in faults:
        raise fault
    return seen, {} if path is None else {peer.name: path}


def _paths(
    peers: Sequence[Peer],
    seen: Mapping[str, UdpEvidence],
    deadline: Deadline,
    troubles: list[OwnTrouble],
) -> dict[str, PathEvidence]:
    """The traces by name of the peer, those to lossy peers first, each with its part of the time.

    To locate loss takes some seconds; where many peers lose, each gets at least `_LOCATE`.
    """
    ranked = sorted(peers, key=lambda peer: -_share(seen.get(peer.name)))
    lossy = sum(loses(seen.get(peer.name)) for peer in peers)
    paths = {}
    for place, peer in enumerate(ranked):
        if deadline.left() <= _TRACE:
            break
        part = max(_LOCATE, deadline.left() / max(1, lossy - place))
        mine = Deadline(min(deadline.left(), part))
        path = traced(peer.address, 0, mine, troubles, loses(seen.get(peer.name)))[0]
        if path is not None:
            paths[peer.name] = path
    return paths


def _share(udp: UdpEvidence | None) -> float:
    """The share of packets that were lost."""
    return udp.lost / udp.sent if udp is not None and udp.sent else 0.0


def _given(peer: Peer) -> str:
    """The address that a peer was given by; "" if that was a name, which nobody resolved."""
    from bothsides.parse.mtr.model import is_address

    return peer.address if is_address(peer.address) else ""


def _worst_first(peer: PeerEvidence) -> float:
    """Peers with trouble are the most useful ones."""
    return -_share(peer.now.udp)


def _from_mesh(
    place: str, window: float, deadline: Deadline, troubles: list[OwnTrouble]
) -> dict[str, UdpEvidence]:
    """The last seconds of the continuous mesh, by name of the peer; nothing where none runs."""
    if not place or not os.path.exists(place):
        return {}
    from bothsides.analyse.evidence.from_mesh import mesh_evidence
    from bothsides.probe.mesh import measure

    plan = mesh.Plan(place, window, "", _MESH_PATIENCE)
    run = measure(plan, None, deadline)
    if run.stalled > _STALLED * window:
        troubles.append(OwnTrouble("late", f"udp_mesh did not run for {run.stalled:.0f} s"))
    return mesh_evidence(run, window)


def _udp(
    peers: Sequence[Peer], deadline: Deadline, troubles: list[OwnTrouble]
) -> dict[str, UdpEvidence]:
    """One measurement of all peers with the same port, by name of the peer."""
    from bothsides.probe.udp.measure import measure

    by_name: dict[str, UdpEvidence] = {}
    for port in sorted({peer.port for peer in peers}):
        mine = [peer for peer in peers if peer.port == port]
        family: Literal[0, 4, 6] = 0
        plan = udp.Plan(
            hosts=tuple(dict.fromkeys(peer.address for peer in mine)),
            port=port,
            family=family,
            packets=_PACKETS,
            interval=_INTERVAL,
            flows=_FLOWS,
            patience=_PATIENCE,
        )
        run = measure(plan, deadline)
        analysis = analyse(plan, run)
        by_host = {
            each.samples.host: of_target(plan.protocol, analysis, each) for each in analysis.targets
        }
        for peer in mine:
            if peer.address in by_host:
                by_name[peer.name] = by_host[peer.address]
        troubles += _own(by_name[peer.name] for peer in mine if peer.name in by_name)
    return by_name


def _own(seen: Iterable[UdpEvidence]) -> list[OwnTrouble]:
    """Troubles of this host that all its measurements share."""
    known = list(seen)
    failures = [each.failure for each in known if each.failure is not None]
    troubles = []
    if failures and len(failures) == len(known) and failures[0].blame in ("local", "dns"):
        names = failures[0].blame == "dns" or "resolver" in failures[0].words
        troubles.append(OwnTrouble("resolver" if names else "route", failures[0].words))
    if any(each.overflow for each in known):
        troubles.append(OwnTrouble("overflow", "own sockets dropped datagrams"))
    if known and all(each.unsent and not each.sent for each in known):
        troubles.append(OwnTrouble("send", "no UDP packet could be sent"))
    return troubles


def _arrived(source: str, port: int) -> tuple[Arrived | None, bool]:
    """What came from an address at this host's own reflector, and whether that answers at all."""
    from bothsides.parse.mtr.model import is_address
    from bothsides.probe.udp.arrivals import arrivals

    if not is_address(source):
        return None, True
    reflector = "::1" if ":" in source else "127.0.0.1"
    try:
        account = arrivals((reflector, port), source, _ASKING)
    except OSError:
        return None, False
    if account is None:
        return None, False
    if not account.allowed:
        return None, True
    return Arrived(account.known, account.last, account.minutes), True
