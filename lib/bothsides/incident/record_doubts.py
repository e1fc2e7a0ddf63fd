"""Records that look mixed up: evidence from before that is newer, one name for two addresses."""

from bothsides.analyse.evidence.family import family_of
from bothsides.base.types import Iterator, Sequence
from bothsides.incident.read import Recorded, pairs_of
from bothsides.model.evidence import Evidence, Look
from bothsides.parse.mtr.model import is_address


def newer_before(
    now: Sequence[Evidence | Recorded], before: Sequence[Evidence | Recorded]
) -> Iterator[str]:
    """The first pair whose evidence from before is newer than the present one, in words."""
    present: dict[tuple[str, str], float] = {}
    for start, peer in pairs_of(now):
        key = start, peer.peer
        present[key] = max(_newest(peer.now), present.get(key, 0.0))
    for start, peer in pairs_of(before):
        if 0 < present.get((start, peer.peer), 0.0) < _newest(peer.now):
            yield (
                f"--before is newer than --evidence from {start} to {peer.peer}:"
                " if both were swapped, the verdict is about the wrong time"
            )
            return


def _newest(look: Look) -> float:
    return max((part.at for part in look if part is not None), default=0.0)


def two_targets(documents: Sequence[Evidence]) -> Iterator[str]:
    """The pairs of which UDP packets and traces went to different addresses of one kind."""
    for document in documents:
        for peer in document.peers:
            path = peer.now.path
            if path is None or not is_address(peer.address) or not is_address(path.target):
                continue
            if path.target != peer.address and family_of(path.target) == family_of(peer.address):
                yield (
                    f"{document.host} to {peer.peer}: one measurement went to {peer.address},"
                    f" check_mtr_path to {path.target}; are both {peer.peer}?"
                )
