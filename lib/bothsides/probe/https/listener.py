"""Collects what libcurl's callbacks bring while a transfer runs: headers, body, sockets, news."""

import _socket as socket  # the C half has all that is used here; the other costs 2 ms of CPU
import os
import time

from bothsides.base.curl import Curl
from bothsides.base.types import NamedTuple
from bothsides.model.https import Order
from bothsides.parse.libcurl import Tls, from_refusal, from_verbose
from bothsides.probe.https.tcp import connection

_TEXT = 0  # CURLINFO_TEXT: the kind of verbose line that is about the transfer
_GRANTED = (
    b"Opened SOCKS connection",
    b"SOCKS5 request granted",
    b"SOCKS4 request granted",
    b"SOCKS4a request granted",
)
# Of dozens of verbose lines, those with news.
_NEWS = (b"SSL connection using ", b"connect to ", b"Connected to ", *_GRANTED)
# GnuTLS's and OpenSSL's word that the trusted certificates are read.
_TRUSTED = (b"found ", b"  CAfile:")


class Opened(NamedTuple):
    """One socket of a transfer."""

    host: str  # the address that it connects to
    at: float  # s, monotonic clock
    socket: socket.socket  # ours; libcurl works on a copy


class Listener:
    """What is known of one transfer while it runs."""

    def __init__(self, curl: Curl, order: Order, seconds: float) -> None:
        self.began = time.monotonic()  # s, and so are all that follow; the next three from here
        self.until = self.began + seconds
        self.proxy_answered = 0.0  # when a proxy agreed to pass on octets; 0: not yet
        self.connected = 0.0  # when TCP's handshake was over; 0: not yet
        self.reading = 0.0  # how long libcurl read trusted certificates: GnuTLS 7 ms for a bundle
        self.lines: list[bytes] = []  # headers of all answers
        self.body = bytearray()  # as much of it as may be kept
        self.received = 0  # octets of the body
        self.sockets: list[Opened] = []
        self.socket_errno = 0  # of a socket that could not be had
        self.refusals: dict[str, str] = {}  # by address, why there was no connection
        self.tls: Tls | None = None
        self.verbose = order.verbose  # whether there can still be news in libcurl's verbose lines
        self._curl, self._order = curl, order
        self._news: list[bytes] = []
        self._noted = self.began  # when libcurl last had a verbose line
        self._proxy_tls = order.proxy.startswith("https")  # the proxy's own handshake comes first

    def open_socket(
        self, _purpose: int, address: tuple[int, int, int, tuple[str | int, ...]]
    ) -> socket.socket | int:
        """Opens a socket for libcurl; ours stays to be asked how the connection is."""
        family, kind, protocol, far_end = address
        try:
            opened = socket.socket(family, kind, protocol)
            # Where libcurl's copy cannot be had, it does not tell why.
            os.close(os.dup(opened.fileno()))
        except OSError as fault:
            self.socket_errno = fault.errno or 0
            return int(self._curl.SOCKET_BAD)
        self.sockets.append(Opened(str(far_end[0]), time.monotonic(), opened))
        return opened

    def note(self, kind: int, data: bytes) -> None:
        """Takes one of libcurl's verbose lines."""
        now = time.monotonic()
        if kind == _TEXT and data.startswith(_TRUSTED):
            self.reading = now - self._noted
        self._noted = now
        if kind == _TEXT and data.startswith(_NEWS):
            self._news.append(data)
            if not self.connected and data.startswith(b"Connected to "):
                self.connected = time.monotonic() - self.began
            if data.startswith(_GRANTED):
                self.proxy_answered = time.monotonic() - self.began

    def take(self, data: bytes) -> int:
        """Keeps what may be kept of the body.

        It also looks at the time: one step of libcurl may unpack gigabytes.
        """
        self.received += len(data)
        if len(self.body) < self._order.keep:
            self.body += data[: self._order.keep - len(self.body)]
        return len(data) if time.monotonic() < self.until else 0

    def digest(self) -> None:
        """Understands what the last step brought, and notes when proxy and server answered."""
        by_connect = self._order.proxy and not self._order.socks
        if by_connect and not self.proxy_answered and any(map(_accepted, self.lines)):
            self.proxy_answered = time.monotonic() - self.began
        if not self.connected and any(connection(one.socket).established for one in self.sockets):
            self.connected = time.monotonic() - self.began
        if self.verbose and self._news:
            self._understand()

    def _understand(self) -> None:
        for data in self._news:
            line = data.decode("latin-1", "replace")
            agreed = from_verbose(line)
            if agreed and self._proxy_tls:
                self._proxy_tls = False
            elif agreed:
                self.tls = self.tls or agreed
            refusal = from_refusal(line)
            if refusal:
                self.refusals[refusal[0]] = refusal[1]
        self._news.clear()
        if self.tls or self.lines:
            self.verbose = False

    def close(self) -> None:
        """Gives the sockets back."""
        for one in self.sockets:
            one.socket.close()


def _accepted(line: bytes) -> bool:
    """Whether a header line is a proxy's yes to CONNECT."""
    return line.startswith(b"HTTP/") and line[9:10] == b"2"
