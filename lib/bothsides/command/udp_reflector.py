"""udp_reflector: its command line, its signals and what it prints."""

import ipaddress
import os
import signal
import socket
import sys
import time

from bothsides.base import files
from bothsides.base.errors import Misuse, Unable
from bothsides.base.systemd import notify
from bothsides.base.types import Callable, NoReturn, Sequence
from bothsides.command.daemon_options import add_general, understood
from bothsides.command.daemon_signals import let_term_through, noted_signals
from bothsides.command.journal import write_lines
from bothsides.parse import Unreadable, mehsh, stamp
from bothsides.parse.stamp_keys import from_keys
from bothsides.parse.text import from_count, quoted
from bothsides.plugin.output import brief, leave
from bothsides.plugin.parser import Namespace, Parser, valued, with_help
from bothsides.probe.net.local_clock import claim
from bothsides.reflector.server import Server, listening
from bothsides.reflector.session import Reflector, Rules
from bothsides.reflector.sources import HOME, Network

_NAME = "UDP_REFLECTOR"
_REPLIES = frozenset((7, 19, stamp.PORT, mehsh.PORT))  # ports of services that answer anything
_MINUTE = 60.0  # s
_REFUSALS = 10  # lines a minute about sources that are not answered
_EPILOG = """\
examples:
  udp_reflector
  udp_reflector --listen 192.0.2.7 --port 8620 --allow 198.51.100.0/24
  udp_reflector --mehsh --allow 2001:db8::/32

signals: HUP reads the files again, USR1 prints the counters, TERM ends it."""


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the reflector until a signal ends it."""
    let_term_through()
    try:
        options = _options(sys.argv[1:] if argv is None else list(argv))
        sockets = _sockets(options)
        ports = frozenset(opened.getsockname()[1] for opened in sockets)
        reflector = Reflector(_rules(options, ports))
        if options.state:
            _take_state(options.state, reflector)
        _become(options.user)
    except (Misuse, Unreadable, Unable) as fault:
        leave(brief(_NAME, with_help(fault, "udp_reflector")))
    except KeyboardInterrupt:
        leave(brief(_NAME, "interrupted while starting"))
    reflector.refused = _Refusals(options.allow_file or "").note
    _run(reflector, sockets, lambda: _rules(options, ports))
    if options.state:
        _leave_state(options.state, reflector)


def parser() -> Parser:
    """The program's options."""
    made = Parser(
        "udp_reflector",
        "Answers the UDP packets of check_udp_loss and of every other STAMP sender.",
        _EPILOG,
    )
    add = made.add_argument
    add("--listen", action="append", default=[], metavar="ADDRESS",
        help="address to listen on; repeatable (default all)")  # fmt: skip
    add("--port", type=valued(from_count, 0, 65535), default=stamp.PORT, metavar="PORT",
        help="UDP port (default 862)")  # fmt: skip
    add("--allow", action="append", default=[], metavar="NETWORK",
        help="network that is answered; repeatable, comma-separable"
        " (default loopback and private networks)")  # fmt: skip
    add("--allow-file", metavar="FILE", help="a file of more such networks; # starts a comment")
    add("--key-file", metavar="FILE",
        help="answer only requests sealed with one of these keys;"
        " lines of SSID and key, mode 0640")  # fmt: skip
    add("--user", default="nobody", metavar="NAME",
        help="whom to become when started as root;"
        " HUP reads what NAME may read (default nobody)")  # fmt: skip
    add("--open", action="store_true", help="answer everybody")
    add("--rate", type=valued(from_count, 1, 1000000), default=1000, metavar="N",
        help="answers a second for one source, twice as many in a burst"
        " (default 1000)")  # fmt: skip
    add("--mehsh", action="store_true", help="answer mehsh's requests too")
    add("--state", metavar="FILE",
        help="leave what is known of the flows to the next udp_reflector, so that a restart loses"
        " no direction; its directory must be writable for --user")  # fmt: skip
    add("--stateless", action="store_true", help="return the sender's numbers instead of counting")
    add_general(made)
    return made


def _options(argv: Sequence[str]) -> Namespace:
    return understood("udp_reflector", parser(), argv)


def _rules(options: Namespace, ports: frozenset[int]) -> Rules:
    """Whom to answer, from the options and the files that they name."""
    allow = [_network(part.strip()) for text in options.allow for part in text.split(",")]
    if options.allow_file:
        listed = files.trusted(options.allow_file, _networks)
        allow += listed or _nobody(options.allow_file)
    elif not allow:
        allow = [_network(text) for text in HOME]
    keys = (
        {key.ssid: key.octets for key in files.private(options.key_file, from_keys)}
        if options.key_file
        else {}
    )
    return Rules(
        allow=tuple(allow),
        everybody=options.open,
        keys=keys,
        rate=float(options.rate),
        ports=_REPLIES | ports,
        mehsh=options.mehsh,
        stateless=options.stateless,
    )


def _nobody(path: str) -> NoReturn:
    raise Unable(f"{path} lists nothing, so nobody would be answered")


def _networks(text: str) -> list[Network]:
    """The networks that a file lists."""
    return [_network(item) for item in files.items(text)]


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Unreadable(f"{quoted(text)} is not a network such as 192.0.2.0/24") from None
    if network.prefixlen == 0:
        raise Unreadable(f"{text} is everybody; if that is what you want, write --open")
    return network


def _sockets(options: Namespace) -> list[socket.socket]:
    """All sockets; on no address in particular IPv6 may be missing."""
    sockets = []
    for host in options.listen or ["0.0.0.0", "::"]:
        try:
            sockets.append(listening(host.strip("[]"), options.port))
        except (OSError, UnicodeError) as fault:
            if options.listen or host != "::":
                words = fault.strerror if isinstance(fault, OSError) else "not an address"
                place = host if host.strip() else quoted(host)
                raise Misuse(f"cannot listen on {place} port {options.port}: {words}") from None
    return sockets


def _become(user: str) -> None:
    """Drops root's rights for good, once the sockets are bound and the keys are read."""
    if os.geteuid() != 0:
        return
    import pwd

    # what is imported late must be there before its files may be out of reach
    claim()
    stamp.digest(b"", b"key")
    try:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    except (KeyError, OSError) as fault:
        raise Misuse(
            f"cannot become {user}: {getattr(fault, 'strerror', None) or 'no such user'}"
        ) from None


class _Refusals:
    """Prints the first refusal of a source, a few lines a minute at most."""

    def __init__(self, path: str) -> None:
        self._remedy = f"add it to {path} and reload" if path else "name it with --allow"
        self._since = float("-inf")  # when the present minute began, monotonic clock
        self._lines = 0  # printed in the present minute

    def note(self, host: str) -> None:
        """A host that is not answered has sent its first request."""
        now = time.monotonic()
        if now - self._since > _MINUTE:
            self._since, self._lines = now, 0
        self._lines += 1
        if self._lines <= _REFUSALS:
            _say(f"does not answer {host}: in no network that is allowed; {self._remedy}")


def _run(reflector: Reflector, sockets: list[socket.socket], rules: Callable[[], Rules]) -> None:
    """Serves until SIGTERM; other signals are handled between two datagrams."""
    signals = noted_signals()

    def wanted() -> bool:
        while signals:
            number = signals.pop(0)
            if number in (signal.SIGTERM, signal.SIGINT):
                return False
            if number == signal.SIGUSR1:
                _say(_counters(reflector))
            if number == signal.SIGHUP:
                _reread(reflector, rules)
        return True

    # poll goes on after a signal, so the signal's number is also written to a pipe that wakes it
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    began = time.monotonic()
    _say("listening on " + ", ".join(_place(opened) for opened in sockets))
    notify("READY=1")
    Server(sockets, reflector, wanted, reader).serve()
    notify("STOPPING=1")
    _say(f"ended after {time.monotonic() - began:.0f} s; {_counters(reflector)}")


def _take_state(path: str, reflector: Reflector) -> None:
    """What the last reflector has left; without it this one begins anew."""
    from bothsides.reflector import state

    try:
        if state.take(path, reflector):
            _say(f"goes on with {len(reflector.sessions)} sessions of {path}")
    except (OSError, Unreadable) as fault:
        _say(f"begins anew: {path}: {getattr(fault, 'strerror', None) or fault}")


def _leave_state(path: str, reflector: Reflector) -> None:
    """Leaves the state to the next reflector."""
    from bothsides.reflector import state

    try:
        state.write(path, reflector)
    except OSError as fault:
        _say(f"leaves no state: {path}: {fault.strerror}")


def _reread(reflector: Reflector, rules: Callable[[], Rules]) -> None:
    """New lists and keys; when they cannot be read the old ones stay."""
    try:
        reflector.follow(rules())
    except (Misuse, Unreadable, Unable) as fault:
        _say(f"keeps its old lists and keys: {fault}")
    else:
        _say("lists and keys read again")


def _place(opened: socket.socket) -> str:
    host, port = opened.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _counters(reflector: Reflector) -> str:
    return ", ".join(
        [f"{count} {what}" for what, count in sorted(reflector.counts.items())]
        + [f"{len(reflector.sessions)} sessions"]
    )


def _say(words: str) -> None:
    """Prints one line for the journal."""
    write_lines(f"udp_reflector: {words}\n")
