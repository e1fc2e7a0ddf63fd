"""What the kernel knows of a TCP connection, and of a route."""

import _socket as socket  # the C half has all that is used here; the other costs 2 ms of CPU
import sys

from bothsides.base.types import NamedTuple
from bothsides.model.https import TcpCounters

_OCTETS = 104  # of struct tcp_info (linux/tcp.h) up to tcpi_total_retrans; tcpi_rtt is at 68
_ALL_OCTETS = 232  # up to tcpi_rcv_ooopack, which Linux 5.4 brought
_ESTABLISHED, _SYN_SENT = 1, 2  # states of TCP as the kernel counts them
_DISCARD = 9  # any port will do: nothing is sent


class Connection(NamedTuple):
    """One connection as the kernel knows it."""

    state: int = 0  # 0: not TCP
    rtt: float | None = None  # s
    retransmissions: int | None = None  # segments sent again

    @property
    def established(self) -> bool:
        """Whether TCP's handshake is over."""
        return self.state == _ESTABLISHED

    @property
    def connecting(self) -> bool:
        """Whether its first packet has no answer yet."""
        return self.state == _SYN_SENT


def connection(opened: socket.socket) -> Connection:
    """State, round trip and retransmissions of a socket's connection."""
    try:
        info = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _OCTETS)
    except OSError:
        return Connection()
    rtt = int.from_bytes(info[68:72], sys.byteorder) / 1e6
    return Connection(info[0], rtt or None, int.from_bytes(info[100:104], sys.byteorder))


def counters(opened: socket.socket) -> TcpCounters | None:
    """What the kernel has counted on a connection; None without one, or of an old kernel."""
    try:
        info = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ALL_OCTETS)
    except OSError:
        return None
    if len(info) < 228 or info[0] == _SYN_SENT:
        return None

    def number(place: int, octets: int = 4) -> int:
        return int.from_bytes(info[place : place + octets], sys.byteorder)

    return TcpCounters(
        unacknowledged=number(24),
        sacked=number(28),
        needless=number(216),
        gaps=number(224),
        received=number(128, 8),
        quiet=number(52) / 1e3,
        segment=number(16),
        sent=number(44) / 1e3,
        unread=_unread(opened),
    )


def _unread(opened: socket.socket) -> bool:
    """Whether data has come that nobody has read."""
    try:
        return bool(opened.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except OSError:
        return False


def routed(host: str) -> bool:
    """Whether this machine has a route to an address.

    Connecting a UDP socket asks the kernel and sends nothing.
    """
    if host.startswith("fe80:"):
        return True  # on a link, which libcurl knows and does not tell
    try:
        asking = socket.socket(
            socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM
        )
    except OSError:
        return True  # nothing is known about the route
    try:
        asking.connect((host, _DISCARD))
    except OSError:
        return False
    finally:
        asking.close()
    return True
