"""Fetches the documents of other hosts, all at once, within the deadline.

nrpe    the command bothsides_evidence of the host's NRPE, by check_nrpe
icinga  the service "bothsides evidence" of the host, started by Icinga's API
ssh     a forced command: command="/usr/local/bin/bothsides evidence --now ...",restrict
file    a document that somebody else has put there
here    the command line of `bothsides evidence` for this very host

Whoever is to collect traces for a provider is asked by ssh's own words, which the option --asked
of `bothsides evidence` reads, or by NRPE's command bothsides_collect_NAME. A host that cannot is
asked for its usual document instead.

A host that does not answer us may be asked through another one: by ssh's own jump, or by the
command bothsides_evidence_NAME of the other host's NRPE. Icinga finds its way through its zones.
"""

import os
import time

from bothsides.base import files
from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import TYPE_CHECKING, Literal, Mapping, NamedTuple, Sequence
from bothsides.model.whose_fault import Asked, IcingaApi
from bothsides.probe.net.process import MOST, Child, find, finished

if TYPE_CHECKING:
    from bothsides.probe.evidence.icinga import Executions

COMMAND = "bothsides_evidence"
"""Name of the command in NRPE's configuration."""

COLLECT = "bothsides_collect"
"""The same of the command that collects traces, in front of an underscore and the peer's name."""

_CHECK_NRPE = (
    "/usr/lib/nagios/plugins/check_nrpe",
    "/usr/lib64/nagios/plugins/check_nrpe",
    "/usr/local/nagios/libexec/check_nrpe",
    "/usr/lib/monitoring-plugins/check_nrpe",
)
_RESERVE = 0.4  # s for judging and printing
_SAID = 120  # characters of a program's own words
_PATIENCE = 0.45  # of the time, after which a silent host is asked through another one as well
_SLICE = 0.02  # s between two looks at all that is on its way


class Answer(NamedTuple):
    """What came from one host."""

    name: str
    text: str  # the document; "" where none came
    state: Literal["heard", "missing", "slow"]
    words: str  # why none came
    middle: float  # s since 1970, by our clock, halfway between question and answer
    half: float  # s, half of the time between them
    through: str = ""  # name of the host that asked in our place
    instead: str = ""  # why this is the usual document where traces were to be collected


class _Going(NamedTuple):
    """A question on its way."""

    asked: Asked
    child: Child
    began: float  # s since 1970
    through: str = ""  # name of the host that asks in our place


def fetched(
    asked: Sequence[Asked],
    deadline: Deadline,
    icinga: IcingaApi | None = None,
    programs: Mapping[str, str] | None = None,
) -> list[Answer]:
    """One answer for each host, in their order.

    icinga: by which hosts with this transport are asked.
    programs: absolute paths of `nrpe` and `ssh` instead of the usual places.
    """
    fetching = _Fetching(asked, deadline, icinga, programs or {})
    try:
        return fetching.all()
    finally:
        fetching.end()


class _Fetching:
    """All questions, from the first to the last answer."""

    def __init__(
        self,
        asked: Sequence[Asked],
        deadline: Deadline,
        icinga: IcingaApi | None,
        programs: Mapping[str, str],
    ) -> None:
        self.asked = asked
        self.deadline = deadline
        self.programs = programs
        self.began = time.time()
        self.going: list[_Going] = []
        self.answers: dict[str, Answer] = {}
        self.failed: dict[str, Answer] = {}  # the first failure of each host
        self.detoured: set[str] = set()  # names of hosts that are asked through others too
        self.plain: set[str] = set()  # names of hosts that cannot collect
        self.executions: Executions | None = None
        agents = [each for each in asked if each.transport == "icinga"]
        if agents and icinga is not None:
            from bothsides.probe.evidence import icinga as by_icinga

            self.executions = by_icinga.Executions(icinga, agents)

    def end(self) -> None:
        """Ends whatever is still on its way."""
        for each in self.going:
            each.child.end()
        if self.executions is not None:
            self.executions.close()

    def all(self) -> list[Answer]:
        """Asks everybody; who has not answered in time is slow."""
        for each in self.asked:
            self._start(each)
        self.deadline.enter(f"waiting for {', '.join(each.name for each in self._open())[:60]}")
        left = self.deadline.left()
        now = time.monotonic()
        until, patience = now + max(0.05, left - _RESERVE), now + _PATIENCE * left
        while self._open() and (now := time.monotonic()) < until:
            self._wait(min(until, now + _SLICE))
            for each in self._open() if now > patience else ():
                if each.collect is None:  # which takes its time
                    self._detour(each)
        return [self._answer_of(each) for each in self.asked]

    def _open(self) -> list[Asked]:
        """The hosts for whose answer it is worth to wait."""
        agents = self.executions.asked if self.executions is not None else ()
        known = dict.fromkeys((*(each.asked for each in self.going), *agents))
        return [each for each in known if each.name not in self.answers]

    def _start(self, asked: Asked) -> None:
        if asked.transport == "icinga" and self.executions is not None:
            return
        started = _started(asked, self.deadline, self.programs)
        if isinstance(started, _Going):
            self.going.append(started)
        else:
            self._take(asked, started)

    def _detour(self, asked: Asked) -> None:
        """Asks a host through another one, once."""
        if asked.through is None or asked.name in self.detoured:
            return
        self.detoured.add(asked.name)
        program = self.programs.get(asked.transport) or _place(asked.transport)
        if not program or asked.transport not in ("nrpe", "ssh"):
            return
        try:
            child = Child(_argv(program, asked, self.deadline, detour=True), _environment())
        except Unable:
            return
        self.going.append(_Going(asked, child, time.time(), asked.through.name))

    def _take(self, asked: Asked, answer: Answer) -> None:
        """Keeps an answer; a failed question is put once more through another host."""
        if answer.state == "heard":
            instead = self.failed[asked.name].words if asked.name in self.plain else ""
            self.answers.setdefault(answer.name, answer._replace(instead=instead))
            return
        known = self.failed.get(answer.name)
        if known is not None and asked.name in self.plain and known.words != answer.words:
            answer = answer._replace(words=f"{known.words}, and {answer.words}")
            self.failed[answer.name] = answer
        self.failed.setdefault(answer.name, answer)
        if asked.collect is not None:
            self.plain.add(asked.name)
            self._start(asked._replace(collect=None))
            return
        self._detour(asked)

    def _wait(self, until: float) -> None:
        """Waits for something to come, and keeps what has."""
        children = [each.child for each in self.going]
        if self.executions is not None and self.executions.asked:
            for outcome in self.executions.step(0.0 if children else until - time.monotonic()):
                took = time.time() - self.began
                state: Literal["heard", "missing"] = "heard" if outcome.text else "missing"
                middle = self.began + took / 2
                answer = Answer(
                    outcome.asked.name, outcome.text, state, outcome.words, middle, took / 2
                )
                self._take(outcome.asked, answer)
        finished(children, until)
        for each in [each for each in self.going if not each.child.files()]:
            self.going.remove(each)
            self._take(each.asked, _answer(each))

    def _answer_of(self, asked: Asked) -> Answer:
        """What is known of one host when the time is over."""
        name = asked.name
        if name in self.answers:
            return self.answers[name]
        failed = self.failed.get(name)
        if failed is None:
            took = time.time() - self.began
            words = f"it did not answer within {took:.1f} s"
            failed = Answer(name, "", "slow", words, self.began, took / 2)
        if name in self.detoured and asked.through is not None:
            return failed._replace(words=f"{failed.words}, nor through {asked.through.name}")
        return failed


def _started(asked: Asked, deadline: Deadline, programs: Mapping[str, str]) -> Answer | _Going:
    now = time.time()

    def none(words: str) -> Answer:
        return Answer(asked.name, "", "missing", words, now, 0.0)

    if asked.address.startswith("-"):
        return none("an address that begins with a dash")
    if asked.transport == "file":
        try:
            text = files.octets(asked.address).decode("utf-8", "replace")
        except Unable as fault:
            return none(str(fault))
        return Answer(asked.name, text, "heard", "", now, float("inf"))
    if asked.transport == "icinga":
        return none("its transport is icinga; say --icinga https://HOST:5665 --icinga-login FILE")
    if asked.transport == "none":
        return none("its transport is none: nobody asks it")
    program = programs.get(asked.transport) or _place(asked.transport)
    if not program and asked.transport != "here":
        tool = {"nrpe": "check_nrpe", "ssh": "ssh"}[asked.transport]
        return none(f"{tool} is not installed here")
    try:
        child = Child(_argv(program, asked, deadline), _environment())
    except Unable as fault:
        return none(str(fault))
    return _Going(asked, child, now)


def _place(transport: str) -> str:
    if transport == "ssh":
        return find("ssh")
    return next((path for path in _CHECK_NRPE if os.access(path, os.X_OK)), "")


def _argv(program: str, asked: Asked, deadline: Deadline, detour: bool = False) -> list[str]:
    """The command line; `detour`: through the other host."""
    if asked.transport == "here":
        more = ("--collect", asked.collect.provider) if asked.collect is not None else ("--now",)
        return [*asked.argv, *more]
    seconds = str(int(deadline.left()) + 2)  # more than we wait: our own words say who was slow
    other = asked.through.address if detour and asked.through is not None else ""
    if asked.transport == "nrpe":
        command = f"{COMMAND}_{asked.name}" if other else COMMAND
        if asked.collect is not None:
            command = f"{COLLECT}_{asked.collect.peer}"
        return [program, "-H", other or asked.address, "-c", command, "-t", seconds]
    options = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={seconds}", "-T"]
    jump = ["-J", other] if other else []
    return [program, *options, *jump, "--", asked.address, _words(asked)]


def _words(asked: Asked) -> str:
    """What the other side of ssh is asked for."""
    if asked.collect is None:
        return "bothsides evidence --now"
    import shlex

    peer = shlex.quote(asked.collect.peer)
    return f"bothsides evidence --collect {asked.collect.provider} --to {peer}"


def _environment() -> dict[str, str]:
    """What ssh needs to find its keys."""
    kept = ("HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _answer(going: _Going) -> Answer:
    took = time.time() - going.began
    going.child.end(0.2)
    if len(going.child.out) > MOST:
        words = f"it answered with more than {MOST // 1_000_000} MB, which is no document"
        return Answer(going.asked.name, "", "missing", words, going.began, took / 2)
    text = bytes(going.child.out).decode("utf-8", "replace").strip()
    name, middle = going.asked.name, going.began + took / 2
    if text.startswith("{"):
        return Answer(name, text, "heard", "", middle, took / 2, going.through)
    said = text or bytes(going.child.error).decode("utf-8", "replace").strip()
    words = said.split("\n")[0][:_SAID] or f"no answer (exit code {going.child.code})"
    if text and not going.child.code:  # what it took for an answer
        words = f"no document: {words}"
    return Answer(name, "", "missing", words, middle, took / 2, going.through)
