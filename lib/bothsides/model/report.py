"""The incident report: what it is made from, and what its page and its text show."""

from bothsides.base.types import Literal, NamedTuple
from bothsides.model.evidence import Evidence
from bothsides.model.interval import Interval
from bothsides.model.verdict import Verdict
from bothsides.model.whose_fault import Provider, Run

Phase = Literal["before", "during", "after"]

Way = Literal["out", "back", "trip"]
"""From A to B, from B to A, or a round trip whose direction is not known."""


class Span(NamedTuple):
    """A window of time, both ends included."""

    phase: Phase
    start: float  # s since 1970, UTC
    end: float  # s since 1970, UTC


class Trip(NamedTuple):
    """A stored run of check_mtr_path, as the timeline shows it."""

    at: float  # s since 1970, UTC
    sent: int  # echo requests to the target
    lost: int  # echo requests without a reply
    rtt: float | None  # s, mean round trip
    changed: bool  # whether the path was another one than usual


class Kept(NamedTuple):
    """All that a report is made from; a page embeds it so that it can be judged again."""

    run: Run  # the joined evidence of the incident, with that from before
    after: tuple[Evidence, ...] = ()  # documents from when it was over
    spans: tuple[Span, ...] = ()  # windows that were asked for; empty: as the evidence says
    trips: tuple[Trip, ...] = ()  # stored runs in these windows
    provider: Provider = "plain"
    ticket: str = ""  # number of the provider's ticket; "": none
    made: float = 0.0  # s since 1970, UTC; when the report was made
    version: str = ""  # of bothsides
    hidden: tuple[str, ...] = ()  # names that stand for hidden addresses and hosts


class Said(NamedTuple):
    """Words of check_whose_fault about a verdict."""

    headline: str  # the joined line
    out: str  # loss from A to B; "": not known
    back: str  # loss from B to A; "": not known


class Point(NamedTuple):
    """One measurement in the timeline."""

    phase: Phase
    way: Way
    at: float  # s since 1970, UTC
    lasted: float  # s
    sent: int  # packets
    lost: Interval | None  # packets of these; None: direction not known
    rtt: Interval | None  # s, least and median, or the mean twice
    changed: bool = False  # whether the path was another one than usual


class Cell(NamedTuple):
    """One hop in one window."""

    host: str  # address that answered; "": silent
    loss: float | None  # share of its own answers that is missing; None: not asked
    best: float | None  # s, the shortest round trip


class Row(NamedTuple):
    """One hop in all windows."""

    hop: int  # of the first window that has it
    owner: str  # network; "": not known
    cells: tuple[Cell | None, ...]  # one for each window; None: no such hop
    marks: str  # one for each window but the first: "=" same, "~" other, "+" new, "-" gone, "*"


class PathTable(NamedTuple):
    """The routers of one direction."""

    title: str  # "A to B"
    phases: tuple[Phase, ...]  # windows with a trace
    rows: tuple[Row, ...]
    left_off: int  # hops for which there was no room
    words: str  # what changed between the windows; "": one window


class Report(NamedTuple):
    """All that the page and the text show, in this order."""

    headline: str
    facts: tuple[tuple[str, str], ...]  # label and words: from, to, when, how much
    spans: tuple[Span, ...]
    points: tuple[Point, ...]
    ways: tuple[PathTable, ...]  # out, then back with its last hop first
    thirds: tuple[tuple[str, str], ...]  # name of the pair, and what it measured
    steps: tuple[str, ...]  # the reasoning
    ruled_out: tuple[str, ...]
    methods: tuple[str, ...]  # how it was measured, and by what version
    raw: tuple[tuple[str, str], ...]  # title and text of each trace in mtr's form
    wanted: tuple[str, ...]  # what the provider asks for, and commands for it
    limits: tuple[str, ...]  # of the evidence
    evidence: str  # JSON of `Kept`; "": too long for a page
    verdict: Verdict
