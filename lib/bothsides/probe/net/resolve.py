"""Resolves host names within the deadline, and says whose fault it is when that fails."""

import _socket as socket  # the C half is enough; the import of the other costs 2 ms of CPU
import _thread
import os
import time

from bothsides.base.deadline import Deadline, block_signals
from bothsides.base.poll import ready
from bothsides.base.types import Any, Iterable, NamedTuple
from bothsides.model.failure import Failure

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}
_NO_SUCH_ADDRESS = (  # though the name exists
    getattr(socket, "EAI_NODATA", -5),
    getattr(socket, "EAI_ADDRFAMILY", -9),
)
_AT_ONCE = 64  # look-ups at the same time
_SPARE = 3  # descriptors of a look-up; without them, glibc says that the name does not exist

SocketAddress = tuple[Any, ...]  # of `socket`: its shape depends on the family
AddressInfo = list[tuple[int, int, int, str, SocketAddress]]  # what getaddrinfo returns
Resolved = tuple["tuple[Address, ...] | Failure", float]
"""The addresses of a host or why there are none, and the seconds that the look-up took."""

_Answer = AddressInfo | OSError | UnicodeError | str | None
"""What a look-up ended with. str: why it was not begun; None: it has not come back."""


class Address(NamedTuple):
    """One resolved address."""

    family: int  # 4 or 6
    host: str  # numeric, with %scope where it has one

    def sockaddr(self, port: int) -> SocketAddress:
        """What `socket.connect` takes."""
        kind = socket.AF_INET6 if self.family == 6 else socket.AF_INET
        how = kind, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST
        return socket.getaddrinfo(self.host.encode(), port, *how)[0][4]


def resolve(
    host: str, family: int, deadline: Deadline, patience: float = 3.0
) -> tuple[Address, ...] | Failure:
    """All addresses of a host, in the system's order, or why there is none.

    family: 4, 6 or 0 for both; patience: seconds that the resolver has.
    """
    return resolve_all((host,), family, deadline, patience)[host][0]


def resolve_all(
    hosts: Iterable[str], family: int, deadline: Deadline, patience: float = 3.0
) -> dict[str, Resolved]:
    """The same for many hosts at once, each with the seconds that it took; 0 where none was made.

    A name whose servers are silent must not hold up the others, and getaddrinfo(3) cannot be
    interrupted: each look-up runs in a thread, which is left behind when it does not come back
    within `patience` seconds (or the deadline), and ends with the process. Look-ups begin only in
    the first half of the time that is left, so that some remains for the hosts that were resolved.
    """
    resolved: dict[str, Resolved] = {}
    names = []
    for host in dict.fromkeys(hosts):
        numeric = _numbers(host, family)
        if numeric:
            resolved[host] = numeric, 0.0
        else:
            names.append(host)
    if names:
        deadline.enter(f"resolving {names[0] if len(names) == 1 else f'{len(names)} names'}")
        resolved |= _looked_up(names, family, patience, deadline.left())
    return resolved


def _numbers(host: str, family: int) -> tuple[Address, ...]:
    """The address that a host is already; nothing for a name."""
    try:
        how = _FAMILIES[family], socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST
        return _addresses(socket.getaddrinfo(_wire(host), None, *how))
    except (socket.gaierror, UnicodeError):
        return ()


def _looked_up(
    names: list[str], family: int, patience: float, seconds: float
) -> dict[str, Resolved]:
    """Answers as they come, some look-ups at a time.

    Those that have not come back in time are our resolver's fault.
    """
    answers: list[_Answer] = [None] * len(names)
    took = [0.0] * len(names)
    try:
        reader, writer = os.pipe()
    except OSError as fault:
        return {name: (_understood(name, family, _shortage(fault)), 0.0) for name in names}
    began = now = time.monotonic()
    going: dict[int, float] = {}
    waiting = list(range(len(names)))[::-1]
    try:
        while (waiting or going) and now < began + seconds:
            if time.monotonic() < began + seconds / 2:
                _begin(names, family, answers, waiting, going, writer)
            if not going:
                break
            until = min(began + seconds, min(going.values()) + patience)
            if ready((reader,), until - time.monotonic()):
                os.read(reader, 4096)
            now = time.monotonic()
            for place, started in tuple(going.items()):
                if answers[place] is not None or now >= started + patience:
                    took[place] = now - going.pop(place)
    finally:
        os.close(reader)
        os.close(writer)
    for place, started in going.items():
        took[place] = now - started
    for place in waiting:
        answers[place] = "no time left"
    return {
        name: (
            _understood(name, family, answers[place]),
            0.0 if isinstance(answers[place], str) else took[place],
        )
        for place, name in enumerate(names)
    }


def _begin(
    names: list[str],
    family: int,
    answers: list[_Answer],
    waiting: list[int],
    going: dict[int, float],
    writer: int,
) -> None:
    """Starts as many look-ups as may run at once.

    What this machine lacks may come back from those under way.
    """
    while waiting and len(going) < _AT_ONCE:
        place = waiting[-1]
        lack = _begun(names[place], _FAMILIES[family], answers, place, writer)
        if lack and going:
            return
        waiting.pop()
        if lack:
            answers[place] = lack
        else:
            going[place] = time.monotonic()


def _begun(host: str, family: int, answers: list[_Answer], place: int, writer: int) -> str:
    """Starts a look-up in a thread of its own; what this machine lacks for it, "" for nothing."""
    try:
        mine = os.dup(writer)
    except OSError as fault:
        return _shortage(fault)
    try:
        _thread.start_new_thread(_look_up, (host, family, answers, place, mine))
    except RuntimeError:
        os.close(mine)
        return "no more threads here"
    return ""


def _shortage(fault: OSError) -> str:
    return f"{fault.strerror} here".lower()


def _spare(descriptor: int) -> str:
    """What lacks for a look-up by now, "" when there is enough."""
    copies = []
    try:
        for _ in range(_SPARE):
            copies.append(os.dup(descriptor))
    except OSError as fault:
        return _shortage(fault)
    finally:
        for copy in copies:
            os.close(copy)
    return ""


def _wire(host: str) -> str | bytes:
    """The name as octets where it is plain: the idna codec's import costs 1 ms of CPU."""
    plain = host.isascii() and all(0 < len(label) < 64 for label in host.rstrip(".").split("."))
    return host.encode() if plain else host


def _look_up(host: str, family: int, answers: list[_Answer], place: int, writer: int) -> None:
    block_signals()  # one taken here would strike the main thread where that has blocked them
    try:
        answers[place] = socket.getaddrinfo(_wire(host), None, family, socket.SOCK_DGRAM)
    except UnicodeError as fault:
        answers[place] = fault
    except OSError as fault:
        answers[place] = _spare(writer) or fault
    try:
        os.write(writer, b".")
    except OSError:
        pass  # nobody waits any more
    finally:
        os.close(writer)


def _understood(host: str, family: int, answer: _Answer) -> tuple[Address, ...] | Failure:
    """What a look-up's end means."""
    if answer is None:
        return Failure("local", f"our resolver does not answer for {host} (target not tested)")
    if isinstance(answer, str):
        return Failure("local", f"{host} was not looked up: {answer} (target not tested)")
    if isinstance(answer, list):
        return _addresses(answer)
    if isinstance(answer, UnicodeError):
        return Failure("config", f"{host} is not a valid host name")
    kind = {4: "IPv4 address", 6: "IPv6 address"}.get(family, "address")
    if answer.errno == socket.EAI_NONAME:
        none = "" if family else " (the name does not exist)"  # of one family, it may have another
        return Failure("dns", f"{host} has no {kind}{none}")
    if answer.errno in _NO_SUCH_ADDRESS:
        return Failure("dns", f"{host} has no {kind}")
    return Failure(
        "local", f"our resolver cannot answer for {host} ({answer.strerror}; target not tested)"
    )


def _addresses(found: AddressInfo) -> tuple[Address, ...]:
    return tuple(
        dict.fromkeys(
            Address(6 if kind == socket.AF_INET6 else 4, _numeric(sockaddr))
            for kind, _, _, _, sockaddr in found
        )
    )


def _numeric(sockaddr: SocketAddress) -> str:
    return socket.getnameinfo(sockaddr, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
