"""Answers the usual request in the memory in which it arrived, at a third of the cost of others.

Usual is a STAMP request of 44 octets without a key, with zeros behind its SSID, of a flow that is
known and a sender that is within its rate. Nothing is decided here: what is not entirely usual is
left to `Reflector.reply`, and both write to the same books.
"""

import errno
import socket
import sys
import time
from struct import Struct

from bothsides.base.types import Any, Callable, Iterator, NamedTuple
from bothsides.parse import stamp
from bothsides.parse.ntp_time import to_ntp
from bothsides.probe.net.kernel_socket import IP_TTL, SO_RXQ_OVFL, SO_TIMESTAMPING, SO_TIMESTAMPNS
from bothsides.probe.udp.batch import Batch, Datagram, Receiver
from bothsides.probe.udp.drafts import send
from bothsides.probe.udp.mmsg import CONTROL_LENGTH, HEADER, LENGTH, NAME_LENGTH, WORDS
from bothsides.reflector.account import ACCOUNTS, BITS, Flow
from bothsides.reflector.arrivals import HOSTS
from bothsides.reflector.follow_up import Session
from bothsides.reflector.session import SESSION_IDLE, SESSIONS, Reflector
from bothsides.reflector.sources import SOURCES

CONTROL = 256  # octets of control messages; the kernel writes 208 of them at the most
IP_PKTINFO = 8
_AT_ONCE = 8  # replies that share one reading of the clock
_BILLION = 1_000_000_000
_SINCE_1900 = 2208988800  # s from 1900 to 1970
_REQUEST = Struct("!IQHHQ").unpack_from  # sequence number, T1, error estimate, SSID, zeros
_REPLY = Struct("!IQHHQIQHHBxxx").pack_into
_INSTANT = Struct("!Q").pack_into
_T3 = 4  # where it is in a reply
_SIZE4, _SIZE6 = 16, 28  # octets of the kernel's addresses


class Form(NamedTuple):
    """What the kernel reports about a datagram of a family, and what is sent with its reply."""

    messages: tuple[tuple[int, int], ...]  # level and type of the control messages, in order
    report: Callable[..., tuple[Any, ...]]  # Any: of struct; s, ns, ours, other, TTL, TOS, sender
    name: int  # octets of the sender's address
    reply: Struct  # control messages: the address to send from, and TOS
    heads: tuple[int, int, int]  # of the first: length, level, type
    tos: tuple[int, int, int]  # of the second


_STAMP = (socket.SOL_SOCKET, SO_TIMESTAMPNS)
_DROPS = (socket.SOL_SOCKET, SO_RXQ_OVFL)
_SECOND = (socket.SOL_SOCKET, SO_TIMESTAMPING)
_OCTETS = {_DROPS: 24, _SECOND: 64}
_ABOUT4 = ((0, IP_PKTINFO), (0, IP_TTL), (0, socket.IP_TOS))
_ABOUT6 = ((41, socket.IPV6_PKTINFO), (41, socket.IPV6_HOPLIMIT), (41, socket.IPV6_TCLASS))
_REPLY4, _REPLY6 = Struct("=Qii4xI8xQiiB7x"), Struct("=Qii16s8xQiii4x")
_HEADS4, _HEADS6 = (28, 0, IP_PKTINFO), (36, 41, socket.IPV6_PKTINFO)
_TOS4, _TOS6 = (17, 0, socket.IP_TOS), (20, 41, socket.IPV6_TCLASS)


def _forms() -> Iterator[tuple[tuple[int, int], Form]]:
    """All forms, by the octets of the sender's address and of the control messages.

    The kernel reports drops once there are any, and a second stamp, where Linux is older than 6.12,
    once a sender has asked for the stamps of replies.
    """
    for more in ((), (_DROPS,), (_SECOND,), (_SECOND, _DROPS)):
        octets = sum(_OCTETS[each] for each in more)
        head = (_STAMP, *more)
        four = Struct(f"=16xqq{20 + octets}xII20xi20xB{CONTROL - 105 - octets}xQ")
        six = Struct(f"=16xqq{16 + octets}x16sI20xi20xi{CONTROL - 116 - octets}x26s")
        yield (
            (_SIZE4, 112 + octets),
            Form((*head, *_ABOUT4), four.unpack_from, _SIZE4, _REPLY4, _HEADS4, _TOS4),
        )
        yield (
            (_SIZE6, 120 + octets),
            Form((*head, *_ABOUT6), six.unpack_from, _SIZE6, _REPLY6, _HEADS6, _TOS6),
        )


FORMS = dict(_forms())


class Known:
    """A flow that was answered before: what its next request is held against and written to."""

    __slots__ = ("account", "counted", "flow", "host", "name", "session", "source", "touched")

    def __init__(
        self, reflector: Reflector, name: str, session: Session, flow: Flow, now: float
    ) -> None:
        """Raises KeyError where the reflector has forgotten any of it."""
        self.name, self.session, self.flow = name, session, flow
        source = reflector.sources.get(name)
        if source is None:
            raise KeyError(name)
        self.source = source
        self.counted = reflector.sessions[session]
        self.account = reflector.telemetry.accounts.flows[flow]
        self.host = reflector.telemetry.arrivals.hosts[name]
        self.touched = now  # when it became the youngest in all tables, monotonic clock

    def touch(self, reflector: Reflector, now: float) -> None:
        """Makes it the youngest in all tables."""
        self.touched = now
        self.host.turn(now)
        flows, hosts = reflector.telemetry.accounts.flows, reflector.telemetry.arrivals.hosts
        flows[self.flow] = flows.pop(self.flow)
        hosts[self.name] = hosts.pop(self.name)
        reflector.sources.touch(self.name)
        reflector.sessions[self.session] = reflector.sessions.pop(self.session)


class Usual:
    """Goes through a batch, and answers what is usual in it."""

    def __init__(
        self, reflector: Reflector, receiver: Receiver, other: Callable[[Datagram], None]
    ) -> None:
        """other: the way of all that is not usual."""
        self.reflector, self.receiver, self.other = reflector, receiver, other
        self._known: dict[tuple[object, int], Known] = {}  # by sender and SSID
        self._forgotten = 0  # by the reflector, when `_known` was begun
        self._headers = {
            form.name: receiver.returns(stamp.PLAIN, form.name, form.reply.size)
            for form in FORMS.values()
        }
        self._proved: dict[tuple[int, int], bool] = {}  # whether the kernel keeps to a form
        self._first = self._end = 0  # the places whose replies wait to be sent

    def answer(self, batch: Batch, descriptor: int, now: float) -> None:
        """Answers all datagrams of a batch, in their order; now: monotonic clock, s."""
        words = batch.words
        self._refresh()
        patience = _patience(self.reflector)
        usual = not self.reflector.rules.keys
        self._first = self._end = last = 0
        form = None
        for number in range(batch.received):
            at = number * WORDS
            control = words[at + CONTROL_LENGTH]
            if control != last:  # nearly all datagrams of a socket are reported about alike
                form, last = self._form(number, words[at + NAME_LENGTH], control), control
            if (
                usual
                and form is not None
                and words[at + LENGTH] == stamp.PLAIN
                and self._reply(batch.octets, number, form, now, patience)
            ):
                self._end = number + 1
                if self._end - self._first == _AT_ONCE:
                    self._send(batch, descriptor)
                continue
            self._send(batch, descriptor)
            self._others(batch, number, form, now)
            self._first = self._end = number + 1
        self._send(batch, descriptor)

    def _form(self, number: int, name: int, control: int) -> Form | None:
        """How this datagram is reported about; None for an unknown way."""
        key = name, control
        proved = self._proved.get(key)
        if proved is None:
            form = FORMS.get(key)
            attached = self.receiver.datagram(number).control
            kinds = tuple((level, kind) for level, kind, _ in attached)
            proved = self._proved[key] = form is not None and kinds == form.messages
        return FORMS[key] if proved else None

    def _reply(
        self, octets: memoryview, number: int, form: Form, now: float, patience: float
    ) -> bool:
        """Writes the reply over a request; False, and nothing is changed, for an unusual one."""
        start = number * self.receiver.stride
        control = start + self.receiver.room
        sequence, first, error, ssid, zeros = _REQUEST(octets, start)
        seconds, rest, local, other, ttl, tos, sender = form.report(octets, control)
        known = self._known.get((sender, ssid))
        if known is None or zeros or (local != other if form.name == _SIZE4 else local[0] >= 0xFE):
            return False
        account, counted, host, rules = (
            known.account, known.counted, known.host, self.reflector.rules
        )  # fmt: skip
        if now - counted.at > SESSION_IDLE or not known.source.spend(rules.rate, now):
            return False
        place = sequence - account.first
        if 0 <= place < 8 * len(account.arrived):
            account.arrived[place >> 3] |= BITS[place & 7]
            account.count += 1
        else:
            account.note(sequence, known.session[1], False)
        account.last = now
        if now - known.touched >= patience:
            known.touch(self.reflector, now)
        host.last = now
        host.minutes[0] += 1
        count = counted.next(now)
        arrival = (seconds + _SINCE_1900 & 0xFFFFFFFF) << 32 | -(-(rest << 32) // _BILLION)
        _REPLY(
            octets, start, sequence if rules.stateless else count, 0, self.reflector.error, ssid,
            arrival, sequence, first, error, 0, ttl,
        )  # fmt: skip
        form.reply.pack_into(octets, control, *form.heads, local, *form.tos, tos & 0xFC)
        return True

    def _refresh(self) -> None:
        """Learns all flows anew after the reflector has forgotten any of them."""
        reflector, telemetry = self.reflector, self.reflector.telemetry
        forgotten = reflector.forgotten + telemetry.accounts.evicted + telemetry.arrivals.forgotten
        if forgotten != self._forgotten or len(self._known) > SESSIONS:
            self._forgotten = forgotten
            self._known.clear()

    def _others(self, batch: Batch, number: int, form: Form | None, now: float) -> None:
        """Hands an unusual datagram over; a flow that is answered is usual from then on."""
        datagram = self.receiver.datagram(number)
        name = datagram.source[0]
        before = self.reflector.counts.get("reflected", 0)
        self.other(datagram)
        self._refresh()
        ssid = int.from_bytes(datagram.data[14:16])
        answered = self.reflector.counts.get("reflected", 0) > before
        if form is None or not answered or not ssid or len(datagram.data) != stamp.PLAIN:
            return
        control = number * self.receiver.stride + self.receiver.room
        key = form.report(batch.octets, control)[-1], ssid
        try:
            self._known[key] = Known(
                self.reflector, name, (*datagram.source, ssid), (name, ssid, 0), now
            )
        except KeyError:  # a zone in its name, or a key
            pass

    def _send(self, batch: Batch, descriptor: int) -> None:
        """Sends the replies that wait, with T3 of this instant."""
        first, count = self._first, self._end - self._first
        if not count:
            return
        headers = self._headers[batch.words[first * WORDS + NAME_LENGTH]] + first * HEADER
        stride, octets = self.receiver.stride, batch.octets
        now = to_ntp(time.time_ns())
        for place in range(first * stride + _T3, self._end * stride, stride):
            _INSTANT(octets, place, now)
        refused = send(descriptor, headers, count)
        for place, _ in refused:
            self._note_unsent(batch, first + place)
        self._first = self._end
        self.reflector.count("received", count)
        self.reflector.count("reflected", count - len(refused))
        for _, number in refused:
            self.reflector.count(f"send_{errno.errorcode.get(number, 'error')}")

    def _note_unsent(self, batch: Batch, number: int) -> None:
        """A reply was not sent; its place in the batch still holds whose it was."""
        start = number * self.receiver.stride
        name = start + self.receiver.room + self.receiver.control
        octets = batch.octets
        sender: object = bytes(octets[name : name + 26])
        if batch.words[number * WORDS + NAME_LENGTH] == _SIZE4:
            sender = int.from_bytes(octets[name : name + 8], sys.byteorder)
        known = self._known.get((sender, int.from_bytes(octets[start + 14 : start + 16])))
        if known is not None:
            known.account.note_unsent(int.from_bytes(octets[start + 24 : start + 28]))


def _patience(reflector: Reflector) -> float:
    """For how long a flow may stay where it is in the tables, s.

    The oldest make room where a table is full, so it has to be exact when that is near.
    """
    telemetry = reflector.telemetry
    roomy = (
        2 * len(reflector.sessions) < SESSIONS
        and 2 * len(reflector.sources) < SOURCES
        and 2 * len(telemetry.accounts) < ACCOUNTS
        and 2 * len(telemetry.arrivals) < HOSTS
    )
    return 1.0 if roomy else 0.0
