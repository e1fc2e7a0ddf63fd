"""Probes sent by mtr-packet along fixed flows, paced, each with its answer or its silence."""

import re
import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.poll import ready
from bothsides.base.types import Callable, Iterable, Iterator, NamedTuple, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.mtr.packet import Reply, from_reply, to_feature, to_probe
from bothsides.probe.net.process import Child

ECHO = -1  # the "flow" of an echo request to the target itself
PACE = 0.01  # seconds between two probes: never more than 100 packets a second
PATIENCE = (0.5, 1.0)  # seconds that an answer may take after the last probe: at least, and at most
PORT, FIRST_PORT = (
    33434,
    40000,
)  # of every flow for ever: routers hash them, so they are part of what is learnt
_SIGN = 0.5  # seconds that mtr-packet has to show that it still lives
_UNKNOWN_TAIL, _KNOWN_TAIL = 12, 4  # silent hops in a row that end a trace
_CIRCLE = 4  # times that a flow meets the same router until it is clear that it goes round
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


class Answer(NamedTuple):
    """What became of one probe.

    flow: its number, or ECHO; ttl: where it was to expire (0 for ECHO); kind: "reply" (from the target),
    "expired", "refused" (a router does not forward it) or "silent"; rtt: seconds.
    """

    flow: int
    ttl: int
    kind: str
    host: str = ""
    rtt: float | None = None
    mpls: str = ""


def holds_flows(version: str, target: str) -> bool:
    """Whether this version can hold both ports of a flow fixed for the target's family.

    Before 0.94 the answers of processes that run at the same time get mixed up and checksums are wrong;
    up to 0.95 no answer to such a probe over IPv6 is recognised.
    """
    known = tuple(int(part[:9]) for part in re.findall("[0-9]+", version)[:2])
    return known >= ((0, 96) if ":" in target else (0, 94))


class Pause(NamedTuple):
    """A job that sends nothing, but waits until these flows have come to their end."""

    flows: tuple[int, ...]


Job = tuple[int, int] | Pause
"""What to send next: (flow, ttl), or a pause."""


class Engine:
    """A running mtr-packet that probes one target. `answers` holds all that came, also when interrupted."""

    def __init__(self, program: str, target: str, source: str) -> None:
        self.target = target
        self.source = source
        self.version = ""
        self.fixed = True
        self.watch: Callable[[Sequence[Answer]], None] | None = (
            None  # told of the answers at every hop
        )
        self.errors: list[str] = []
        self._child = Child([program])
        self._asked: dict[int, tuple[int, int]] = {}
        self._answers: list[Answer] = []
        self._token = 0
        self._living = 0  # the last plain question that it has answered

    def end(self) -> None:
        """Ends the process."""
        self._child.end()

    def greet(self, deadline: Deadline) -> None:
        """Asks for its version and whether it can send UDP; Unable says why it cannot be used."""
        deadline.enter("starting mtr-packet")
        self._child.say(to_feature(1, "version") + to_feature(2, "udp"))
        until = time.monotonic() + min(1.0, deadline.left())
        answers: dict[int, Reply] = {}
        while len(answers) < 2 and self._child.files() and (left := until - time.monotonic()) > 0:
            ready(self._child.files(), left)
            answers |= {reply.token: reply for reply in self._replies()}
        self._token = 2
        if len(answers) < 2:
            self._child.end(0.05)
            said = " ".join(self._child.error.decode("ascii", "replace").split())
            raise Unable(said or f"{self._child.argv[0]} does not answer")
        if answers[2].words != "ok":
            raise Unable(f"mtr-packet {answers[1].words} cannot send UDP")
        self.version = answers[1].words[:20]
        self.fixed = holds_flows(self.version, self.target)

    def ended(self, flow: int) -> bool:
        """Whether a flow has come to its end in the pass that is going on: the target, a refusal, or a circle."""
        mine = [answer for answer in self._answers if answer.flow == flow]
        hosts = [answer.host for answer in mine]
        return any(answer.kind != "expired" for answer in mine) or any(
            hosts.count(host) >= _CIRCLE for host in set(hosts)
        )

    def highest(self) -> int:
        """The last hop that has answered in the pass that is going on."""
        return max((answer.ttl for answer in self._answers), default=0)

    def taken(self) -> tuple[Answer, ...]:
        """The pass so far: answers, and silence where none has come yet."""
        silent = [Answer(flow, ttl, "silent") for flow, ttl in self._asked.values()]
        return tuple(
            sorted([*self._answers, *silent], key=lambda answer: (answer.ttl, answer.flow))
        )

    def go(self, jobs: Iterable[Job], deadline: Deadline) -> tuple[Answer, ...]:
        """Sends the jobs at our pace, and waits for what is still out in the end."""
        self._asked, self._answers = {}, []
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
                    self.watch(self._answers)
            self._send(*job)
        self._settle(deadline)
        self._refuse_errors()
        self._refuse_death(deadline)
        return self.taken()

    def ladder(
        self, flows: Sequence[int], top: int, known: int = 0, extra: Iterable[tuple[int, int]] = ()
    ) -> Iterator[Job]:
        """Jobs hop by hop for every flow until each has come to its end.

        known: the length of the path as learnt; behind it, and behind the `extra` jobs, we look before
        we ask anybody more.
        """
        tail = _KNOWN_TAIL if known else _UNKNOWN_TAIL
        more = list(extra)
        for ttl in range(1, top + 1):
            if ttl == known + 1 or (not known and ttl - self.highest() > tail):
                yield from more
                more = []
                yield Pause(tuple(flows))
            going = [flow for flow in flows if not self.ended(flow)]
            if not going or ttl - self.highest() > tail:
                break
            yield from ((flow, ttl) for flow in going)
        yield from more

    def _send(self, flow: int, ttl: int) -> None:
        self._token += 1
        self._asked[self._token] = (flow, ttl)
        if flow == ECHO:
            self._child.say(to_probe(self._token, self.target, self.source, 255))
        else:
            ports = (FIRST_PORT + flow, PORT) if self.fixed else None
            self._child.say(to_probe(self._token, self.target, self.source, ttl, ports))

    def _settle(self, deadline: Deadline, flows: tuple[int, ...] = ()) -> None:
        """Waits for answers: until these flows have come to their end, or, without any, until nothing is out.

        Whoever is silent is not waited for longer than several round trips of those who are not.
        """
        began = time.monotonic()
        while self._asked and self._child.files():
            slowest = max((answer.rtt or 0.0 for answer in self._answers), default=PATIENCE[1])
            patience = min(PATIENCE[1], max(PATIENCE[0], 0.3 + 3 * slowest))
            left = min(began + patience - time.monotonic(), deadline.left())
            if left <= 0 or (flows and all(self.ended(flow) for flow in flows)):
                return
            self._wait(left)

    def _wait(self, seconds: float) -> None:
        files = self._child.files()
        if not files:
            time.sleep(min(seconds, PACE))
            return
        if not ready(files, seconds):
            return
        for reply in self._replies():
            self._sort(reply)

    def _replies(self) -> Iterator[Reply]:
        for line in self._child.lines():
            try:
                yield from [from_reply(line)] if line else []
            except Unreadable as fault:
                self.errors.append(str(fault))

    def _sort(self, reply: Reply) -> None:
        if reply.kind == "feature-support":
            self._living = reply.token
        job = self._asked.get(reply.token)
        if job is None:
            return
        if reply.kind == "no-reply" or (not reply.host and reply.kind not in _SEND_ERRORS):
            return  # its silence is counted when the pass ends
        del self._asked[reply.token]
        if reply.kind in _SEND_ERRORS:
            self.errors.append(reply.kind)
            return
        kind = {"reply": "reply", "ttl-expired": "expired"}.get(reply.kind, "refused")
        self._answers.append(Answer(*job, kind, reply.host, reply.rtt, reply.mpls))

    def _refuse_errors(self) -> None:
        if self.errors and not self._answers:
            raise Unable(
                f"mtr-packet {self.version} cannot send to {self.target}: {self.errors[0]}"
            )

    def _refuse_death(self, deadline: Deadline) -> None:
        """Silence is the network's only while mtr-packet lives: before any is counted it is asked for its version."""
        if not self._asked:
            return
        self._token += 1
        self._child.say(to_feature(self._token, "version"))
        until = time.monotonic() + min(_SIGN, max(_SIGN / 5, deadline.left()))
        while (
            self._living < self._token
            and self._child.files()
            and (left := until - time.monotonic()) > 0
        ):
            self._wait(left)
        if self._living < self._token:
            what = "does not answer any more" if self._child.files() else "ended in the middle"
            self._child.end(0.05)
            said = " ".join(self._child.error.decode("ascii", "replace").split())
            raise Unable(
                f"{self._child.argv[0]} {what}{f': {said}' if said else ''}; try --engine mtr"
            )


def mixed(jobs: Iterable[Job], echoes: int) -> Iterator[Job]:
    """The jobs with echo requests in between, one after every four, and the rest of them at the end."""
    sent = 0
    for place, job in enumerate(jobs, 1):
        yield job
        if place % 4 == 0 and sent < echoes:
            sent += 1
            yield (ECHO, 0)
    yield from [(ECHO, 0)] * (echoes - sent)
