"""What the error of a datagram socket means: who refused, a router, the host, or this host."""

import _socket as socket  # all that is needed here; `socket` itself costs 5 ms of CPU
import errno
import os

from bothsides.model.failure import Failure
from bothsides.probe.net.kernel_socket import IP_RECVERR, IPV6_RECVERR, offender

_ROOM = 512  # octets for control messages
_EXTENDED = 16  # octets of sock_extended_err (linux/errqueue.h), in front of the sender's address
_FORBIDDEN = (errno.EACCES, errno.EPERM)  # without a sender: by our own route or firewall
_NO_ROUTE = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_CLOSED = (
    errno.ECONNREFUSED,
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.EACCES,
    errno.EPERM,
    errno.EPROTO,
)


def sender_of_error(opened: socket.socket) -> str:
    """The address that sent the ICMP error; "" where the error is our own kernel's."""
    try:
        _, ancillary, _, _ = opened.recvmsg(256, _ROOM, socket.MSG_ERRQUEUE)
    except OSError:
        return ""
    errors = [octets for _, kind, octets in ancillary if kind in (IP_RECVERR, IPV6_RECVERR)]
    return offender(errors[0][_EXTENDED:]) if errors else ""


def _is_ours(address: str) -> bool:
    """Whether an address is one of this host."""
    try:
        tried = socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM
        )
    except OSError:
        return False
    try:
        tried.bind((address.partition("%")[0], 0))
    except OSError:
        return False
    finally:
        tried.close()
    return True


def failure_of(fault: OSError, sender: str, host: str, port: int) -> Failure:
    """What a socket's error means. sender: of the ICMP error, the host itself or a router."""
    what = os.strerror(fault.errno or 0)
    if fault.errno == errno.ECONNREFUSED and sender in ("", host):
        words = f"nothing listens on udp port {port} (ICMP port unreachable)"
        return Failure("refused", words)
    if fault.errno in _NO_ROUTE and not sender:
        return Failure("local", f"no route from here: {what}")
    if fault.errno in _FORBIDDEN and not sender:
        words = f"this host may not send there: {what} (its own route or firewall)"
        return Failure("local", words)
    if fault.errno in _CLOSED:
        if sender and sender != host and _is_ours(sender):
            words = f"no neighbour answers on the way there: {what} (from here, {sender})"
            return Failure("path", words)
        if not sender:
            who = "the way there is closed"
        else:
            who = "the host answers" if sender == host else f"{sender} answers"
        return Failure("path", f"{who}: {what} (ICMP)")
    return Failure("local", f"cannot send: {fault.strerror}")
