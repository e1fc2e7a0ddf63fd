"""What a provider asks for before a ticket about loss is worked on, and commands that give it.

Hetzner: traces in both directions with at least 200 packets. AWS: both directions, by ICMP and by
TCP, after the limits of the instance were ruled out.
"""

from bothsides.base.types import Iterator
from bothsides.model.report import Provider

_WORDS: dict[Provider, str] = {
    "plain": "Most providers ask for traces in both directions, of 200 packets or more.",
    "hetzner": "Hetzner asks for a trace in both directions with at least 200 packets.",
    "aws": "AWS asks for traces in both directions, by ICMP and by TCP, after CPU and the limits"
    " of the instance (NetworkPacketsIn, NetworkPacketsOut) were ruled out.",
}
_OPTIONS: dict[Provider, tuple[str, ...]] = {
    "plain": ("-bzw -c 200",),
    "hetzner": ("-bzw -c 200",),
    "aws": ("-brw -c 50", "-brw -c 50 -T -P 443"),
}
_NEEDED = 200  # packets


def wanted(
    provider: Provider, ends: tuple[tuple[str, str], tuple[str, str]], traced: tuple[int, int]
) -> Iterator[str]:
    """The demand, what of it is here, and the commands for the rest.

    ends: name and address of both hosts; traced: echo requests of the trace out and back.
    """
    yield _WORDS[provider]
    (start, here), (target, there) = ends
    enough = min(traced) >= _NEEDED and provider != "aws"
    counts = f"{traced[0]} echo requests out, {traced[1]} back"
    if enough:
        yield f"This report has {counts}: that is enough."
        return
    yield f"This report has {counts}. While it lasts, run:"
    for options in _OPTIONS[provider]:
        yield f"on {start}: mtr {options} {there or 'ADDRESS-OF-THE-FAR-END'}"
        yield f"on {target}: mtr {options} {here or 'ADDRESS-OF-THIS-END'}"
