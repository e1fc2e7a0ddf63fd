"""What a provider asks for before a ticket about loss is worked on, and commands that give it.

Hetzner: traces in both directions with at least 200 packets. AWS: both directions, by ICMP and by
TCP, after the limits of the instance were ruled out.
"""

from bothsides.base.types import Iterator, NamedTuple
from bothsides.model.whose_fault import NEEDED, Provider

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


class Traces(NamedTuple):
    """Packets to the far end that one direction's traces sent."""

    icmp: int
    tcp: int


def wanted(
    provider: Provider, ends: tuple[tuple[str, str], tuple[str, str]], traced: tuple[Traces, Traces]
) -> Iterator[str]:
    """The demand, what of it is here, and the commands for the rest.

    ends: name and address of both hosts; traced: out and back.
    """
    yield _WORDS[provider]
    (start, here), (target, there) = ends
    out, back = traced
    counts = f"{out.icmp} echo requests out, {back.icmp} back"
    enough = min(out.icmp, back.icmp) >= NEEDED[provider]
    if provider == "aws" or out.tcp or back.tcp:
        counts += f", and by TCP {out.tcp} out, {back.tcp} back"
    if provider == "aws":
        enough = enough and min(out.tcp, back.tcp) >= NEEDED[provider]
    if enough:
        yield f"This report has {counts}: that is enough."
        return
    yield f"This report has {counts}. While it lasts, run:"
    for options in _OPTIONS[provider]:
        yield f"on {start}: mtr {options} {there or 'ADDRESS-OF-THE-FAR-END'}"
        yield f"on {target}: mtr {options} {here or 'ADDRESS-OF-THIS-END'}"
