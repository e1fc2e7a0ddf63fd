"""Our own clock, and a clock that is taken instead of it."""

from bothsides.base.types import NamedTuple
from bothsides.model.failure import Failure
from bothsides.model.interval import Interval

FORMER_FIELDS = {"LocalClock": {"told": "account"}}
"""Names of fields in records of earlier versions, and what they are called now."""


class LocalClock(NamedTuple):
    """How good our own clock is."""

    error: float | None  # s, its greatest error; None where nobody keeps account of it
    stepped: float = 0.0  # s by which it was set while we measured
    account: str = ""  # by whose account, or why there is none
    since_boot: float | None = None  # s since this host was started; None in earlier records

    @property
    def synchronised(self) -> bool:
        """Whether anybody disciplines it: whether its error has a bound."""
        return self.error is not None


class Reference(NamedTuple):
    """A clock that is taken instead of ours: that of an NTP server."""

    name: str  # as the command line names its host
    ahead: Interval | None  # s by which it is ahead of our clock; None where that is not known
    stratum: int = 0  # as in NTP
    failure: Failure | None = None  # why its time is not known
    named_by: str = ""  # the file of this host that names it; "" where the command line does
