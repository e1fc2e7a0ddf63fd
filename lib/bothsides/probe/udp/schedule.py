"""The order in which packets are dealt to flows: random in every round, and the same for one seed.

Dealt in turn, every eighth packet would belong to the same of eight flows, and loss that comes
back every eighth packet would look like a dead path.
"""

from bothsides.base.types import Iterator

_MASK = (1 << 64) - 1
_PLACES = 8  # drawn from one number of 64 bits: 64 flows ** 8 are 48 of them


def deal(packets: int, flows: int, seed: int) -> Iterator[tuple[int, int]]:
    """Flow and sequence number of every packet; each flow once in a round, in a new order."""
    numbers = _random(seed)
    order = list(range(flows))
    number = 0
    for place in range(packets):
        turn, index = divmod(place, flows)
        if index == 0:
            order = list(range(flows))
        if index % _PLACES == 0:
            number = next(numbers)
        number, chosen = divmod(number, flows - index)
        chosen += index
        order[index], order[chosen] = order[chosen], order[index]
        yield order[index], turn


def _random(seed: int) -> Iterator[int]:
    """SplitMix64: the random module would cost 5 ms at the start."""
    state = seed & _MASK
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
        yield mixed ^ mixed >> 31
