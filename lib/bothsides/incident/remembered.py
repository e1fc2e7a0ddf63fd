"""What earlier runs of the checks left about the peers of a host, put into its document."""

from bothsides.base.record import from_json
from bothsides.base.types import Iterable, Mapping, NamedTuple
from bothsides.incident.impossible import impossible_values
from bothsides.model.evidence import (
    Evidence,
    HttpsEvidence,
    Look,
    PathEvidence,
    PeerEvidence,
    UdpEvidence,
)
from bothsides.parse import Unreadable
from bothsides.store.looks import Kind, StoredLook
from bothsides.store.sqlite import Body

HELD = 14 * 86400.0
"""Seconds for which a run that was well says what is usual."""

_AHEAD = 60.0  # s, by which a run may seem to be in the future: the clock was set back


class Named(NamedTuple):
    """A peer, and by what it is asked for."""

    name: str
    address: str  # name or address


class Remembered(NamedTuple):
    """What earlier runs saw of a peer."""

    now: Look = Look()  # by the last runs, where they are recent
    before: Look = Look()  # by the last runs that were well
    address: str = ""  # that they used; "": not known


def remembered(
    kept: Iterable[StoredLook], peers: Iterable[Named], since: float, now: float
) -> dict[str, Remembered]:
    """By the name of the peer; since, now: s since 1970, between which the last runs count."""
    every = list(kept)
    return {
        peer.name: _of_peer([each for each in every if _is_about(each, peer)], since, now)
        for peer in peers
    }


def _is_about(look: StoredLook, peer: Named) -> bool:
    names = {peer.name.lower(), peer.address.lower()} - {""}
    return look.host.lower() in names or look.address.lower() in names


def _of_peer(kept: Iterable[StoredLook], since: float, now: float) -> Remembered:
    worst_looks = Remembered()
    for each in kept:
        last, well = _read(each.kind, each.now), _read(each.kind, each.well)
        recent = last if last is not None and since <= _at(last) <= now + _AHEAD else None
        usual = well if well is not None and now - HELD <= _at(well) <= now + _AHEAD else None
        if recent is not None and usual is not None and _at(recent) == _at(usual):
            usual = None
        worst_looks = Remembered(
            _worse(worst_looks.now, each.kind, recent),
            _worse(worst_looks.before, each.kind, usual),
            worst_looks.address or each.address,
        )
    return worst_looks


_Part = UdpEvidence | PathEvidence | HttpsEvidence
_READERS: Mapping[Kind, type[_Part]] = {
    "udp": UdpEvidence,
    "path": PathEvidence,
    "https": HttpsEvidence,
}


def _read(kind: Kind, body: Body | None) -> _Part | None:
    """The evidence; None for what another version, or another program, has written."""
    if body is None:
        return None
    try:
        part: _Part = from_json(_READERS[kind], body)
        return None if any(True for _ in impossible_values(_with_part(Look(), part))) else part
    except (Unreadable, TypeError, ValueError, ArithmeticError, RecursionError):
        return None


def _at(part: _Part) -> float:
    return part.at


def _worse(look: Look, kind: Kind, part: _Part | None) -> Look:
    """The look with this part; of several, as of several URLs, one that failed, then the newest."""
    other: _Part | None = getattr(look, kind)
    if part is None or (other is not None and _weight(other) >= _weight(part)):
        return look
    return _with_part(look, part)


def _with_part(look: Look, part: _Part) -> Look:
    if isinstance(part, UdpEvidence):
        return look._replace(udp=part)
    return look._replace(path=part) if isinstance(part, PathEvidence) else look._replace(https=part)


def _weight(part: _Part) -> tuple[float, float]:
    if isinstance(part, HttpsEvidence):
        return float(bool(part.phase)), part.at
    if isinstance(part, UdpEvidence):
        return part.lost / max(1, part.sent), part.at
    return part.echoes_lost / max(1, part.echoes), part.at


def with_memory(evidence: Evidence, known: Mapping[str, Remembered]) -> Evidence:
    """The document with what is remembered wherever nothing newer is in it."""
    peers = tuple(_with(peer, known.get(peer.peer, Remembered())) for peer in evidence.peers)
    return evidence._replace(peers=tuple(sorted(peers, key=_best_last)))


def _with(peer: PeerEvidence, known: Remembered) -> PeerEvidence:
    return peer._replace(
        address=peer.address or known.address,
        now=_filled(peer.now, known.now),
        before=_filled(peer.before, known.before),
    )


def _filled(look: Look, other: Look) -> Look:
    """The look with the parts of the other that it lacks."""
    return Look(look.udp or other.udp, look.path or other.path, look.https or other.https)


def _best_last(peer: PeerEvidence) -> float:
    """Peers with trouble are the most useful ones; a full document leaves the last ones off."""
    parts = [part for part in peer.now if part is not None]
    return -max((_weight(part)[0] for part in parts), default=0.0)
