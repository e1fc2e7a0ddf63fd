"""Messages and agents of SNMP, written by hand."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bothsides.base.secret import Secret
from bothsides.model.clock import User
from bothsides.probe.snmp.message import Engine
from bothsides.probe.snmp.usm import Keys, Usm

USER = User("mon", 2, "SHA-256", Secret("authpass12"), "AES", Secret("privpass12"))
KEYS = Keys(USER)
ENGINE = Engine(b"\x80\x00\x1f\x88\x04abcdef", 3, 1000)


def sent(port: int, octets: bytes) -> bytes:
    """One datagram there and one back, past everything of ours."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(3)
        asker.connect(("127.0.0.1", port))
        asker.send(octets)
        return asker.recv(65535)


@contextmanager
def scripted(reply: Callable[[bytes], Sequence[bytes]]) -> Iterator[int]:
    """The port of an agent that answers each datagram as the script says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(0.2)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    octets, peer = door.recvfrom(65535)
                except TimeoutError:
                    continue
                for answer in reply(octets):
                    door.sendto(answer, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def versed(
    usm: Usm,
    flags: int,
    engine: Engine,
    identity: int,
    kind: str,
    name: tuple[int, ...],
    value: int,
) -> bytes:
    """An SNMPv3 message in clear, with whatever flags: what anybody on the way could write."""
    from pyasn1.codec.ber import decoder, encoder
    from pysnmp.proto import rfc1905
    from pysnmp.proto.mpmod import rfc3412

    outer = Usm(usm.user._replace(level=0), usm.keys)._message(
        identity,
        0,
        (*engine, usm.user.name.encode(), b"", b""),
        usm._scoped(identity, (name,), engine.identity),
    )
    message, _ = decoder.decode(outer, asn1Spec=rfc3412.SNMPv3Message())
    message[1][2] = bytes([flags])
    asked = message[3].getComponent()[2].getComponent()
    pdu = rfc1905.ReportPDU() if kind == "report" else rfc1905.ResponsePDU()
    pdu[0], pdu[1], pdu[2] = int(asked[0]), 0, 0
    variable = rfc1905.VarBind()
    variable[0] = name
    variable.setComponentByPosition(1)[1]["value"]["application-wide"]["counter-value"] = value
    pdu.setComponentByPosition(3)[3].clear()
    pdu[3][0] = variable
    message[3].getComponent().setComponentByPosition(2)[2][kind] = pdu
    return bytes(encoder.encode(message))
