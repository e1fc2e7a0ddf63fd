"""Questions about flows with losses to a reflector of ours, and the answers as they are kept."""

from bothsides.base.types import Callable
from bothsides.model.udp import FlowAccount
from bothsides.parse import stamp_tlv
from bothsides.probe.udp.peer import Peer
from bothsides.probe.udp.protocol import Codec

FIRST_ASKING = 1 << 21
"""Sequence number of the first question about one flow that is sent by another flow."""


class Inquiry:
    """Asks about flows, and keeps what one reflector answers."""

    def __init__(self, codec: Codec, port_of: Callable[[int, int], int]) -> None:
        self.codec = codec
        self.port_of = port_of  # local port by IP version and flow
        self._asked = 0  # questions by other flows so far

    def tlv(self, peer: Peer, flow: int) -> bytes:
        """The question about the packets of a flow that are unanswered; b"" where none can be."""
        missing = [sequence for number, sequence in peer.missing if number == flow]
        if self.codec.protocol != "stamp" or not missing:
            return b""
        octets = min(stamp_tlv.MOST, (max(missing) - min(missing)) // 8 + 1)
        port = self.port_of(peer.family, flow) if self.codec.key else 0
        return stamp_tlv.to_account(
            stamp_tlv.Account(
                status=stamp_tlv.REQUEST,
                ssid=self.codec.ssid(flow, peer.base),
                port=port,
                first=min(missing),
                octets=octets,
            )
        )

    def by_others(self, peer: Peer) -> list[tuple[int, int, int]]:
        """Questions through living flows about those that do not answer.

        Each with the flow that is to send it, its sequence number, and the flow asked about.
        """
        living = sorted({flow for flow, _ in peer.closing_replies})
        peer.inquiries += 1
        # a foreign reflector never answers: two rounds are enough to know
        if not living or (not peer.accounts and peer.inquiries > 3):
            return []
        silent = sorted({flow for flow, _ in peer.missing} - peer.accounts.keys())
        questions = []
        for about in silent:
            self._asked += 1
            through = living[self._asked % len(living)]
            questions.append((through, FIRST_ASKING + self._asked, about))
        return questions

    def note(self, peer: Peer, account: stamp_tlv.Account, at: float, took: float = 0.0) -> None:
        """Keeps the answer about a flow of a peer; took: s since the question was sent."""
        for flow in {flow for flow, _ in peer.sent}:
            port = self.port_of(peer.family, flow) if self.codec.key else 0
            if (account.ssid, account.port) == (self.codec.ssid(flow, peer.base), port):
                peer.accounts.setdefault(flow, _kept(flow, account, at, took))


def _kept(flow: int, account: stamp_tlv.Account, at: float, took: float) -> FlowAccount:
    return FlowAccount(
        flow=flow,
        at=at,
        known=account.status == stamp_tlv.ANSWERED,
        by_port=account.port != 0,
        first=account.first,
        end=account.first + 8 * account.octets,
        forgotten=account.forgotten,
        arrived=tuple(stamp_tlv.sequences(account.arrived_bits, account.first)),
        refused=tuple(stamp_tlv.sequences(account.refused_bits, account.first)),
        uptime=account.uptime / 1000,
        age=account.age / 1000,
        boot=f"{account.boot:016x}",
        requests=account.requests,
        ports=account.ports,
        overflow=account.overflow,
        over_rate=account.refused,
        evicted=account.evicted,
        took=took,
    )
