"""sendmmsg(2) and recvmmsg(2): many datagrams by one system call.

Python has neither, so this calls the C library. A call is given the address of an array of `Header`
(struct mmsghdr), 64 octets each on a 64-bit machine:

    name      where the address of the other side is, and its length
    vector    where the parts of the datagram are (struct iovec: address and length); their number
    control   where the control messages are, and their length
    flags     of a received datagram
    length    octets that were sent or received

Sending, the kernel reads all of it; receiving, it writes the datagram into the parts, and the
lengths of name, control messages and datagram into the header. The caller keeps the memory alive.

A C library without the two calls has sendmsg(2) and recvmsg(2), which read the same headers: then
each datagram costs a call of its own, and nothing else changes.
"""

import ctypes

from bothsides.base.types import Callable

Call = Callable[..., int]
"""Descriptor, where the headers are, how many, flags, and to receive a limit of time, None.

Returns how many were dealt with, or -1 with `error`.
"""


class Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class Message(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint),
        ("vector", ctypes.c_void_p),
        ("vectors", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class Header(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("message", Message), ("length", ctypes.c_uint))


HEADER = ctypes.sizeof(Header)
VECTOR = ctypes.sizeof(Vector)
WORDS = HEADER // 4  # of 4 octets; where in them the three lengths are:
LENGTH = Header.length.offset // 4
NAME_LENGTH = Message.name_length.offset // 4
CONTROL_LENGTH = Message.control_length.offset // 4

_LIBC = ctypes.CDLL(None, use_errno=True)
for _name in ("sendmsg", "recvmsg"):
    getattr(_LIBC, _name).argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
    getattr(_LIBC, _name).restype = ctypes.c_ssize_t


def calls(libc: ctypes.CDLL = _LIBC) -> tuple[Call, Call]:
    """What sends and what receives, by this C library."""
    try:
        sends, receives = libc.sendmmsg, libc.recvmmsg
    except AttributeError:
        return _one_by_one(_LIBC.sendmsg), _one_by_one(_LIBC.recvmsg)
    sends.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    receives.argtypes = (*sends.argtypes, ctypes.c_void_p)
    return sends, receives


def _one_by_one(single: Callable[[int, int, int], int]) -> Call:
    """The same by a call for each datagram."""

    def several(descriptor: int, headers: int, count: int, flags: int, _: None = None) -> int:
        for number in range(count):
            place = headers + number * HEADER
            size = single(descriptor, place, flags)
            if size < 0:
                return number or -1
            Header.from_address(place).length = size
        return count

    return several


def error() -> int:
    """errno of the last call."""
    return ctypes.get_errno()
