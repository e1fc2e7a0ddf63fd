"""Sends text by TCP or UDP, as Graphite, StatsD and InfluxDB's UDP port take it, within a deadline.

Nobody answers there. Over TCP a server that went away is seen, over UDP at most that none listens.
"""

import os
import socket
import time

from bothsides.base.poll import ready
from bothsides.base.types import Sequence
from bothsides.export.outcome import Undelivered

# What getaddrinfo(3) says of an address: family, kind, protocol, canonical name, the address.
_Address = tuple[
    int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
]
_PATIENCE = 1.0  # s that a server may take to close after us
_ECHO = 0.01  # s in which an ICMP error of a near host comes back


def send_tcp(host: str, port: int, text: bytes, seconds: float) -> None:
    """Sends the text and waits until the other side has acknowledged its end. Raises Undelivered.

    What was not acknowledged may be stored all the same, so only what may come twice goes here.
    """
    until = time.monotonic() + seconds
    try:
        with _connected(host, port, socket.SOCK_STREAM, until) as connection:
            connection.settimeout(_left(until))
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            _ended(connection, until)
    except OSError as fault:
        raise Undelivered(_words(fault)) from None


def send_udp(
    host: str, port: int, datagrams: Sequence[bytes], seconds: float, again: bool = False
) -> None:
    """Sends each datagram once. Raises Undelivered where none listens, as far as that is seen.

    again: what is refused may be sent later.
    """
    until = time.monotonic() + seconds
    try:
        with _connected(host, port, socket.SOCK_DGRAM, until) as connection:
            for datagram in datagrams:
                connection.settimeout(_left(until))
                connection.send(datagram)
            _refused(connection, min(_ECHO, _left(until)))
    except OSError as fault:
        raise Undelivered(_words(fault), again=again) from None


def _refused(connection: socket.socket, seconds: float) -> None:
    """Raises OSError where an ICMP error comes back for the last datagram."""
    ready((connection,), seconds)
    if number := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise OSError(number, os.strerror(number))


def _connected(host: str, port: int, kind: int, until: float) -> socket.socket:
    """A connection to the first address that takes it."""
    addresses = _addresses(host, port, kind, until)
    for place, (family, _, _, _, address) in enumerate(addresses):
        connection = socket.socket(family, kind)
        try:
            connection.settimeout(_left(until) / (len(addresses) - place))
            connection.connect(address)
        except OSError:
            connection.close()
            if place == len(addresses) - 1:
                raise
        else:
            return connection
    raise OSError(f"{host} has no address")


def _ended(connection: socket.socket, until: float) -> None:
    """Waits until the other side has closed, and so has read all.

    One that does not close has at least to have acknowledged all of it.
    """
    try:
        connection.settimeout(min(_PATIENCE, _left(until)))
        while connection.recv(4096):
            connection.settimeout(min(_PATIENCE, _left(until)))
    except TimeoutError:
        if _unacknowledged(connection):
            raise


def _unacknowledged(connection: socket.socket) -> int:
    """Octets that the kernel still keeps, since the other side has not acknowledged them."""
    import fcntl
    import struct
    import termios

    kept = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    return int(struct.unpack("i", kept)[0])


def _addresses(host: str, port: int, kind: int, until: float) -> Sequence[_Address]:
    """Where the host listens; a look-up knows no deadline, so a thread makes it."""
    import threading

    answers: list[Sequence[_Address] | OSError] = []

    def look_up() -> None:
        try:
            answers.append(socket.getaddrinfo(host, port, type=kind))
        except OSError as fault:
            answers.append(fault)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(_left(until))
    if not answers:
        raise OSError("its name could not be looked up in time")
    if isinstance(answers[0], OSError):
        raise answers[0]
    return answers[0]


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _words(fault: OSError) -> str:
    if isinstance(fault, TimeoutError):
        return "no time left: it did not take the text"
    return fault.strerror or str(fault)
