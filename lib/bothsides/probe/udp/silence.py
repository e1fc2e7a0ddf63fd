"""When nothing answers: asks around the target for what tells the reasons apart.

A closed port whose host answers "port unreachable" proves that the host lives, and both ways to it.
Packets with a rising TTL show the last router that answers; if routers behind it answer to packets
for the closed port, there is a firewall for the one port. A packet from another port that is
answered shows that the ports of the run are refused, or that the outage is over. A small packet
that is answered shows that large ones are lost, an unsealed one that the reflector has no keys. An
echo request (ping) is sent where the kernel lets everybody do so.
"""

import _socket as socket
import os
import time

from bothsides.base.types import Literal, NamedTuple
from bothsides.model.udp import Silence
from bothsides.parse import Unreadable, stamp
from bothsides.probe.net.kernel_socket import IP_TTL, prefer
from bothsides.probe.udp.peer import Peer
from bothsides.probe.udp.protocol import Codec
from bothsides.probe.udp.socket import FlowSocket
from bothsides.probe.udp.socket_set import SocketSet

_HIGHEST = 30  # TTL
_CLOSED = 33434  # port that traceroute uses, and that nobody listens on
_OTHERS = 3  # packets to the closed port with a TTL of their own
_LONGEST = 1.0  # s
_LEAST = 0.2  # s; with less nothing is asked
_AFTER = 0.05  # s to listen after the target itself has answered
_PORT_UNREACHABLE = ((4, 3, 3), (6, 1, 4))  # IP version, ICMP type and code
_TTL_EXCEEDED = ((4, 11, 0), (6, 3, 0))
_ECHO = {4: b"\x08\0\0\0\0\0\0\1", 6: b"\x80\0\0\0\0\0\0\1"}  # requests; the kernel adds the rest


def _least(codec: Codec) -> int:
    """Octets of the shortest packet."""
    return stamp.SEALED if codec.key else stamp.PLAIN


class _Probe(NamedTuple):
    """What one socket asks: an ICMP error does not say which packet it is about."""

    kind: Literal["again", "small", "unsealed", "closed", "port", "other"]
    ttl: int = 0  # 0: the usual one


def ask(peer: Peer, codec: Codec, seconds: float, local: str = "") -> Silence | None:
    """Asks around a silent target, within so many seconds; None when there is no time.

    local: address to send from; "": the kernel's choice.
    """
    if seconds < _LEAST:
        return None
    asking = _Asking(peer, codec, local)
    try:
        until = time.monotonic() + min(_LONGEST, seconds)
        asking.send()
        asking.listen((time.monotonic() + until) / 2)
        if asking.send_others():
            asking.listen(until)
        return asking.silence()
    except OSError:
        return None
    finally:
        asking.close()


class _Asking:
    """All that is asked around one target."""

    def __init__(self, peer: Peer, codec: Codec, local: str) -> None:
        self.local = local  # address to send from
        self.peer = peer
        self.codec = codec
        self.probes: dict[FlowSocket, _Probe] = {}
        self.echo: socket.socket | None = None
        self.answered: set[str] = set()  # kinds of the probes that were
        self.routers: dict[str, dict[int, str]] = {"port": {}, "other": {}}  # by kind and TTL

    def close(self) -> None:
        """Gives all ports back."""
        for opened in self.probes:
            opened.close()
        if self.echo is not None:
            self.echo.close()

    def send(self) -> None:
        """Sends everything. Raises OSError."""
        self._send(_Probe("again"), self.codec)
        small = self.codec._replace(size=0)
        if self.codec.protocol == "stamp" and self.codec.size > _least(self.codec):
            self._send(_Probe("small"), small)
        if self.codec.key:
            self._send(_Probe("unsealed"), small._replace(key=b""))
        self._send(_Probe("closed"), self.codec)
        for ttl in range(1, _HIGHEST + 1):
            self._send(_Probe("port", ttl), self.codec)
        self._send_echo()

    def send_others(self) -> bool:
        """Sends to the closed port what goes further than the last router that answered.

        Only a few: the target, which allows itself few ICMP errors a second, answers some of them.
        """
        if "closed" not in self.answered:
            return False
        last = max(self.routers["port"], default=0)
        for ttl in range(last + 1, last + 1 + _OTHERS):
            self._send(_Probe("other", ttl), self.codec)
        return True

    def _send(self, probe: _Probe, codec: Codec) -> None:
        peer = self.peer
        opened = FlowSocket(peer.family, local=(self.local, 0))
        self.probes[opened] = probe
        if probe.ttl and peer.family == 6:
            prefer(opened.socket, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, probe.ttl)
        elif probe.ttl:
            prefer(opened.socket, socket.IPPROTO_IP, IP_TTL, probe.ttl)
        closed = (peer.sockaddr[0], _CLOSED, *peer.sockaddr[2:])
        target = closed if probe.kind in ("closed", "other") else peer.sockaddr
        opened.send(codec.encode(0, 0, time.time_ns()), target, [None], 0)

    def _send_echo(self) -> None:
        """An echo request by a ping socket, which sysctl net.ipv4.ping_group_range may forbid."""
        six = self.peer.family == 6
        family = socket.AF_INET6 if six else socket.AF_INET
        protocol = socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP
        try:
            self.echo = socket.socket(family, socket.SOCK_DGRAM, protocol)
            self.echo.setblocking(False)
            self.echo.connect(self.peer.sockaddr)
            self.echo.send(_ECHO[self.peer.family] + os.urandom(8))
        except OSError:
            pass

    def listen(self, until: float) -> None:
        """Collects what comes back until the time is over, or the target itself has answered."""
        sockets = SocketSet(self.probes)
        while (left := until - time.monotonic()) > 0:
            for opened, datagrams in sockets.collect(left):
                probe = self.probes[opened]
                for datagram in datagrams:
                    self._note_answer(probe, datagram.data)
                for _, error in opened.icmp_errors:
                    self._note_error(probe, (error.version, error.kind, error.code), error.source)
                opened.icmp_errors.clear()
            if self.answered:
                until = min(until, time.monotonic() + _AFTER)

    def _note_answer(self, probe: _Probe, data: bytes) -> None:
        codec = self.codec._replace(key=b"") if probe.kind == "unsealed" else self.codec
        try:
            codec.decode(data)
        except Unreadable:
            return
        self.answered.add(probe.kind)

    def _note_error(self, probe: _Probe, error: tuple[int, int, int], source: str) -> None:
        if probe.kind == "closed" and source == self.peer.sockaddr[0]:
            if error in _PORT_UNREACHABLE:
                self.answered.add("closed")
        elif probe.ttl and error in _TTL_EXCEEDED:
            self.routers[probe.kind][probe.ttl] = source

    def silence(self) -> Silence:
        """All that was learnt."""
        last, other = (max(self.routers[kind], default=0) for kind in ("port", "other"))
        return Silence(
            host_lives="closed" in self.answered,
            small_answered="small" in self.answered,
            last_ttl=last,
            last_router=self.routers["port"].get(last, ""),
            other_ttl=other,
            sealed=bool(self.codec.key),
            unsealed_answered="unsealed" in self.answered,
            echo_answered=self._echoed(),
            again_answered="again" in self.answered,
            protocol=self.codec.protocol,
        )

    def _echoed(self) -> bool:
        try:
            return self.echo is not None and bool(self.echo.recv(64))
        except OSError:
            return False
