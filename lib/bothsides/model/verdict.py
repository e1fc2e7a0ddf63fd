"""The joined verdict of both ends and further witnesses, step by step."""

from bothsides.base.types import Literal, NamedTuple
from bothsides.model.interval import Interval

FAR_END = "far end"
"""Code of the host that is checked."""

MONITOR = "monitor"
"""Code of the host that checks."""

NONE = "none"
"""Code for: nothing is wrong between the two hosts."""

UNKNOWN = "unknown network"
"""Code of a network that nobody can name: of a silent router, or of an address without an owner. It
is never a side that is named, only one that is not excluded."""

Kind = Literal["own", "refusal", "silence", "loss", "service", "delay", "change", "few"]
"""What was seen; own: trouble of a host itself; few: so few losses that they may be chance."""

HARMLESS: tuple[Kind, ...] = ("change", "few")
"""What harms nobody, as far as is proved."""

Way = Literal["out", "back", "both", ""]
"""Direction of a fault as FROM sees it; "": not known, or none."""

Confidence = Literal["certain", "likely", "open", "none"]
"""certain: said by whose fault it is, or proved twice; likely: nobody else within 99 % of the
likelihood; open: the likeliest of several; none: nobody is named.
"""


class Suspect(NamedTuple):
    """A side and its part of the likelihood."""

    code: str  # label of the owner map, FAR_END, MONITOR or UNKNOWN
    role: str  # as the owner map has it; "" for hosts and where it is not known
    share: float  # of the likelihood, 0 to 1


class Place(NamedTuple):
    """A link on a path, as the trace along it shows it."""

    view: str  # the trace: "A to B"
    after: str  # address of the last router before; "": the host itself
    before: str  # address of the first one behind; "": never answered
    hop: int  # number of the hop behind


class Fault(NamedTuple):
    """One thing that is wrong, and whose it may be."""

    kind: Kind
    way: Way
    suspects: tuple[
        Suspect, ...
    ]  # those that together have 99 % of the likelihood, likeliest first
    confidence: Confidence
    words: str  # what was seen, in one line
    rule: str  # rule that found it: "R3"
    places: tuple[Place, ...] = ()  # likeliest first
    since: float | None = None  # s since 1970; None: not known

    @property
    def named(self) -> str:
        """The code of the side that is named; "": nobody."""
        return "" if self.confidence == "none" else self.suspects[0].code


class Step(NamedTuple):
    """One step of the reasoning."""

    rule: str  # "R3"
    title: str  # "one way"
    words: str  # what it found, with its evidence


class Witness(NamedTuple):
    """A host that was asked, or should have been."""

    name: str
    state: Literal["heard", "missing", "stale", "slow", "lying", "clock off"]
    words: str  # why, and what was done about it


class Shown(NamedTuple):
    """How line 1 says a verdict, so that it stays the same while one incident lasts."""

    out: Interval | None  # share lost from `start` to `target`; contains what was measured
    back: Interval | None  # the same of the other direction
    vague: bool  # whether no likeliest side is named
    roles: tuple[tuple[str, str], ...] = ()  # sides of earlier runs, with their roles


class Verdict(NamedTuple):
    """What is said about one pair of hosts."""

    start: str  # name of the host that checks
    target: str  # name of the host that is checked
    at: float  # s since 1970; of the newest evidence
    side: tuple[str, ...]  # codes that are named; empty: cannot tell; (NONE,): nothing is wrong
    also: tuple[str, ...]  # codes that are not excluded; UNKNOWN among them where it is one
    confidence: Confidence  # of the weakest that is named
    faults: tuple[Fault, ...]  # the most harmful first
    steps: tuple[Step, ...]
    witnesses: tuple[Witness, ...]
    loss_out: Interval | None  # share lost from `start` to `target`, 0 to 1, with 95 % confidence
    loss_back: Interval | None  # the same of the other direction
    since: float | None  # s since 1970; from when on it is seen; None: not known
    acquitted: tuple[tuple[str, str], ...]  # sides that are excluded, and by what
    missing: tuple[str, ...]  # what was not asked, and who could tell
    settle: tuple[str, ...]  # what would settle it: commands or witnesses
    lost_out: Interval | None = None  # packets lost from `start` to `target`; None: not known
    sent_out: int = 0  # packets that entered this direction
    lost_back: Interval | None = None  # packets lost in the other direction
    sent_back: int = 0  # packets that entered it
    until: float | None = None  # s since 1970; when it ended while it was measured; None: not known
    shown: Shown | None = None  # what earlier runs make of line 1; None: there were none

    @property
    def in_doubt(self) -> bool:
        """Whether all that is seen are losses so few that they may be chance."""
        return [fault.kind for fault in self.faults] == ["few"]
