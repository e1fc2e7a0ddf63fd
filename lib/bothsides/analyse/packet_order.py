"""Duplicated and reordered packets of one flow, forward and backward apart."""

from itertools import pairwise

from bothsides.base.types import Iterable, NamedTuple, Sequence
from bothsides.model.udp import Reply


class Disorder(NamedTuple):
    """What went wrong in one flow besides loss."""

    duplicated_forward: int  # packets that arrived at the reflector more than once
    duplicated_backward: int  # replies that arrived here more than once
    reordered_forward: int  # packets that arrived after a later one (RFC 4737)
    reordered_backward: int  # replies that arrived after a later one


def disorder(replies: Sequence[Reply]) -> Disorder:
    """Counts by what the replies of one flow, in the order of arrival, tell.

    A copy with another number of the reflector was made on the way there, one with the same number
    on the way back. The numbers give the order of arrival at the reflector.
    """
    order = [(reply.sequence, reply.number or 0) for reply in replies]
    if all(early[0] < late[0] and early[1] <= late[1] for early, late in pairwise(order)):
        return Disorder(0, 0, 0, 0)  # as it nearly always is
    copies: dict[int, dict[int | None, int]] = {}
    first: dict[int, Reply] = {}
    for reply in replies:
        numbers = copies.setdefault(reply.sequence, {})
        numbers[reply.number] = numbers.get(reply.number, 0) + 1
        first.setdefault(reply.sequence, reply)
    arrivals = sorted(first.values(), key=lambda reply: reply.number or 0)
    return Disorder(
        duplicated_forward=sum(len(numbers) - 1 for numbers in copies.values()),
        duplicated_backward=sum(
            count - 1 for numbers in copies.values() for count in numbers.values()
        ),
        reordered_forward=_reordered(reply.sequence for reply in arrivals),
        reordered_backward=_reordered(reply.number or 0 for reply in first.values()),
    )


def duplicated_forward(replies: Iterable[Reply]) -> bool:
    """Whether the reflector has given two numbers to one packet."""
    numbers: dict[tuple[int, int], int | None] = {}
    return any(
        numbers.setdefault((reply.flow, reply.sequence), reply.number) != reply.number
        for reply in replies
    )


def _reordered(numbers: Iterable[int]) -> int:
    """How many are below the highest before them."""
    highest = -1
    count = 0
    for number in numbers:
        count += number < highest
        highest = max(highest, number)
    return count
