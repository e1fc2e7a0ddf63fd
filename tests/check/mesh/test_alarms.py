"""How often line 1 is right, and how often health alarms: a whole mesh of 38 hosts, simulated.

Every host has its own prober; losses are drawn packet by packet, and go the way of the prober:
slices, sums, JSON, analysis, judge. A slice is drawn for all pairs at once.
"""

import json
import random
from collections.abc import Callable, Iterator

import pytest

from bothsides.analyse.mesh import analyse
from bothsides.check.mesh.judge import judge
from bothsides.mesh.ring import Ring, sums
from bothsides.model.mesh import PairWindow, Slice
from bothsides.plugin.finding import Reading, Remark, State, state_of
from bothsides.probe.mesh import _run, from_json
from tests.support.mesh_window import PLAN, limits

HOSTS = {f"h{n}": ("us.east", "us.west", "eu.de", "ap.jp")[n % 4] for n in range(38)}
SENT = 200  # packets of a slice
BEGIN = 1_700_000_000
LIMITS = limits()

Loss = Callable[[str, str], tuple[float, float]]
"""Out and back between two hosts, as the probability of a packet to be lost."""


def drawn(chance: float, sent: int, draw: random.Random) -> int:
    """How many of these packets are lost."""
    if not chance:
        return 0
    return sum(draw.random() < chance for _ in range(sent))


def lost(loss: tuple[float, float], at: int, draw: random.Random) -> Slice:
    out = drawn(loss[0], SENT, draw)
    back = drawn(loss[1], SENT - out, draw)
    return Slice(at, SENT, out + back, out, back, 0, 0, 0, 0, 0, 10_000, 11_000, 12_000)


class Host:
    """One prober: its rings, and what check_mesh would say."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rings = {other: Ring(12) for other in HOSTS if other != name}

    def slice(self, at: int, loss: Loss, draw: random.Random) -> None:
        for other, ring in self.rings.items():
            ring.put(lost(loss(self.name, other), at, draw))

    def line(self, closed: int) -> tuple[State, str]:
        """State and words of line 1."""
        rows = sorted(
            (
                PairWindow(other, "192.0.2.1", HOSTS[other], "", True, *sums(ring.last(12)))
                for other, ring in self.rings.items()
            ),
            key=lambda row: (row.datacenter, row.name),
        )
        answer = {
            "v": 1, "host": self.name, "now": closed + 2, "started": 0, "length": 5,
            "expected": 12, "closed": closed, "stalled": 0, "notes": [],
            "columns": PairWindow._fields, "pairs": rows,
        }  # fmt: skip
        run = _run(from_json(json.dumps(answer).encode()), float(closed))
        findings = list(judge(analyse(PLAN, run, None), LIMITS))
        state = state_of(findings)
        stated = [part for part in findings if isinstance(part, Reading | Remark)]
        return state, next(part.words for part in stated if part.state is state and part.words)


def after_a_minute(name: str, loss: Loss, seed: int) -> str:
    """What a host says 60 s after the loss began, with a healthy minute before."""
    host, draw = Host(name), random.Random(seed)
    for number in range(24):
        bad = loss if number >= 12 else (lambda one, other: (0.0, 0.0))
        host.slice(BEGIN + 5 * number, bad, draw)
    return host.line(BEGIN + 120)[1]


def times(count: int) -> Iterator[int]:
    yield from range(count)


def test_loss_of_one_pair_is_named_in_30_of_30() -> None:
    pair = ("h3", "h17")
    for seed in times(30):
        words = after_a_minute(
            "h3", lambda a, b: (0.03, 0.0) if (a, b) == pair else (0.0, 0.0), seed
        )
        assert words.startswith("h3 to h17: lost "), words
        assert " out, 0 back)" in words


def test_loss_on_one_host_s_way_out_is_named_in_30_of_30() -> None:
    for seed in times(30):
        own = after_a_minute("h3", lambda a, b: (0.03, 0.0), seed)
        assert own.startswith("h3 to all 37 hosts: lost "), own
        assert " out, 0 back)" in own
        back = after_a_minute("h9", lambda a, b: (0.0, 0.03) if b == "h3" else (0.0, 0.0), seed)
        assert back.startswith("h9 to h3: lost "), back
        assert ": 0 out, " in back


def test_loss_of_one_data_centre_is_named_in_30_of_30() -> None:
    for seed in times(30):
        words = after_a_minute(
            "h3", lambda a, b: (0.015, 0.015) if HOSTS[b] == "us.west" else (0.0, 0.0), seed
        )
        number = list(HOSTS.values()).count("us.west")
        assert words.startswith(f"h3 to all {number} hosts of us.west: lost "), words


def alarms(slices: int, base: float, seed: int) -> int:
    """How many of the minutes of a healthy host alarm, the base loss of each pair given."""
    host, draw = Host("h3"), random.Random(seed)
    found = 0
    for number in range(slices):
        host.slice(BEGIN + 5 * number, lambda a, b: (base / 2, base / 2), draw)
        if number % 12 == 11:
            found += host.line(BEGIN + 5 * number + 5)[0] is not State.OK
    return found


def test_an_hour_of_health_does_not_alarm() -> None:
    assert alarms(240, 0.001, seed=1) == 0


@pytest.mark.soak
@pytest.mark.parametrize("base", [0.0, 0.001, 0.003])
def test_a_day_of_health_does_not_alarm(base: float) -> None:
    """17,280 slices of 37 pairs, with up to 0.3 % of loss that is always there."""
    assert alarms(17_280, base, seed=2) == 0
