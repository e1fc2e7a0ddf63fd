"""udp_reflector's command line, signals and words."""

import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

from bothsides import __version__
from bothsides.options import Misuse, Parser, valued
from bothsides.parse import Unreadable, mehsh, stamp
from bothsides.parse.text import from_count
from bothsides.reflect.answer import HOME, Answerer, Network, Rules
from bothsides.reflect.serve import Server, listening
from bothsides.report import Report, brief, leave

_NAME = "UDP_REFLECTOR"
_REPLIES = frozenset((7, 19, stamp.PORT, mehsh.PORT))  # ports whose owners answer whatever comes
_EPILOG = """\
examples:
  udp_reflector
  udp_reflector --listen 192.0.2.7 --port 8620 --allow 198.51.100.0/24
  udp_reflector --mehsh --allow 2001:db8::/32

signals: HUP reads the lists again, USR1 prints the counters, TERM ends it."""


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the reflector until a signal ends it."""
    try:
        options = _options(sys.argv[1:] if argv is None else list(argv))
        sockets = _sockets(options)
        rules = _rules(options, sockets)
    except (Misuse, Unreadable) as fault:
        leave(brief(_NAME, f"{fault}; see udp_reflector --help"))
    _run(options, rules, sockets)


def _options(argv: list[str]) -> Any:
    parser = Parser("udp_reflector", "Answers the UDP packets of check_udp_loss and of every other STAMP sender.", _EPILOG)
    add = parser.add_argument
    add("--listen", action="append", default=[], metavar="ADDRESS", help="address to listen on; repeatable (default all)")
    add("--port", type=valued(from_count, 0, 65535), default=stamp.PORT, metavar="PORT", help="UDP port (default 862)")
    add("--allow", action="append", default=[], metavar="NETWORK",
        help="network that is answered; repeatable, comma-separable (default loopback and private networks)")  # fmt: skip
    add("--open", action="store_true", help="answer everybody")
    add("--rate", type=valued(from_count, 1, 1000000), default=1000, metavar="N",
        help="answers a second for one source, twice as many in a burst (default 1000)")  # fmt: skip
    add("--mehsh", action="store_true", help="answer mehsh's requests too")
    add("--stateless", action="store_true", help="return the sender's numbers instead of counting")
    add("-h", "-?", "--help", action="store_true", help="this text")
    add("-V", "--version", action="store_true", help="the version")
    if any(word in ("-h", "-?", "--help") for word in argv):
        leave(Report(parser.format_help(), 3))
    if any(word in ("-V", "--version") for word in argv):
        leave(Report(f"udp_reflector v{__version__} (bothsides)\n", 3))
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        raise Misuse(f"unknown option {unknown[0][:60]}")
    return options


def _rules(options: Any, sockets: list[socket.socket]) -> Rules:
    named = [part.strip() for text in options.allow for part in text.split(",")]
    allow = [_network(text) for text in named]
    ports = _REPLIES | {opened.getsockname()[1] for opened in sockets}
    return Rules(tuple(allow) or HOME, options.open, {}, float(options.rate), ports, options.mehsh, options.stateless)


def _network(text: str) -> Network:
    import ipaddress

    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Misuse(f"--allow: {text[:40]!r} is not a network such as 192.0.2.0/24") from None
    if network.prefixlen == 0:
        raise Misuse(f"--allow: {text} is everybody; if that is what you want, write --open")
    return network


def _sockets(options: Any) -> list[socket.socket]:
    """All sockets; on no address in particular IPv6 may be missing."""
    sockets = []
    for host in options.listen or ["0.0.0.0", "::"]:
        try:
            sockets.append(listening(host.strip("[]"), options.port))
        except (OSError, UnicodeError) as fault:
            if options.listen or host != "::":
                words = fault.strerror if isinstance(fault, OSError) else "not an address"
                raise Misuse(f"cannot listen on {host} port {options.port}: {words}") from None
    return sockets


def _run(options: Any, rules: Rules, sockets: list[socket.socket]) -> None:
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, note)
    answerer = Answerer(rules)

    def wanted() -> bool:
        while asked:
            number = asked.pop(0)
            if number in (signal.SIGTERM, signal.SIGINT):
                return False
            if number == signal.SIGUSR1:
                _say(_counters(answerer))
        return True

    # a signal must end poll even when it comes just before it: its number is written to this pipe
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    began = time.monotonic()
    _say("listening on " + ", ".join(_place(opened) for opened in sockets))
    Server(sockets, answerer, wanted, reader).serve()
    _say(f"ended after {time.monotonic() - began:.0f} s; {_counters(answerer)}")


def _place(opened: socket.socket) -> str:
    host, port = opened.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _counters(answerer: Answerer) -> str:
    return ", ".join(
        [f"{count} {what}" for what, count in sorted(answerer.counts.items())] + [f"{len(answerer.sessions)} sessions"]
    )


def _say(words: str) -> None:
    """One line for the journal; a journal that has gone away is no reason to stop answering."""
    try:
        os.write(1, f"udp_reflector: {words}\n".encode("ascii", "replace"))
    except OSError:
        pass
