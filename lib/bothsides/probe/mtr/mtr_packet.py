"""Probes sent by mtr-packet along fixed flows, paced, each with its answer or its silence."""

import time

from bothsides.analyse.path.next_look import PATIENCE, patience
from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.poll import ready
from bothsides.base.types import TYPE_CHECKING, Callable, Iterable, Iterator, Mapping, Sequence
from bothsides.model.path import ECHO, Outcome, ProbeResult
from bothsides.parse import Unreadable
from bothsides.parse.mtr.packet import PacketLine, from_line, to_feature, to_probe
from bothsides.probe.mtr.schedule import Job, Pass, Pause
from bothsides.probe.net.process import Child

if TYPE_CHECKING:
    from bothsides.probe.mtr.udp_flows import UdpFlows

PACE = 0.01  # seconds between two probes: never more than 100 packets a second
# UDP ports of every flow for ever: routers hash them, so they are part of what is learnt
PORT, FIRST_PORT = 33434, 40000
_STRANGE = "prints lines that no mtr-packet prints"
_SHARE = 0.25  # of the deadline that it has to greet us: a busy host starts it late
_SIGN = 0.5  # seconds that mtr-packet has to show that it still runs
_KINDS: Mapping[str, Outcome] = {"reply": "reply", "ttl-expired": "expired"}
_SEND_ERRORS = (
    "invalid-argument",
    "permission-denied",
    "probes-exhausted",
    "address-not-available",
    "address-in-use",
    "unexpected-error",
    "network-down",
    "command-parse-error",
    "unknown-command",
)
_SPOKEN = ("no-reply", "no-route", *_SEND_ERRORS)  # what it says without naming who answered


def holds_flows(version: str, target: str) -> bool:
    """Whether this version can hold both ports of a flow fixed for the target's family.

    Before 0.94 the answers of simultaneous processes get mixed up and checksums are wrong; up to
    0.95 no answer to such a probe over IPv6 is recognised.
    """
    digits = "".join(letter if letter in "0123456789" else " " for letter in version).split()
    known = tuple(int(part[:9]) for part in digits[:2])
    return known >= ((0, 96) if ":" in target else (0, 94))


class _Process:
    """A running mtr-packet, and what it can do."""

    def __init__(self, program: str, target: str, source: str) -> None:
        self.target = target
        self.source = source
        self.version = ""
        self.fixed = True
        self.watch: Callable[[Sequence[ProbeResult]], None] | None = None  # called at every hop
        self.errors: list[str] = []
        self.strange = 0  # lines that mtr-packet never prints
        self.current = Pass()
        self._child = Child([program])
        self._flows: UdpFlows | None = None  # sockets of our own, where it cannot hold flows
        self._token = 0
        self._answered = 0  # the last question about a feature that it has answered

    def end(self) -> None:
        """Ends the process."""
        self._child.end()
        if self._flows is not None:
            self._flows.close()

    def greet(self, deadline: Deadline) -> None:
        """Asks for its version and whether it can send UDP; Unable says why it cannot be used."""
        deadline.enter("starting mtr-packet")
        self._child.say(to_feature(1, "version") + to_feature(2, "udp"))
        until = time.monotonic() + _SHARE * deadline.left()
        answers: dict[int, PacketLine] = {}
        while len(answers) < 2 and self._child.files() and (left := until - time.monotonic()) > 0:
            ready(self._child.files(), left)
            answers |= {line.token: line for line in self._lines() if line.token in (1, 2)}
        self._token = 2
        if len(answers) < 2:
            self._child.end(0.05)
            said = self._complaint()
            silent = _STRANGE if self.strange else "does not answer"
            raise Unable(f"{self._child.argv[0]} {f'says {said}' if said else silent}")
        self.version = answers[1].words[:20]
        if answers[2].words != "ok":
            raise Unable(f"mtr-packet {self.version or 'of no version'} cannot send UDP")
        self.fixed = holds_flows(self.version, self.target)
        if not self.fixed and ":" in self.target:
            self._hold_flows()

    def _hold_flows(self) -> None:
        """Holds flows over IPv6 by sockets of our own."""
        from bothsides.probe.mtr.udp_flows import UdpFlows  # rare: for mtr before 0.96

        try:
            self._flows = UdpFlows(self.source, self.target, (FIRST_PORT, PORT))
        except Unable:
            return  # another run has them: echo requests alone, as before
        self.fixed = True

    def _lines(self) -> Iterator[PacketLine]:
        for text in self._child.lines():
            try:
                yield from [from_line(text)] if text else []
            except Unreadable:
                self.strange += 1

    def _complaint(self) -> str:
        """What it printed on stderr, as one line."""
        return " ".join(self._child.error.decode("ascii", "replace").split())


class Engine(_Process):
    """A running mtr-packet that probes one target."""

    def go(self, jobs: Iterable[Job], deadline: Deadline) -> tuple[ProbeResult, ...]:
        """Sends the jobs at our pace, and waits for the answers that are missing in the end."""
        self.current.clear()
        following = time.monotonic()
        stage, highest = deadline.stage, 0
        for job in jobs:
            if isinstance(job, Pause):
                self._settle(deadline, job.flows)
                continue
            while (wait := following - time.monotonic()) > 0:
                self._wait(wait)
            if deadline.left() <= 0 or not self._child.files():
                break
            following = max(following, time.monotonic() - PACE) + PACE
            if job[1] > highest:
                highest = job[1]
                deadline.enter(f"{stage}, hop {highest}")
                if self.watch is not None:
                    self.watch(self.current.results)
            self._send(*job)
        self._settle(deadline)
        self._refuse_strange()
        self._refuse_errors()
        self._refuse_death(deadline)
        return self.current.taken()

    def _send(self, flow: int, ttl: int) -> None:
        self._token += 1
        self.current.waiting[self._token] = (flow, ttl)
        if flow == ECHO:
            self._child.say(to_probe(self._token, self.target, self.source, ttl or 255))
        elif self._flows is not None:
            fault = self._flows.send(self._token, flow, ttl)
            if fault:
                del self.current.waiting[self._token]
                self.errors.append(fault)
        else:
            ports = (FIRST_PORT + flow, PORT) if self.fixed else None
            self._child.say(to_probe(self._token, self.target, self.source, ttl, ports))

    def _settle(self, deadline: Deadline, flows: tuple[int, ...] = ()) -> None:
        """Waits for answers until these flows have ended or, without any, until none is missing.

        A silent hop is not waited for longer than several round trips of those that answer.
        """
        began = time.monotonic()
        current = self.current
        while current.waiting and self._child.files():
            slowest = max((result.rtt or 0.0 for result in current.results), default=PATIENCE[1])
            left = min(began + patience(slowest) - time.monotonic(), deadline.left())
            if left <= 0 or (flows and all(current.ended(flow) for flow in flows)):
                return
            self._wait(left)

    def _wait(self, seconds: float) -> None:
        files = self._child.files()
        if not files:
            time.sleep(min(seconds, PACE))
            return
        sockets = self._flows.files() if self._flows is not None else []
        if not ready([*files, *sockets], seconds):
            return
        for line in self._lines():
            self._sort(line)
        for answer in self._flows.answers() if self._flows is not None else ():
            job = self.current.waiting.pop(answer.token, None)
            if job is not None:
                result = ProbeResult(*job, answer.kind, answer.host, answer.rtt)
                self.current.results.append(result)

    def _sort(self, line: PacketLine) -> None:
        if line.kind == "feature-support":
            self._answered = line.token
        elif line.token > self._token or not (line.host or line.kind in _SPOKEN):
            self.strange += 1
        job = self.current.waiting.get(line.token)
        if job is None:
            return
        if not line.host and line.kind not in _SEND_ERRORS:
            return  # its silence is counted when the pass ends
        del self.current.waiting[line.token]
        if line.kind in _SEND_ERRORS:
            self.errors.append(line.kind)
            return
        kind = _KINDS.get(line.kind, "refused")
        self.current.results.append(ProbeResult(*job, kind, line.host, line.rtt, line.mpls))

    def _refuse_strange(self) -> None:
        """Silence is not the network's where the program answers what mtr-packet never does."""
        if self.strange and not any(result.kind == "reply" for result in self.current.results):
            words = f"{_STRANGE}; run apt-get install --reinstall mtr-tiny, or try --engine mtr"
            raise Unable(f"{self._child.argv[0]} {words}")

    def _refuse_errors(self) -> None:
        if self.errors and not self.current.results:
            raise Unable(
                f"mtr-packet {self.version} cannot send to {self.target}: {self.errors[0]}"
            )

    def _refuse_death(self, deadline: Deadline) -> None:
        """Asks mtr-packet for its version: silence is the network's only while the program runs."""
        if not self.current.waiting:
            return
        self._token += 1
        self._child.say(to_feature(self._token, "version"))
        until = time.monotonic() + min(_SIGN, max(_SIGN / 5, deadline.left()))
        while (
            self._answered < self._token
            and self._child.files()
            and (left := until - time.monotonic()) > 0
        ):
            self._wait(left)
        if self._answered < self._token:
            what = "does not answer any more" if self._child.files() else "ended in the middle"
            self._child.end(0.05)
            said = self._complaint()
            raise Unable(
                f"{self._child.argv[0]} {what}{f': {said}' if said else ''}; try --engine mtr"
            )
