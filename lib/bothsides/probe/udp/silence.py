"""When nothing answers: asks around the target for what tells the reasons apart.

A closed port whose host answers "port unreachable" proves that the host lives, and both ways to it.
Packets with a rising TTL show the last router that answers. A small packet that is answered shows
that large ones are lost.
"""

import _socket as socket
import select
import time

from bothsides.model.udp import Silence
from bothsides.parse import Unreadable
from bothsides.probe.net.kernel_socket import IP_TTL, prefer
from bothsides.probe.udp.peer import Peer
from bothsides.probe.udp.protocol import Codec
from bothsides.probe.udp.socket import FlowSocket

_HIGHEST = 30  # TTL
_CLOSED = 33434  # port that traceroute uses, and that nobody listens on
_LONGEST = 1.0  # s
_LEAST = 0.2  # s; with less nothing is asked
_PORT_UNREACHABLE = ((4, 3, 3), (6, 1, 4))  # IP version, ICMP type and code
_TTL_EXCEEDED = ((4, 11, 0), (6, 3, 0))


def ask(peer: Peer, codec: Codec, seconds: float) -> Silence | None:
    """Asks around a silent target, within so many seconds; None when there is no time."""
    if seconds < _LEAST:
        return None
    until = time.monotonic() + min(_LONGEST, seconds)
    sockets: list[FlowSocket] = []
    try:
        # one socket each for the small packet, the closed port and every TTL: an ICMP error does
        # not say which packet it is about, the socket that gets it does
        for _ in range(_HIGHEST + 2):
            sockets.append(FlowSocket(peer.family))
        small, closed, *rising = sockets
        _send(small, codec._replace(size=0), peer.sockaddr)
        _send(closed, codec, (peer.sockaddr[0], _CLOSED, *peer.sockaddr[2:]))
        for ttl, opened in enumerate(rising, 1):
            _limit(opened, ttl)
            _send(opened, codec, peer.sockaddr)
        return _listened(small, closed, rising, peer, codec, until)
    except OSError:
        return None
    finally:
        for opened in sockets:
            opened.close()


def _limit(opened: FlowSocket, ttl: int) -> None:
    if opened.family == 6:
        prefer(opened.socket, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
    else:
        prefer(opened.socket, socket.IPPROTO_IP, IP_TTL, ttl)


def _send(opened: FlowSocket, codec: Codec, sockaddr: tuple[object, ...]) -> None:
    opened.send(codec.encode(0, 0, time.time_ns()), sockaddr, [None], 0)


def _listened(
    small: FlowSocket,
    closed: FlowSocket,
    rising: list[FlowSocket],
    peer: Peer,
    codec: Codec,
    until: float,
) -> Silence:
    """Collects what comes back until the time is over, or the target itself has answered."""
    poll = select.poll()
    by_fileno = {opened.fileno(): opened for opened in (small, closed, *rising)}
    for fileno in by_fileno:
        poll.register(fileno, select.POLLIN)
    routers: dict[int, str] = {}
    answered = lives = False
    while (left := until - time.monotonic()) > 0:
        for fileno, event in poll.poll(left * 1000):
            opened = by_fileno[fileno]
            if event & select.POLLIN:
                answered |= _is_answer(opened, small, codec)
            if event & select.POLLERR and not opened.read_error():
                opened.clear()
            for _, error in opened.icmp_errors:
                kind = error.version, error.kind, error.code
                if opened is closed and error.source == peer.sockaddr[0]:
                    lives |= kind in _PORT_UNREACHABLE
                if opened in rising and kind in _TTL_EXCEEDED:
                    routers[rising.index(opened) + 1] = error.source
            opened.icmp_errors.clear()
        if lives or answered:
            until = min(until, time.monotonic() + 0.05)
    last = max(routers, default=0)
    return Silence(
        host_lives=lives,
        small_answered=answered,
        last_ttl=last,
        last_router=routers.get(last, ""),
    )


def _is_answer(opened: FlowSocket, small: FlowSocket, codec: Codec) -> bool:
    """Whether a datagram is the reply to the small packet."""
    for datagram in opened.read_all():
        try:
            codec.decode(datagram.data)
        except Unreadable:
            continue
        if opened is small:
            return True
    return False
