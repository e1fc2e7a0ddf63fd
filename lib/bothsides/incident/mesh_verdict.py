"""The verdict about a whole mesh: all windows vote, one fault taken out before the next."""

from bothsides.analyse.statistics import wilson
from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.incident.mesh_vote import Member, Vote, Window, holds, vote
from bothsides.model.evidence import Evidence, UdpEvidence
from bothsides.model.interval import Interval

_MOST = 4  # faults at a time that are looked for
_LOSSY = 0.005  # share that a pair surely loses before its cell in the grid says so


class MeshVerdict(NamedTuple):
    """What the mesh says of itself."""

    votes: tuple[Vote, ...]  # one for each fault, that which explains most first
    hosts: tuple[str, ...]  # names of all hosts that were measured
    heard: int  # hosts whose own evidence is there
    pairs: int  # directed pairs with packets
    lossy: int  # pairs of these that surely lose
    share: Interval | None  # that the pairs of the first fault lose, with 95 % confidence
    grid: tuple[str, ...]  # a row for each host that sends, a cell for each host that gets


def mesh_verdict(documents: Sequence[Evidence], members: Mapping[str, Member]) -> MeshVerdict:
    """Which hosts, data centres or pairs of providers lose packets."""
    windows = windows_of(documents)
    votes: list[Vote] = []
    rest: Sequence[Window] = windows
    while len(votes) < _MOST:
        suspected = vote(rest, members)
        if not suspected.elements:
            break
        votes.append(suspected)
        named = suspected.elements[0]
        rest = [window for window in rest if not holds(named, window, members)]
    hosts = tuple(sorted({name for window in windows for name in window[:2]}))
    first = votes[0].elements[0] if votes else None
    hit = [window for window in windows if first is not None and holds(first, window, members)]
    return MeshVerdict(
        votes=tuple(votes),
        hosts=hosts,
        heard=len({document.host for document in documents}),
        pairs=len(windows),
        lossy=sum(_lossy(window) for window in windows),
        share=_share(hit) if hit else None,
        grid=_grid(hosts, windows),
    )


def windows_of(documents: Iterable[Evidence]) -> list[Window]:
    """Both directions of every pair, what both of its hosts counted put together."""
    sums: dict[tuple[str, str], list[int]] = {}
    for document in documents:
        for peer in document.peers:
            udp = peer.now.udp
            if udp is None or not udp.sent:
                continue
            there, here = _directions(udp)
            for start, target, counts in (
                (document.host, peer.peer, there),
                (peer.peer, document.host, here),
            ):
                known = sums.setdefault((start, target), [0, 0])
                known[0] += counts[0]
                known[1] += counts[1]
    return [
        Window(start, target, sent, lost) for (start, target), (sent, lost) in sorted(sums.items())
    ]


def _directions(udp: UdpEvidence) -> tuple[tuple[int, int], tuple[int, int]]:
    """Packets sent and surely lost forward, and the same of the replies.

    Of a peer that never answers nobody knows the direction: its packets count as lost in both.
    """
    if udp.forward is None:
        unknown = udp.lost if udp.lost == udp.sent else 0
        return (udp.sent, unknown), (udp.sent, unknown)
    there = int(min(udp.forward.low, udp.sent))
    here = max(0, int(udp.lost - udp.forward.high))
    return (udp.sent, there), (max(here, udp.sent - there), here)


def _share(windows: Sequence[Window]) -> Interval:
    sent, lost = sum(each.sent for each in windows), sum(each.lost for each in windows)
    return wilson(min(lost, sent), sent)


def _lossy(window: Window) -> bool:
    return window.sent > 0 and wilson(min(window.lost, window.sent), window.sent).low > _LOSSY


def _grid(hosts: Sequence[str], windows: Sequence[Window]) -> tuple[str, ...]:
    """`.` without loss, `x` with loss, `?` not measured, `-` the host itself."""
    known = {window[:2]: "x" if _lossy(window) else "." for window in windows if window.sent}
    return tuple(
        "".join("-" if start == target else known.get((start, target), "?") for target in hosts)
        + f" {start}"
        for start in hosts
    )
