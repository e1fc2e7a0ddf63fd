"""Receives replies and ICMP errors from all sockets and hands each to the peer that it concerns."""

import time

from bothsides.base.deadline import Deadline
from bothsides.model.udp import Reply
from bothsides.parse import Unreadable, stamp_tlv
from bothsides.probe.udp.flows import Flows
from bothsides.probe.udp.inquiry import FIRST_ASKING, Inquiry
from bothsides.probe.udp.peer import Peer
from bothsides.probe.udp.protocol import Codec, Decoded
from bothsides.probe.udp.socket import Datagram, FlowSocket


class Receiver:
    """The listening half of a conversation."""

    def __init__(
        self,
        flows: Flows,
        codec: Codec,
        peers: list[Peer],
        deadline: Deadline,
        inquiry: Inquiry | None = None,
        pause: float = 0.0,
    ) -> None:
        self.flows = flows
        self.inquiry = inquiry
        self.codec = codec
        self.peers = peers
        self.deadline = deadline
        self.pause = pause  # s to sleep between two looks; 0: to look at every reply at once
        self.began = time.monotonic()
        self.missing = 0  # packets without a reply, of all peers
        self._by_address = {(peer.family, *peer.sockaddr[:2]): peer for peer in peers}
        self._cpu = time.process_time()

    def listen(self, until: float, idle: bool = True) -> bool:
        """Receives until the given time, or with `idle` until nothing is missing.

        False at the deadline. It polls once at least, however late it is: a sender that is behind
        its schedule must still read the replies.
        """
        polled = False
        while not (idle and not self.missing):
            wanted, left = until - time.monotonic(), self._left()
            if left <= 0:
                return False
            if wanted <= 0 and polled:
                return True
            polled = True
            wait = max(0.0, min(wanted, left))
            if self.pause:
                time.sleep(min(wait, self.pause))
                wait = 0.0
            for opened, flow, datagrams in self.flows.collect(wait):
                at, read = time.monotonic() - self.began, time.time_ns()
                for datagram in datagrams:
                    if datagram.arrived is None:  # the time of reading is all there is
                        self.pause = 0.0
                    self._receive(opened, flow, datagram, at, read)
                if opened.icmp_errors:
                    self._note_icmp_errors(opened)
        return True

    def _left(self) -> float:
        """Seconds left to send and listen: as much CPU as was used is reserved for the analysis."""
        return self.deadline.left() - (time.process_time() - self._cpu)

    def _receive(
        self, opened: FlowSocket, flow: int, datagram: Datagram, at: float, read: int
    ) -> None:
        peer = self._by_address.get((opened.family, *datagram.source[:2]))
        try:
            decoded = self.codec.decode(datagram.data)
        except Unreadable as fault:
            if peer is not None:
                peer.note_stray(str(fault))
            return
        key = flow, decoded.sequence
        if peer is None or decoded.sent != peer.sent.get(key):
            peer, decoded = self._unusual(peer, flow, decoded, str(datagram.source[0]))
            key = flow, decoded.sequence
        if peer is None:
            return
        if key not in peer.sent or decoded.sent not in (None, peer.sent[key]):
            peer.note_stray("not about a packet of this run")
            return
        if isinstance(decoded.tlv, stamp_tlv.FollowUp):
            peer.note_follow_up(flow, decoded.tlv)
        elif isinstance(decoded.tlv, stamp_tlv.Account) and self.inquiry is not None:
            took = max(0, read - peer.sent[key]) / 1e9
            self.inquiry.note(peer, decoded.tlv, at, min(at, took))
        if decoded.sequence >= FIRST_ASKING:
            return
        reply = Reply(
            flow, decoded.sequence, at, read, datagram.arrived, decoded.number, decoded.received,
            decoded.replied, decoded.error, decoded.ttl, datagram.ttl,
        )  # fmt: skip
        self.missing -= peer.note_reply(reply)

    def _unusual(
        self, peer: Peer | None, flow: int, decoded: Decoded, source: str
    ) -> tuple[Peer | None, Decoded]:
        """The peer and the contents of a reply that comes from elsewhere or has T1 elsewhere."""
        key = flow, decoded.sequence
        if peer is not None and decoded.sent not in (None, peer.sent.get(key)):
            other = self.codec.misplaced(decoded)
            if peer.sent.get((flow, other.sequence)) == other.sent:
                return peer, other
        if peer is None or decoded.sent not in (None, peer.sent.get(key)):
            peer = self._answered_by_another(key, decoded.sent, source) or peer
        return peer, decoded

    def _answered_by_another(
        self, key: tuple[int, int], sent: int | None, source: str
    ) -> Peer | None:
        """The peer to which a packet was sent that is answered from another address, by its T1."""
        for peer in self.peers:
            if sent is not None and peer.sent.get(key) == sent:
                peer.other_sources[source] = None
                return peer
        return None

    def _note_icmp_errors(self, opened: FlowSocket) -> None:
        for target, error in opened.icmp_errors:
            peer = self._by_address.get((opened.family, *target[:2]))
            if peer is not None:
                peer.icmp_errors[error] = peer.icmp_errors.get(error, 0) + 1
        opened.icmp_errors.clear()
