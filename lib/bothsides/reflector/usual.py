"""Answers the usual request in the memory in which it arrived, at a third of the cost of others.

Usual is a STAMP request of 44 octets without a key, with zeros behind its SSID, of a flow that is
known and a sender that is within its rate. Nothing is decided here: what is not entirely usual is
left to `Reflector.reply`, and both write to the same books.
"""

import errno
import time
from itertools import groupby
from struct import Struct, calcsize

from bothsides.base.types import Callable
from bothsides.parse import stamp
from bothsides.parse.ntp_time import to_ntp
from bothsides.probe.udp.batch import Batch, Datagram, Receiver
from bothsides.probe.udp.drafts import send
from bothsides.probe.udp.mmsg import CONTROL_LENGTH, HEADER, LENGTH, NAME_LENGTH, WORDS
from bothsides.reflector.account import ACCOUNTS, WINDOW, Flow
from bothsides.reflector.arrivals import HOSTS
from bothsides.reflector.follow_up import Session
from bothsides.reflector.forms import FORMS, Form, Report, Reports
from bothsides.reflector.session import SESSION_IDLE, SESSIONS, Reflector
from bothsides.reflector.sources import SOURCES

_AT_ONCE = 8  # replies that share one reading of the clock
_FRACTION = (1 << 32) / 1e9  # of a timestamp for each ns
_SINCE_1900 = 2208988800  # s from 1900 to 1970
_REQUEST = "!IQHHQ"  # sequence number, T1, error estimate, SSID, zeros
_REPLY = Struct("!IQHHIIIQHHBxxx").pack_into
_INSTANT = Struct("!Q").pack_into
_T3 = 4  # where it is in a reply


Request = tuple[int, int, int, int, int]
"""What `_REQUEST` has."""


class Known:
    """A flow that was answered before: what its next request is held against and written to."""

    __slots__ = (
        "account", "control", "counted", "flow", "host", "name", "session", "source", "told",
        "touched",
    )  # fmt: skip

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
        self.told: tuple[object, int] = b"", 0  # where the last request was sent to, and its TOS
        self.control = b""  # control messages of the reply to that

    def touch(self, reflector: Reflector, now: float) -> None:
        """Makes it the youngest in all tables."""
        self.touched = now
        self.host.turn(now)
        _ = self.account.arrived  # with all that was recent
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
        self._requests = Struct(f"{_REQUEST}{receiver.stride - calcsize(_REQUEST)}x")
        self.reports = Reports(receiver)
        self._first = self._end = 0  # the places whose replies wait to be sent
        self._now = self._patience = 0.0  # of the present batch, s

    def answer(self, batch: Batch, descriptor: int, now: float) -> None:
        """Answers all datagrams of a batch, in their order; now: monotonic clock, s."""
        self._refresh()
        self._now, self._patience = now, _patience(self.reflector)
        self._first = self._end = 0
        controls = batch.words[CONTROL_LENGTH : batch.received * WORDS : WORDS].tolist()
        for _, alike in groupby(range(batch.received), key=controls.__getitem__):
            self._run(batch, list(alike), descriptor)
        self._send(batch, descriptor)

    def _run(self, batch: Batch, numbers: list[int], descriptor: int) -> None:
        """Answers datagrams, one after the other, about which the kernel reports alike."""
        first, end, stride = numbers[0], numbers[-1] + 1, self.receiver.stride
        form = self.reports.form(batch, first)
        if form is None or self.reflector.rules.keys:
            self._send(batch, descriptor)
            for number in numbers:
                self._others(batch, number, form)
            self._first = self._end = end
            return
        octets = batch.octets[first * stride : end * stride]
        sizes = batch.words[first * WORDS + LENGTH : end * WORDS : WORDS].tolist()
        requests, reports = self._requests.iter_unpack(octets), self.reports.all(octets, form)
        for number, size, request, report in zip(numbers, sizes, requests, reports, strict=True):
            if size == stamp.PLAIN and self._reply(batch.octets, number, form, request, report):
                self._end = number + 1
                if self._end - self._first == _AT_ONCE:
                    self._send(batch, descriptor)
                continue
            self._send(batch, descriptor)
            self._others(batch, number, form)
            self._first = self._end = number + 1

    def _reply(
        self, octets: memoryview, number: int, form: Form, request: Request, report: Report
    ) -> bool:
        """Writes the reply over a request; False, and nothing is changed, for an unusual one."""
        sequence, first, error, ssid, zeros = request
        seconds, rest, local, other, ttl, tos, sender = report
        now, known = self._now, self._known.get((sender, ssid))
        not_ours = local[0] >= 0xFE if isinstance(local, bytes) else local != other
        if known is None or zeros or not_ours:
            return False
        account, counted, host, rules = (
            known.account, known.counted, known.host, self.reflector.rules
        )  # fmt: skip
        if now - counted.at > SESSION_IDLE or not known.source.spend(rules.rate, now):
            return False
        place = sequence - account.first
        if 0 <= place < WINDOW:
            account.recent.append(place)
            account.count += 1
        else:
            account.note(sequence, known.session[1], False)
        account.last = host.last = now
        if now - known.touched >= self._patience:
            known.touch(self.reflector, now)
        host.minutes[0] += 1
        count = counted.next(now)
        start = number * self.receiver.stride
        _REPLY(
            octets, start, sequence if rules.stateless else count, 0, self.reflector.error, ssid,
            seconds + _SINCE_1900 & 0xFFFFFFFF, int(rest * _FRACTION) + 1, sequence, first, error,
            0, ttl,
        )  # fmt: skip
        if known.told != (local, tos):
            known.told = local, tos
            known.control = form.reply.pack(*form.heads, local, *form.tos, tos & 0xFC)
        start += self.receiver.room
        octets[start : start + form.reply.size] = known.control
        return True

    def _refresh(self) -> None:
        """Learns all flows anew after the reflector has forgotten any of them."""
        reflector, telemetry = self.reflector, self.reflector.telemetry
        forgotten = reflector.forgotten + telemetry.accounts.evicted + telemetry.arrivals.forgotten
        if forgotten != self._forgotten or len(self._known) > SESSIONS:
            self._forgotten = forgotten
            self._known.clear()

    def _others(self, batch: Batch, number: int, form: Form | None) -> None:
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
        key = self.reports.sender(batch, number, form), ssid
        try:
            self._known[key] = Known(
                self.reflector, name, (*datagram.source, ssid), (name, ssid, 0), self._now
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
        form = self.reports.form(batch, number)
        octets = batch.octets[number * self.receiver.stride :]
        known = None
        if form is not None:
            sender = self.reports.sender(batch, number, form)
            known = self._known.get((sender, int.from_bytes(octets[14:16])))
        if known is not None:
            known.account.note_unsent(int.from_bytes(octets[24:28]))


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
