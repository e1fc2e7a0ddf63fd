"""The mtr program itself, for hosts on which its engine cannot be driven directly.

From 0.94 on one process a flow with both ports fixed; older ones mix up the answers of simultaneous
processes and send fixed-port probes with a wrong checksum, so there it is plain ICMP.
"""

import os
import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import Iterator, Sequence
from bothsides.model.path import ECHO, Outcome, ProbeResult
from bothsides.parse import Unreadable
from bothsides.parse.mtr.raw import from_raw
from bothsides.probe.mtr.mtr_packet import FIRST_PORT, PORT, holds_flows
from bothsides.probe.net.process import Child, finished

_ECHO_TTL = "64"
_SHARE = 0.25  # of the deadline that mtr has to say its version: a busy host starts it late
_ROUNDS = "3"  # times that every hop is probed


class Program:
    """mtr, started once for every flow and for a few echoes; the results are like the engine's."""

    def __init__(self, path: str, target: str, local: str = "") -> None:
        self.path = path
        self.target = target
        self.local = ("-a", local) if local else ()  # address to send from
        self.version = ""
        self.children: list[Child] = []
        self._partial: tuple[ProbeResult, ...] = ()

    def end(self) -> None:
        """Kills all its processes."""
        for child in self.children:
            child.end()

    def taken(self) -> tuple[ProbeResult, ...]:
        """The results of the last round; none while it was interrupted."""
        return self._partial

    @property
    def fixed(self) -> bool:
        """Whether this version can hold flows fixed for the target's family."""
        return holds_flows(self.version, self.target)

    def greet(self, deadline: Deadline) -> None:
        """Asks for its version; Unable says why it cannot be used."""
        import re

        deadline.enter("starting mtr")
        child = self._start("--version")
        answered = finished([child], time.monotonic() + _SHARE * deadline.left())
        child.end(0.1)
        version = re.search(rb"mtr ([0-9][0-9.]*[^\s]*)", child.out)
        if not answered or version is None:
            what = "is not mtr" if answered else "does not answer"
            raise Unable(f"{self.path} {what}; name another with --mtr-path")
        self.version = version[1].decode("ascii", "replace")

    def go(self, flows: Sequence[int], echoes: int, deadline: Deadline) -> tuple[ProbeResult, ...]:
        """One round of all flows and the echoes, in parallel."""
        self._partial = ()
        pace = "0.2" if os.geteuid() == 0 else "1"  # other users may not probe faster
        common = ("--raw", "-n", "-i", pace, "-G", "1", *self.local)
        runs = [
            (flow, self._start(*common, "-c", _ROUNDS, *self._ports(flow), "--", self.target))
            for flow in (flows if self.fixed else flows[:1])
        ]
        # a first hop that is also the last makes mtr a ping
        ping = ("-c", "4", "-f", _ECHO_TTL, "-m", _ECHO_TTL, "--", self.target)
        runs += [(ECHO, self._start(*common, *ping)) for _ in range(max(1, echoes // 4))]
        whole = finished([child for _, child in runs], time.monotonic() + deadline.left())
        results: list[ProbeResult] = []
        for flow, child in runs:
            child.end(0.05 if whole else 0.0)
            results += self._results(flow, child)
        self._partial = tuple(sorted(results, key=lambda each: (each.ttl, each.flow)))
        if not results:  # mtr prints even probes without an answer
            raise Unable(self._complaint([child for _, child in runs]))
        return self._partial

    def _ports(self, flow: int) -> tuple[str, ...]:
        return ("-u", "-P", str(PORT), "-L", str(FIRST_PORT + flow)) if self.fixed else ()

    def _start(self, *words: str) -> Child:
        child = Child([self.path, *words])
        self.children.append(child)
        return child

    def _results(self, flow: int, child: Child) -> Iterator[ProbeResult]:
        try:
            trace = from_raw(child.out.decode("ascii", "replace").rpartition("\n")[0])[0]
        except Unreadable:
            return
        for probe in trace.probes:
            ttl = 0 if flow == ECHO else probe.ttl
            if probe.host is None or probe.rtt is None:
                yield ProbeResult(flow, ttl, "silent")
            else:
                kind: Outcome = "reply" if probe.host == self.target else "expired"
                yield ProbeResult(flow, ttl, kind, probe.host, probe.rtt)

    def _complaint(self, children: Sequence[Child]) -> str:
        said = next((child.error for child in children if child.error), b"")
        words = " ".join(said.decode("ascii", "replace").split()) or "it printed nothing"
        return f"{self.path} could not trace {self.target}: {words}"
