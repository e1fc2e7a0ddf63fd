"""Finds the datagram that a kernel's stamp of sending belongs to."""

import _socket as socket  # the C half has all that is needed; the other half costs 2 ms of CPU

from bothsides.probe.net.kernel_socket import SO_TIMESTAMPING, prefer, to_nanoseconds

# linux/net_tstamp.h: TX_SOFTWARE, RX_SOFTWARE, SOFTWARE, OPT_CMSG, OPT_TSONLY, and OPT_ID apart
_STAMPS = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 10 | 1 << 11
_OPT_ID = 1 << 7
_MOST = 4096  # datagrams whose stamps are waited for


class SendStamps:
    """The datagrams of one socket that have no stamp yet.

    The kernel numbers what a socket sends, and a stamp comes with that number.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._places: dict[int, tuple[list[int | None], int]] = {}  # by the kernel's number
        self._number = 0  # of the next datagram
        self.wanted = self.restart()  # whether the kernel stamps at all

    def note(self, stamps: list[int | None], place: int) -> None:
        """Remembers that the stamp of the datagram just sent belongs to stamps[place]."""
        self._places[self._number] = stamps, place
        self._number = self._number + 1 & 0xFFFFFFFF
        if len(self._places) > _MOST:  # some network cards and tunnels give no stamps
            del self._places[next(iter(self._places))]

    def fill(self, number: int, stamp: bytes) -> None:
        """Writes a stamp, a control message's timespec, where it belongs."""
        place = self._places.pop(number, None)
        if place is not None:
            place[0][place[1]] = to_nanoseconds(stamp)

    def restart(self) -> bool:
        """Lets the kernel number from 0 again; stamps that have not come are given up."""
        self._number = 0
        self._places.clear()
        without = prefer(self._socket, socket.SOL_SOCKET, SO_TIMESTAMPING, _STAMPS)
        return without and prefer(
            self._socket, socket.SOL_SOCKET, SO_TIMESTAMPING, _STAMPS | _OPT_ID
        )

    def __len__(self) -> int:
        return len(self._places)
