"""Sends numbered packets to far ends that answer, and keeps every instant: of sending, arrival and answer."""

import os
import select
import time

from bothsides.base.deadline import Deadline, Interrupted, Stop
from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Any, NamedTuple
from bothsides.model.failure import Failure
from bothsides.model.udp import Answer, Packet, Target
from bothsides.parse import Unreadable, stamp
from bothsides.probe.net.kernel_clock import claim
from bothsides.probe.net.resolve import resolve_all
from bothsides.probe.udp.protocol import JUMP, Speech
from bothsides.probe.udp.socket import Arrival, Port, Refusal

_RESOLVING = 3.0  # seconds for all names together
_TELL = 0.2  # seconds between two words about the progress
_BLOCK = 64  # local ports side by side
_FIRST_BLOCK = 49152 // _BLOCK  # where IANA's dynamic ports begin
_BLOCKS = (60992 - 49152) // _BLOCK  # up to where Linux's own range ends
_ROUNDS = 8  # closing probes per flow at most


class Plan(NamedTuple):
    """Whom to ask and how.

    family: 4, 6 or 0; interval: seconds between two packets to one target; flows: source ports;
    patience: seconds after which an answer is late; size: octets of a request (UDP payload); dscp: 0
    to 63; key: of authenticated mode, in hex; ssid: 1 to 65535, 0 for one of our choice.
    """

    hosts: tuple[str, ...]
    port: int
    family: int = 0
    protocol: str = "stamp"
    packets: int = 100
    interval: float = 0.02
    flows: int = 8
    patience: float = 1.0
    size: int = stamp.PLAIN
    dscp: int = 0
    key: Secret = Secret("")
    ssid: int = 0


class Run(NamedTuple):
    """One measurement.

    patience: as planned; overflow: datagrams that our sockets dropped; corrupt: UDP datagrams with a wrong
    checksum that this host received meanwhile, from anybody; None: not told; clock: within how many
    seconds of UTC our clock says it is, None without such a claim; ended: seconds from the start to the end
    of listening.
    """

    subject: str
    targets: tuple[Target, ...]
    patience: float
    overflow: int
    corrupt: int | None
    ended: float
    clock: float | None = None
    stopped: Stop | None = None


class _Aim:
    """A target while it is being asked."""

    def __init__(self, host: str, family: int, sockaddr: tuple[Any, ...]) -> None:
        self.host = host
        self.family = family
        self.sockaddr = sockaddr
        self.packets: list[tuple[int, int, float, int, str]] = []
        self.stamps: list[int | None] = []
        self.answers: list[Answer] = []
        self.closing: list[tuple[int, int, float, int, str]] = []
        self.closing_stamps: list[int | None] = []
        self.closed: dict[
            tuple[int, int], Answer
        ] = {}  # one to each: more of them would tell nothing more
        self.sent: dict[tuple[int, int], int] = {}  # T1 of every packet by flow and sequence
        self.missing: set[tuple[int, int]] = set()  # of these, those without an answer
        self.refused: dict[Refusal, int] = {}
        self.strays: dict[str, int] = {}
        self.elsewhere: dict[str, None] = {}

    def done(self, host: str, port: int) -> Target:
        return Target(
            host,
            self.sockaddr[0],
            port,
            None,
            _packets(self.packets, self.stamps),
            tuple(self.answers),
            (_packets(self.closing, self.closing_stamps), tuple(self.closed.values())),
            tuple(self.refused.items()),
            self.strays,
            tuple(self.elsewhere),
        )


def _packets(
    facts: list[tuple[int, int, float, int, str]], stamps: list[int | None]
) -> tuple[Packet, ...]:
    # a signal may have struck between the two: there is a stamp's place then for a packet of which nothing else is known
    return tuple(
        Packet(flow, sequence, at, sent, left, fault)
        for (flow, sequence, at, sent, fault), left in zip(facts, stamps, strict=False)
    )


def measure(plan: Plan, deadline: Deadline) -> Run:
    """Sends, listens until all is answered or too late, and asks at the end how much had arrived."""
    subject = plan.hosts[0] if len(plan.hosts) == 1 else f"{len(plan.hosts)} targets"
    before = checksum_errors()
    aims: dict[str, _Aim | Failure] = {}
    conversation: _Conversation | None = None
    stopped = None
    try:
        _resolve(plan, deadline, aims)
        unique = dict.fromkeys(aim for aim in aims.values() if isinstance(aim, _Aim))
        conversation = _Conversation(plan, list(unique), deadline)
        if not conversation.hold():
            stopped = deadline.stop()
    except Interrupted as cause:
        stopped = deadline.stop(str(cause))
    finally:
        if conversation is not None:
            conversation.close()
    after = checksum_errors()
    targets = tuple(_target(host, plan.port, aims.get(host)) for host in plan.hosts)
    clock = claim() if any(_claims(target) for target in targets) else None
    overflow, ended = (conversation.overflow(), conversation.ended) if conversation else (0, 0.0)
    corrupt = None if before is None or after is None else max(0, after - before)
    return Run(
        _subject(subject, targets), targets, plan.patience, overflow, corrupt, ended, clock, stopped
    )


def _claims(target: Target) -> bool:
    """Whether the far end says that its clock follows UTC: only then ours is worth a look."""
    return bool(target.answers) and stamp.from_error(target.answers[0].error or 0) is not None


def _subject(subject: str, targets: tuple[Target, ...]) -> str:
    """The address is part of the subject where it is not what was asked for."""
    if len(targets) != 1 or targets[0].address in ("", targets[0].host):
        return subject
    return f"{subject} ({targets[0].address})"


def _target(host: str, port: int, aim: _Aim | Failure | None) -> Target:
    if isinstance(aim, _Aim):
        return aim.done(host, port)
    failure = aim or Failure("local", f"{host} was not looked up (no time left)")
    return Target(host, "", port, failure, (), (), ((), ()), (), {}, ())


def _resolve(plan: Plan, deadline: Deadline, aims: dict[str, _Aim | Failure]) -> None:
    """Fills in every host's aim, or why it has none; all names together get a few seconds.

    Names of one address share an aim: asked twice from the same ports, its count would mean nothing.
    """
    known: dict[tuple[Any, ...], _Aim] = {}
    for host, (found, _) in resolve_all(plan.hosts, plan.family, deadline, _RESOLVING).items():
        if isinstance(found, Failure):
            aims[host] = found
        else:
            sockaddr = found[0].sockaddr(plan.port)
            aims[host] = known.setdefault(sockaddr, _Aim(host, found[0].family, sockaddr))


class _Conversation:
    """The one loop that sends to all targets and listens to all answers."""

    def __init__(self, plan: Plan, aims: list[_Aim], deadline: Deadline) -> None:
        self.plan = plan
        self.aims = aims
        self.deadline = deadline
        self.speech = Speech(
            plan.protocol,
            plan.size,
            plan.ssid or int.from_bytes(os.urandom(2)) or 1,
            bytes.fromhex(plan.key),
        )
        self.ports = _opened({aim.family for aim in aims}, plan)
        self.by_address = {(aim.family, *aim.sockaddr[:2]): aim for aim in aims}
        self.by_fileno: dict[int, tuple[Port, int]] = {}
        self.poll = select.poll()
        for ports in self.ports.values():
            for flow, port in enumerate(ports):
                self.by_fileno[port.fileno()] = port, flow
                self.poll.register(port.fileno(), select.POLLIN)
        self.began = time.monotonic()
        self.ended = 0.0
        self.missing = 0
        self._cpu = time.process_time()
        self._told = 0.0
        self._stage = ""

    def close(self) -> None:
        self.ended = time.monotonic() - self.began
        for port, _ in self.by_fileno.values():
            port.close()

    def overflow(self) -> int:
        return sum(port.overflow for port, _ in self.by_fileno.values())

    def hold(self) -> bool:
        """The whole conversation; False when the deadline cut it short."""
        if not self.aims:
            return True
        named = self.aims[0].host if len(self.aims) == 1 else f"{len(self.aims)} targets"
        self._stage = f"sending {self.plan.packets} packets to {named}"
        self.deadline.enter(self._stage)
        if not self._send():
            return False
        self.deadline.enter(f"waiting for answers from {named}")
        until = time.monotonic() + self.plan.patience
        if not self._listen(until):
            return not self.missing
        self.deadline.enter(f"sending closing probes to {named}")
        self._close_up()
        return True

    def _send(self) -> bool:
        """All packets of all targets on a schedule with a random start; False when time ran out."""
        plan, count = self.plan, len(self.aims)
        # a schedule as regular as a clock would meet other clocks' beats again and again (RFC 3432)
        dice = [octet / 255 for octet in os.urandom(plan.packets + 1)]
        start = time.monotonic() + dice[-1] * min(plan.interval, 0.02)
        for place in range(plan.packets):
            tick = start + (place + 0.2 * dice[place] - 0.1) * plan.interval
            for index, aim in enumerate(self.aims):
                if not self._listen(tick + plan.interval * index / count, idle=False):
                    return False
                self._ask(aim, place % plan.flows, place // plan.flows)
            if self.deadline.watch is not None and tick > self._told + _TELL:
                self._told = tick
                self._tell(place + 1)
        return True

    def _tell(self, sent: int) -> None:
        """What is known so far, for a person who watches."""
        asked = sum(len(aim.packets) for aim in self.aims)
        self.deadline.enter(
            f"{self._stage}: {sent} sent, {asked - self.missing} of {asked} answered"
        )

    def _ask(self, aim: _Aim, flow: int, sequence: int) -> None:
        port = self.ports[aim.family][flow]
        closing = sequence >= JUMP
        facts, stamps = (aim.closing, aim.closing_stamps) if closing else (aim.packets, aim.stamps)
        stamps.append(None)
        at, sent = time.monotonic() - self.began, time.time_ns()
        fault = port.send(
            self.speech.ask(flow, sequence, sent), aim.sockaddr, stamps, len(stamps) - 1
        )
        facts.append((flow, sequence, at, sent, fault))
        if not fault:
            aim.sent[flow, sequence] = sent
            if not closing:
                aim.missing.add((flow, sequence))
                self.missing += 1
            port.read_error()  # the stamp is there as soon as the packet has left

    def _listen(self, until: float, idle: bool = True) -> bool:
        """Reads answers until the given time, or with `idle` until none is missing; False at the deadline.

        Looks for answers at least once, however late it is: who is behind schedule must not go deaf.
        """
        looked = False
        while not (idle and not self.missing):
            wanted, left = until - time.monotonic(), self._left()
            if left <= 0:
                return False
            if wanted <= 0 and looked:
                return True
            looked = True
            for fileno, event in self.poll.poll(max(0.0, min(wanted, left)) * 1000):
                port, flow = self.by_fileno[fileno]
                if event & select.POLLIN:
                    arrival = port.read()
                    if arrival is not None:
                        self._hear(port, flow, arrival)
                if event & select.POLLERR and not port.read_error():
                    port.clear()
                if port.refusals:
                    self._refused(port)
        return True

    def _left(self) -> float:
        """Seconds left for the conversation: what it has cost in CPU will be needed again to judge it."""
        return self.deadline.left() - (time.process_time() - self._cpu)

    def _hear(self, port: Port, flow: int, arrival: Arrival) -> None:
        at, read = time.monotonic() - self.began, time.time_ns()
        aim = self.by_address.get((port.family, *arrival.source[:2]))
        try:
            said = self.speech.hear(arrival.data)
        except Unreadable as fault:
            _stray(aim, str(fault))
            return
        key = flow, said.sequence
        if aim is None or said.sent not in (None, aim.sent.get(key)):
            aim = self._elsewhere(key, said.sent, str(arrival.source[0])) or aim
        if aim is None or key not in aim.sent or said.sent not in (None, aim.sent[key]):
            _stray(aim, "not about a packet of this run")
            return
        answer = Answer(
            flow, said.sequence, at, read, arrival.arrived, said.number, said.received, said.replied, said.error,
            said.ttl, arrival.ttl,
        )  # fmt: skip
        if said.sequence >= JUMP:
            aim.closed.setdefault(key, answer)
        else:
            aim.answers.append(answer)
        if key in aim.missing:
            aim.missing.remove(key)
            self.missing -= 1

    def _elsewhere(self, key: tuple[int, int], sent: int | None, source: str) -> _Aim | None:
        """Whose packet came back from an address that was not asked; known by its T1."""
        for aim in self.aims:
            if sent is not None and aim.sent.get(key) == sent:
                aim.elsewhere[source] = None
                return aim
        return None

    def _refused(self, port: Port) -> None:
        for target, _, refusal in port.refusals:
            aim = self.by_address.get((port.family, *target[:2]))
            if aim is not None:
                aim.refused[refusal] = aim.refused.get(refusal, 0) + 1
        port.refusals.clear()

    def _close_up(self) -> None:
        """Closing probes for every flow that needs one, until each is answered or some time is over."""
        longest = max((_delay(aim) for aim in self.aims), default=0.0)
        gap = max(0.02, 1.2 * longest)
        end = time.monotonic() + max(0.3, 4 * longest)
        for turn in range(_ROUNDS):
            asked = 0
            for aim in self.aims:
                for flow in _open_flows(aim, self.plan.flows):
                    self._ask(aim, flow, JUMP + turn)
                    asked += 1
            if (
                not asked
                or time.monotonic() > end
                or not self._listen(min(end, time.monotonic() + gap), idle=False)
            ):
                return


def _stray(aim: _Aim | None, why: str) -> None:
    if aim is not None:
        aim.strays[why] = aim.strays.get(why, 0) + 1


def _opened(families: set[int], plan: Plan) -> dict[int, list[Port]]:
    """The flows' sockets by family; all or none."""
    # routers that hash ports by XOR or CRC spread neighbouring ports evenly over their links
    first = _BLOCK * (_FIRST_BLOCK + int.from_bytes(os.urandom(2)) % _BLOCKS)
    ports: dict[int, list[Port]] = {family: [] for family in families}
    try:
        for family, opened in ports.items():
            for flow in range(plan.flows):
                opened.append(Port(family, plan.dscp, local=first + flow))
    except OSError as fault:
        for opened in ports.values():
            for port in opened:
                port.close()
        raise Unable(f"cannot open a UDP socket: {fault.strerror}") from None
    return ports


def _delay(aim: _Aim) -> float:
    """About how long answers of this target take, in seconds of the monotonic clock."""
    sent = {(flow, sequence): at for flow, sequence, at, _, _ in aim.packets}
    delays = sorted(answer.at - sent[answer.flow, answer.sequence] for answer in aim.answers)
    return delays[int(0.9 * (len(delays) - 1))] if delays else 0.0


def _open_flows(aim: _Aim, flows: int) -> list[int]:
    """Flows for which a closing probe would tell something: something is missing, the far end counts, no probe answered."""
    if not aim.missing or not aim.answers or aim.answers[0].number is None:
        return []
    answered = {flow for flow, _ in aim.closed}
    return [flow for flow in range(flows) if flow not in answered]


def checksum_errors() -> int | None:
    """UDP datagrams that this host has thrown away for their checksum; None when the kernel does not tell."""
    total = 0
    try:
        with open("/proc/net/snmp", encoding="ascii") as file:
            names, values = [line.split() for line in file if line.startswith("Udp:")]
        total += int(dict(zip(names, values, strict=True))["InCsumErrors"])
        with open("/proc/net/snmp6", encoding="ascii") as file:
            total += sum(
                int(line.split()[1]) for line in file if line.startswith("Udp6InCsumErrors")
            )
    except (OSError, ValueError, KeyError, IndexError):
        return None
    return total
