"""Resolves host names within the deadline, and says whose fault it is when that fails.

The system's resolver is asked first. When it is silent or says that it cannot, the name servers of
resolv.conf are asked directly besides (`second_opinion`), and the first good answer counts.
"""

import _socket as socket  # the C half is enough; the import of the other costs 2 ms of CPU
import os
import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.poll import ready
from bothsides.base.types import TYPE_CHECKING, Iterable, NamedTuple
from bothsides.model.failure import Failure
from bothsides.probe.net.system_lookup import (
    AddressInfo,
    SocketAddress,
    SystemAnswer,
    SystemLookups,
    shortage,
    wire,
)

if TYPE_CHECKING:
    from bothsides.probe.net.second_opinion import SecondOpinion

_FAMILIES = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}
_NO_SUCH_ADDRESS = (  # though the name exists
    getattr(socket, "EAI_NODATA", -5),
    getattr(socket, "EAI_ADDRFAMILY", -9),
)
_AT_ONCE = 64  # look-ups at the same time
_HEAD_START = 0.5  # s that the system's resolver has before we ask ourselves
_GLANCE = 0.05  # s between two steps of our own questions
_DOUBT = 60.0  # s without a head start after a server was silent

_doubted = [0.0]
"""Until when (s, monotonic clock) the system's resolver has no head start in this process."""


class Address(NamedTuple):
    """One resolved address."""

    family: int  # 4 or 6
    host: str  # numeric, with %scope where it has one

    def sockaddr(self, port: int) -> SocketAddress:
        """What `socket.connect` takes."""
        kind = socket.AF_INET6 if self.family == 6 else socket.AF_INET
        how = kind, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST
        return socket.getaddrinfo(self.host.encode(), port, *how)[0][4]


class Resolved(NamedTuple):
    """What came of a host."""

    answer: tuple[Address, ...] | Failure
    seconds: float  # that the look-up took; 0 where none was made
    fault: str = ""  # what is wrong with our resolver, though there is an answer


def resolve(
    host: str, family: int, deadline: Deadline, patience: float = 3.0
) -> tuple[Address, ...] | Failure:
    """All addresses of a host, in the system's order, or why there is none.

    family: 4, 6 or 0 for both; patience: seconds that the look-up has.
    """
    return resolve_all((host,), family, deadline, patience)[host].answer


def resolve_all(
    hosts: Iterable[str],
    family: int,
    deadline: Deadline,
    patience: float = 3.0,
    canary: str | None = "",
) -> dict[str, Resolved]:
    """The same for many hosts at once.

    A name whose servers are silent must not hold up the others: none has more than `patience`
    seconds. Look-ups begin only in the first half of the time that is left, so that some remains
    for the hosts that were resolved. canary: as in `SecondOpinion`.
    """
    resolved: dict[str, Resolved] = {}
    names = []
    for host in dict.fromkeys(hosts):
        numeric = _numbers(host, family)
        if numeric:
            resolved[host] = Resolved(numeric, 0.0)
        elif family and _numbers(host, 0):
            words = f"{host} is no IPv{family} address, see -4 and -6"
            resolved[host] = Resolved(Failure("config", words), 0.0)
        else:
            names.append(host)
    if names:
        deadline.enter(f"resolving {names[0] if len(names) == 1 else f'{len(names)} names'}")
        try:
            looking = _Looking(names, family, patience, deadline.left(), canary)
        except OSError as fault:
            failures = (_understood(name, family, shortage(fault)) for name in names)
            return resolved | {
                name: Resolved(failure, 0.0) for name, failure in zip(names, failures, strict=True)
            }
        resolved |= looking.done()
    return resolved


def faults_of(resolved: Iterable[Resolved]) -> tuple[str, ...]:
    """What is wrong with our resolver, each once."""
    return tuple(dict.fromkeys(one.fault for one in resolved if one.fault))


def _numbers(host: str, family: int) -> tuple[Address, ...]:
    """The address that a host is already; nothing for a name."""
    try:
        how = _FAMILIES[family], socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST
        return _addresses(socket.getaddrinfo(wire(host), None, *how))
    except (socket.gaierror, UnicodeError):
        return ()


class _Looking:
    """Names that are looked up, some at a time, by the system and where need be by ourselves."""

    def __init__(
        self, names: list[str], family: int, patience: float, seconds: float, canary: str | None
    ) -> None:
        self._names, self._family, self._canary = names, family, canary
        self._system = SystemLookups(names, _FAMILIES[family])
        self._began = time.monotonic()
        self._patience, self._end = patience, self._began + seconds
        self._waiting = list(range(len(names)))[::-1]
        self._going: dict[int, float] = {}  # by place, when it was begun
        self._settled: dict[str, Resolved] = {}
        self._opinion: SecondOpinion | None = None
        self._lack = ""  # why there is no opinion of our own

    def done(self) -> dict[str, Resolved]:
        """The results, as soon as all names have one or had their time."""
        try:
            while (self._waiting or self._going) and time.monotonic() < self._end:
                if time.monotonic() < (self._began + self._end) / 2:
                    self._begin()
                if not self._going:
                    break
                self._wait()
                for place, started in tuple(self._going.items()):
                    self._settle(place, started)
            for place, started in self._going.items():
                self._give_up(place, started)
        finally:
            self._system.close()
            if self._opinion is not None:
                self._opinion.close()
        for place in self._waiting:
            answer = _understood(self._names[place], self._family, "no time left")
            self._settled[self._names[place]] = Resolved(answer, 0.0)
        return self._settled

    def _begin(self) -> None:
        """Starts as many look-ups as may run at once.

        What this machine lacks may come back from those under way.
        """
        while self._waiting and len(self._going) < _AT_ONCE:
            place = self._waiting[-1]
            lack = self._system.begin(place)
            if lack and self._going:
                return
            self._waiting.pop()
            if lack:
                name = self._names[place]
                self._settled[name] = Resolved(_understood(name, self._family, lack), 0.0)
            else:
                self._going[place] = time.monotonic()

    def _wait(self) -> None:
        """Waits for the next answer, or until something is due."""
        now, oldest = time.monotonic(), min(self._going.values())
        until = min(self._end, oldest + self._patience)
        files: list[object] = [self._system.reader]
        if self._opinion is not None:
            files += self._opinion.sockets
            until = min(until, now + _GLANCE)
        elif not self._lack:
            until = min(until, oldest + self._head_start())
        if self._system.reader in ready(files, until - now):  # type: ignore[arg-type]
            os.read(self._system.reader, 4096)
        if self._opinion is not None:
            self._opinion.step()

    def _head_start(self) -> float:
        """Seconds until we ask ourselves; none when our resolver was silent a short while ago."""
        doubted = time.monotonic() < _doubted[0]
        return 0.0 if doubted else min(_HEAD_START, 0.3 * self._patience)

    def _settle(self, place: int, started: float) -> None:
        """Takes the answer for a name where there is one that counts."""
        now, name, answer = time.monotonic(), self._names[place], self._system.answers[place]
        system = None if answer is None else _understood(name, self._family, answer)
        if system is not None and not (_ours(system) and isinstance(answer, OSError)):
            fault = self._opinion.fault() if self._opinion else ""
            self._keep(place, started, system, fault)
            return
        if system is not None or now >= started + self._head_start():
            self._ask_ourselves(name, started)
        verdict = self._opinion.verdict(name) if self._opinion else None
        if verdict is not None:
            outcome = verdict.answer
            hosts = outcome if isinstance(outcome, Failure) else tuple(map(_address, outcome))
            self._keep(place, started, hosts, verdict.fault)
        elif now >= started + self._patience or (system is not None and self._lack):
            self._give_up(place, started)

    def _ask_ourselves(self, name: str, started: float) -> None:
        if self._opinion is None and not self._lack:
            from bothsides.probe.net.second_opinion import SecondOpinion

            try:
                self._opinion = SecondOpinion(self._family, self._canary, self._end)
            except Unable as fault:
                self._lack = str(fault)
        if self._opinion is not None:
            self._opinion.add(name, min(self._end, started + self._patience))
            self._opinion.step()

    def _give_up(self, place: int, started: float) -> None:
        name, answer = self._names[place], self._system.answers[place]
        if self._lack:
            failure = Failure("local", f"{self._lack} (target not tested)")
            self._settled[name] = Resolved(failure, time.monotonic() - started)
        else:
            understood = _understood(name, self._family, answer)
            self._settled[name] = Resolved(understood, time.monotonic() - started)
        self._going = {one: at for one, at in self._going.items() if one != place}

    def _keep(
        self, place: int, started: float, answer: tuple[Address, ...] | Failure, fault: str
    ) -> None:
        now = time.monotonic()
        if fault:
            _doubted[0] = now + _DOUBT
        self._settled[self._names[place]] = Resolved(answer, now - started, fault)
        del self._going[place]


def _ours(answer: object) -> bool:
    """Whether a look-up failed on our side."""
    return isinstance(answer, Failure) and answer.blame == "local"


def _understood(host: str, family: int, answer: SystemAnswer) -> tuple[Address, ...] | Failure:
    """What the end of the system's look-up means."""
    if answer is None:
        return Failure("local", f"our resolver does not answer for {host} (target not tested)")
    if isinstance(answer, str):
        return Failure("local", f"{host} was not looked up: {answer} (target not tested)")
    if isinstance(answer, list):
        return _addresses(answer)
    if isinstance(answer, UnicodeError):
        return Failure("config", f"{host[:60]} is not a valid host name")
    if "%" in host:
        interface = host.partition("%")[2]
        return Failure("config", f"{host[:60]}: this host has no interface {interface[:20]}")
    kind = {4: "IPv4 address", 6: "IPv6 address"}.get(family, "address")
    if answer.errno == socket.EAI_NONAME:
        none = "" if family else " (the name does not exist)"  # of one family, it may have another
        return Failure("dns", f"{host} has no {kind}{none}")
    if answer.errno in _NO_SUCH_ADDRESS:
        return Failure("dns", f"{host} has no {kind}")
    return Failure(
        "local", f"our resolver cannot answer for {host} ({answer.strerror}; target not tested)"
    )


def _address(host: str) -> Address:
    return Address(6 if ":" in host else 4, host)


def _addresses(infos: AddressInfo) -> tuple[Address, ...]:
    return tuple(
        dict.fromkeys(
            Address(6 if kind == socket.AF_INET6 else 4, _numeric(sockaddr))
            for kind, _, _, _, sockaddr in infos
        )
    )


def _numeric(sockaddr: SocketAddress) -> str:
    return socket.getnameinfo(sockaddr, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
