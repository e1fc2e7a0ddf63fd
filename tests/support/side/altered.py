"""Recorded faults as other networks would show them: one function a kind of alteration.

What is altered is as networks are, never a lie about the loss: so whoever is named afterwards
and is not at fault was named for something that the evidence does not prove.
"""

import random
from collections.abc import Callable, Iterator, Mapping

from bothsides.model.evidence import (
    Evidence,
    HopCount,
    Look,
    PathEvidence,
    PeerEvidence,
)
from bothsides.model.whose_fault import Run
from tests.support.side.joined import Truth

Altering = Callable[[Run, Truth, random.Random], Run | None]
"""A run as another network would show it; None where it cannot be altered in this way."""


def by_peer(run: Run, change: Callable[[Evidence, PeerEvidence], PeerEvidence]) -> Run:
    """The run with what each host knows of each peer changed."""
    documents = tuple(
        each._replace(peers=tuple(change(each, peer) for peer in each.peers))
        for each in run.documents
    )
    return run._replace(documents=documents)


def by_look(run: Run, change: Callable[[Look], Look], hosts: str = "") -> Run:
    """The run with every look changed, now and before, of some or all hosts."""

    def changed(document: Evidence, peer: PeerEvidence) -> PeerEvidence:
        if hosts and document.host not in hosts:
            return peer
        return peer._replace(now=change(peer.now), before=change(peer.before))

    return by_peer(run, changed)


def by_trace(run: Run, change: Callable[[PathEvidence], PathEvidence], hosts: str = "") -> Run:
    """The run with every trace changed, now and before, of some or all hosts."""
    return by_look(run, lambda look: look._replace(path=look.path and change(look.path)), hosts)


def present(run: Run, change: Callable[[Look], Look], hosts: str = "") -> Run:
    """The run with present looks changed of some or all hosts."""

    def changed(document: Evidence, peer: PeerEvidence) -> PeerEvidence:
        mine = not hosts or document.host in hosts
        return peer._replace(now=change(peer.now)) if mine else peer

    return by_peer(run, changed)


def view(run: Run, start: str, target: str) -> PeerEvidence | None:
    """What one host knows of another."""
    for document in run.documents:
        for peer in document.peers:
            if (document.host, peer.peer) == (start, target):
                return peer
    return None


def traces(run: Run) -> Iterator[PathEvidence]:
    """All traces, now and before."""
    for document in run.documents:
        for peer in document.peers:
            for look in (peer.now, peer.before):
                if look.path is not None:
                    yield look.path


def hosts_at(path: PathEvidence, ttl: int) -> set[str]:
    """The addresses that answered at a hop."""
    return {hop.host for hop in path.hops if hop.ttl == ttl and hop.host}


def blank(hop: HopCount) -> HopCount:
    """As if nobody had answered there."""
    return hop._replace(host="", lost=hop.sent, best=None)


def muted(path: PathEvidence, gone: set[str]) -> PathEvidence:
    """The trace with these routers silent: all probes that were to expire there stay unanswered."""
    ttls = {hop.ttl for hop in path.hops if hop.host in gone}

    def mute(hop: HopCount) -> HopCount:
        return blank(hop) if hop.ttl in ttls and hop.host != path.target else hop

    return path._replace(
        hops=tuple(map(mute, path.hops)),
        echo_hops=tuple(map(mute, path.echo_hops)),
        refusals=tuple(each for each in path.refusals if each.host not in gone),
        loop=path.loop if not gone & set(path.loop) else (),
    )


def renamed(run: Run, names: Mapping[str, str]) -> Run:
    """The run with routers that answer from other addresses, which keep their owners."""

    def changed(path: PathEvidence) -> PathEvidence:
        def other(hop: HopCount) -> HopCount:
            return hop._replace(host=names.get(hop.host, hop.host))

        return path._replace(
            hops=tuple(map(other, path.hops)),
            echo_hops=tuple(map(other, path.echo_hops)),
            refusals=tuple(
                each._replace(host=names.get(each.host, each.host)) for each in path.refusals
            ),
            loop=tuple(names.get(each, each) for each in path.loop),
        )

    return by_trace(run, changed)


def all_routers(run: Run) -> set[str]:
    hosts = {hop.host for path in traces(run) for hop in path.hops if hop.host}
    return hosts - {path.target for path in traces(run)}


def labels_of(run: Run, truth: Truth, guilty: bool) -> list[str]:
    """Labels of networks that are at fault, or of those that have nothing to do with it."""
    concerned = {side for place in truth["places"] for side in place["sides"]} | set(truth["side"])
    return sorted(
        {each.label for each in run.owners if each.label and (each.label in concerned) == guilty}
    )
