"""The mtr program itself, for hosts on which its engine cannot be driven directly.

From 0.94 on one process a flow with both ports fixed; older ones mix up the answers of processes that
run at the same time and send fixed-port probes with a wrong checksum, so there it is plain ICMP.
"""

import os
import re
import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import Sequence
from bothsides.parse import Unreadable
from bothsides.parse.mtr.raw import from_raw
from bothsides.probe.mtr.mtr_packet import ECHO, FIRST_PORT, PORT, Answer, holds_flows
from bothsides.probe.net.process import Child, finished

_ECHO_TTL = 64


class Program:
    """mtr, started once for every flow and for a few echoes; the answers are as those of the engine."""

    def __init__(self, path: str, target: str) -> None:
        self.path = path
        self.target = target
        self.version = ""
        self.children: list[Child] = []
        self._partial: tuple[Answer, ...] = ()

    def end(self) -> None:
        """Kills what still runs."""
        for child in self.children:
            child.end()

    def taken(self) -> tuple[Answer, ...]:
        """What the runs that were interrupted had found."""
        return self._partial

    @property
    def fixed(self) -> bool:
        """Whether this version can hold flows fixed for the target's family."""
        return holds_flows(self.version, self.target)

    def greet(self, deadline: Deadline) -> None:
        """Asks for its version; Unable says why it cannot be used."""
        deadline.enter("starting mtr")
        child = self._start("--version")
        answered = finished([child], time.monotonic() + min(1.5, deadline.left()))
        child.end(0.1)
        found = re.search(rb"mtr ([0-9][0-9.]*[^\s]*)", child.out)
        if not answered or found is None:
            raise Unable(
                f"{self.path} {'is not mtr' if answered else 'does not answer'}; name another with --mtr-path"
            )
        self.version = found[1].decode("ascii", "replace")

    def go(self, flows: Sequence[int], echoes: int, deadline: Deadline) -> tuple[Answer, ...]:
        """One round of all flows and the echoes, in parallel."""
        self._partial = ()
        pace, rounds = (
            ("0.2", 3) if os.geteuid() == 0 else ("1", 3)
        )  # other users may not ask faster
        common = ("--raw", "-n", "-i", pace, "-G", "1")
        numbered = flows if self.fixed else flows[:1]
        runs = [
            (flow, self._start(*common, "-c", str(rounds), *self._ports(flow), "--", self.target))
            for flow in numbered
        ]
        runs += [
            (
                ECHO,
                self._start(
                    *common,
                    "-c",
                    "4",
                    "-f",
                    str(_ECHO_TTL),
                    "-m",
                    str(_ECHO_TTL),
                    "--",
                    self.target,
                ),
            )
            for _ in range(max(1, echoes // 4))
        ]  # a first hop that is also the last makes mtr a ping
        whole = finished([child for _, child in runs], time.monotonic() + deadline.left())
        answers: list[Answer] = []
        for flow, child in runs:
            child.end(0.05 if whole else 0.0)
            answers += self._answers(flow, child)
        self._partial = tuple(sorted(answers, key=lambda answer: (answer.ttl, answer.flow)))
        if not answers:  # it tells even of probes that nobody answers
            raise Unable(self._complaint([child for _, child in runs]))
        return self._partial

    def _ports(self, flow: int) -> tuple[str, ...]:
        return ("-u", "-P", str(PORT), "-L", str(FIRST_PORT + flow)) if self.fixed else ()

    def _start(self, *words: str) -> Child:
        child = Child([self.path, *words])
        self.children.append(child)
        return child

    def _answers(self, flow: int, child: Child) -> list[Answer]:
        try:
            trace = from_raw(child.out.decode("ascii", "replace").rpartition("\n")[0])[0]
        except Unreadable:
            return []
        answers = []
        for probe in trace.probes:
            if probe.host is None or probe.rtt is None:
                kind, host = "silent", ""
            else:
                kind, host = ("reply" if probe.host == self.target else "expired"), probe.host
            answers.append(
                Answer(
                    flow, 0 if flow == ECHO else probe.ttl, kind, host, probe.rtt if host else None
                )
            )
        return answers

    def _complaint(self, children: Sequence[Child]) -> str:
        said = next((child.error for child in children if child.error), b"")
        words = " ".join(said.decode("ascii", "replace").split()) or "it printed nothing"
        return f"{self.path} could not trace {self.target}: {words}"
