"""Answers mehsh's requests, so that hosts with mehsh and hosts with udp_mesh probe each other.

A request of 18 octets has one reply of 18 octets. Replies, other datagrams and requests of hosts
that are not in the landscape have none.
"""

import socket

from bothsides.base.errors import Unable
from bothsides.base.types import Container
from bothsides.parse import Unreadable, mehsh

_AT_ONCE = 200  # datagrams of a turn
_PRIVILEGED = 1024


class MehshServer:
    """mehsh's port on all IPv4 addresses."""

    def __init__(self, port: int, allowed: Container[str]) -> None:
        """allowed: addresses that are answered. Raises Unable."""
        self.allowed = allowed
        self.replies = self.refused = 0  # datagrams
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        try:
            self.socket.bind(("0.0.0.0", port))
        except OSError as fault:
            self.socket.close()
            words = f"cannot answer mehsh on port {port}: {fault.strerror}"
            raise Unable(words) from None

    def fileno(self) -> int:
        """For poll."""
        return self.socket.fileno()

    def close(self) -> None:
        """Gives the port back."""
        self.socket.close()

    def turn(self) -> None:
        """Answers what is there."""
        for _ in range(_AT_ONCE):
            try:
                data, source = self.socket.recvfrom(2048)
                reply = self.reply(data, source[0], source[1])
                if reply:
                    self.socket.sendto(reply, source)
                    self.replies += 1
                else:
                    self.refused += 1
            except BlockingIOError:
                return
            except OSError:
                self.refused += 1  # an ICMP error, or no way back

    def reply(self, data: bytes, host: str, port: int) -> bytes:
        """The reply to a datagram, b"" for none."""
        if len(data) != mehsh.SIZE or host not in self.allowed or port < _PRIVILEGED:
            return b""
        try:
            packet = mehsh.from_packet(data)
        except Unreadable:
            return b""
        if packet.kind != mehsh.REQUEST:
            return b""
        return mehsh.to_packet(packet._replace(kind=mehsh.REPLY))
