"""An engine ready to probe one target: mtr-packet driven directly, else the mtr program."""

import _socket as socket  # the C half is enough; see probe/net/resolve.py
import os

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import TYPE_CHECKING, Callable, Iterable, Sequence
from bothsides.model.failure import Failure
from bothsides.model.path import Plan, ProbeResult
from bothsides.probe.mtr.mtr_packet import PORT, Engine
from bothsides.probe.mtr.schedule import ladder, with_echoes
from bothsides.probe.net.kernel_socket import bind_local
from bothsides.probe.net.process import find

if TYPE_CHECKING:
    from bothsides.probe.mtr.mtr_program import Program

TOP = 30  # hops of a path whose length is not known yet


def source_of(target: str, local: str = "") -> str | Failure:
    """The address that this host uses towards the target, or why it has no way there.

    local: the address that it has to use; "" for any.
    """
    if "%" in target:  # mtr-packet takes no scope
        return Failure(
            "config",
            f"mtr cannot trace to {target}: it is on the link, no hop away; try check_udp_loss",
        )
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    try:
        probe = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if local:
                bind_local(probe, local)
            probe.connect((target, PORT))
            return str(probe.getsockname()[0])
        finally:
            probe.close()
    except OSError as fault:
        return Failure(
            "local", f"no way from here to {target}: {fault.strerror}; see ip route get {target}"
        )


class Session:
    """An engine that is ready to probe one target, as `trace.Prober` describes it."""

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
            tool = _tool(kind, path, target, source, plan.local_address)
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
            else:
                self._program = tool
            self.fixed = tool.fixed
            how = f"{len(self._flows)} fixed UDP flows" if tool.fixed else "ICMP"
            self.words = f"{kind} {tool.version}, {how}"
            return
        raise Unable(_remedy(reasons, plan))

    def end(self) -> None:
        """Ends every process that was started."""
        for tool in (self._engine, self._program):
            if tool is not None:
                tool.end()

    def watch(self, watch: Callable[[Sequence[ProbeResult]], None]) -> None:
        """Has `watch` called with the results so far at every hop."""
        if self._engine is not None:
            self._engine.watch = watch

    def taken(self) -> tuple[ProbeResult, ...]:
        """The results of an interrupted look so far."""
        if self._engine is not None:
            return self._engine.current.taken()
        return self._program.taken() if self._program is not None else ()

    @property
    def quick(self) -> bool:
        """Whether single probes can be sent."""
        return self._engine is not None

    def look(
        self, echoes: int, known: int, extra: Iterable[tuple[int, int]], stage: str
    ) -> tuple[ProbeResult, ...]:
        """Probes the whole path once.

        known: its length as learnt, or 0; extra: further probes (flow, ttl).
        """
        self._deadline.enter(stage)
        if self._engine is None:
            return self._program.go(self._flows, echoes, self._deadline) if self._program else ()
        jobs = ladder(self._engine.current, self._flows, TOP, known, extra)
        return self._engine.go(with_echoes(jobs, echoes), self._deadline)

    def ask(
        self, jobs: Sequence[tuple[int, int]], stage: str, echoes: int = 0
    ) -> tuple[ProbeResult, ...]:
        """Sends single probes (flow, ttl); none where only the mtr program is installed."""
        self._deadline.enter(stage)
        if self._engine is None or not (jobs or echoes):
            return ()
        return self._engine.go(with_echoes(jobs, echoes), self._deadline)


def _tool(kind: str, path: str, target: str, source: str, local: str) -> "Engine | Program":
    if kind == "mtr-packet":
        return Engine(path, target, source)
    from bothsides.probe.mtr.mtr_program import Program

    return Program(path, target, local)


def _candidates(plan: Plan) -> list[tuple[str, str]]:
    """What may probe, best first: (kind, absolute path)."""
    if not plan.program:
        both = {"mtr-packet": find("mtr-packet"), "mtr": find("mtr")}
    elif os.path.basename(plan.program) == "mtr-packet":
        both = {"mtr-packet": plan.program, "mtr": ""}
    else:
        both = {
            "mtr-packet": f"{os.path.dirname(plan.program)}/mtr-packet",
            "mtr": plan.program,
        }
    wanted = ("mtr-packet", "mtr") if plan.engine == "auto" else (plan.engine,)
    return [
        (kind, both[kind])
        for kind in wanted
        if os.path.isfile(both[kind]) and os.access(both[kind], os.X_OK)
    ]


def _remedy(reasons: Sequence[str], plan: Plan) -> str:
    if not reasons:
        place = plan.program or "the usual places"
        return f"no mtr in {place}; run apt-get install mtr-tiny, or name it with --mtr-path"
    if any("ermission" in reason or "not permitted" in reason for reason in reasons):
        path = dict(_candidates(plan)).get("mtr-packet") or "/usr/bin/mtr-packet"
        return f"mtr-packet may not open raw sockets; run setcap cap_net_raw+ep {path}"
    return reasons[-1]
