"""Encodes probes and decodes replies for STAMP, mehsh and plain echo."""

from bothsides.base.types import Mapping, NamedTuple
from bothsides.model.udp import ProbeProtocol
from bothsides.parse import Unreadable, mehsh, stamp

PROTOCOLS: tuple[ProbeProtocol, ...] = ("stamp", "echo", "mehsh")
PORTS: Mapping[ProbeProtocol, int] = {"stamp": stamp.PORT, "echo": 7, "mehsh": mehsh.PORT}


class Decoded(NamedTuple):
    """A reply as far as its protocol carries it; None is unknown."""

    sequence: int  # of the packet that it answers
    sent: int | None  # our T1 as it came back, ns since 1970
    number: int | None = None  # reflector's own sequence number
    received: int | None = None  # T2, ns since 1970
    replied: int | None = None  # T3, ns since 1970
    error: int | None = None  # reflector's error estimate, the raw 16 bits
    ttl: int | None = None  # TTL of our packet as it arrived there


class Codec(NamedTuple):
    """One protocol with the settings of one run."""

    protocol: ProbeProtocol
    size: int  # octets of a packet, UDP payload
    nonce: int  # 16 bits that mark the packets of this run; STAMP's SSID
    key: bytes = b""  # of STAMP's authenticated mode

    def encode(self, flow: int, sequence: int, sent: int) -> bytes:
        """A request; `sent` is T1 in ns since 1970."""
        if self.protocol == "mehsh":
            number = self.nonce << 48 | flow << 32 | sequence
            return mehsh.to_packet(mehsh.Packet(number, mehsh.REQUEST))
        request = stamp.Request(
            sequence=sequence, sent=sent, error=stamp.UNSYNCHRONISED, ssid=self.nonce
        )
        return stamp.to_request(request, self.size, self.key)

    def decode(self, data: bytes) -> Decoded:
        """A reply; Unreadable when it is none."""
        if self.protocol == "mehsh":
            return self._mehsh(data)
        if self.protocol == "echo":
            self._refuse_reflector(data)
            return self._echo(data)
        try:
            reply = stamp.from_reply(data, self.key)
        except Unreadable as fault:
            try:
                return self._echo(data)
            except Unreadable:
                raise fault from None
        if reply.ssid not in (0, self.nonce):  # 0: a reflector older than RFC 8972
            raise Unreadable("an answer to another session (SSID)")
        return Decoded(
            sequence=reply.sequence,
            sent=reply.sent,
            number=reply.number,
            received=reply.received,
            replied=reply.replied,
            error=reply.error,
            ttl=reply.ttl,
        )

    def _mehsh(self, data: bytes) -> Decoded:
        packet = mehsh.from_packet(data)
        if packet.kind != mehsh.REPLY or packet.number >> 48 != self.nonce:
            raise Unreadable("not an answer to this run")
        return Decoded(packet.number & 0xFFFFFFFF, None)

    def _refuse_reflector(self, data: bytes) -> None:
        """Raises Unreadable when a reflector has replied where an echo was asked for."""
        try:
            stamp.from_reply(data, self.key)
        except Unreadable:
            return
        raise Unreadable("a reflector answers: try --protocol stamp")

    def _echo(self, data: bytes) -> Decoded:
        """Our own packet, returned unchanged; Unreadable when it is something else."""
        request = stamp.from_request(data, self.key)
        if (
            request.ssid != self.nonce
            or request.error != stamp.UNSYNCHRONISED
            or len(data) != self.size
        ):
            raise Unreadable("not an echo of our packet")
        return Decoded(request.sequence, request.sent)
