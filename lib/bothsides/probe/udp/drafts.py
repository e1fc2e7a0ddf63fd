"""Sends many datagrams at once, the buffers and addresses of which are made only once."""

import ctypes

from bothsides.base.types import Sequence
from bothsides.probe.udp.batch import to_sockaddr
from bothsides.probe.udp.mmsg import HEADER, VECTOR, Header, Vector, calls, error

_SEND, _ = calls()


class Drafts:
    """A datagram to each of many addresses: a part of its own, and one that all of them share."""

    def __init__(
        self,
        addresses: Sequence[tuple[str, int]],
        own: Sequence[bytes],
        shared: int,
        shared_first: bool,
    ) -> None:
        """addresses: numeric, and a port; own: their own parts; shared: octets of the other one."""
        count = len(addresses)
        self._shared = ctypes.create_string_buffer(shared)
        self.shared = memoryview(self._shared).cast("B")  # to be written before each sending
        self._own = [ctypes.create_string_buffer(octets, len(octets)) for octets in own]
        names = [to_sockaddr(*address) for address in addresses]
        self._names = [ctypes.create_string_buffer(name, len(name)) for name in names]
        self._vectors, self._headers = (Vector * (2 * count))(), (Header * count)()
        for place, (name, octets) in enumerate(zip(self._names, self._own, strict=True)):
            common, single = self._vectors[2 * place], self._vectors[2 * place + 1]
            if not shared_first:
                common, single = single, common
            common.base, common.length = ctypes.addressof(self._shared), shared
            single.base, single.length = ctypes.addressof(octets), len(octets)
            message = self._headers[place].message
            message.name, message.name_length = ctypes.addressof(name), len(name)
            message.vector = ctypes.addressof(self._vectors) + 2 * place * VECTOR
            message.vectors = 2
        self._place = ctypes.addressof(self._headers)

    def send(self, descriptor: int, low: int, high: int) -> list[tuple[int, int]]:
        """Sends those from place `low` to before `high`; place and errno of each refused one."""
        refused = send(descriptor, self._place + low * HEADER, high - low)
        return [(low + place, number) for place, number in refused]


def send(descriptor: int, headers: int, count: int) -> list[tuple[int, int]]:
    """Sends so many datagrams; place and errno of each that the kernel refused.

    headers: where in memory they are.
    """
    done = _SEND(descriptor, headers, count, 0)
    if done == count:
        return []
    refused = []
    place = max(0, done)
    while place < count:
        done = _SEND(descriptor, headers + place * HEADER, count - place, 0)
        if done <= 0:
            refused.append((place, error()))
            place += 1
        else:
            place += done
    return refused
