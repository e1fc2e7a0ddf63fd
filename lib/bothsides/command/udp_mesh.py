"""udp_mesh: its command line, its signals and what it prints."""

import grp
import os
import signal
import socket
import sys
import threading
import time

from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Sequence
from bothsides.command.daemon_options import add_general, understood
from bothsides.command.daemon_signals import let_term_through, noted_signals
from bothsides.command.journal import write_lines
from bothsides.inventory import files
from bothsides.inventory.mesh import Mesh
from bothsides.mesh.daemon import Daemon, Means
from bothsides.mesh.roster import Roster, roster
from bothsides.parse import Unreadable
from bothsides.parse.text import from_count, from_duration
from bothsides.plugin.output import brief, leave
from bothsides.plugin.parser import Namespace, Parser, valued, with_help

_NAME = "UDP_MESH"
_SOCKET = "/run/bothsides/mesh.sock"
_GROUP = "nagios"  # who may read the socket, where there is such a group
_EPILOG = """\
examples:
  udp_mesh /etc/bothsides/landscape.toml
  udp_mesh landscape.toml --name web1 --socket /tmp/mesh.sock --state-dir /tmp/mesh --print
  udp_mesh landscape.toml --answer-mehsh --metrics

signals: HUP reads the landscape again, USR1 prints the counters, TERM ends it."""


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the prober until a signal ends it."""
    let_term_through()
    try:
        options = _options(sys.argv[1:] if argv is None else list(argv))
        daemon = Daemon(_roster(options), _means(options), _say, write_lines)
    except (Misuse, Unreadable, Unable) as fault:
        leave(brief(_NAME, with_help(str(fault).splitlines()[0], "udp_mesh")))
    except KeyboardInterrupt:
        leave(brief(_NAME, "interrupted while starting"))
    _run(daemon, options)


def parser() -> Parser:
    """The program's options."""
    made = Parser(
        "udp_mesh",
        "Probes every peer of this host all the time; check_mesh reads what it saw.",
        _EPILOG,
    )
    add = made.add_argument
    add("landscape", metavar="LANDSCAPE", nargs="?", default=files.DEFAULT,
        help=f"the landscape file (default {files.DEFAULT})")  # fmt: skip
    add("--name", metavar="NAME", help="this host's name in the landscape (default: the system's)")
    add("--socket", default=_SOCKET, metavar="PATH",
        help=f"where check_mesh asks (default {_SOCKET})")  # fmt: skip
    add("--group", metavar="NAME",
        help=f"who may ask there (default {_GROUP}, where this user is in it)")  # fmt: skip
    add("--state-dir", default="", metavar="DIR",
        help="where slices, maintenance flags and reports are kept")  # fmt: skip
    add("--keep", type=valued(from_duration), default=1209600.0, metavar="TIME",
        help="for how long slices are kept (default 14d, of 38 peers 180 MB)")  # fmt: skip
    add("--print", action="store_true", help="write mehsh's lines to stdout, for every slice")
    add("--metrics", type=valued(from_count, 1, 65535), nargs="?", const=1113, metavar="PORT",
        help="send mehsh's metrics to the agent on 127.0.0.1 (default port 1113)")  # fmt: skip
    add("--answer-mehsh", type=valued(from_count, 1, 65535), nargs="?", const=4232, metavar="PORT",
        help="answer mehsh's requests (default port 4232)")  # fmt: skip
    add_general(made)
    return made


def _options(argv: Sequence[str]) -> Namespace:
    return understood("udp_mesh", parser(), argv)


def _roster(options: Namespace) -> Roster:
    """This host's part, as the landscape has it now."""
    name = options.name or socket.gethostname()
    return roster(Mesh(files.load(options.landscape)), name)


def _means(options: Namespace) -> Means:
    if not options.socket:
        raise Misuse("--socket: the path at which check_mesh asks")
    if options.keep <= 0:
        raise Misuse("--keep must be more than 0, as 14d")
    return Means(
        socket=options.socket,
        group=_group(options.group),
        directory=options.state_dir,
        keep=options.keep,
        lines=options.print,
        metrics=options.metrics or 0,
        mehsh=options.answer_mehsh or 0,
    )


def _group(name: str | None) -> int | None:
    """The number of the group; None for that of this user, where the usual one is out of reach."""
    try:
        number = grp.getgrnam(name or _GROUP).gr_gid
    except KeyError:
        if name:
            raise Misuse(f"--group: no group {name[:40]!r}") from None
        return None
    if os.geteuid() == 0 or number in (os.getegid(), *os.getgroups()):
        return number
    if name:
        raise Misuse(f"--group: this user is not in group {name[:40]!r}")
    return None


def _run(daemon: Daemon, options: Namespace) -> None:
    """Probes until SIGTERM; other signals are handled between two ticks."""
    signals = noted_signals()
    reading: list[_Reading] = []

    def wanted() -> bool:
        if reading and not reading[0].is_alive():
            _follow(daemon, reading.pop())
        while signals:
            number = signals.pop(0)
            if number in (signal.SIGTERM, signal.SIGINT):
                return False
            if number == signal.SIGUSR1:
                _say(daemon.counters())
            if number == signal.SIGHUP and not reading:
                reading.append(_Reading(options))
                reading[0].start()
        return True

    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    began = time.monotonic()
    _say(daemon.words())
    try:
        daemon.run(wanted)
    finally:
        daemon.close()
    _say(f"ended after {time.monotonic() - began:.0f} s; {daemon.counters()}")


class _Reading(threading.Thread):
    """Reads the landscape again beside the loop: that of 1000 hosts takes longer than a tick."""

    def __init__(self, options: Namespace) -> None:
        super().__init__(daemon=True)
        self.options = options
        self.roster: Roster | None = None
        self.fault = ""

    def run(self) -> None:
        try:
            self.roster = _roster(self.options)
        except (Misuse, Unreadable, Unable) as fault:
            self.fault = str(fault).splitlines()[0]


def _follow(daemon: Daemon, reading: _Reading) -> None:
    """Takes a new landscape; where it cannot be read the old one stays."""
    fault = reading.fault
    try:
        if reading.roster is not None:
            daemon.follow(reading.roster)
    except Unable as trouble:
        fault = str(trouble)
    _say(
        f"keeps the old landscape: {fault}" if fault else f"landscape read again: {daemon.words()}"
    )


def _say(words: str) -> None:
    """Prints one line for the journal; a journal that has gone away ends nothing."""
    write_lines(f"udp_mesh: {words}\n")
