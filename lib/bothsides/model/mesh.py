"""The continuous mesh: slices of one pair, the window that a check reads, and who is to be read."""

from bothsides.base.deadline import Stop
from bothsides.base.types import NamedTuple
from bothsides.model.failure import Failure

SOCKET = "/run/bothsides/mesh.sock"
"""Where udp_mesh answers unless it is told another place."""

SLICE = 5.0  # s of a slice unless the landscape has another length

SHORT, CLOCK, OVERFLOW, FAR, BEGIN = 1, 2, 4, 8, 16
"""Flags of a slice.

SHORT: more than 2 % of its packets were not sent, for a late tick or a send error. CLOCK: this
host's clock was set meanwhile. OVERFLOW: the sockets here dropped replies. FAR: the reflector
dropped or refused requests, or was started again. BEGIN: the pair is probed only since this slice.
"""

SUSPECT = SHORT | CLOCK | OVERFLOW
"""Flags that make a slice suspect: what it says may be this host's own doing."""


class Slice(NamedTuple):
    """What became of the packets that one pair sent in one slice."""

    at: int  # begin of the slice, s since 1970
    sent: int  # packets that left
    lost: int  # packets without a reply within the timeout; the next three are parts of it
    out: int  # known to be lost on the way out
    back: int  # known to be lost on the way back
    late: int  # answered after the timeout
    duplicated: int  # replies beyond the first
    reordered: int  # replies that arrived after the reply to a later packet of the same flow
    unsent: int  # packets that the kernel refused to send
    flags: int  # of those above
    rtt_min: int  # us; 0 when nothing was answered
    rtt_mean: int  # us
    rtt_max: int  # us


class PairWindow(NamedTuple):
    """One pair in a window: sums over its slices that are not suspect."""

    name: str  # of the far end
    address: str
    datacenter: str  # of the far end, dotted; "" when not known
    maintenance: str  # why it does not alarm now; "" when it does
    alive: bool  # whether it was answered lately; else it is asked once a second
    slices: int  # in the window, suspect ones too
    suspect: int  # of these
    bad: int  # slices that lost packets, suspect ones left out
    first_bad: int  # begin of the first of them, s since 1970; 0 without one
    last_bad: int  # begin of the last of them, likewise
    sent: int  # packets, as are all below
    lost: int
    out: int
    back: int
    late: int
    duplicated: int
    reordered: int
    unsent: int  # in suspect slices too
    flags: int  # of all slices, suspect ones too
    rtt_min: int  # us; 0 when nothing was answered
    rtt_mean: int  # us
    rtt_max: int  # us


class Well(NamedTuple):
    """Pairs of one data centre about none of which anything is to be said: sums over all of them.

    No packet of theirs was lost, no slice is suspect, and no one is in maintenance.
    """

    datacenter: str  # of the far ends, dotted
    number: int  # pairs
    places: tuple[int, ...]  # of the other pairs of this data centre among all of it, by name
    slices: int
    sent: int  # packets, as are the next four
    late: int
    duplicated: int
    reordered: int
    unsent: int
    flags: int  # of all slices
    rtt_min: int  # us
    rtt_mean: int  # us
    rtt_max: int  # us


class Plan(NamedTuple):
    """Which prober to ask for what."""

    socket: str  # path
    window: float  # s
    select: str  # an expression that selects far ends; "" for all
    patience: float = 1.0  # s to wait for a prober that is just being restarted
    wait: float = 1.0  # s for its answer
    every: bool = True  # a row for each pair, also for those that are well


class Run(NamedTuple):
    """What the prober answered."""

    subject: str  # the probing host; the socket where nothing answered
    stopped: Stop | None  # why the reading ended early
    failure: Failure | None  # why there is no window
    asked: float  # s since 1970, by our clock
    now: float | None = None  # the same moment by the prober's clock
    started: float = 0.0  # when the prober began, s since 1970
    length: float = SLICE  # s of a slice
    expected: int = 0  # slices that the window has
    closed: float = 0.0  # end of the last slice that is closed, s since 1970
    stalled: float = 0.0  # s in the window in which the prober did not run
    notes: tuple[str, ...] = ()  # the prober's own trouble in words
    added: tuple[
        tuple[str, float], ...
    ] = ()  # new pairs whose first slice is not due, s since then
    pairs: tuple[PairWindow, ...] = ()  # by data centre and name
    well: tuple[Well, ...] = ()  # the pairs that are not in `pairs`, by data centre
