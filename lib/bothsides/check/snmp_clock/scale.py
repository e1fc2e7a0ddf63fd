"""What is said about the clock that offsets are measured by, and whether it is any measure."""

from bothsides.analyse.clock import Analysis, Scale
from bothsides.base.types import Iterator
from bothsides.check.snmp_clock.limits import Limits
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Part, Remark, State

REMEDY = "--reference ntp:HOST or --local-sync ignore"
NOBODY = "of our own clock, which is not synchronised"


def is_doubtful(analysis: Analysis, limits: Limits, scale: Scale) -> bool:
    """Whether offsets count from our own clock, and nobody keeps account of its error."""
    if scale.kind != "own" or analysis.local.synchronised or analysis.local.stepped:
        return False
    return limits.local_sync == "require"


def is_measure(analysis: Analysis, limits: Limits, scale: Scale) -> bool:
    """Whether the clock that the offsets are measured by decides a state."""
    if scale.kind == "reference":
        return scale.answered
    if analysis.local.stepped:
        return False
    return not is_doubtful(analysis, limits, scale)


def judge_scale(
    analysis: Analysis, limits: Limits, scale: Scale, beside: str = ""
) -> Iterator[Part]:
    """What is wrong with that clock, and which it is. beside: an offset by our own, in words."""
    local, reference = analysis.local, analysis.reference
    if local.stepped:
        words = f"our own clock was moved by {local.stepped:+.3f} s during the check"
        if scale.kind == "reference" and scale.answered:
            yield Remark(State.OK, f"{words}, which the reference makes up for")
        else:
            yield Remark(State.UNKNOWN, f"{words}: nothing can be said")
    if reference is not None and reference.failure is not None:
        more = f"; by our own clock it is {beside}" if beside else ""
        yield Remark(State.UNKNOWN, f"reference {reference.name}: {reference.failure.words}{more}")
    if limits.local_sync == "ignore" or local.synchronised:
        return
    account = f" ({local.account or 'its error is unknown'})"
    if reference is not None:
        if reference.named_by:
            by = f"measured by {reference.name}, which {reference.named_by} names"
            yield Remark(State.OK, f"our own clock is not synchronised{account}: {by}")
    elif scale.kind == "others":
        yield Remark(State.OK, f"our own clock is not synchronised{account}: the others count")
    elif limits.local_sync == "warn":
        yield Remark(State.WARNING, f"our own clock is not synchronised{account}")
    elif not local.stepped:
        yield Remark(State.UNKNOWN, f"our own clock is not synchronised{account}")


def doubt_words(scale: Scale) -> str:
    """How far our own clock is trusted although nobody keeps account of it."""
    return (
        f"our own clock is taken to be off by {to_words(scale.doubt)} at most:"
        " 5 min when it was started, and 500 ppm since"
    )
