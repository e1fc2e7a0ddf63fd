"""Sends packets to all targets on a schedule, waits for the replies and sends closing probes."""

import os
import time

from bothsides.base.deadline import Deadline
from bothsides.model.udp import FIRST_CLOSING, Plan
from bothsides.probe.udp.flows import Flows
from bothsides.probe.udp.inquiry import Inquiry
from bothsides.probe.udp.peer import Peer, SentPacket
from bothsides.probe.udp.protocol import Codec
from bothsides.probe.udp.receiver import Receiver
from bothsides.probe.udp.schedule import deal

_TICK = 0.02  # s; packets that are due within it are sent together
_TOGETHER = 16384  # octets at most that are sent together: what every queue on the way can hold
_HEADERS = 28  # octets of IPv4 and UDP
_PROGRESS = 0.2  # s between two lines about the progress
_QUIET = 4  # silent targets at most around which is asked
_ROUNDS = 12  # closing probes per flow at most
_CLOSING = 0.6  # s for them, where round trips are short
_RESERVED = 0.3  # s that are left for the analysis of a silent target
_SSIDS = 60000  # of 65535: with more flows, all share one


class Conversation:
    """All packets to all targets, and everything that arrives meanwhile."""

    def __init__(self, plan: Plan, peers: list[Peer], deadline: Deadline) -> None:
        self.plan = plan
        self.peers = peers
        self.deadline = deadline
        self.codec = _codec(plan, len(peers))
        for index, peer in enumerate(peers):
            peer.base = index * plan.flows
        self.flows = Flows(dict.fromkeys(peer.family for peer in peers), plan)
        self.inquiry = Inquiry(self.codec, self.flows.port)
        self.together = sent_together(plan, len(peers))
        pause = _TICK if self.together > 1 else 0.0
        self.receiver = Receiver(self.flows, self.codec, peers, deadline, self.inquiry, pause)
        self.began = self.receiver.began  # monotonic clock
        self.seed = int.from_bytes(os.urandom(4)) or 1  # of the order of flows
        self.ended = 0.0  # s from the beginning to `close`
        self._reported = 0.0  # when the progress was reported, monotonic clock
        self._stage = ""

    def close(self) -> None:
        """Ends listening."""
        self.ended = time.monotonic() - self.began
        self.flows.close()

    def hold(self) -> bool:
        """Sends, waits and sends closing probes; False when the deadline cut it short."""
        if not self.peers:
            return True
        subject = self.peers[0].host if len(self.peers) == 1 else f"{len(self.peers)} targets"
        self._stage = f"sending {self.plan.packets} packets to {subject}"
        self.deadline.enter(self._stage)
        if not self._send_all():
            return False
        self.deadline.enter(f"waiting for answers from {subject}")
        if not self.receiver.listen(time.monotonic() + self.plan.patience):
            return not self.receiver.missing
        self._ask_around()
        self.deadline.enter(f"sending closing probes to {subject}")
        self._send_closing()
        return True

    def _send_all(self) -> bool:
        """All packets on a schedule with a random start; False when the time ran out."""
        plan, count, together = self.plan, len(self.peers), self.together
        # a schedule without jitter could keep step with another clock for ever (RFC 3432)
        jitter = [octet / 255 for octet in os.urandom(plan.packets + 1)]
        start = time.monotonic() + jitter[-1] * min(plan.interval, 0.02)
        orders = {
            peer: deal(plan.packets, plan.flows, self.seed + index)
            for index, peer in enumerate(self.peers)
        }
        for place in range(plan.packets):
            tick = start + (place + 0.2 * jitter[place] - 0.1) * plan.interval
            for index in range(0, count, together):
                if not self.receiver.listen(tick + plan.interval * index / count, idle=False):
                    return False
                for peer in self.peers[index : index + together]:
                    self._send(peer, *next(orders[peer]))
            if self.deadline.watch is not None and tick > self._reported + _PROGRESS:
                self._reported = tick
                self._report(place + 1)
        return True

    def _report(self, sent: int) -> None:
        """Reports the progress to a person at a terminal."""
        packets = sum(len(peer.packets) for peer in self.peers)
        self.deadline.enter(
            f"{self._stage}: {sent} sent, {packets - self.receiver.missing} of {packets} answered"
        )

    def _send(self, peer: Peer, flow: int, sequence: int, tlv: bytes = b"") -> None:
        opened = self.flows.socket(peer.family, flow)
        closing = sequence >= FIRST_CLOSING
        packets = peer.closing_packets if closing else peer.packets
        stamps = peer.closing_stamps if closing else peer.stamps
        stamps.append(None)
        at, sent = time.monotonic() - self.began, time.time_ns()
        fault = opened.send(
            self.codec.encode(flow, sequence, sent, tlv, peer.base),
            peer.sockaddr,
            stamps,
            len(stamps) - 1,
        )
        packets.append(SentPacket(flow, sequence, at, sent, fault))
        if not fault:
            peer.sent[flow, sequence] = sent
            if not closing:
                peer.missing.add((flow, sequence))
                self.receiver.missing += 1
            if self.together == 1:
                opened.read_error()  # the stamp is there as soon as the packet has left

    def _send_closing(self) -> None:
        """Closing probes for every flow that needs one, until each is answered or time is over."""
        longest = max((peer.usual_delay() for peer in self.peers), default=0.0)
        gap = max(0.02, 1.2 * longest)
        end = time.monotonic() + max(_CLOSING, 4 * longest)
        for turn in range(_ROUNDS):
            sent = 0
            for peer in self.peers:
                for flow in peer.open_flows(self.plan.flows):
                    # every second without a TLV: a strict reflector may drop what it does not know
                    bare = turn % 2 and not peer.accounts
                    tlv = b"" if bare else self.inquiry.tlv(peer, flow)
                    self._send(peer, flow, FIRST_CLOSING + turn, tlv)
                    sent += 1
                sent += self._ask_through_others(peer)
            if (
                not sent
                or time.monotonic() > end
                or not self.receiver.listen(min(end, time.monotonic() + gap), idle=False)
            ):
                return

    def _ask_around(self) -> None:
        """Of few targets that are silent without an ICMP error: what can be learnt around them."""
        quiet = [
            peer
            for peer in self.peers
            if peer.missing and not (peer.replies or peer.icmp_errors or peer.strays)
        ]
        if not 0 < len(quiet) <= _QUIET:
            return
        from bothsides.probe.udp import silence  # only an outage pays for it

        for place, peer in enumerate(quiet):
            self.deadline.enter(f"asking around {peer.host}, which is silent")
            seconds = (self.deadline.left() - _RESERVED) / (len(quiet) - place)
            peer.silence = silence.ask(peer, self.codec, seconds, self.plan.local_address)

    def _ask_through_others(self, peer: Peer) -> int:
        """Asks about silent flows through living ones; how many questions were sent."""
        questions = self.inquiry.by_others(peer)
        for through, sequence, about in questions:
            opened, sent = self.flows.socket(peer.family, through), time.time_ns()
            data = self.codec.encode(
                through, sequence, sent, self.inquiry.tlv(peer, about), peer.base
            )
            if not opened.send(data, peer.sockaddr, [None], 0):
                peer.sent[through, sequence] = sent
        return len(questions)


def sent_together(plan: Plan, peers: int) -> int:
    """Packets, each to another target, that are sent in one go."""
    room = max(1, _TOGETHER // (plan.size + _HEADERS))
    if plan.interval <= _TICK:
        return min(peers, room)
    return max(1, min(int(peers * _TICK / plan.interval), room))


def _codec(plan: Plan, peers: int) -> Codec:
    """Each flow has a SSID of its own, unless the plan names one."""
    flows = plan.flows * peers
    if plan.protocol != "stamp" or plan.ssid or plan.key or flows > _SSIDS:
        flows = 1
    return Codec(
        protocol=plan.protocol,
        size=plan.size,
        nonce=plan.ssid or 1 + int.from_bytes(os.urandom(2)) % (0x10000 - flows),
        key=bytes.fromhex(plan.key),
        flows=flows,
    )
