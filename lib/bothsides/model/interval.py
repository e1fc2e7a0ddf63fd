"""An interval: the least and the greatest value that a measurement leaves possible."""

from bothsides.base.types import NamedTuple


class Interval(NamedTuple):
    """All values from low to high, both included; counts are kept as whole numbers."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The value halfway between both ends."""
        return (self.low + self.high) / 2

    @property
    def half(self) -> float:
        """Half the width: how far the true value is from the middle at most."""
        return (self.high - self.low) / 2

    def widened(self, amount: float) -> "Interval":
        """The interval with `amount` more on either side."""
        return Interval(self.low - amount, self.high + amount)

    def moved(self, amount: float) -> "Interval":
        """Both ends increased by `amount`."""
        return Interval(self.low + amount, self.high + amount)

    def plus(self, other: "Interval") -> "Interval":
        """Where the sum of two values lies, each of which is in one of the intervals."""
        return Interval(self.low + other.low, self.high + other.high)

    def minus(self, other: "Interval") -> "Interval":
        """Where the difference of two values lies, each of which is in one of the intervals."""
        return Interval(self.low - other.high, self.high - other.low)
