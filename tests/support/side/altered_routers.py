"""Routers that answer by other addresses: altered evidence, as `altered` has it."""

import random
from collections.abc import Sequence

from bothsides.model.evidence import (
    Evidence,
    HopCount,
    PathEvidence,
)
from bothsides.model.whose_fault import NamedOwner, Run
from tests.support.side.altered import (
    Altering,
    all_routers,
    by_trace,
    hosts_at,
    labels_of,
    renamed,
    traces,
    view,
)
from tests.support.side.joined import Truth


def private_addresses(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Some routers answer from private addresses, which no map has."""
    every = sorted(all_routers(run))
    return _private(run, draw.sample(every, max(1, len(every) // 4)))


def private_network(guilty: bool) -> Altering:
    """All routers with an address of one network answer from private ones; no exchange does."""

    def altered(run: Run, truth: Truth, draw: random.Random) -> Run | None:
        exchanges = {each.label for each in run.owners if each.role == "exchange"}
        labels = [each for each in labels_of(run, truth, guilty) if each not in exchanges]
        label = draw.choice(labels) if labels else ""
        mine = {each.address for each in run.owners if label and each.label == label}
        return _private(run, sorted(mine & all_routers(run)))

    return altered


def _private(run: Run, chosen: Sequence[str]) -> Run | None:
    """The run with other addresses of these routers."""
    if not chosen:
        return None
    six = ":" in chosen[0]
    names = {
        host: f"fd00:7::{place + 1:x}" if six else f"10.77.0.{place + 1}"
        for place, host in enumerate(chosen)
    }
    owners = tuple(NamedOwner(address, "private", 0, "", sure=True) for address in names.values())
    return renamed(run, names)._replace(owners=(*run.owners, *owners))


def other_interface_for_one(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Routers have another address of the same network for each who asks: no way shares any."""
    known = {each.address: each for each in run.owners}
    owners = list(run.owners)
    documents: list[Evidence] = []
    for document in run.documents:
        names = {host: _near(host, document.host) for host in all_routers(run)}
        owners += [
            known[host]._replace(address=name) for host, name in names.items() if host in known
        ]
        documents += renamed(run._replace(documents=(document,)), names).documents
    return run._replace(documents=tuple(documents), owners=tuple(owners))


def _near(address: str, word: str) -> str:
    """Another address for each word, which is nobody else's."""
    start, sign, _ = address.rpartition("." if "." in address else ":")
    number = sum(map(ord, address))
    return (
        f"{start}{sign}{(number * 7 + ord(word)) % 200 + 40}"
        if sign == "."
        else (f"{start}{sign}{number % 255:x}{ord(word):x}")
    )


def same_first_hop(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Both ends and all witnesses sit behind a router that answers as 10.0.0.1."""
    six = ":" in next(traces(run)).target
    same = "fd00::1" if six else "10.0.0.1"
    documents: list[Evidence] = []
    for document in run.documents:
        alone = run._replace(documents=(document,))
        first = {host: same for path in traces(alone) for host in hosts_at(path, 1) - {path.target}}
        documents += renamed(alone, first).documents
    owner = NamedOwner(same, "private", 0, "", sure=True)
    return run._replace(documents=tuple(documents), owners=(*run.owners, owner))


def swapped(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Two neighbouring hops answer in the other order in some flows, as parallel ways differ."""
    peer = view(run, *draw.choice((("A", "B"), ("B", "A"))))
    path = peer.before.path if peer is not None else None
    if path is None or path.length < 5:
        return None
    ttl = draw.randrange(2, path.length - 2)
    these = {ttl: hosts_at(path, ttl), ttl + 1: hosts_at(path, ttl + 1)}
    flows = set(draw.sample(path.flows, max(1, len(path.flows) // 2)))

    def changed(each: PathEvidence) -> PathEvidence:
        if hosts_at(each, ttl) != these[ttl] or hosts_at(each, ttl + 1) != these[ttl + 1]:
            return each
        hosts = {(hop.flow, hop.ttl): hop for hop in each.hops}

        def other(hop: HopCount) -> HopCount:
            twin = hosts.get((hop.flow, 2 * ttl + 1 - hop.ttl))
            if hop.flow not in flows or hop.ttl not in these or twin is None:
                return hop
            return hop._replace(host=twin.host, best=twin.best) if twin.host and hop.host else hop

        return each._replace(hops=tuple(map(other, each.hops)))

    return by_trace(run, changed)
