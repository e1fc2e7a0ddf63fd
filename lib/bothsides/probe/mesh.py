"""Asks udp_mesh on this host for a window of the continuous mesh."""

import _socket as socket  # the C half has all that is needed; the other half costs 2 ms of CPU
import os
import time

from bothsides.base.deadline import Deadline
from bothsides.base.json_text import from_text, to_text
from bothsides.base.types import Any, Iterable
from bothsides.model.failure import Failure
from bothsides.model.mesh import PairWindow, Plan, Run, Well

Json = Any  # what the prober answers; whoever reads it checks its form
FORM = 1
"""The form of the answer that is understood here."""

_PAUSE = 0.1  # s between two attempts to reach a prober that is not there
_LARGEST = 64 << 20  # octets of an answer


class _Refused(Exception):
    """Nothing can be read; the text says why."""


def measure(plan: Plan, past: None, deadline: Deadline) -> Run:
    """Reads the window; a prober that is being restarted is waited for."""
    asked = time.time()
    try:
        deadline.enter(f"waiting for udp_mesh at {plan.socket}")
        opened = _connected(plan, deadline)
        try:
            data = _answer(opened, to_request(plan), plan, deadline)
        finally:
            opened.close()
        return _run(from_json(data), asked)
    except _Refused as fault:
        return Run(plan.socket, None, Failure("local", str(fault)), asked)
    except (ValueError, RecursionError):
        words = f"{plan.socket}: what answers is no udp_mesh of this version"
        return Run(plan.socket, None, Failure("local", words), asked)


def to_request(plan: Plan) -> bytes:
    """The request for a window, one line of JSON."""
    select = {"window": plan.window, "select": plan.select}
    return to_text(select if plan.every else {**select, "pairs": "odd"}).encode() + b"\n"


def from_json(data: bytes) -> Json:
    """What JSON says. Raises ValueError or RecursionError for what is none."""
    return from_text(data.decode(), finite=True)


def _connected(plan: Plan, deadline: Deadline) -> socket.socket:
    until = time.monotonic() + min(plan.patience, 0.9 * deadline.left())
    while True:
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            opened.settimeout(max(0.01, min(plan.wait, deadline.left())))
            opened.connect(plan.socket)
            return opened
        except OSError as fault:
            opened.close()
            absent = isinstance(fault, FileNotFoundError | ConnectionRefusedError)
            if not absent or not _may_come(plan.socket) or time.monotonic() + _PAUSE > until:
                raise _Refused(_words(plan, fault)) from None
        except (ValueError, TypeError):
            opened.close()
            raise _Refused(f"{plan.socket[:60]!r} is no path of a socket") from None
        time.sleep(_PAUSE)


def _words(plan: Plan, fault: OSError) -> str:
    if isinstance(fault, TimeoutError | BlockingIOError):
        return f"{plan.socket}: udp_mesh does not answer, it is stopped or overloaded"
    if isinstance(fault, FileNotFoundError):
        return f"{plan.socket}: udp_mesh is not running, there is no such socket"
    if isinstance(fault, ConnectionRefusedError):
        if not _may_come(plan.socket):  # connect(2) says the same of a file
            return f"{plan.socket} is no socket"
        return f"{plan.socket}: udp_mesh is not running, nobody listens there"
    if isinstance(fault, ConnectionError):
        return f"{plan.socket}: the connection was closed before the answer"
    if isinstance(fault, PermissionError) and not os.path.exists(plan.socket):
        return f"{plan.socket}: a folder in front of it is closed to this user"
    if isinstance(fault, PermissionError):
        return f"{plan.socket}: this user may not ask, start udp_mesh with --group of this user"
    return f"{plan.socket}: cannot be read, {fault.strerror or fault}"


def _may_come(path: str) -> bool:
    """Whether udp_mesh may listen there soon: there is a socket, or nothing."""
    try:
        return os.stat(path).st_mode & 0o170000 == 0o140000
    except OSError:
        return True  # there is nothing


def _answer(opened: socket.socket, request: bytes, plan: Plan, deadline: Deadline) -> bytes:
    """The whole answer; each piece of it is waited for."""
    pieces: list[bytes] = []
    size = 0
    try:
        opened.sendall(request)
        while size <= _LARGEST:
            opened.settimeout(max(0.01, min(plan.wait, deadline.left())))
            piece = opened.recv(1 << 20)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            size += len(piece)
    except OSError as fault:
        raise _Refused(_words(plan, fault)) from None
    raise _Refused(f"{plan.socket}: the answer is too long")


def _run(answer: Json, asked: float) -> Run:
    """The answer as a Run. Raises ValueError for what udp_mesh does not say."""
    if not isinstance(answer, dict) or answer.get("v") != FORM:
        raise ValueError("another form")
    error = answer.get("error")
    if error is not None:
        raise _Refused(str(error))
    try:
        if tuple(answer["columns"]) != PairWindow._fields:
            raise ValueError("other columns")
        make = tuple.__new__
        pairs = tuple([make(PairWindow, row) for row in answer["pairs"]])
        _refuse_strange(pairs)
        well = tuple([_well(row) for row in answer.get("well", ())])
        return Run(
            subject=str(answer["host"]),
            stopped=None,
            failure=None,
            asked=asked,
            now=float(answer["now"]),
            started=float(answer["started"]),
            length=float(answer["length"]),
            expected=int(answer["expected"]),
            closed=float(answer["closed"]),
            stalled=float(answer["stalled"]),
            notes=tuple(map(str, answer["notes"])),
            added=tuple((str(name), float(since)) for name, since in _items(answer.get("added"))),
            pairs=pairs,
            well=well,
        )
    except (KeyError, TypeError) as fault:
        raise ValueError(f"{fault} is missing or of another type") from None


def _items(value: Json) -> Iterable[tuple[Json, Json]]:
    """The pairs of an object; none where an older udp_mesh leaves it out."""
    return dict(value or {}).items()


def _well(row: Json) -> Well:
    """Pairs that are well. Raises ValueError or TypeError for what udp_mesh does not say."""
    datacenter, number, places, *sums = row
    if {*map(type, places), type(number), *map(type, sums)} - {int} or type(datacenter) is not str:
        raise ValueError("a value of another type")
    return Well(datacenter, number, tuple(places), *sums)


def _refuse_strange(pairs: tuple[PairWindow, ...]) -> None:
    """Raises ValueError unless every column of every pair is of its type."""
    if not pairs:
        return
    for place, column in enumerate(zip(*pairs, strict=True)):
        kind = str if place < _TEXTS else bool if place == _TEXTS else int
        if set(map(type, column)) != {kind}:
            raise ValueError("a value of another type")


_TEXTS = PairWindow._fields.index("alive")  # columns before it are texts, behind it whole numbers
