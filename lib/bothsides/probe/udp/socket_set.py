"""Reads all that has arrived at many sockets in one batch.

A process that wakes up for every packet and every reply pays more for waking up than for the
packets. The kernel stamps both, so nothing is lost by looking later: send what is due, sleep until
the next tick, collect, and send again.

    sockets = SocketSet(FlowSocket(4) for _ in range(8))
    while True:
        for packet in due:
            fault = packet.socket.send(packet.data, packet.address, stamps, packet.place)
        time.sleep(until the next tick)
        for socket, datagrams in sockets.collect():
            ...

The stamps of the packets are read together with the datagrams. Nothing here knows a protocol or
a plan.
"""

import select

from bothsides.base.types import Iterable, Iterator
from bothsides.probe.udp.socket import Datagram, FlowSocket


class SocketSet:
    """Sockets that are read together."""

    def __init__(self, sockets: Iterable[FlowSocket] = ()) -> None:
        self._poll = select.poll()
        self._sockets: dict[int, FlowSocket] = {}
        for opened in sockets:
            self.add(opened)

    def add(self, opened: FlowSocket) -> None:
        """Takes one more socket into the set."""
        self._sockets[opened.fileno()] = opened
        self._poll.register(opened.fileno(), select.POLLIN)

    def remove(self, opened: FlowSocket) -> None:
        """Takes a socket, which must still be open, out of the set."""
        del self._sockets[opened.fileno()]
        self._poll.unregister(opened.fileno())

    def collect(self, seconds: float = 0.0) -> Iterator[tuple[FlowSocket, list[Datagram]]]:
        """All datagrams that have arrived, by socket; stamps and ICMP errors are read too.

        seconds: to wait for the first news. A socket with ICMP errors and no datagram comes with
        an empty list; the errors are in its `icmp_errors` until the caller clears them.
        """
        for fileno, event in self._poll.poll(seconds * 1000):
            opened = self._sockets[fileno]
            datagrams = opened.read_all() if event & select.POLLIN else []
            if event & select.POLLERR:
                opened.read_errors()
            if datagrams or opened.icmp_errors:
                yield opened, datagrams
