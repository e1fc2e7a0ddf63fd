"""What is said to a far end and how its answer is understood: STAMP, mehsh, or plain echo."""

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable, mehsh, stamp

PROTOCOLS = ("stamp", "echo", "mehsh")
PORTS = {"stamp": stamp.PORT, "echo": 7, "mehsh": mehsh.PORT}
JUMP = 1 << 20  # added to the sequence numbers of closing probes


class Said(NamedTuple):
    """An answer as far as its protocol tells. sequence: ours, returned.

    sent: our T1 (ns) as it came back, None where the protocol returns none; number: the far end's own
    count of requests; received, replied: its T2 and T3 in ns; error: its error estimate; ttl: ours as it
    arrived there. None: not told.
    """

    sequence: int
    sent: int | None
    number: int | None = None
    received: int | None = None
    replied: int | None = None
    error: int | None = None
    ttl: int | None = None


class Speech(NamedTuple):
    """One protocol with its run's settings. size: octets of a request; nonce marks this run's packets."""

    protocol: str
    size: int
    nonce: int
    key: bytes = b""

    def ask(self, flow: int, sequence: int, sent: int) -> bytes:
        """A request. sent: T1 in ns."""
        if self.protocol == "mehsh":
            number = self.nonce << 48 | flow << 32 | sequence
            return mehsh.to_packet(mehsh.Packet(number, mehsh.REQUEST))
        request = stamp.Request(sequence, sent, stamp.UNSYNCHRONISED, self.nonce)
        return stamp.to_request(request, self.size, self.key)

    def hear(self, data: bytes) -> Said:
        """An answer; Unreadable when it is none."""
        if self.protocol == "mehsh":
            packet = mehsh.from_packet(data)
            if packet.kind != mehsh.REPLY or packet.number >> 48 != self.nonce:
                raise Unreadable("not an answer to this run")
            return Said(packet.number & 0xFFFFFFFF, None)
        if self.protocol == "echo":
            self._no_reply(data)
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
        return Said(
            reply.sequence,
            reply.sent,
            reply.number,
            reply.received,
            reply.replied,
            reply.error,
            reply.ttl,
        )

    def _no_reply(self, data: bytes) -> None:
        """Raises Unreadable when a reflector has answered where an echo was asked for."""
        try:
            stamp.from_reply(data, self.key)
        except Unreadable:
            return
        raise Unreadable("a reflector answers: try --protocol stamp")

    def _echo(self, data: bytes) -> Said:
        """Our own packet, returned unchanged; Unreadable when it is something else."""
        request = stamp.from_request(data, self.key)
        if (
            request.ssid != self.nonce
            or request.error != stamp.UNSYNCHRONISED
            or len(data) != self.size
        ):
            raise Unreadable("not an echo of our packet")
        return Said(request.sequence, request.sent)
