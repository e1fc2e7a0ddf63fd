"""A simulated agent with a clock that is off, looked at as the probe would."""

import random
from typing import NamedTuple

from hypothesis import strategies as st

from bothsides.analyse.clock_schedule import next_look
from bothsides.model.clock import Look, Wish
from bothsides.parse.range import Range

SECOND = 10**9
START = 1_795_210_673 * SECOND
LIMITS = Range(-5.0, 5.0), Range(-60.0, 60.0)


class Far(NamedTuple):
    """A simulated agent."""

    offset: float  # s
    grain: int  # ns
    out: float  # s on the way there
    back: float  # s on the way back
    jitter: float  # s
    cache: float  # s for which it keeps values
    late: int  # ns by which its second may change late
    dice: random.Random


def looked(
    far: Far,
    wish: Wish,
    most: float = 8.0,
    told: bool = True,
    alone: bool = True,
    live: bool = False,
    remembered: bool = False,
) -> tuple[list[Look], float]:
    """All looks at a simulated agent, as the probe would take them, and how long that took.

    told: whether it is known for how long the agent keeps values; live: whether it is taken for one
    that keeps none.
    """
    at = START + far.dice.randrange(SECOND)
    looks: list[Look] = []
    kept: tuple[int, int] | None = None
    when: int | None = at
    while when is not None and (when - at) / 1e9 < most:
        out = far.out + far.dice.random() * far.jitter
        back = far.back + far.dice.random() * far.jitter
        read = when + round(out * 1e9)
        if kept is None or read - kept[0] >= far.cache * 1e9:
            true = read + round(far.offset * 1e9) - far.dice.randrange(far.late + 1)
            kept = (read, true // far.grain * far.grain)
        received = read + round(back * 1e9)
        packets = len(looks) + 1 if alone else None
        slack = 10_000_000 if far.late else 0
        cache = far.cache if told else 0.0
        looks.append(
            Look(
                when,
                received,
                kept[1],
                far.grain,
                slack,
                cache,
                packets,
                len(looks) + 1,
                live or (told and not far.cache),
                unsure=not told and not live,
            )
        )
        when = next_look(looks, wish, remembered)
    return looks, (looks[-1].received - at) / 1e9


far_ends = st.builds(
    Far,
    st.one_of(
        st.floats(-90, 90),
        st.sampled_from([0.0, 4.9, -4.9, 5.0, -5.0, 5.2, -5.2, 60.0, -60.0, 75.0]),
    ),
    st.sampled_from([SECOND, SECOND // 10, 1000, 1]),
    st.sampled_from([0.0001, 0.02, 0.08, 0.3]),
    st.sampled_from([0.0001, 0.02, 0.08, 0.3]),
    st.sampled_from([0.0, 0.02]),
    st.sampled_from([0.0, 0.0, 1.0, 5.0]),
    st.sampled_from([0, 8_000_000]),
    st.randoms(use_true_random=False),
)
