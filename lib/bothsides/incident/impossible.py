"""Values in evidence that no measurement can have found: strangers write evidence, too."""

from bothsides.base.types import Iterator
from bothsides.model.evidence import Look

LATEST = 1e11  # s since 1970
_LONGEST = 255  # hops
_MANY = 5000  # counts of hops in one trace


def impossible_values(look: Look) -> Iterator[str]:
    """What no measurement can have found, in words; nothing where all values are possible."""
    for part in look:
        if part is not None and not 0 <= part.at < LATEST:
            yield "an impossible time"
    udp = look.udp
    if udp is not None and not (0 <= udp.lasted < LATEST and 0 <= udp.lost <= udp.sent < 1e9):
        yield "impossible counts of packets"
    if look.path is not None:
        if not 0 <= look.path.length <= _LONGEST or len(look.path.hops) > _MANY:
            yield "a path with too many hops"
        if any(not 0 < hop.ttl <= _LONGEST for hop in look.path.hops):
            yield "an impossible hop number"
        if any(not 0 <= hop.lost <= hop.sent < 1e9 for hop in look.path.hops):
            yield "impossible counts of a hop"
