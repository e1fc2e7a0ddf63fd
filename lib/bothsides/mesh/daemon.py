"""All parts of udp_mesh put together: the prober, its socket, its memory, and what losses start."""

import os
import socket
import time
from contextlib import suppress

from bothsides.base.errors import Unable
from bothsides.base.systemd import notify, watchdog
from bothsides.base.types import Callable, Iterator, NamedTuple
from bothsides.mesh.analysis import Analyses
from bothsides.mesh.completion import Kept
from bothsides.mesh.control import Control
from bothsides.mesh.exchange import Exchange
from bothsides.mesh.loop import Loop, moment
from bothsides.mesh.maintenance import Held
from bothsides.mesh.mehsh_lines import Line, lines, metrics
from bothsides.mesh.mehsh_server import MehshServer
from bothsides.mesh.memory import Memory
from bothsides.mesh.prober import Prober
from bothsides.mesh.roster import Roster
from bothsides.mesh.window import answered, question, refusal
from bothsides.model.mesh import Slice
from bothsides.parse.text import counted
from bothsides.store.place import place

_STATUS = 60.0  # s between two reports to systemd


class Means(NamedTuple):
    """What the command line says beside the landscape."""

    socket: str  # path
    group: int | None  # of the socket
    directory: str  # of what is kept; "" for the usual one
    keep: float  # s for which slices are kept
    lines: bool  # write mehsh's lines to stdout
    metrics: int  # port of mehsh's agent, 0 for none
    mehsh: int  # port on which mehsh's requests are answered, 0 for none


class Daemon:
    """A running prober."""

    def __init__(
        self, roster: Roster, means: Means, say: Callable[[str], None], write: Callable[[str], None]
    ) -> None:
        """Opens everything; say: a line for the journal; write: lines of mehsh's kind.

        Raises Unable with the remedy.
        """
        self.means, self.write = means, write
        self.started = time.time()
        self.directory = place(means.directory)
        self.exchange = _exchange(roster)
        wall, clock = moment()
        self.prober = Prober(roster, self.exchange, wall, clock)
        self.held = Held(self.directory)
        self.held.read(roster, self.started)
        self.memory = Memory(self.directory, roster.host, roster.length, means.keep)
        self.control = Control(means.socket, means.group, self._answer)
        self.recalled = self.memory.recall(self.prober.peers, self.started)
        self.analyses = Analyses(os.path.join(self.directory, "analysis"), say, clock)
        self.server = MehshServer(means.mehsh, _addresses(roster)) if means.mehsh else None
        self._agent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) if means.metrics else None
        self._lines: list[Line] = []
        self.prober.on_slice, self.prober.on_round = self._on_slice, self._on_round
        self.say = say
        self._said: list[str] = []
        self._pause = min(watchdog(), _STATUS)
        self._next = 0.0
        turns = [self.control.turn, self.analyses.turn, self._alive]
        urgent = [self.server] if self.server else []
        self.loop = Loop(self.prober, self.exchange, turns, urgent)

    def run(self, wanted: Callable[[], bool]) -> None:
        """Probes until `wanted` ends it."""
        notify("READY=1")
        self._complain()
        self.loop.run(wanted)
        notify("STOPPING=1")

    def close(self) -> None:
        """Gives everything back, and stores what is not stored yet."""
        self.control.close()
        self.analyses.close()
        self.memory.close(self.prober.peers, time.time())
        for opened in (self.server, self._agent):
            if opened is not None:
                opened.close()
        self.exchange.close()
        self.prober.completion.inquiry.close()

    def follow(self, roster: Roster) -> None:
        """Takes a new landscape. Raises Unable when it cannot be probed."""
        try:
            self.exchange.open(roster.families)
        except OSError as fault:
            raise Unable(f"cannot open sockets: {fault.strerror}") from None
        self.loop.watch()
        self.prober.follow(roster, time.monotonic())
        self.held.read(roster, time.time())
        if self.server:
            self.server.allowed = _addresses(roster)

    def words(self) -> str:
        """Whom it probes, and how much."""
        roster = self.prober.roster
        share = (
            ""
            if roster.granted >= roster.asked
            else (
                f", {roster.granted / roster.asked:.0%} of what the landscape asks for, by max_pps"
            )
        )
        return (
            f"{roster.host} probes {counted(len(roster.fars), 'host')}"
            f" with {roster.granted:.0f} packets/s"
            f"{share}; socket {self.means.socket}"
        )

    def counters(self) -> str:
        """What went wrong here so far."""
        exchange = self.exchange
        unsent = sum(exchange.errors.values())
        return (
            f"{self.loop.late} late ticks, {unsent} packets not sent, {exchange.overflow} replies"
            f" dropped here, {exchange.strays} strays, clock set {self.prober.timeline.steps} times"
        )

    def notes(self) -> list[str]:
        """Trouble of the prober itself, for whoever reads a window."""
        troubles = (
            self.control.trouble,
            self.held.trouble,
            self.memory.trouble,
            self.analyses.trouble,
            self.prober.completion.inquiry.failed,
        )
        return [words for words in troubles if words]

    def _answer(self, request: bytes) -> Iterator[bytes]:
        try:
            asked = question(request)
        except ValueError as fault:
            return iter((refusal(f"not a request: {fault}"),))
        return answered(self.prober, asked, self.started, self.notes(), self.held.why)

    def _on_slice(self, kept: Kept, row: Slice) -> None:
        """One slice of one peer is closed."""
        far = kept.peer.far
        held = far.name in self.held.why
        self.memory.note(far.name, kept.ring.count - 1, row)
        self.analyses.note(self.prober.roster, far.name, row, held, time.monotonic())
        if self.means.lines or self._agent:
            self._lines.append(Line(far.name, far.address, far.datacenter, held, row))

    def _on_round(self) -> None:
        """A slice is closed for all peers."""
        roster, now = self.prober.roster, time.time()
        self.held.read(roster, now)
        self.memory.store(self.prober.peers, now)
        if self.means.lines:
            places = {name: place for place, name in enumerate(self.prober.peers)}
            self._lines.sort(key=lambda line: places.get(line.name, 0))
            own = roster.mesh.servers[roster.host].datacenter
            self.write("".join(f"{line}\n" for line in lines(roster.host, own, self._lines, now)))
        if self._agent:
            for datagram in metrics(roster.host, self._lines):
                with suppress(OSError):  # nobody listens
                    self._agent.sendto(datagram, ("127.0.0.1", self.means.metrics))
        self._lines.clear()
        self._complain()

    def _complain(self) -> None:
        """Says trouble that is new, and that it is over, in the journal."""
        notes = self.notes()
        for words in notes:
            if words not in self._said:
                self.say(words)
        for words in self._said:
            if words not in notes:
                self.say(f"over: {words}")
        self._said = notes

    def _alive(self, clock: float) -> None:
        """Feeds the watchdog from the loop that works."""
        if clock >= self._next:
            self._next = clock + self._pause
            notify(f"WATCHDOG=1\nSTATUS={self.words()}; {self.counters()}")


def _addresses(roster: Roster) -> frozenset[str]:
    """All addresses of the landscape."""
    servers = roster.mesh.servers.values()
    return frozenset(ip for server in servers for ip in (server.ip, *server.ips))


def _exchange(roster: Roster) -> Exchange:
    try:
        return Exchange(roster.families)
    except OSError as fault:
        raise Unable(f"cannot open sockets: {fault.strerror}") from None
