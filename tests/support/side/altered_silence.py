"""Routers and targets that leave out answers: altered evidence, as `altered` has it."""

import random

from bothsides.model.evidence import (
    Evidence,
    HopCount,
    PathEvidence,
    PeerEvidence,
)
from bothsides.model.whose_fault import Run
from tests.support.side.altered import (
    Altering,
    all_routers,
    blank,
    by_peer,
    by_trace,
    hosts_at,
    muted,
    present,
    view,
)
from tests.support.side.joined import Truth


def _routers(run: Run, draw: random.Random, count: int) -> set[str]:
    """The addresses of some hops in a row of the usual way out or back."""
    start, target = draw.choice((("A", "B"), ("B", "A")))
    peer = view(run, start, target)
    path = peer.before.path if peer is not None else None
    if path is None or path.length <= count:
        return set()
    first = draw.randrange(1, path.length - count + 1)
    rows = [hosts_at(path, first + each) for each in range(count)]
    return set().union(*rows) - {path.target}


def silent_row(count: int) -> Altering:
    """Routers in a row that never answer anybody."""

    def altered(run: Run, truth: Truth, draw: random.Random) -> Run | None:
        gone = _routers(run, draw, count)
        return by_trace(run, lambda path: muted(path, gone)) if gone else None

    return altered


def silent_to_one_end(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Routers that answer one end and the witnesses, and the other end never."""
    every = sorted(all_routers(run))
    gone = set(draw.sample(every, max(1, len(every) // 3)))
    return by_trace(run, lambda path: muted(path, gone), draw.choice("AB"))


def silent_now(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Routers that answered before, and answer nobody now."""
    every = sorted(all_routers(run))
    gone = set(draw.sample(every, max(1, len(every) // 4)))
    return present(run, lambda look: look._replace(path=look.path and muted(look.path, gone)))


def silent_before(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Routers that answered nobody before, and answer now."""
    every = sorted(all_routers(run))
    gone = set(draw.sample(every, max(1, len(every) // 3)))

    def changed(document: Evidence, peer: PeerEvidence) -> PeerEvidence:
        path = peer.before.path
        return peer._replace(before=peer.before._replace(path=path and muted(path, gone)))

    return by_peer(run, changed)


def limited(always: bool) -> Altering:
    """Every router leaves out the same share of answers, always or only now."""

    def altered(run: Run, truth: Truth, draw: random.Random) -> Run | None:
        share = draw.choice((0.1, 0.2, 0.35, 0.5, 0.7))

        def fewer(path: PathEvidence) -> PathEvidence:
            hops = tuple(_fewer(hop, path.target, share, draw) for hop in path.hops)
            echoes = tuple(_fewer(hop, path.target, share, draw) for hop in path.echo_hops)
            return path._replace(hops=hops, echo_hops=echoes)

        if always:
            return by_trace(run, fewer)
        return present(run, lambda look: look._replace(path=look.path and fewer(look.path)))

    return altered


def _fewer(hop: HopCount, target: str, share: float, draw: random.Random) -> HopCount:
    """A router's answers without a share of them; those of the target stay."""
    if hop.host in ("", target):
        return hop
    got = sum(draw.random() >= share for _ in range(hop.sent - hop.lost))
    return hop._replace(lost=hop.sent - got) if got else blank(hop)


def mute_target(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """The targets answer no UDP, which a firewall drops."""

    def changed(path: PathEvidence) -> PathEvidence:
        hops = tuple(blank(hop) if hop.host == path.target else hop for hop in path.hops)
        reached = path.length if path.echoes > path.echoes_lost else 0
        return path._replace(hops=hops, length=reached)

    return by_trace(run, changed)


def no_echoes(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Echo requests are filtered."""
    return by_trace(
        run,
        lambda path: path._replace(echoes=0, echoes_lost=0, echo_best=None, echo_hops=()),
    )
