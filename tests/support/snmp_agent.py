"""A small SNMP agent of versions 1 and 2c whose variables a test makes up, clocks that move
included.

Served in a thread by `serving`, or as a program inside a namespace:

    python -m tests.support.snmp_agent 0.0.0.0 161

which shows the time as hrSystemDate and, bound to no address of its own, replies from whichever
address the route back prefers, as many devices with several interfaces do.
"""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bothsides.parse.clock_value import Moment
from bothsides.parse.snmp import from_oid
from tests.support.date_and_time import to_date_and_time

Oid = tuple[int, ...]
Variable = bytes | int | str | Callable[[], bytes | int | str]
"""Octets, a number, an object identifier as text, or what makes one of them at every query."""

SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
HR_SYSTEM_DATE = "1.3.6.1.2.1.25.1.2.0"


def date_and_time(offset: float = 0.0, zone: int | None = 0) -> bytes:
    """What hrSystemDate shows on a clock that is so far off."""
    ns = time.time_ns() + round(offset * 1e9)
    return to_date_and_time(Moment(ns // 10**9 * 10**9, 10**9, "", zone))


def answer(octets: bytes, variables: Mapping[Oid, Variable]) -> bytes:
    """The response to one GetRequest."""
    from pyasn1.codec.ber import decoder, encoder
    from pysnmp.proto import rfc1901, rfc1905

    message, _ = decoder.decode(octets, asn1Spec=rfc1901.Message())
    asked = message[2].getComponent()
    names = [tuple(variable[0]) for variable in asked[3]]
    response = rfc1901.Message()
    response[0], response[1] = message[0], message[1]
    pdu = response.setComponentByPosition(2)[2].setComponentByName("response")["response"]
    pdu[0], pdu[1], pdu[2] = int(asked[0]), 0, 0
    missing = [place for place, name in enumerate(names, 1) if name not in variables]
    refused = bool(missing) and int(message[0]) == 0
    if refused:
        pdu[1], pdu[2] = 2, missing[0]
    listed = pdu.setComponentByPosition(3)[3]
    listed.clear()
    for place, name in enumerate(names):
        variable = rfc1905.VarBind()
        variable[0] = name
        choice = variable.setComponentByPosition(1)[1]
        _fill(choice, None if refused or name not in variables else variables[name], name)
        listed[place] = variable
    return bytes(encoder.encode(response))


def _fill(choice: Any, variable: Variable | None, name: Oid) -> None:
    from pysnmp.proto import rfc1905

    if variable is None:
        choice["noSuchObject"] = rfc1905.noSuchObject
        return
    value = variable() if callable(variable) else variable
    if isinstance(value, str):
        choice["value"]["simple"]["objectID-value"] = value
    elif isinstance(value, bytes):
        choice["value"]["simple"]["string-value"] = value
    elif name == from_oid(SYS_UPTIME):
        choice["value"]["application-wide"]["timeticks-value"] = value
    else:
        choice["value"]["simple"]["integer-value"] = value


def known(variables: Mapping[str, Variable]) -> dict[Oid, Variable]:
    """The variables by OID, with a sysUpTime."""
    begun = time.monotonic()
    uptime: Variable = lambda: int((time.monotonic() - begun + 100) * 100)  # noqa: E731
    return {from_oid(SYS_UPTIME): uptime} | {
        from_oid(name): variable for name, variable in variables.items()
    }


@contextmanager
def serving(variables: Mapping[str, Variable], reply_from: str = "") -> Iterator[int]:
    """The port of 127.0.0.1 at which an agent serves; it may reply from another address."""
    by_oid = known(variables)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        door.bind(("127.0.0.1", 0))
        door.settimeout(0.1)
        if reply_from:
            other.bind((reply_from, door.getsockname()[1]))
        stop = threading.Event()
        exit_by = other if reply_from else door
        thread = threading.Thread(target=_serve, args=(door, exit_by, by_oid, stop))
        thread.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            stop.set()
            thread.join()


def _serve(
    door: socket.socket,
    exit_by: socket.socket,
    variables: Mapping[Oid, Variable],
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        try:
            octets, peer = door.recvfrom(65535)
        except TimeoutError:
            continue
        exit_by.sendto(answer(octets, variables), peer)


def main(address: str, port: int) -> None:
    """Serves the time of this host until it is ended."""
    variables = known({HR_SYSTEM_DATE: date_and_time})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((address, port))
        door.settimeout(0.5)
        _serve(door, door, variables, threading.Event())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
