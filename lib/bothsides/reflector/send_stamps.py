"""Asks the kernel when single replies of one socket left.

Only replies to senders that ask for it are stamped: their call of sendmsg carries a flag. The
kernel numbers the stamped datagrams of a socket and puts each stamp into its error queue, mostly
before sendmsg returns.
"""

import socket
import struct

from bothsides.base.types import Iterator
from bothsides.probe.net.kernel_socket import SO_TIMESTAMPING, prefer, to_nanoseconds
from bothsides.reflector.follow_up import Session

# linux/net_tstamp.h: SOFTWARE, OPT_ID, OPT_CMSG, OPT_TSONLY; and OPT_RX_FILTER of Linux 6.12,
# without which each request comes with a second stamp of its arrival
_REPORT = 1 << 4 | 1 << 7 | 1 << 10 | 1 << 11
_RX_FILTER = 1 << 17
_MOST = 256  # replies whose stamps are waited for
_ROOM = 256
_ERROR = struct.Struct("@IBBBxII")  # sock_extended_err of linux/errqueue.h
_TIMESTAMPING = 4  # its origin

ASK = (socket.SOL_SOCKET, SO_TIMESTAMPING, struct.pack("@I", 1 << 1))
"""The control message of sendmsg(2) that asks for one datagram's stamp (TX_SOFTWARE)."""


class SendStamps:
    """The stamped replies of one socket."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._waiting: dict[int, tuple[Session, int]] = {}  # by the kernel's number
        self._number = 0  # of the next stamped datagram
        self._reports: bool | None = None  # whether the kernel stamps; None: not yet asked

    def ready(self) -> bool:
        """Whether replies can be stamped; the socket is prepared by the first question."""
        if self._reports is None:
            self.restart()
        return bool(self._reports)

    def restart(self) -> None:
        """Lets the kernel number from 0 again: a send that failed may have used up a number."""
        self._number = 0
        self._waiting.clear()
        for flags in (_REPORT | _RX_FILTER, _REPORT):
            prefer(self._socket, socket.SOL_SOCKET, SO_TIMESTAMPING, 0)
            self._reports = prefer(self._socket, socket.SOL_SOCKET, SO_TIMESTAMPING, flags)
            if self._reports:
                return

    def note(self, session: Session, number: int) -> None:
        """Remembers that the datagram just sent was the reply with this number to a session."""
        self._waiting[self._number] = session, number
        self._number = self._number + 1 & 0xFFFFFFFF
        if len(self._waiting) > _MOST:  # some network cards and tunnels give no stamps
            del self._waiting[next(iter(self._waiting))]

    def read(self) -> Iterator[tuple[Session, int, int]]:
        """The stamps that have come: session, number of the reply, ns since 1970."""
        while True:
            try:
                _, control, _, _ = self._socket.recvmsg(0, _ROOM, socket.MSG_ERRQUEUE)
            except OSError:
                return
            stamp, place = None, -1
            for level, _, octets in control:
                if level == socket.SOL_SOCKET:
                    stamp = to_nanoseconds(octets)
                elif len(octets) >= _ERROR.size:
                    entry = _ERROR.unpack_from(octets)
                    place = entry[5] if entry[1] == _TIMESTAMPING else -1
            reply = self._waiting.pop(place, None)
            if stamp is not None and reply is not None:
                yield (*reply, stamp)
