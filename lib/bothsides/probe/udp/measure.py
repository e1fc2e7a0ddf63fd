"""Sends numbered UDP packets to reflectors and keeps when each was sent, answered and received."""

from bothsides.base.deadline import Deadline, Interrupted
from bothsides.model.failure import Failure
from bothsides.model.udp import Plan, Run, TargetRun
from bothsides.parse import stamp
from bothsides.probe.net.kernel_counters import counted
from bothsides.probe.net.kernel_socket import refuse_foreign
from bothsides.probe.net.local_clock import claim
from bothsides.probe.net.resolve import faults_of, resolve_all
from bothsides.probe.udp.conversation import Conversation
from bothsides.probe.udp.peer import Peer
from bothsides.probe.udp.socket import Sockaddr

_RESOLVING = 3.0  # s for all names together


def measure(plan: Plan, deadline: Deadline) -> Run:
    """Resolves the names, sends, receives, and at the end asks how many packets had arrived.

    Raises Unable where no packet can be sent from here at all.
    """
    refuse_foreign(plan.local_address)
    before = checksum_errors()
    peers: dict[str, Peer | Failure] = {}
    conversation: Conversation | None = None
    stopped = None
    faults: tuple[str, ...] = ()
    try:
        faults = _resolve(plan, deadline, peers)
        unique = dict.fromkeys(peer for peer in peers.values() if isinstance(peer, Peer))
        conversation = Conversation(plan, list(unique), deadline)
        if not conversation.hold():
            stopped = deadline.stop()
    except Interrupted as cause:
        stopped = deadline.stop(str(cause))
    finally:
        if conversation is not None:
            conversation.close()
    after = checksum_errors()
    targets = tuple(_target(host, plan.port, peers.get(host)) for host in plan.hosts)
    return Run(
        subject=_subject(targets),
        targets=targets,
        overflow=conversation.flows.overflow if conversation else 0,
        corrupt=None if before is None or after is None else max(0, after - before),
        ended=conversation.ended if conversation else 0.0,
        clock_error=claim() if any(_claims_utc(target) for target in targets) else None,
        stopped=stopped,
        seed=conversation.seed if conversation else 0,
        resolver=faults,
    )


def _claims_utc(target: TargetRun) -> bool:
    """Whether the reflector claims that its clock follows UTC: only then ours is worth asking."""
    return bool(target.replies) and stamp.from_error(target.replies[0].error or 0) is not None


def _subject(targets: tuple[TargetRun, ...]) -> str:
    """The target, with its address where that is not what was asked for."""
    if len(targets) != 1:
        return f"{len(targets)} targets"
    host, address = targets[0].host, targets[0].address
    return host if address in ("", host) else f"{host} ({address})"


def _target(host: str, port: int, peer: Peer | Failure | None) -> TargetRun:
    if isinstance(peer, Peer):
        return peer.record(host, port)
    return TargetRun(
        host=host,
        address="",
        port=port,
        failure=peer or Failure("local", f"{host} was not looked up (no time left)"),
        packets=(),
        replies=(),
        closing=((), ()),
        icmp_errors=(),
        strays={},
        other_sources=(),
    )


def _resolve(plan: Plan, deadline: Deadline, peers: dict[str, Peer | Failure]) -> tuple[str, ...]:
    """Fills in every host's peer, or why it has none; what is wrong with our resolver.

    Names of one address share a peer: asked twice from the same ports, the reflector's count would
    mean nothing.
    """
    by_address: dict[Sockaddr, Peer] = {}
    resolved = resolve_all(plan.hosts, plan.family, deadline, _RESOLVING)
    for host, (addresses, *_) in resolved.items():
        if isinstance(addresses, Failure):
            peers[host] = addresses
        else:
            sockaddr = addresses[0].sockaddr(plan.port)
            peer = Peer(host, addresses[0].family, sockaddr)
            peers[host] = by_address.setdefault(sockaddr, peer)
    return faults_of(resolved.values())


def checksum_errors() -> int | None:
    """UDP datagrams that this host dropped for a wrong checksum; None when it does not count."""
    return counted("Udp", "InCsumErrors")
