"""Forms of the kernel's reports about requests, and of the control messages of their replies."""

import socket
from struct import Struct, calcsize

from bothsides.base.types import Iterator, NamedTuple
from bothsides.probe.net.kernel_socket import IP_TTL, SO_RXQ_OVFL, SO_TIMESTAMPING, SO_TIMESTAMPNS
from bothsides.probe.udp.batch import Batch, Receiver
from bothsides.probe.udp.mmsg import CONTROL_LENGTH, NAME_LENGTH, WORDS

CONTROL = 256  # octets of control messages; the kernel writes 208 of them at the most
IP_PKTINFO = 8
SIZE4, SIZE6 = 16, 28  # octets of the kernel's addresses


Report = tuple[int, int, int | bytes, int, int, int, int | bytes]
"""s and ns of the arrival, our address, another one of ours (IPv4), TTL, TOS, sender."""


class Form(NamedTuple):
    """What the kernel reports about a datagram of a family, and what is sent with its reply."""

    messages: tuple[tuple[int, int], ...]  # level and type of the control messages, in order
    report: str  # how a `Report` lies in memory
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
        four = f"=16xqq{20 + octets}xII20xi20xB{CONTROL - 105 - octets}xQ"
        six = f"=16xqq{16 + octets}x16sI20xi20xi{CONTROL - 116 - octets}x26s"
        yield (
            (SIZE4, 112 + octets),
            Form((*head, *_ABOUT4), four, SIZE4, _REPLY4, _HEADS4, _TOS4),
        )
        yield (
            (SIZE6, 120 + octets),
            Form((*head, *_ABOUT6), six, SIZE6, _REPLY6, _HEADS6, _TOS6),
        )


FORMS = dict(_forms())


class Reports:
    """The reports about the datagrams of one receiver, each in the place of its datagram."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._layouts = {form.report: _layout(form, receiver) for form in FORMS.values()}
        self.proved: dict[tuple[int, int], bool] = {}  # whether the kernel keeps to a form

    def form(self, batch: Batch, number: int) -> Form | None:
        """How this datagram is reported about; None for an unknown way."""
        at = number * WORDS
        key = batch.words[at + NAME_LENGTH], batch.words[at + CONTROL_LENGTH]
        proved = self.proved.get(key)
        if proved is None:
            form = FORMS.get(key)
            attached = self._receiver.datagram(number).control
            kinds = tuple((level, kind) for level, kind, _ in attached)
            proved = self.proved[key] = form is not None and kinds == form.messages
        return FORMS[key] if proved else None

    def all(self, octets: memoryview, form: Form) -> Iterator[Report]:
        """What is reported about the datagrams of whole places."""
        return self._layouts[form.report].iter_unpack(octets)

    def sender(self, batch: Batch, number: int, form: Form) -> object:
        """The sender of one datagram, as it stands in the report."""
        place = number * self._receiver.stride
        return self._layouts[form.report].unpack_from(batch.octets, place)[-1]


def _layout(form: Form, receiver: Receiver) -> Struct:
    """A form's report in the place of one datagram."""
    end = receiver.stride - receiver.room - calcsize(form.report)
    return Struct(f"={receiver.room}x{form.report[1:]}{end}x")
