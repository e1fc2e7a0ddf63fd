"""Other witnesses, clocks and ends: altered evidence, as `altered` has it."""

import random

from bothsides.model.evidence import (
    Evidence,
    HopCount,
    Look,
    PathEvidence,
    PeerEvidence,
)
from bothsides.model.whose_fault import Run
from tests.support.side.altered import (
    Altering,
    by_peer,
    hosts_at,
    renamed,
    traces,
)
from tests.support.side.joined import Truth


def without(*hosts: str) -> Altering:
    """Without these hosts' documents."""

    def altered(run: Run, truth: Truth, draw: random.Random) -> Run | None:
        kept = tuple(each for each in run.documents if each.host not in hosts)
        return run._replace(documents=kept) if kept else None

    return altered


def one_end_and_three(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """One end alone, with three witnesses; the third is in the network of the first one."""
    gone = draw.choice("AB")
    kept = [each for each in run.documents if each.host != gone]
    third = next((each for each in kept if each.host == "C"), None)
    if third is not None:
        kept.append(third._replace(host="C2"))
    return run._replace(documents=tuple(kept))


def shifted(document: Evidence, seconds: float) -> Evidence:
    """The document with all present times so much later."""

    def later(look: Look) -> Look:
        return Look(
            look.udp and look.udp._replace(at=look.udp.at + seconds),
            look.path and look.path._replace(at=look.path.at + seconds),
            look.https and look.https._replace(at=look.https.at + seconds),
        )

    peers = tuple(peer._replace(now=later(peer.now)) for peer in document.peers)
    return document._replace(at=document.at + seconds, peers=peers)


def earlier_look(hosts: str, seconds: float) -> Altering:
    """One host was asked before the fault began: its looks are healthy, and that much older."""

    def altered(run: Run, truth: Truth, draw: random.Random) -> Run | None:
        host = draw.choice(hosts)
        documents = []
        for each in run.documents:
            if each.host == host:
                peers = tuple(peer._replace(now=peer.before) for peer in each.peers)
                began = next((look.udp.at for look in (p.now for p in each.peers) if look.udp), 0.0)
                was = next((look.udp.at for look in (p.now for p in peers) if look.udp), began)
                each = shifted(each._replace(peers=peers, troubles=()), began - was - seconds)
            documents.append(each)
        return run._replace(documents=tuple(documents))

    return altered


def clock_off(seconds: float, echoing: bool) -> Altering:
    """One host's clock is wrong; echoing: reflectors give no times by which that shows."""

    def altered(run: Run, truth: Truth, draw: random.Random) -> Run | None:
        host = draw.choice([each.host for each in run.documents])
        sign = draw.choice((-1, 1))

        def changed(document: Evidence, peer: PeerEvidence) -> PeerEvidence:
            looks = []
            for look in (peer.now, peer.before):
                udp = look.udp
                if udp is not None and udp.owd is not None:
                    ahead = sign * seconds * ((peer.peer == host) - (document.host == host))
                    owd = type(udp.owd)(udp.owd.low + ahead, udp.owd.high - ahead)
                    look = look._replace(udp=udp._replace(owd=None if echoing else owd))
                looks.append(look)
            return peer._replace(now=looks[0], before=looks[1])

        run = by_peer(run, changed)
        documents = tuple(
            shifted(each, sign * seconds) if each.host == host else each for each in run.documents
        )
        return run._replace(documents=documents)

    return altered


def other_family(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """UDP by the family that is broken, traces of one end by the other one, which is well."""
    host = draw.choice("AB")
    six = ":" in next(traces(run)).target

    def changed(document: Evidence, peer: PeerEvidence) -> PeerEvidence:
        udp, path = peer.now.udp, peer.now.path
        now = peer.now._replace(udp=udp and udp._replace(family=6 if six else 4))
        if document.host == host and path is not None:
            well = peer.before.path and _by_family(peer.before.path, 4 if six else 6)
            now = now._replace(path=well)
            return peer._replace(now=now, before=peer.before._replace(path=well))
        return peer._replace(now=now)

    return by_peer(run, changed)


def _by_family(path: PathEvidence, family: int) -> PathEvidence:
    """The same trace with other addresses."""
    start = "2001:db8:6::" if family == 6 else "192.0.2."

    def other(hop: HopCount) -> HopCount:
        return hop._replace(host=f"{start}{hop.ttl}" if hop.host else "")

    return path._replace(target=f"{start}99", hops=tuple(map(other, path.hops)), echo_hops=())


def behind_nat(end: str) -> Altering:
    """One end is behind an address translation: traces to it end at the translating router."""

    def altered(run: Run, truth: Truth, draw: random.Random) -> Run | None:
        def changed(document: Evidence, peer: PeerEvidence) -> PeerEvidence:
            if peer.peer != end:
                return peer
            looks = []
            for look in (peer.now, peer.before):
                path = look.path
                if path is not None and path.length > 2:
                    look = look._replace(path=_translated(path))
                looks.append(look)
            return peer._replace(now=looks[0], before=looks[1])

        return by_peer(run, changed)

    return altered


def _translated(path: PathEvidence) -> PathEvidence:
    """The last router answers echo requests in the target's place; nothing else gets past it."""
    hops = tuple(
        hop if hop.ttl < path.length else hop._replace(host="", lost=hop.sent, best=None)
        for hop in path.hops
    )
    return path._replace(hops=hops, length=0)


def another_instance(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """The witnesses reach another instance of the far end, which is well and near to them."""
    documents = []
    for document in run.documents:
        if document.host in ("A", "B"):
            documents.append(document)
            continue
        alone = run._replace(documents=(document,))
        names = {
            host: f"{host}7"
            for path in (peer.before.path for peer in document.peers if peer.peer == "B")
            if path is not None
            for ttl in range(max(2, path.length - 1), path.length)
            for host in hosts_at(path, ttl)
        }
        peers = tuple(
            peer._replace(now=peer.before) if peer.peer == "B" else peer
            for peer in renamed(alone, names).documents[0].peers
        )
        documents.append(document._replace(peers=peers))
    known = {each.address: each for each in run.owners}
    owners = [
        known[path_host[:-1]]._replace(address=path_host)
        for document in documents
        for peer in document.peers
        if peer.now.path is not None
        for path_host in {hop.host for hop in peer.now.path.hops}
        if path_host not in known and path_host[:-1] in known
    ]
    return run._replace(documents=tuple(documents), owners=(*run.owners, *owners))


def witness_with_a_trouble(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """A witness loses a third of all its packets by itself."""

    def thinned(hop: HopCount) -> HopCount:
        got = sum(draw.random() >= 0.3 for _ in range(hop.sent - hop.lost))
        return (
            hop._replace(lost=hop.sent - got)
            if got
            else hop._replace(lost=hop.sent, host="", best=None)
        )

    def changed(document: Evidence, peer: PeerEvidence) -> PeerEvidence:
        if document.host != "C" or peer.now.udp is None:
            return peer
        flows = []
        for flow in peer.now.udp.flows:
            more = sum(draw.random() < 0.3 for _ in range(flow.sent - flow.lost))
            out = flow.forward and type(flow.forward)(
                flow.forward.low + more, flow.forward.high + more
            )
            flows.append(flow._replace(lost=flow.lost + more, forward=out))
        lost = sum(flow.lost for flow in flows)
        udp = peer.now.udp._replace(flows=tuple(flows), lost=lost, forward=None)
        path = peer.now.path
        if path is not None:
            path = path._replace(hops=tuple(map(thinned, path.hops)))
        return peer._replace(now=peer.now._replace(udp=udp, path=path))

    return by_peer(run, changed)
