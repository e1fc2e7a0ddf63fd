"""One run over a path: look, and look again where the memory says that something differs."""

import time

from bothsides.analyse.path.baseline import LEARNING, Memory, extra, from_document, witnesses
from bothsides.analyse.path.compare import Comparison, Walk, compare, join
from bothsides.base import files
from bothsides.base.deadline import Deadline, Interrupted
from bothsides.base.errors import Unable
from bothsides.base.types import (
    TYPE_CHECKING,
    Any,
    Iterable,
    Iterator,
    Mapping,
    NamedTuple,
    Protocol,
    Sequence,
)
from bothsides.model.failure import Failure
from bothsides.parse import Unreadable
from bothsides.parse.ip_owners import to_number
from bothsides.parse.mtr.model import Trace, is_address
from bothsides.probe.mtr.session import ECHO, Answer, Plan, Run, Session, source_of
from bothsides.probe.net.resolve import Address, resolve
from bothsides.store.sqlite import History, opened, place

if TYPE_CHECKING:
    from bothsides.plugin.live_path import Screen

_RESERVE = 0.3  # seconds before the deadline that judging, keeping and printing may take
_NAMES = 1.6  # seconds that our resolver has, so that a dead one is told of within two
_SEGMENT = 32  # probes a hop that tell where loss begins (binomial test, 5 %)
_WIDE = 16  # flows that look once at balanced hops when a path is new
_NEW = 6  # new flows a run at balanced hops whose routers are not all known


class Prober(Protocol):
    """What a run needs of an engine: the whole path, single probes, and whether it can do the latter."""

    @property
    def quick(self) -> bool: ...

    def look(
        self, echoes: int, known: int, extra: Iterable[tuple[int, int]], stage: str, /
    ) -> tuple[Answer, ...]: ...

    def ask(
        self, jobs: Sequence[tuple[int, int]], stage: str, echoes: int = 0, /
    ) -> tuple[Answer, ...]: ...


class Looked(NamedTuple):
    """What is remembered about a target before this run."""

    memory: Memory
    addresses: tuple[str, ...]


class _Share(Deadline):
    """What is left of the deadline for measuring; stages are named in the whole one."""

    def __init__(self, whole: Deadline) -> None:
        super().__init__(max(0.02, whole.left() - min(_RESERVE, 0.3 * whole.seconds)))
        self._whole = whole

    def enter(self, stage: str) -> None:
        self.stage = stage
        self._whole.enter(stage)


def measure(plan: Plan, deadline: Deadline) -> Run:
    """Resolves the target and traces the path to it; whatever keeps us from it is in Run.failure.

    Raises Unable when nothing here can probe.
    """
    if plan.report:
        return _old(plan)
    at = round(time.time(), 3)
    found = resolve(plan.host, plan.family, deadline, _NAMES)
    if isinstance(found, Failure):
        return Run(plan.host, plan.host, at=at, failure=found)
    looked = remembered(plan, found)
    target = _chosen(found, looked.addresses)
    subject = plan.host if plan.host == target else f"{plan.host} ({target})"
    aliases = tuple(address.host for address in found)
    source = source_of(target)
    if isinstance(source, Failure):
        return Run(subject, plan.host, target, aliases=aliases, at=at, failure=source)
    run = Run(
        subject, plan.host, target, source, aliases, at, ignored=plan.ignored, alike=plan.alike
    )
    return _traced(plan, run, looked.memory, deadline)._replace(took=round(deadline.spent(), 3))


def _old(plan: Plan) -> Run:
    data = files.octets(plan.report)
    try:
        return reported(plan, data)
    except Unreadable as fault:
        raise Unable(f"{plan.report}: {fault}") from None


def looks(plan: Plan, run: Run, session: Prober, memory: Memory, deadline: Deadline) -> Run:
    """The first look at a path and, where something differs from the memory, the second."""
    return _again(plan, _first(plan, run, session, memory), session, memory, deadline)


def remembered(plan: Plan, found: Sequence[Address]) -> Looked:
    """What the memory holds of the target; nothing where it cannot be read (whoever keeps it will say so)."""
    if plan.state == "off":
        return Looked(Memory(), ())
    try:
        with opened(place(plan.state_dir), write=False) as history:
            addresses = known_addresses(history, plan.host)
            target = _chosen(found, addresses)
            return Looked(from_document(history.document(path_key(target))), addresses)
    except Unable:
        return Looked(Memory(), ())


def path_key(target: str) -> str:
    """The memory's key of the path to an address."""
    return f"path {target}"


def known_addresses(history: History, host: str) -> tuple[str, ...]:
    """The addresses that a name has had, the last used one first."""
    return addresses_of(history.document(f"target {host}"))


def addresses_of(document: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The addresses in a name's document; none where it is not ours."""
    addresses = (document or {}).get("addresses")
    known = addresses if isinstance(addresses, list) else []
    return tuple(address for address in known if isinstance(address, str) and is_address(address))


def walk(answers: Iterable[Answer], run: Run) -> Walk:
    """What the flows of a look saw; any answer of the target, from whatever address, is the target."""
    flows: dict[int, dict[int, tuple[str, ...]]] = {}
    lengths: dict[int, int] = {}
    alike = {other: one for one, other in run.alike}
    for answer in answers:
        if answer.flow == ECHO:
            continue
        hops = flows.setdefault(answer.flow, {})
        if answer.kind == "reply":
            lengths[answer.flow] = min(answer.ttl, lengths.get(answer.flow, answer.ttl))
        if answer.kind in ("reply", "expired") and answer.ttl not in run.ignored:
            host = run.target if answer.kind == "reply" else alike.get(answer.host, answer.host)
            hops[answer.ttl] = tuple(dict.fromkeys((*hops.get(answer.ttl, ()), host)))
    shortest = min(lengths.values(), default=0)
    for flow, length in lengths.items():
        hops = flows[flow]
        if shortest < length and not any(ttl in hops for ttl in range(shortest, length)):
            hops[shortest] = hops.get(
                length, (run.target,)
            )  # the target itself lost a probe: it is no further away
            lengths[flow] = length = shortest
        flows[flow] = {ttl: hosts for ttl, hosts in hops.items() if ttl <= length}
    return Walk(flows, lengths)


def reported(plan: Plan, data: bytes) -> Run:
    """An old report of mtr as a run; its hops are not compared, since its flows are not known.

    Raises Unreadable for what is no report.
    """
    from bothsides.parse.mtr.detect import from_mtr

    trace = from_mtr(data)[0]
    last = trace.hops[-1].hosts if trace.hops else ()
    target = trace.target or plan.host or (last[0].known if last else "")
    there = _reached(trace, plan.host)
    answers = []
    for hop in trace.hops:
        reached = hop is trace.hops[-1] and there
        hosts = [host.known for host in hop.hosts] or [""]
        for flow, host in enumerate(hosts):
            kind = "silent" if not host else "reply" if reached else "expired"
            answers.append(Answer(flow, hop.ttl, kind, host, hop.avg if host else None))
    engine = f"mtr {trace.version} ({trace.format})".replace("  ", " ")
    return Run(
        target or "a report", plan.host or target, target, trace.source, at=trace.started or 0.0, engine=engine,
        fixed=False, first=tuple(answers), echoes=_echoes(trace, there), systems=tuple(_systems(trace)),
    )  # fmt: skip


def _systems(trace: Trace) -> Iterator[tuple[str, int]]:
    """The AS numbers that a report has itself; of several the first."""
    for hop in trace.hops:
        for host in hop.hosts:
            number = (host.asn.split() or [""])[0]
            if host.address and number.isascii() and number.isdigit() and len(number) <= 10:
                yield host.address, int(number)


def _reached(trace: Trace, host: str) -> bool:
    """Whether the target answered, as far as the report itself or the address that was asked for tells."""
    if trace.reached is not None or not is_address(host):
        return trace.reached is not False
    last = [to_number(other.address) for other in trace.hops[-1].hosts if is_address(other.address)]
    return not last or to_number(host) in last


def _echoes(trace: Trace, reached: bool) -> tuple[float | None, ...]:
    """Round trips whose number, mean and extremes are those that the last hop of a report has."""
    hop = trace.hops[-1] if trace.hops else None
    if hop is None or hop.sent is None or hop.received is None or not reached:
        return (None,) * (trace.hops[0].sent or 1) if trace.hops else ()
    times: list[float | None] = []
    if hop.avg is not None and hop.received:
        times = [hop.avg] * hop.received
        if hop.received > 2 and hop.best is not None and hop.worst is not None:
            middle = (hop.avg * hop.received - hop.best - hop.worst) / (hop.received - 2)
            times = [hop.best, hop.worst, *[middle] * (hop.received - 2)]
    return (*times, *[None] * max(0, hop.sent - len(times)))


def _chosen(found: Sequence[Address], known: Sequence[str]) -> str:
    """The address to trace: one that has been traced before where the name still has it."""
    now = [address.host for address in found]
    return next((address for address in known if address in now), now[0])


def _traced(plan: Plan, run: Run, memory: Memory, deadline: Deadline) -> Run:
    session: Session | None = None
    share = _Share(deadline)
    screen: Screen | None = None
    try:
        session = Session(plan, run.target, run.source, share)
        if deadline.watch is not None:
            from bothsides.plugin import live_path as terminal

            screen = terminal.Screen()
            session.watch(screen.draw)
        run = run._replace(engine=session.words, fixed=session.fixed)
        memory = (
            memory if session.fixed else Memory()
        )  # flows that vary are not compared one by one
        run = _first(plan, run, session, memory)
        run = _again(plan, run, session, memory, share)
        run = _segments(run, session, share)
    except Interrupted as cause:
        run = _partial(run, session)._replace(stopped=deadline.stop(str(cause)))
    finally:
        if session is not None:
            session.end()
        if screen is not None:
            screen.clear()
    if run.stopped is None and share.left() <= 0:
        run = run._replace(stopped=deadline.stop())
    return run


def _first(plan: Plan, run: Run, session: Prober, memory: Memory) -> Run:
    wanted = extra(memory, plan.flows, _NEW if memory.runs < 12 else 2) if session.quick else ()
    answers = session.look(
        plan.echoes, _length(memory), wanted, f"tracing the path to {run.target}"
    )
    if session.quick and run.fixed and memory.normal is None:
        answers += session.ask(_widening(plan, answers, run), "learning the balanced hops")
    return _with(run, first=answers)


def _widening(plan: Plan, answers: Sequence[Answer], run: Run) -> list[tuple[int, int]]:
    """On a new path: more flows at every hop, and the same ones once more where flows part.

    Six flows overlook one of two balanced routers once in 64 times; it must not look new later.
    """
    seen = walk(answers, run)
    met: dict[int, set[str]] = {}
    for hops in seen.flows.values():
        for ttl, hosts in hops.items():
            met.setdefault(ttl, set()).update(hosts)
    ends = max(seen.lengths.values(), default=max(met, default=0) + 1)
    return [
        (flow, ttl)
        for ttl, hosts in sorted(met.items())
        if ttl < ends
        for flow in range(0 if len(hosts) > 1 else plan.flows, _WIDE)
    ]


def _again(plan: Plan, run: Run, session: Prober, memory: Memory, share: Deadline) -> Run:
    """The second look, when the first one differs from what is known, or the target did not answer."""
    first = walk(run.first, run)
    path = memory.normal
    silent = not first.lengths and not any(echo is not None for echo in run.echoes)
    if not session.quick or share.left() < 0.3:
        return run
    said = (
        _differing(compare(path, first), memory, first)
        if path is not None
        else Comparison("same", 0)
    )
    if silent and not said.turns:
        last = max((answer.ttl for answer in run.first), default=1)
        jobs = [
            (flow, last) for flow in sorted({answer.flow for answer in run.first})[: plan.flows]
        ]
        return _with(run, second=session.ask(jobs, "asking a silent target again", 10))
    if path is None:
        return run
    if not said.turns and not (said.fresh and memory.runs >= LEARNING):
        return run
    probed = {(answer.flow, answer.ttl) for answer in run.first}
    spots = {ttl: {host} for ttl, host in said.fresh}
    checks = list(witnesses(path, spots, probed))
    checks += [
        (flow, ttl)
        for flow, hops in first.flows.items()
        for ttl, host in said.fresh
        if host in hops.get(ttl, ())
    ]
    checks += [(turn.flow, turn.ttl) for turn in said.turns if turn.flow >= plan.flows]
    if not any(turn.flow < plan.flows for turn in said.turns):
        return _with(
            run, second=session.ask(checks, "looking again at balanced hops", 10 if silent else 0)
        )
    core = max(first.lengths.values(), default=0) or max(
        (answer.ttl for answer in run.first), default=0
    )
    return _with(
        run, second=session.look(10 if silent else 0, core, checks, "looking again at what differs")
    )


def _differing(said: Comparison, memory: Memory, first: Walk) -> Comparison:
    """The comparison with the path that is walked now: no second look at a change that is known."""
    if said.verdict == "unconfirmed" and memory.other is not None:
        other = compare(memory.other, first)
        return said if other.turns else other
    fresh = said.fresh
    if said.turns and memory.normal is not None:
        met = {
            (ttl, host)
            for hops in first.flows.values()
            for ttl, hosts in hops.items()
            for host in hosts
        }
        path = memory.normal
        fresh = tuple(
            sorted(
                (ttl, host)
                for ttl, host in met
                if ttl in path.members and not path.knows(host, ttl)
            )
        )
    return said._replace(fresh=fresh)


def _segments(run: Run, session: Prober, share: Deadline) -> Run:
    """Where the target loses: as many probes to every hop as it takes to see behind which one that begins."""
    lost = sum(echo is None for echo in run.echoes)
    seen = join(walk(run.first, run), walk(run.second or (), run))
    length = min(
        seen.lengths.values(), default=0
    )  # flows whose answer was lost seem to end further away
    if not session.quick or not 0 < lost < len(run.echoes) or not length or share.left() < 1.5:
        return run
    flows = sorted(flow for flow in seen.lengths)
    rounds = min(_SEGMENT, int((share.left() - 1.2) * 100 / (length + 1)))
    jobs = [
        (ECHO, 0) if ttl == length else (flows[turn % len(flows)], ttl)
        for turn in range(rounds)
        for ttl in range(1, length + 1)
    ]
    return run._replace(segments=session.ask(jobs, "looking for where the loss begins"))


def _with(
    run: Run, first: tuple[Answer, ...] | None = None, second: tuple[Answer, ...] | None = None
) -> Run:
    """The run with a look added; echoes are put apart."""
    added = [*(first or ()), *(second or ())]
    echoes = tuple(
        answer.rtt if answer.kind == "reply" else None for answer in added if answer.flow == ECHO
    )
    run = run._replace(echoes=(*run.echoes, *echoes))
    if first is not None:
        run = run._replace(first=tuple(answer for answer in first if answer.flow != ECHO))
    if second is not None:
        run = run._replace(second=tuple(answer for answer in second if answer.flow != ECHO))
    return run


def _partial(run: Run, session: Session | None) -> Run:
    """What was known when the run was interrupted."""
    answers = session.taken() if session is not None else ()
    return _with(run, first=answers) if not run.first else run


def _length(memory: Memory) -> int:
    path = memory.normal if memory.other is None else memory.other
    if path is None:
        return 0
    return max(path.lengths.values(), default=0) or max(path.members, default=0)
