"""Starts what the landscape's [[analysis]] names when packets are lost, and archives its report."""

import os
import signal
import sys
import time

from bothsides.base.types import Callable, Mapping, NamedTuple, Sequence
from bothsides.export.archive_names import ReportName, to_file
from bothsides.inventory.checks import index_of
from bothsides.inventory.model import Analysis, Server
from bothsides.mesh.roster import Roster
from bothsides.model.mesh import SUSPECT, Slice
from bothsides.probe.net.process import find

_GRACE = 20.0  # s after the start of the prober in which nothing is analysed
_LASTING = 3600.0  # s: a loss that lasts longer is analysed as seldom as that
_OVER = 600.0  # s without a loss of that kind that end it
_AT_ONCE = 4  # analyses of a host
_NICE = 10
_FAREWELL = 1.0  # s that killed programs have to be gone when the prober ends
_MODULE = "bothsides.check.mtr_path.check"
_SHELLS = ("/bin/bash", "/bin/sh")  # mehsh takes the first
_MIB = 1 << 20


class _Program(NamedTuple):
    """One process of an analysis."""

    argv: tuple[str, ...]
    pid: int
    path: str  # where its output goes


class _Running:
    """One analysis of one pair, which has not ended."""

    def __init__(self, wanted: Analysis, target: Server, began: float, until: float) -> None:
        self.wanted, self.target = wanted, target
        self.began = began  # s since 1970
        self.until = until  # monotonic, when it is killed
        self.end = f"killed after {wanted.limit:g} s"  # what is said where it has to be killed
        self.killed = False
        self.programs: list[_Program] = []
        self.ends: dict[int, str] = {}  # when and how each process ended, by pid


class _Loss:
    """A loss to one peer that asks for one analysis, until it is over."""

    __slots__ = ("again", "began", "last")

    def __init__(self, clock: float) -> None:
        self.began, self.last = clock, clock  # monotonic, s, as is the next
        self.again = clock  # when it may be analysed once more

    def lasting(self) -> bool:
        """Whether it has gone on for so long that another report each cool-down helps nobody."""
        return self.last - self.began > _LASTING


class Analyses:
    """All analyses of a host."""

    def __init__(self, directory: str, say: Callable[[str], None], clock: float) -> None:
        """directory: of the reports, made when the first one is written."""
        self.directory, self.say = directory, say
        self.trouble = ""  # why a report could not be made
        self._quiet = clock + _GRACE
        self._running: list[_Running] = []
        self._losses: dict[tuple[str, str], _Loss] = {}  # by name and peer

    def note(self, roster: Roster, peer: str, row: Slice, held: bool, clock: float) -> None:
        """A slice of a peer is closed: starts what its loss asks for. held: in maintenance."""
        if not row.lost or row.flags & SUSPECT or held or clock < self._quiet:
            return
        landscape = roster.mesh.landscape
        index = index_of(landscape)
        for wanted in landscape.analyses:
            least = wanted.min_loss * row.sent if wanted.of_slice else wanted.min_loss
            if row.lost < max(1.0, least) or peer == roster.host:
                continue
            if roster.host not in index.select(wanted.source):
                continue
            if peer in index.select(wanted.target, roster.host):
                loss = self._loss(wanted, peer, clock)
                if clock >= loss.again and self._free(wanted):
                    loss.again = clock + max(wanted.cooldown, _LASTING * loss.lasting())
                    self._start(wanted, roster, roster.mesh.servers[peer], clock)

    def _loss(self, wanted: Analysis, peer: str, clock: float) -> _Loss:
        """The loss that goes on, or a new one."""
        key = wanted.name, peer
        known = self._losses.get(key)
        if known is None or clock - known.last > max(_OVER, wanted.cooldown):
            known = self._losses[key] = _Loss(clock)
        lasted, known.last = known.lasting(), clock
        if known.lasting() and not lasted and wanted.cooldown < _LASTING:
            self.say(f"analysis {wanted.name} of {peer}: the loss lasts, from now on once an hour")
        return known

    def _free(self, wanted: Analysis) -> bool:
        """Whether an analysis may run beside those that run now."""
        busy = any(each.wanted.name == wanted.name for each in self._running)
        return not busy and len(self._running) < _AT_ONCE

    def _start(self, wanted: Analysis, roster: Roster, target: Server, clock: float) -> None:
        running = _Running(wanted, target, time.time(), clock + wanted.limit)
        folder = os.path.join(self.directory, wanted.name)
        address = next(far.address for far in roster.fars if far.name == target.name)
        self._source = roster.mesh.servers[roster.host]
        try:
            os.makedirs(folder, 0o750, exist_ok=True)
            for number, argv in enumerate(_commands(wanted, self._source, target, address)):
                path = os.path.join(folder, f".{os.getpid()}-{target.name}-{number}.part")
                running.programs.append(_Program(argv, _spawned(argv, path), path))
        except OSError as fault:
            self.trouble = f"analysis {wanted.name}: {fault.strerror or fault}"
            self.say(self.trouble)
        if running.programs:
            self._running.append(running)

    def turn(self, clock: float) -> None:
        """Takes in those that have ended, and ends those whose time is over."""
        for running in list(self._running):
            for program in running.programs:
                if program.pid not in running.ends:
                    _look_after(running, program.pid, clock)
            if len(running.ends) == len(running.programs):
                self._running.remove(running)
                self._archive(running)

    def close(self) -> None:
        """Ends all that runs; what it has written until then is archived."""
        for running in self._running:
            running.until, running.end = 0.0, "killed when udp_mesh ended"
        until = time.monotonic() + _FAREWELL
        while self._running and time.monotonic() < until:
            self.turn(float("inf"))
            time.sleep(0.005)

    def _archive(self, running: _Running) -> None:
        """Writes the report, and takes away those that are too old."""
        wanted = running.wanted
        folder = os.path.join(self.directory, wanted.name)
        route = f"{self._source.name}-to-{running.target.name}"
        name = ReportName(route, running.began, self._source.ip, running.target.ip)
        path = os.path.join(folder, to_file(name))
        try:
            text = _report(running)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
            with open(descriptor, "wb") as file:
                file.write(text)
            self.trouble = ""
            self.say(f"analysis {wanted.name} of {running.target.name}: {path}")
        except OSError as fault:
            self.trouble = f"analysis {wanted.name}: {fault.strerror or fault}"
        for program in running.programs:
            _remove(program.path)
        expire(folder, time.time() - wanted.keep)


def _look_after(running: _Running, pid: int, clock: float) -> None:
    """Notes how a process ended, or ends it; one that the kernel still holds is not waited for."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        _kill(pid)  # what it has left in its group
        words = running.end if running.killed else _words(os.waitstatus_to_exitcode(status))
        running.ends[pid] = f"ended {_utc(time.time())}: {words}"
    elif clock >= running.until:
        running.killed = True
        _kill(pid)


def expire(folder: str, before: float) -> None:
    """Removes the reports of a folder that were written before this time, s since 1970."""
    try:
        for entry in os.scandir(folder):
            if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < before:
                _remove(entry.path)
    except OSError:
        pass  # the folder has gone


def _commands(
    wanted: Analysis, source: Server, target: Server, address: str
) -> Sequence[tuple[str, ...]]:
    """The command lines of an analysis."""
    if wanted.path:
        seconds = max(5, int(wanted.limit) - 5)
        own = (sys.executable, "-c", f"from {_MODULE} import main; main()", "-H", address)
        both: list[tuple[str, ...]] = [
            (*own, "--state", "off", "-t", str(min(seconds, 30)), "-vvv")
        ]
        mtr = find("mtr")
        if mtr:
            both.append((mtr, "-n", "-b", "-w", "-r", "-c", str(max(5, seconds // 2)), address))
        return both
    filling = _placeholders(source, target)
    if wanted.command:
        shell = next(path for path in _SHELLS if path == _SHELLS[-1] or os.access(path, os.X_OK))
        return [(shell, "-c", _filled(wanted.command, filling))]
    return [tuple(_filled(word, filling) for word in wanted.argv)]


def _placeholders(source: Server, target: Server) -> Mapping[str, str]:
    """mehsh's placeholders; a missing extra is empty."""
    values = {}
    for end, server in (("from", source), ("to", target)):
        values[f"{{{{server.{end}.ip}}}}"] = server.ip
        for number, extra in enumerate(server.extras, 1):
            values[f"{{{{server.{end}.extra{number}}}}}"] = extra
    return values


def _filled(text: str, filling: Mapping[str, str]) -> str:
    for placeholder, value in filling.items():
        text = text.replace(placeholder, value)
    return text


def _spawned(argv: Sequence[str], path: str) -> int:
    """Starts a program in a group of its own, its output in a file."""
    place = argv[0] if "/" in argv[0] else find(argv[0])
    if not place:
        raise OSError(f"no program {argv[0][:60]} in the usual places; write its whole path")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, path, flags, 0o640),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C",
        "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
    }
    pid = os.posix_spawn(
        place,
        list(argv),
        environment,
        file_actions=actions,
        setsid=True,
        setsigdef=(signal.SIGPIPE, signal.SIGINT, signal.SIGTERM, signal.SIGHUP),
    )
    try:
        os.setpriority(os.PRIO_PROCESS, pid, _NICE)
    except OSError:
        pass  # it has ended already
    return pid


def _report(running: _Running) -> bytes:
    """All outputs with their command lines, times and ends."""
    parts = []
    for program in running.programs:
        try:
            with open(program.path, "rb") as file:
                output = file.read(_MIB)
        except OSError:
            output = b""
        head = (
            f"# {' '.join(program.argv)}\n"
            f"# began {_utc(running.began)}, {running.ends[program.pid]}\n"
        )
        parts.append(head.encode("utf-8", "backslashreplace") + output.rstrip(b"\n") + b"\n")
    return b"\n".join(parts)


def _utc(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))


def _words(code: int) -> str:
    return f"exit status {code}" if code >= 0 else f"ended by signal {-code}"


def _kill(pid: int) -> None:
    """Kills a process and its group."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass  # nothing is left


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # it has gone already
