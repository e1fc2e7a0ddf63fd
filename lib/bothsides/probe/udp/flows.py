"""The sockets of all flows of a run, one for each source port and IP version."""

import os

from bothsides.base.errors import Unable
from bothsides.base.types import Iterable, Iterator
from bothsides.model.udp import Plan
from bothsides.probe.udp.socket import Datagram, FlowSocket
from bothsides.probe.udp.socket_set import SocketSet

_BLOCK = 64  # local ports side by side
_FIRST_BLOCK = 49152 // _BLOCK  # where IANA's dynamic ports begin
_BLOCKS = (60992 - 49152) // _BLOCK  # up to where Linux's own range ends


class Flows:
    """Opens and closes the sockets, and knows which flow each of them is."""

    def __init__(self, families: Iterable[int], plan: Plan) -> None:
        self._sockets = _opened(families, plan)
        self._flows = {
            opened: flow
            for sockets in self._sockets.values()
            for flow, opened in enumerate(sockets)
        }
        self._set = SocketSet(self._flows)

    def close(self) -> None:
        """Gives all ports back."""
        for opened in self._flows:
            opened.close()

    @property
    def overflow(self) -> int:
        """Datagrams that the sockets have dropped because nobody read fast enough."""
        return sum(opened.overflow for opened in self._flows)

    def socket(self, family: int, flow: int) -> FlowSocket:
        """The socket of one flow."""
        return self._sockets[family][flow]

    def port(self, family: int, flow: int) -> int:
        """The local port of one flow."""
        return self._sockets[family][flow].port

    def collect(self, seconds: float) -> Iterator[tuple[FlowSocket, int, list[Datagram]]]:
        """Waits so long at most; each socket with news, its flow and the datagrams."""
        for opened, datagrams in self._set.collect(seconds):
            yield opened, self._flows[opened], datagrams


def _opened(families: Iterable[int], plan: Plan) -> dict[int, list[FlowSocket]]:
    """The flows' sockets by IP version; all or none."""
    # routers that hash ports by XOR or CRC spread neighbouring ports evenly over their links
    first = plan.source_port or _BLOCK * (_FIRST_BLOCK + int.from_bytes(os.urandom(2)) % _BLOCKS)
    opened: dict[int, list[FlowSocket]] = {family: [] for family in families}
    try:
        for family, sockets in opened.items():
            for flow in range(plan.flows):
                sockets.append(
                    FlowSocket(family, plan.dscp, local=(plan.local_address, first + flow))
                )
                if plan.source_port and sockets[-1].port != first + flow:
                    raise OSError(0, f"local port {first + flow} is not to be had")
    except OSError as fault:
        for sockets in opened.values():
            for socket in sockets:
                socket.close()
        raise Unable(f"cannot open a UDP socket: {fault.strerror}") from None
    return opened
