"""What became of every UDP packet: lost on the way out or back, doubled, overtaken, late, and how long it took.

How the direction of a loss is known: a stateful reflector numbers the requests of each flow as they
arrive. The number on an answer therefore says how many requests had arrived before it; what is
missing below it and never came back was lost on the way back, the rest never arrived. What is missing after
the last answer is settled by closing probes, which carry such a number too.
"""

from itertools import pairwise

from bothsides.analyse import statistics
from bothsides.base.types import Iterable, NamedTuple
from bothsides.model.udp import Answer, Packet, Target
from bothsides.parse import stamp
from bothsides.probe.udp.protocol import JUMP

_BAD_FLOW = 1e-6  # how improbable a flow's loss must be among the others before it is called bad
_MOST = 3  # answers at least before most of them mean anything
_STEP = 1_000_000  # ns by which wall and monotonic clock may disagree before it is called a step


class Bounds(NamedTuple):
    """A count that is known within bounds, both included."""

    low: int
    high: int

    def __add__(self, other: object) -> "Bounds":
        return (
            Bounds(self.low + other.low, self.high + other.high)
            if isinstance(other, Bounds)
            else NotImplemented
        )

    @property
    def value(self) -> int | None:
        """The count when it is known to within one packet, else None."""
        return (self.low + self.high) // 2 if self.high - self.low <= 2 else None


class Delay(NamedTuple):
    """One answered packet, in the order of sending; all in seconds.

    rtt: without the far end's own time; out, back: transit times by clocks that may differ by a
    constant, None without the far end's stamps; kernel: 2 with kernel stamps at both ends of ours, 1, 0.
    """

    place: int
    rtt: float
    out: float | None
    back: float | None
    late: bool
    kernel: int


class Flow(NamedTuple):
    """One source port's packets. out, back: losses by direction, None when the direction is unknown."""

    sent: int
    lost: int
    out: Bounds | None
    back: Bounds | None
    dup_out: int
    dup_back: int
    reorder_out: int
    reorder_back: int
    fastest: float | None


class Account(NamedTuple):
    """All of a target's packets together.

    direction: "known", or why not: "echo", "stateless", "restarted", "unsettled"; doubled: all answers beyond
    the first; stepped: packets during which our clock was set; error_far: the far end's error estimate.
    """

    sent: int
    senderr: int
    faults: tuple[tuple[str, int], ...]
    received: int
    lost: int
    out: Bounds | None
    back: Bounds | None
    direction: str
    doubled: int
    bursts: statistics.Bursts
    late: int
    delays: tuple[Delay, ...]
    flows: tuple[Flow, ...]
    hops_out: tuple[int, ...]
    hops_back: tuple[int, ...]
    stepped: int
    error_far: float | None


def account(target: Target, patience: float, ended: float | None = None) -> Account:
    """Settles one target.

    patience: seconds after which an answer counts as late; ended: when we stopped listening (seconds
    since the start) where that was before its time: packets that could still have been answered are not counted.
    """
    first: dict[tuple[int, int], Answer] = {}
    for answer in target.answers:
        first.setdefault((answer.flow, answer.sequence), answer)
    sent = [packet for packet in target.packets if not packet.fault]
    senderr = len(target.packets) - len(sent)
    if ended is not None:
        sent = _settled(sent, first, patience, ended)
    delays, stepped = _delays(sent, first, patience)
    direction = _direction(target)
    flows = _flows(target, sent, direction, delays)
    faults: dict[str, int] = {}
    for packet in target.packets:
        if packet.fault:
            faults[packet.fault] = faults.get(packet.fault, 0) + 1
    errors = [
        stamp.from_error(answer.error) for answer in first.values() if answer.error is not None
    ]
    claims = [error for error in errors if error is not None]
    return Account(
        len(sent),
        senderr,
        tuple(faults.items()),
        len(first),
        len(sent) - len(first),
        _sum(flow.out for flow in flows),
        _sum(flow.back for flow in flows),
        direction,
        len(target.answers) - len(first),
        statistics.bursts((packet.flow, packet.sequence) in first for packet in sent),
        sum(delay.late for delay in delays),
        delays,
        flows,
        tuple(sorted({255 - answer.ttl_there for answer in first.values() if answer.ttl_there})),
        tuple(
            sorted(
                {_hops(answer.ttl_here) for answer in first.values() if answer.ttl_here is not None}
            )
        ),
        stepped,
        max(claims) if claims and len(claims) == len(first) else None,
    )


def _settled(
    sent: list[Packet], first: dict[tuple[int, int], Answer], patience: float, ended: float
) -> list[Packet]:
    """Without the unanswered ones that were sent so late that their answer may have been on its way."""
    slowest = max(
        (
            first[key].at - packet.at
            for packet in sent
            if (key := (packet.flow, packet.sequence)) in first
        ),
        default=None,
    )
    if slowest is None:
        return sent
    since = ended - min(patience, 4 * slowest + 0.05)
    return [
        packet for packet in sent if packet.at <= since or (packet.flow, packet.sequence) in first
    ]


def _sum(parts: Iterable[Bounds | None]) -> Bounds | None:
    total = Bounds(0, 0)
    for part in parts:
        if part is None:
            return None
        total = total + part
    return total


def _hops(ttl: int) -> int:
    """Routers on the way, from what is left of the commonest starting values."""
    return next(start for start in (64, 128, 255) if ttl <= start) - ttl


# Delay --------------------------------------------------------------------------------------------


def _delays(
    sent: list[Packet], first: dict[tuple[int, int], Answer], patience: float
) -> tuple[tuple[Delay, ...], int]:
    found = []
    stepped = 0
    for place, packet in enumerate(sent):
        answer = first.get((packet.flow, packet.sequence))
        if answer is not None:
            delay, step = _delay(place, packet, answer, patience)
            found.append(delay)
            stepped += step
    return tuple(found), stepped


def _delay(place: int, packet: Packet, answer: Answer, patience: float) -> tuple[Delay, bool]:
    elapsed = answer.at - packet.at
    step = abs((answer.read - packet.sent) - elapsed * 1e9) > _STEP
    # a kernel stamp that lies outside of our own two looks is somebody else's
    left = (
        packet.left
        if packet.left is not None and packet.sent <= packet.left <= answer.read
        else None
    )
    arrived = (
        answer.arrived
        if answer.arrived is not None and packet.sent <= answer.arrived <= answer.read
        else None
    )
    kernel = 0 if step else (left is not None) + (arrived is not None)
    began, ended = left or packet.sent, arrived or answer.read
    raw = round(elapsed * 1e9) if step else max(0, ended - began)
    inside = 0
    out = back = None
    if answer.received is not None and answer.replied is not None:
        inside = answer.replied - answer.received
        if not 0 <= inside <= raw:  # the far end's clock was set in between
            inside = 0
        if not step:
            out, back = (answer.received - began) / 1e9, (ended - answer.replied) / 1e9
    return Delay(place, (raw - inside) / 1e9, out, back, elapsed > patience, kernel), step


# Direction ----------------------------------------------------------------------------------------


def _direction(target: Target) -> str:
    """Whether the far end's numbers can be trusted to tell the direction."""
    numbered = [answer for answer in target.answers if answer.number is not None]
    if not numbered:
        return "echo" if target.answers else "unsettled"
    if any(answer.number is not None and answer.number >= JUMP for answer in target.closing[1]):
        return "stateless"
    flows: dict[int, list[Answer]] = {}
    for answer in numbered:
        flows.setdefault(answer.flow, []).append(answer)
    if any(_restarted(answers) for answers in flows.values()):
        return "restarted"
    complete = len({(a.flow, a.sequence) for a in target.answers}) == sum(
        not packet.fault for packet in target.packets
    )
    if (
        complete
        or target.closing[1]
        or any(answer.number != answer.sequence for answer in numbered)
    ):
        return "known"
    return "unsettled"  # a stateless reflector would look the same


def _restarted(answers: list[Answer]) -> bool:
    """Whether the far end's count of one flow went back, or gave a number twice.

    Back in the order of its own clock and of arrival: the one alone may be a clock that was set, the other overtaking.
    """
    owners: dict[int | None, int] = {}
    for answer in answers:
        if owners.setdefault(answer.number, answer.sequence) != answer.sequence:
            return True
    ordered = sorted(
        (answer.received or 0, answer.number or 0, place) for place, answer in enumerate(answers)
    )
    return any(
        later[0] > earlier[0] and later[1] < earlier[1] and later[2] > earlier[2]
        for earlier, later in pairwise(ordered)
    )


def _flows(
    target: Target, sent: list[Packet], direction: str, delays: tuple[Delay, ...]
) -> tuple[Flow, ...]:
    packets: dict[int, list[int]] = {}
    for packet in sent:
        packets.setdefault(packet.flow, []).append(packet.sequence)
    answers: dict[int, list[Answer]] = {flow: [] for flow in packets}
    for answer in target.answers:
        answers[answer.flow].append(answer)
    fastest: dict[int, float] = {}
    for delay in delays:
        flow = sent[delay.place].flow
        fastest[flow] = min(fastest.get(flow, delay.rtt), delay.rtt)
    doubled = _doubled_on_the_way_out(target.answers)
    return tuple(
        _flow(flow, packets[flow], answers[flow], target, direction, doubled, fastest.get(flow))
        for flow in sorted(packets)
    )


def _doubled_on_the_way_out(answers: Iterable[Answer]) -> bool:
    numbers: dict[tuple[int, int], int | None] = {}
    return any(
        numbers.setdefault((answer.flow, answer.sequence), answer.number) != answer.number
        for answer in answers
    )


def _flow(
    flow: int,
    sequences: list[int],
    answers: list[Answer],
    target: Target,
    direction: str,
    doubled: bool,
    fastest: float | None,
) -> Flow:
    answered = {answer.sequence for answer in answers}
    lost = len(sequences) - len(answered)
    out = back = None
    if direction == "known":
        closing = [
            packet.sequence
            for packet in target.closing[0]
            if packet.flow == flow and not packet.fault
        ]
        closed = [answer for answer in target.closing[1] if answer.flow == flow]
        out, back = _split(sequences, answers, closing, closed, doubled)
    dup_out, dup_back, reorder_out, reorder_back = _disorder(answers)
    return Flow(
        len(sequences), lost, out, back, dup_out, dup_back, reorder_out, reorder_back, fastest
    )


def _split(
    sequences: list[int],
    answers: list[Answer],
    closing: list[int],
    closed: list[Answer],
    doubled: bool,
) -> tuple[Bounds, Bounds]:
    """Losses of one flow out and back, each within bounds."""
    answered = {answer.sequence for answer in answers}
    numbers = {answer.number for answer in answers if answer.number is not None}
    lost = len(sequences) - len(answered)
    if not lost:
        return Bounds(0, 0), Bounds(0, 0)
    top = max(numbers, default=-1)
    first = _first(answers, doubled)
    known = top + 1 - len(numbers)  # arrived before the last answered one, and not answered
    after = _after(top, closing, closed) or _behind(sequences, answers, top)
    low, high = max(0, known - first.high) + after.low, known - first.low + after.high
    if (
        doubled or low > lost
    ):  # any of the unanswered arrivals may be a copy of a packet that was answered
        low = 0
    back = Bounds(min(low, lost), min(high, lost))
    return Bounds(lost - back.high, lost - back.low), back


def _first(answers: list[Answer], doubled: bool) -> Bounds:
    """The number that the far end gave to the first request: 0, or more where it remembers an earlier run.

    A number above the packet's own may also come from a copy or from overtaking; only when most
    answers have one, the far end has begun above 0.
    """
    lowest = min(answers, key=lambda answer: answer.number or 0, default=None)
    above = sum((answer.number or 0) > answer.sequence for answer in answers)
    if lowest is None or lowest.number is None or not above:
        return Bounds(0, 0)
    if doubled or above < _MOST or 2 * above < len(answers):
        return Bounds(0, lowest.number)
    return Bounds(max(0, lowest.number - lowest.sequence), lowest.number)


def _after(top: int, closing: list[int], closed: list[Answer]) -> Bounds | None:
    """How many requests have arrived behind the last answered one, by the closing probes; None if none was answered."""
    best: Bounds | None = None
    for answer in closed:
        if answer.number is None or answer.number <= top:
            continue
        between = answer.number - top - 1
        probes = sum(sequence < answer.sequence for sequence in closing)
        # closing probes that were answered with a lower number are among those between
        arrived = sum(other.number is not None and other.number < answer.number for other in closed)
        bounds = Bounds(max(0, between - probes), between - arrived)
        best = (
            bounds
            if best is None
            else Bounds(max(best.low, bounds.low), min(best.high, bounds.high))
        )
    return best if best is None or best.low <= best.high else None


def _behind(sequences: list[int], answers: list[Answer], top: int) -> Bounds:
    """The same without closing probes: all that was sent after the last answered one may have arrived, or nothing."""
    last = max((answer.sequence for answer in answers if answer.number == top), default=-1)
    answered = {answer.sequence for answer in answers}
    return Bounds(0, sum(sequence > last and sequence not in answered for sequence in sequences))


def _disorder(answers: list[Answer]) -> tuple[int, int, int, int]:
    """Duplicates out and back, packets overtaken out and back (RFC 4737: below the highest before them)."""
    order = [(answer.sequence, answer.number or 0) for answer in answers]
    if all(early[0] < late[0] and early[1] <= late[1] for early, late in pairwise(order)):
        return 0, 0, 0, 0  # as it nearly always is
    copies: dict[int, dict[int | None, int]] = {}
    for answer in answers:
        seen = copies.setdefault(answer.sequence, {})
        seen[answer.number] = seen.get(answer.number, 0) + 1
    dup_out = sum(len(seen) - 1 for seen in copies.values())
    dup_back = sum(count - 1 for seen in copies.values() for count in seen.values())
    firsts: dict[int, Answer] = {}
    for answer in answers:
        firsts.setdefault(answer.sequence, answer)
    there = [
        answer.sequence for answer in sorted(firsts.values(), key=lambda answer: answer.number or 0)
    ]
    here = [answer.number or 0 for answer in firsts.values()]
    return dup_out, dup_back, _overtaken(there), _overtaken(here)


def _overtaken(numbers: Iterable[int]) -> int:
    highest = -1
    count = 0
    for number in numbers:
        count += number < highest
        highest = max(highest, number)
    return count


def known(bounds: Bounds | None) -> int | None:
    """The count, where it is known to within one packet."""
    return None if bounds is None else bounds.value


def bad_flows(settled: Account) -> tuple[int, ...]:
    """Flows that lose most of their packets while chance and the others' loss do not explain it."""
    if not settled.received:
        return ()
    bad = []
    calm = [flow for flow in settled.flows if 2 * flow.lost <= flow.sent]
    sent, lost = sum(flow.sent for flow in calm), sum(flow.lost for flow in calm)
    usual = statistics.wilson(lost, sent).high if sent else 1.0
    for place, flow in enumerate(settled.flows):
        if 2 * flow.lost > flow.sent and statistics.at_least(
            flow.lost, flow.sent, usual
        ) < _BAD_FLOW ** min(1.0, flow.sent / 12):
            bad.append(place)
    return tuple(bad)
