"""The way to a target, hop by hop along fixed flows, by mtr's engine or by mtr itself."""

import os
import socket

from bothsides.base.deadline import Deadline, Stop
from bothsides.base.errors import Unable
from bothsides.base.types import Callable, Iterable, NamedTuple, Sequence
from bothsides.model.failure import Failure
from bothsides.probe.mtr.mtr_packet import ECHO, PORT, Answer, Engine, mixed
from bothsides.probe.mtr.mtr_program import Program
from bothsides.probe.net.process import find

__all__ = ["ECHO", "Answer", "Plan", "Run", "Session", "source_of"]

TOP = 30  # hops of a path that is not known yet


class Plan(NamedTuple):
    """What to trace and how.

    engine: "auto", "mtr-packet" or "mtr"; program: an absolute path, or "" for the usual places;
    flows: how many; echoes: how many echo requests measure the target; state_dir, state: the memory,
    which decides how far and whom to ask again; report: a file with an old report instead, "-" is stdin;
    ignored: TTLs that are not compared; alike: addresses that are the same router.
    """

    host: str
    family: int = 0
    engine: str = "auto"
    program: str = ""
    flows: int = 6
    echoes: int = 20
    state_dir: str = ""
    state: str = "off"
    report: str = ""
    ignored: tuple[int, ...] = ()
    alike: tuple[tuple[str, str], ...] = ()


class Run(NamedTuple):
    """All that happened.

    target, source: addresses; aliases: every address that the name has now; at: UTC seconds; engine: what
    probed, in words; fixed: whether flows could be held fixed; first: answers of the first look at the
    path; second: of the one that confirms (None: not needed, or no time); echoes: round trips of the
    target in seconds, None for a lost one; segments: the probes that look where loss begins; ignored
    and alike: as in the Plan; systems: AS numbers that an old report itself gives to addresses.
    """

    subject: str
    host: str
    target: str = ""
    source: str = ""
    aliases: tuple[str, ...] = ()
    at: float = 0.0
    engine: str = ""
    fixed: bool = True
    first: tuple[Answer, ...] = ()
    second: tuple[Answer, ...] | None = None
    echoes: tuple[float | None, ...] = ()
    segments: tuple[Answer, ...] = ()
    ignored: tuple[int, ...] = ()
    alike: tuple[tuple[str, str], ...] = ()
    failure: Failure | None = None
    stopped: Stop | None = None
    took: float = 0.0
    systems: tuple[tuple[str, int], ...] = ()


def source_of(target: str) -> str | Failure:
    """The address that this host uses towards the target, or why it has no way there."""
    if "%" in target:  # mtr-packet takes no scope
        return Failure(
            "config",
            f"mtr cannot trace to {target}: it is on the link, no hop away; try check_udp_loss",
        )
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, PORT))
            return str(probe.getsockname()[0])
    except OSError as fault:
        return Failure(
            "local", f"no way from here to {target}: {fault.strerror}; see ip route get {target}"
        )


class Session:
    """An engine that is ready to probe one target."""

    def __init__(self, plan: Plan, target: str, source: str, deadline: Deadline) -> None:
        self._deadline = deadline
        self._flows = tuple(range(plan.flows))
        self._engine: Engine | None = None
        self._program: Program | None = None
        self.fixed = True
        self._choose(plan, target, source)

    def _choose(self, plan: Plan, target: str, source: str) -> None:
        reasons = []
        for kind, path in _candidates(plan):
            tool = Engine(path, target, source) if kind == "mtr-packet" else Program(path, target)
            try:
                tool.greet(self._deadline)
            except BaseException as fault:
                tool.end()
                if not isinstance(fault, Unable):
                    raise
                reasons.append(str(fault))
                continue
            if isinstance(tool, Engine):
                self._engine = tool
                self.fixed = tool.fixed
                how = f"{len(self._flows)} fixed UDP flows" if tool.fixed else "ICMP"
                self.words = f"mtr-packet {tool.version}, {how}"
            else:
                self._program = tool
                self.fixed = tool.fixed
                self.words = f"mtr {tool.version}, " + (
                    f"{len(self._flows)} fixed UDP flows" if tool.fixed else "ICMP"
                )
            return
        raise Unable(_remedy(reasons, plan))

    def end(self) -> None:
        """Leaves no process behind."""
        for tool in (self._engine, self._program):
            if tool is not None:
                tool.end()

    def watch(self, told: Callable[[Sequence[Answer]], None]) -> None:
        """Has somebody told of the answers while they come."""
        if self._engine is not None:
            self._engine.watch = told

    def taken(self) -> tuple[Answer, ...]:
        """What an interrupted look had found so far."""
        tool = self._engine or self._program
        return tool.taken() if tool else ()

    @property
    def quick(self) -> bool:
        """Whether single probes can be asked for."""
        return self._engine is not None

    def look(
        self, echoes: int, known: int, extra: Iterable[tuple[int, int]], stage: str
    ) -> tuple[Answer, ...]:
        """The whole path once. known: its length as learnt, or 0; extra: further probes (flow, ttl)."""
        self._deadline.enter(stage)
        if self._engine is None:
            return self._program.go(self._flows, echoes, self._deadline) if self._program else ()

        return self._engine.go(
            mixed(self._engine.ladder(self._flows, TOP, known, extra), echoes), self._deadline
        )

    def ask(
        self, jobs: Sequence[tuple[int, int]], stage: str, echoes: int = 0
    ) -> tuple[Answer, ...]:
        """Just these probes (flow, ttl); nothing where only the mtr program is at hand."""
        self._deadline.enter(stage)
        return (
            self._engine.go(mixed(jobs, echoes), self._deadline)
            if self._engine and (jobs or echoes)
            else ()
        )


def _candidates(plan: Plan) -> list[tuple[str, str]]:
    """What may probe, best first: (kind, absolute path)."""
    named = os.path.basename(plan.program)
    engine = (
        plan.program
        if named == "mtr-packet"
        else f"{os.path.dirname(plan.program)}/mtr-packet"
        if plan.program
        else ""
    )
    both = {
        "mtr-packet": engine if plan.program else find("mtr-packet"),
        "mtr": ("" if named == "mtr-packet" else plan.program) if plan.program else find("mtr"),
    }
    wanted = ("mtr-packet", "mtr") if plan.engine == "auto" else (plan.engine,)
    return [
        (kind, both[kind])
        for kind in wanted
        if os.path.isfile(both[kind]) and os.access(both[kind], os.X_OK)
    ]


def _remedy(reasons: Sequence[str], plan: Plan) -> str:
    if not reasons:
        where = plan.program or "the usual places"
        return f"no mtr in {where}; run apt-get install mtr-tiny, or name it with --mtr-path"
    if any("ermission" in reason or "not permitted" in reason for reason in reasons):
        path = dict(_candidates(plan)).get("mtr-packet") or "/usr/bin/mtr-packet"
        return f"mtr-packet may not open raw sockets; run setcap cap_net_raw+ep {path}"
    return reasons[-1]
