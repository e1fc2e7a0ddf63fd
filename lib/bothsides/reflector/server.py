"""The reflector's sockets and its loop: read, reply from the address that was asked, count."""

import errno
import os
import select
import socket
import struct
import time
from functools import partial

from bothsides.base.types import Callable
from bothsides.parse import stamp
from bothsides.probe.net.kernel_socket import (
    IP_RECVTTL,
    IP_TTL,
    SO_RXQ_OVFL,
    SO_TIMESTAMPNS,
    from_control,
    prefer,
)
from bothsides.probe.net.local_clock import claim
from bothsides.probe.udp.batch import ControlMessage, Datagram, Receiver
from bothsides.probe.udp.socket import Sockaddr
from bothsides.reflector.send_stamps import ASK, SendStamps
from bothsides.reflector.session import Draft, Reflector
from bothsides.reflector.usual import CONTROL, IP_PKTINFO, Usual

_LONGEST = 65536  # octets of a datagram
_AT_ONCE = 64  # datagrams of one socket before the others have their turn
_PAUSE = 0.005  # s between two turns of a busy reflector
_GATHER = 0.001  # s from the first datagram of a burst until all of it is there
_BUSY = 500  # datagrams/s that make it one
_COUNTED = 0.1  # s over which they are counted
_ENOUGH = 16  # datagrams of a turn, after which there is no pause
_BUFFER = 4 << 20
_PKTINFO4 = struct.Struct("@I4s4s")
_PKTINFO6 = struct.Struct("@16sI")
_TOS = struct.Struct("@i")
_CLOCK = 30.0  # s between two readings of how good the clock is
_WANTED = {
    socket.AF_INET: (
        (socket.IPPROTO_IP, IP_PKTINFO, 1),
        (socket.IPPROTO_IP, IP_RECVTTL, 1),
        (socket.IPPROTO_IP, socket.IP_RECVTOS, 1),
        (socket.IPPROTO_IP, IP_TTL, 255),
    ),
    socket.AF_INET6: (
        (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1),
        (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255),
    ),
}


def listening(host: str, port: int) -> socket.socket:
    """A bound socket that tells when and for which address a datagram arrived. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        for level, option, value in _WANTED[family]:
            prefer(opened, level, option, value)
        for option, value in ((SO_TIMESTAMPNS, 1), (SO_RXQ_OVFL, 1), (socket.SO_RCVBUF, _BUFFER)):
            prefer(opened, socket.SOL_SOCKET, option, value)
        numeric = socket.AI_NUMERICHOST
        infos = socket.getaddrinfo(host, port, family, socket.SOCK_DGRAM, 0, numeric)
        opened.bind(infos[0][4])
    except OSError:
        opened.close()
        raise
    return opened


class Pace:
    """Lets a busy reflector sleep a little between two turns, so that it answers several at once.

    A process that wakes up for each of 1500 requests a second pays more for waking up than for
    the requests. T2 is the kernel's time of arrival and T3 that of the reply, so a sender takes the
    pause off its round trip. A reflector with less to do answers every request at once, and so
    does one with far more, whose turns have enough to do without a pause.

    A burst, as a prober of 38 peers sends one every 25 ms, has one turn: 41 times awake a second
    instead of 80, and 0.9 of the CPU.
    """

    def __init__(self) -> None:
        self._until = 0.0  # end of the present count, monotonic clock
        self._count = 0  # datagrams
        self._busy = False
        self._last = 0  # datagrams of the last turn
        self._listening = 0.0  # since when datagrams are waited for, monotonic clock

    def note(self, datagrams: int) -> None:
        """So many were received in a turn."""
        self._last = datagrams
        self._count += datagrams

    def wait(self) -> None:
        """Sleeps between two turns where that saves more than it costs."""
        now = time.monotonic()
        if now >= self._until:
            late = now - self._until > _COUNTED
            self._busy = not late and self._count >= _BUSY * _COUNTED
            self._until, self._count = now + _COUNTED, 0
        if self._busy and self._last < _ENOUGH:
            time.sleep(_PAUSE)
        self._listening = time.monotonic()

    def gather(self, datagrams: int) -> bool:
        """Waits for the rest of a burst, whose first datagrams have come after a silence."""
        begins = 0 < datagrams < _ENOUGH and self._busy
        if begins and time.monotonic() - self._listening > _GATHER:
            time.sleep(_GATHER)
            return True
        return False


class Server:
    """The loop over all sockets."""

    def __init__(
        self,
        sockets: list[socket.socket],
        reflector: Reflector,
        wanted: Callable[[], bool],
        bell: int,
    ) -> None:
        self.sockets = {opened.fileno(): opened for opened in sockets}
        self.stamps = {opened.fileno(): SendStamps(opened) for opened in sockets}
        self.reflector = reflector
        self.wanted = wanted  # called between two turns; False ends the loop
        self.bell = bell  # descriptor that becomes readable when `wanted` is to be called at once
        self.overflow = dict.fromkeys(self.sockets, 0)  # datagrams dropped so far, by descriptor
        self._receiver = Receiver(_LONGEST, CONTROL, _AT_ONCE)
        self._usual = Usual(reflector, self._receiver, self._reply)
        self._pace = Pace()
        self._asked = -1  # the descriptor whose datagrams are answered now

    def serve(self) -> None:
        """Replies until `wanted` ends it. No datagram and no error of a single send does."""
        poll = select.poll()
        for fileno in (*self.sockets, self.bell):
            poll.register(fileno, select.POLLIN)
        read = float("-inf")  # when the quality of the clock was read
        while self.wanted():
            now = time.monotonic()
            if now - read > _CLOCK:
                self.reflector.error = stamp.to_error(claim())
                read = now
            if not self.reflector.rules.mehsh:  # whose nodes cannot take a pause off
                self._pace.wait()
            held = self.reflector.doubtful.wait(now)
            for fileno, event in poll.poll(1000 * (_CLOCK if held is None else held) + 1):
                if fileno == self.bell:
                    os.read(self.bell, 64)
                else:
                    if event & select.POLLERR:
                        self._note_stamps(fileno)
                    self._drain(fileno)
            if held is not None:
                self._send_overdue()

    def _drain(self, fileno: int) -> None:
        batch = self._receiver.receive(fileno)
        if not self.reflector.rules.mehsh and self._pace.gather(batch.received):
            batch = batch._replace(received=batch.received + self._receiver.more(fileno))
        self._pace.note(batch.received)
        if batch.received:
            self._asked = fileno
            drops = self._receiver.drops(batch.received)
            if drops > self.overflow[fileno]:
                self.reflector.count("overflow", drops - self.overflow[fileno])
                self.overflow[fileno] = drops
            self._usual.answer(batch, fileno, time.monotonic())
        elif batch.fault not in (errno.EAGAIN, errno.EINTR):  # ICMP about an earlier reply
            self.reflector.count(f"receive_{_name(batch.fault)}")

    def _reply(self, datagram: Datagram) -> None:
        """Answers a datagram that is not usual."""
        fileno, control = self._asked, datagram.control
        about = from_control(control)
        received = about.stamp or time.time_ns()
        host, port = datagram.source
        draft = self.reflector.reply(
            datagram.data, host, port, about.ttl, received, time.monotonic()
        )
        if draft is None:
            return
        ancillary = _reply_control(control)
        if ancillary is None:
            self.reflector.count("not_to_us")
            return
        send = partial(self._send, fileno, draft, ancillary, datagram.source)
        if draft.doubtful is None:
            send()
            return
        guard = self.reflector.doubtful
        if not draft.held:
            for earlier in guard.released(draft.doubtful):
                earlier()
            send()
        elif not guard.hold(draft.doubtful, send, time.monotonic()):
            self._give_up(1)

    def _send_overdue(self) -> None:
        """Sends what was held for senders that have sent nothing more, or gives it up."""
        overdue, given_up = self.reflector.doubtful.overdue(time.monotonic())
        for send in overdue:
            send()
        self._give_up(given_up)

    def _give_up(self, replies: int) -> None:
        """Counts held replies that are never sent: those of a loop."""
        if replies:
            self.reflector.count("loop_refused", replies)
            self.reflector.count("reflected", -replies)

    def _send(
        self, fileno: int, draft: Draft, ancillary: list[ControlMessage], source: Sockaddr
    ) -> None:
        stamps = self.stamps[fileno] if draft.stamped is not None else None
        if stamps is not None and stamps.ready():
            ancillary.append(ASK)
        try:
            self.sockets[fileno].sendmsg([draft.leaving(time.time_ns())], ancillary, 0, source)
        except OSError as fault:
            self.reflector.count(f"send_{_name(fault.errno)}")
            self.reflector.count("reflected", -1)
            if stamps is not None:
                stamps.restart()
            return
        if stamps is not None and draft.stamped is not None and stamps.ready():
            stamps.note(draft.stamped, int.from_bytes(draft.packet[:4]))
            self._note_stamps(fileno)

    def _note_stamps(self, fileno: int) -> None:
        """Keeps when replies left, for the next replies to the same sessions."""
        for session, number, left in self.stamps[fileno].read():
            self.reflector.telemetry.follow_ups.note(session, number, left)


def _reply_control(control: list[ControlMessage]) -> list[ControlMessage] | None:
    """Control messages that send the reply from the address asked, with the request's DSCP.

    None when the request was sent to a multicast or broadcast address.
    """
    ancillary: list[ControlMessage] = []
    for level, kind, octets in control:
        if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
            _, local, asked = _PKTINFO4.unpack_from(octets)
            if local != asked:
                return None
            ancillary.append((level, kind, _PKTINFO4.pack(0, local, bytes(4))))
        elif level == socket.IPPROTO_IP and kind == socket.IP_TOS:
            ancillary.append((level, kind, _TOS.pack(octets[0] & 0xFC)))
        elif level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
            asked, interface = _PKTINFO6.unpack_from(octets)
            if asked[0] == 0xFF:
                return None
            ancillary.append(
                (level, kind, _PKTINFO6.pack(asked, interface if asked[0] == 0xFE else 0))
            )
        elif level == socket.IPPROTO_IPV6 and kind == socket.IPV6_TCLASS:
            ancillary.append((level, kind, _TOS.pack(_TOS.unpack_from(octets)[0] & 0xFC)))
    return ancillary


def _name(number: int | None) -> str:
    return errno.errorcode.get(number or 0, "error")
