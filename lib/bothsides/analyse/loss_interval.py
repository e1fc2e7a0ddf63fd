"""Where the true share of lost packets lies: an interval that knows that losses come in bursts.

Packets of one burst are one event, so a run of n packets proves as much as n / D independent ones,
D = (1 + r) / (1 - r) with r the correlation of a packet's loss with that of the packet before it.
r follows from the mean length of the bursts. A few bursts do not tell that length, and a run
without loss tells nothing of it: therefore one more burst of four packets is supposed.
"""

import math

from bothsides.model.interval import Interval

_SUPPOSED = 4  # packets in the burst that is supposed besides those seen
_FEW = 5  # bursts; fewer do not tell how long and how frequent they are
_FEW_FOR_ALARMS = 8  # the same for the low end that alarms rest on
_ALARMS = 20  # by which the chance of a loss below that low end is smaller


def loss_interval(
    lost: int, bursts: float, sent: int, confidence: float = 0.95, for_alarms: bool = False
) -> Interval:
    """Where the true share (0 to 1) is; bursts: into how many runs the lost packets fall.

    for_alarms: with a lower low end. A check runs a thousand times in three days, and each run may
    raise a false alarm: at half of a limit, 95 % for a single run were 1 alarm in 3000 runs, this
    low end is 1 in more than 100,000 (from 100 packets on, bursts of a mean length up to 5).

    The exact interval for a share (Clopper and Pearson) of an effective number of packets.
    """
    if sent <= 0:
        return Interval(0.0, 1.0)
    tail = (1 - confidence) / 2
    effect = _design_effect(lost, bursts, sent)
    hits, misses = lost / effect, (sent - lost) / effect
    # how much the length of single bursts differs is not in the effect: it matters where few are
    few = lost > bursts and bursts < (_FEW_FOR_ALARMS if for_alarms else _FEW)
    below = (tail / 10 if few else tail) / (_ALARMS if for_alarms else 1)
    low = _beta_quantile(below, hits, misses + 1) if lost else 0.0
    high = _beta_quantile(1 - tail, hits + 1, misses) if lost < sent else 1.0
    return Interval(low, high)


def rests_on_few_bursts(lost: int, bursts: float) -> bool:
    """Whether loss comes in bursts, and in too few of them to judge how frequent they are."""
    return lost > bursts and bursts < _FEW


def _design_effect(lost: int, bursts: float, sent: int) -> float:
    """How many packets prove as much as one independent packet would."""
    if not lost:
        return float(_SUPPOSED)
    length = (lost + _SUPPOSED) / (bursts + 1)
    after_loss, after_reply = 1 - 1 / length, bursts / max(1, sent - lost)
    correlation = min(0.99, max(0.0, after_loss - after_reply))
    return (1 + correlation) / (1 - correlation)


def _beta_quantile(share: float, a: float, b: float) -> float:
    """The quantile of the beta distribution, by bisection; without losses there is a formula."""
    if a == 1:
        return -math.expm1(math.log1p(-share) / b)
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if _beta(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The distribution function of the beta distribution, between 0 and 1 (both excluded)."""
    if x > (a + 1) / (a + b + 2):  # where the fraction would converge slowly
        return 1 - _beta(1 - x, b, a)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(scale + a * math.log(x) + b * math.log1p(-x))
    return front * _beta_fraction(x, a, b) / a


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's way."""
    above, below = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value = below
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            below = 1 / _nonzero(1 + term * below)
            above = _nonzero(1 + term / above)
            value *= below * above
        if abs(below * above - 1) < 1e-12:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > 1e-300 else 1e-300
