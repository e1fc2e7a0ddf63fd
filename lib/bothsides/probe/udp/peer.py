"""A target while it is probed: collects its packets, replies and errors."""

from bothsides.base.types import Iterator, NamedTuple
from bothsides.model.udp import (
    FIRST_CLOSING,
    FlowAccount,
    IcmpError,
    Packet,
    Reply,
    Silence,
    TargetRun,
)
from bothsides.parse import stamp_tlv
from bothsides.probe.udp.socket import Sockaddr


class SentPacket(NamedTuple):
    """What is known of a packet as soon as it is sent; the kernel's stamp comes later."""

    flow: int  # number of its source port, from 0
    sequence: int  # from 0 in each flow
    at: float  # s since the start of the run, monotonic clock
    sent: int  # T1, ns since 1970
    fault: str  # why it was not sent, an errno's name; "" when it was


class Peer:
    """One address with all that was sent to it and came from it."""

    def __init__(self, host: str, family: int, sockaddr: Sockaddr) -> None:
        self.host = host  # as the plan names it
        self.family = family  # 4 or 6
        self.base = 0  # flows of the peers before this one
        self.sockaddr = sockaddr
        self.packets: list[SentPacket] = []
        self.stamps: list[int | None] = []  # kernel's, one for each packet
        self.replies: list[Reply] = []
        self.closing_packets: list[SentPacket] = []
        self.closing_stamps: list[int | None] = []
        self.closing_replies: dict[
            tuple[int, int], Reply
        ] = {}  # the first to each: more prove nothing
        self.sent: dict[tuple[int, int], int] = {}  # T1 of every packet by flow and sequence
        self.missing: set[tuple[int, int]] = set()  # of these, those without a reply
        self.accounts: dict[int, FlowAccount] = {}  # by flow, from a reflector of ours
        self.left_there: dict[tuple[int, int], int] = {}  # by flow and the reflector's number, ns
        self.inquiries = 0  # rounds in which living flows were to ask about silent ones
        self.silence: Silence | None = None  # what was learnt when nothing answered
        self.icmp_errors: dict[IcmpError, int] = {}
        self.strays: dict[str, int] = {}
        self.other_sources: dict[str, None] = {}

    def note_stray(self, reason: str) -> None:
        """Counts a datagram that is no reply."""
        self.strays[reason] = self.strays.get(reason, 0) + 1

    def note_reply(self, reply: Reply) -> bool:
        """Keeps a reply; True when it is the first to a packet that was missing one."""
        key = reply[:2]  # flow and sequence number
        if reply.sequence >= FIRST_CLOSING:
            self.closing_replies.setdefault(key, reply)
        else:
            self.replies.append(reply)
        if key not in self.missing:
            return False
        self.missing.remove(key)
        return True

    def note_follow_up(self, flow: int, follow_up: stamp_tlv.FollowUp) -> None:
        """Keeps when an earlier reply of the reflector left its host."""
        if follow_up.left:
            self.left_there[flow, follow_up.number] = follow_up.left

    def usual_delay(self) -> float:
        """Seconds within which 9 of 10 replies came; 0 without a reply."""
        sent = {(packet.flow, packet.sequence): packet.at for packet in self.packets}
        delays = sorted(reply.at - sent[reply.flow, reply.sequence] for reply in self.replies)
        return delays[int(0.9 * (len(delays) - 1))] if delays else 0.0

    def open_flows(self, flows: int) -> list[int]:
        """Flows that need a closing probe.

        None unless a packet is unanswered and the reflector counts; a flow whose closing probe was
        answered needs no other.
        """
        if not self.missing or not self.replies or self.replies[0].number is None:
            return []
        answered = {flow for flow, _ in self.closing_replies}
        return [flow for flow in range(flows) if flow not in answered]

    def record(self, host: str, port: int) -> TargetRun:
        """All that was collected, under one of the names of this address."""
        return TargetRun(
            host=host,
            address=self.sockaddr[0],
            port=port,
            failure=None,
            packets=_packets(self.packets, self.stamps),
            replies=tuple(self._completed()),
            closing=(
                _packets(self.closing_packets, self.closing_stamps),
                tuple(self.closing_replies.values()),
            ),
            icmp_errors=tuple(self.icmp_errors.items()),
            strays=self.strays,
            other_sources=tuple(self.other_sources),
            silence=self.silence,
            accounts=tuple(self.accounts.values()),
        )

    def _completed(self) -> Iterator[Reply]:
        """The replies with the stamps that came with later ones."""
        for reply in self.replies:
            left = None
            if reply.number is not None and self.left_there:
                left = self.left_there.get((reply.flow, reply.number))
            yield reply if left is None else reply._replace(left_there=left)


def _packets(sent: list[SentPacket], stamps: list[int | None]) -> tuple[Packet, ...]:
    # there is one more stamp where a signal struck between the two appends of a packet
    return tuple(
        Packet(
            flow=packet.flow,
            sequence=packet.sequence,
            at=packet.at,
            sent=packet.sent,
            left=left,
            fault=packet.fault,
        )
        for packet, left in zip(sent, stamps, strict=False)
    )
