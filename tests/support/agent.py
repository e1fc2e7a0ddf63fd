"""A small SNMP v2c agent for the demo where snmpd is not installed: sysUpTime and hrSystemDate."""

import datetime
import socket
import struct
import sys
import time
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
DATE = (1, 3, 6, 1, 2, 1, 25, 1, 2, 0)
BEGAN = time.monotonic()


def value(name: tuple[int, ...]) -> Any:
    """The object of that name, now; noSuchObject for all the others."""
    if name == UPTIME:
        return v2c.TimeTicks(int(100 * (time.monotonic() - BEGAN)))
    if name == DATE:
        now = datetime.datetime.now(datetime.UTC)
        tenths = now.microsecond // 100000
        return v2c.OctetString(
            struct.pack("!H6B", now.year, *now.timetuple()[1:6], tenths) + b"+\0\0"
        )
    return v2c.NoSuchObject("")


def answer(request: bytes) -> bytes:
    """The response to a GET, whatever its community."""
    message, _ = decoder.decode(request, asn1Spec=v2c.Message())
    asked = v2c.apiMessage.get_pdu(message)
    response = v2c.apiMessage.get_response(message)
    names = [name for name, _ in v2c.apiPDU.get_varbinds(asked)]
    v2c.apiPDU.set_varbinds(
        v2c.apiMessage.get_pdu(response), [(name, value(tuple(name))) for name in names]
    )
    return bytes(encoder.encode(response))


def main(port: int) -> None:
    """Answers on 127.0.0.1 until it is killed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", port))
        while True:
            request, asker = door.recvfrom(65535)
            door.sendto(answer(request), asker)


if __name__ == "__main__":
    main(int(sys.argv[1]))
