"""Which probe is sent next: hop by hop along every flow, with echo requests in between."""

from bothsides.base.types import Iterable, Iterator, NamedTuple, Sequence
from bothsides.model.path import ECHO, ProbeResult

_TAIL, _KNOWN_TAIL = 12, 4  # silent hops in a row that end a trace, and behind a known length
_CIRCLE = 4  # times that a flow meets the same router until it is clear that it circles


class Pause(NamedTuple):
    """A job that sends nothing, but waits until flows have ended."""

    flows: tuple[int, ...]


Job = tuple[int, int] | Pause
"""What to do next: probe (flow, ttl), or pause."""


class Pass:
    """The results of one pass over a path so far."""

    def __init__(self) -> None:
        self.results: list[ProbeResult] = []
        self.waiting: dict[int, tuple[int, int]] = {}  # flow and TTL of unanswered probes, by token

    def clear(self) -> None:
        """Begins another pass."""
        self.results, self.waiting = [], {}

    def ended(self, flow: int) -> bool:
        """Whether a flow has come to its end: the target, a refusal, or a loop."""
        mine = [result for result in self.results if result.flow == flow]
        hosts = [result.host for result in mine]
        return any(result.kind != "expired" for result in mine) or any(
            hosts.count(host) >= _CIRCLE for host in set(hosts)
        )

    def highest(self) -> int:
        """The last hop that has answered."""
        return max((result.ttl for result in self.results), default=0)

    def taken(self) -> tuple[ProbeResult, ...]:
        """All results: answers, and silence where none has come yet."""
        silent = [ProbeResult(flow, ttl, "silent") for flow, ttl in self.waiting.values()]
        return tuple(sorted([*self.results, *silent], key=lambda each: (each.ttl, each.flow)))


def ladder(
    current: Pass,
    flows: Sequence[int],
    top: int,
    known: int = 0,
    extra: Iterable[tuple[int, int]] = (),
) -> Iterator[Job]:
    """Jobs hop by hop for every flow until each has ended.

    known: the length of the path as learnt; behind it, and behind the `extra` jobs, the results are
    awaited before anything more is probed. So they are before silence ends a trace: answers of hops
    far away come after the probes of many more hops were sent.
    """
    more = list(extra)
    for ttl in range(1, top + 1):
        tail = _KNOWN_TAIL if known and ttl > known else _TAIL
        if ttl == known + 1 or ttl - current.highest() > tail:
            yield from more
            more = []
            yield Pause(tuple(flows))
        going = [flow for flow in flows if not current.ended(flow)]
        if not going or ttl - current.highest() > tail:
            break
        yield from ((flow, ttl) for flow in going)
    yield from more


def with_echoes(jobs: Iterable[Job], echoes: int) -> Iterator[Job]:
    """The jobs with an echo request after every four, and the rest of them at the end."""
    sent = 0
    for place, job in enumerate(jobs, 1):
        yield job
        if place % 4 == 0 and sent < echoes:
            sent += 1
            yield (ECHO, 0)
    yield from [(ECHO, 0)] * (echoes - sent)
