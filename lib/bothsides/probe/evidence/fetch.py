"""Fetches the documents of other hosts, all at once, within the deadline.

nrpe  the command bothsides_evidence of the host's NRPE, by check_nrpe
ssh   a forced command: command="/usr/local/bin/bothsides evidence --now ...",restrict
file  a document that somebody else has put there
"""

import os
import time

from bothsides.base import files
from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import Iterator, Literal, Mapping, NamedTuple, Sequence
from bothsides.model.whose_fault import Asked
from bothsides.probe.net.process import Child, find, finished

COMMAND = "bothsides_evidence"
"""Name of the command in NRPE's configuration."""

_CHECK_NRPE = (
    "/usr/lib/nagios/plugins/check_nrpe",
    "/usr/lib64/nagios/plugins/check_nrpe",
    "/usr/local/nagios/libexec/check_nrpe",
    "/usr/lib/monitoring-plugins/check_nrpe",
)
_RESERVE = 0.4  # s for judging and printing
_SAID = 120  # characters of a program's own words


class Answer(NamedTuple):
    """What came from one host."""

    name: str
    text: str  # the document; "" where none came
    state: Literal["heard", "missing", "slow"]
    words: str  # why none came
    middle: float  # s since 1970, by our clock, halfway between question and answer
    half: float  # s, half of the time between them


class _Going(NamedTuple):
    """A question on its way."""

    asked: Asked
    child: Child
    began: float  # s since 1970


def fetched(
    asked: Sequence[Asked], deadline: Deadline, programs: Mapping[str, str] | None = None
) -> list[Answer]:
    """One answer for each host, in their order.

    programs: absolute paths of `nrpe` and `ssh` instead of the usual places.
    """
    answers: dict[str, Answer] = {}
    going: list[_Going] = []
    try:
        for each in asked:
            started = _started(each, deadline, programs or {})
            if isinstance(started, Answer):
                answers[each.name] = started
            else:
                going.append(started)
        deadline.enter(f"waiting for {', '.join(each.asked.name for each in going)[:60]}")
        for answer in _collected(going, deadline):
            answers[answer.name] = answer
    finally:
        for each_going in going:
            each_going.child.end()
    return [answers[each.name] for each in asked]


def _started(asked: Asked, deadline: Deadline, programs: Mapping[str, str]) -> Answer | _Going:
    now = time.time()
    if asked.address.startswith("-"):
        return Answer(asked.name, "", "missing", "an address that begins with a dash", now, 0.0)
    if asked.transport == "file":
        try:
            text = files.octets(asked.address).decode("utf-8", "replace")
        except Unable as fault:
            return Answer(asked.name, "", "missing", str(fault), now, 0.0)
        return Answer(asked.name, text, "heard", "", now, float("inf"))
    if asked.transport not in ("nrpe", "ssh"):
        words = f"its transport is {asked.transport}: nobody asks it"
        return Answer(asked.name, "", "missing", words, now, 0.0)
    program = programs.get(asked.transport) or _place(asked.transport)
    if not program:
        tool = {"nrpe": "check_nrpe", "ssh": "ssh"}[asked.transport]
        return Answer(asked.name, "", "missing", f"{tool} is not installed here", now, 0.0)
    try:
        child = Child(_argv(program, asked, deadline), _environment())
    except Unable as fault:
        return Answer(asked.name, "", "missing", str(fault), now, 0.0)
    return _Going(asked, child, now)


def _place(transport: str) -> str:
    if transport == "ssh":
        return find("ssh")
    return next((path for path in _CHECK_NRPE if os.access(path, os.X_OK)), "")


def _argv(program: str, asked: Asked, deadline: Deadline) -> list[str]:
    seconds = str(max(1, int(deadline.left())))
    if asked.transport == "nrpe":
        return [program, "-H", asked.address, "-c", COMMAND, "-t", seconds]
    options = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={seconds}", "-T"]
    return [program, *options, "--", asked.address, "bothsides evidence --now"]


def _environment() -> dict[str, str]:
    """What ssh needs to find its keys."""
    kept = ("HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _collected(going: Sequence[_Going], deadline: Deadline) -> Iterator[Answer]:
    """The answers as they come; who has not answered in time is slow."""
    until = time.monotonic() + max(0.05, deadline.left() - _RESERVE)
    waiting = list(going)
    while waiting:
        in_time = _any_finished(waiting, until)
        for each in [each for each in waiting if not each.child.files()]:
            waiting.remove(each)
            yield _answer(each)
        if not in_time:
            break
    for each in waiting:
        took = time.time() - each.began
        words = f"it did not answer within {took:.1f} s"
        yield Answer(each.asked.name, "", "slow", words, each.began, took / 2)


def _any_finished(waiting: Sequence[_Going], until: float) -> bool:
    """Waits until one of them has finished; False when the time is over."""
    while time.monotonic() < until:
        if finished([each.child for each in waiting], min(until, time.monotonic() + 0.02)):
            return True
        if any(not each.child.files() for each in waiting):
            return True
    return False


def _answer(going: _Going) -> Answer:
    took = time.time() - going.began
    going.child.end(0.2)
    text = bytes(going.child.out).decode("utf-8", "replace").strip()
    name, middle = going.asked.name, going.began + took / 2
    if text.startswith("{"):
        return Answer(name, text, "heard", "", middle, took / 2)
    said = text or bytes(going.child.error).decode("utf-8", "replace").strip()
    words = said.split("\n")[0][:_SAID] or f"no answer (exit code {going.child.code})"
    return Answer(name, "", "missing", words, middle, took / 2)
