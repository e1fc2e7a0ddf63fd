"""Encodes probes and decodes replies for STAMP, mehsh and plain echo."""

from bothsides.base.types import Mapping, NamedTuple
from bothsides.model.udp import ProbeProtocol
from bothsides.parse import Unreadable, mehsh, stamp, stamp_tlv

PROTOCOLS: tuple[ProbeProtocol, ...] = ("stamp", "echo", "mehsh")
PORTS: Mapping[ProbeProtocol, int] = {"stamp": stamp.PORT, "echo": 7, "mehsh": mehsh.PORT}
_WITH_TLV = stamp.PLAIN + stamp_tlv.FOLLOW_UP  # octets of a reply
_FOLLOW_UP = stamp_tlv.to_follow_up(stamp_tlv.FollowUp(stamp_tlv.REQUEST))


class Decoded(NamedTuple):
    """A reply as far as its protocol carries it; None is unknown."""

    sequence: int  # of the packet that it answers
    sent: int | None  # our T1 as it came back, ns since 1970
    number: int | None = None  # reflector's own sequence number
    received: int | None = None  # T2, ns since 1970
    replied: int | None = None  # T3, ns since 1970
    error: int | None = None  # reflector's error estimate, the raw 16 bits
    ttl: int | None = None  # TTL of our packet as it arrived there
    tlv: stamp_tlv.Contents | None = None  # the contents of our TLV, where it was answered


class Codec(NamedTuple):
    """One protocol with the settings of one run."""

    protocol: ProbeProtocol
    size: int  # octets of a packet, UDP payload
    nonce: int  # 16 bits that mark the packets of this run; STAMP's SSID
    key: bytes = b""  # of STAMP's authenticated mode
    flows: int = 1  # of all peers, with SSIDs of their own from the nonce on; 1: all share one

    def ssid(self, flow: int, base: int = 0) -> int:
        """The SSID of one flow: the reflector knows it by that, whatever NAT does to its port.

        base: flows of the peers before this one, which may be the same host by another address.
        """
        return self.nonce + base + flow if self.flows > 1 else self.nonce

    @property
    def follows_up(self) -> bool:
        """Whether packets have room to ask a reflector of ours when its replies left."""
        base = stamp.SEALED if self.key else stamp.PLAIN
        return self.protocol == "stamp" and self.size >= base + stamp_tlv.FOLLOW_UP

    def encode(self, flow: int, sequence: int, sent: int, tlv: bytes = b"", base: int = 0) -> bytes:
        """A request; `sent` is T1 in ns since 1970."""
        if self.protocol == "mehsh":
            number = self.nonce << 48 | flow << 32 | sequence
            return mehsh.to_packet(mehsh.Packet(number, mehsh.REQUEST))
        ssid = self.nonce + base + flow if self.flows > 1 else self.nonce
        request = stamp.Request(sequence, sent, stamp.UNSYNCHRONISED, ssid)
        if not tlv and self.follows_up:
            tlv = _FOLLOW_UP
        if not tlv:
            return stamp.to_request(request, self.size, self.key)
        data = stamp.to_request(request, 0, self.key) + tlv
        return data + stamp.to_padding(self.size - len(data))

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
        if reply.ssid and not self._ours(reply.ssid):  # 0: a reflector older than RFC 8972
            raise Unreadable("an answer to another session (SSID)")
        tlv = self._contents(data) if len(data) >= _WITH_TLV else None
        return Decoded(
            reply.sequence, reply.sent, reply.number, reply.received, reply.replied, reply.error,
            reply.ttl, tlv,
        )  # fmt: skip

    def misplaced(self, decoded: Decoded) -> Decoded:
        """The same reply of a reflector that leaves T1 where it was and puts T3 behind T2.

        domoslabs/twamp-light does so, and returns the sender's number.
        """
        return decoded._replace(
            sequence=decoded.number or 0, sent=decoded.replied, replied=decoded.sent, ttl=None
        )

    def _ours(self, ssid: int) -> bool:
        return self.nonce <= ssid < self.nonce + self.flows

    def _contents(self, data: bytes) -> stamp_tlv.Contents | None:
        """The answer to a TLV of ours; None without one, or when it came back unanswered."""
        try:
            field = stamp_tlv.find(data[stamp.SEALED if self.key else stamp.PLAIN :])
        except Unreadable:
            return None
        return field[1] if field and field[1].status != stamp_tlv.REQUEST else None

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
            not self._ours(request.ssid)
            or request.error != stamp.UNSYNCHRONISED
            or len(data) != self.size
        ):
            raise Unreadable("not an echo of our packet")
        return Decoded(request.sequence, request.sent)
