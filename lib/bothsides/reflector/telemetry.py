"""Notes every request for the sender who asks later, and writes the answers into replies."""

from bothsides.base.types import Callable
from bothsides.parse import Unreadable, stamp, stamp_tlv
from bothsides.reflector.account import Accounts, Totals
from bothsides.reflector.arrivals import Arrivals
from bothsides.reflector.follow_up import FollowUps, Session

SHORTEST_WITH_TLV = stamp.PLAIN + stamp_tlv.FOLLOW_UP  # octets of a request with a TLV of ours

Source = tuple[str, int]
"""Address and port of a sender."""


def is_inquiry(data: bytes, sealed: bool) -> bool:
    """Whether a request asks about a flow, by the head of its first TLV."""
    base = stamp.SEALED if sealed else stamp.PLAIN
    return stamp_tlv.is_account(data[base : base + stamp_tlv.HEAD])


class Telemetry:
    """What is remembered of flows and hosts."""

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.arrivals = Arrivals()
        self.follow_ups = FollowUps()

    def note(self, request: stamp.Request, source: Source, totals: Totals, now: float) -> None:
        """Remembers a request; without a SSID nobody could ask for it."""
        host, port = source
        if request.ssid:
            flow = (host, request.ssid, port if totals.sealed else 0)
            self.accounts.note(flow, port, request.sequence, totals, now)

    def note_refused(
        self,
        data: bytes,
        source: Source,
        totals: Totals,
        now: float,
        may_begin: Callable[[float], bool],
    ) -> None:
        """Remembers which request of a flow was over the rate; its seal is not checked."""
        host, port = source
        place = 26 if totals.sealed else 14
        if len(data) >= stamp.PLAIN:
            ssid = int.from_bytes(data[place : place + 2])
            flow = (host, ssid, port if totals.sealed else 0)
            sequence = int.from_bytes(data[:4])
            if ssid:
                self.accounts.note(flow, port, sequence, totals, now, True, may_begin)

    def answer(
        self, packet: bytearray, session: Session, totals: Totals, now: float, named: bool
    ) -> bool:
        """Writes the answer over a TLV of ours in a reply; it is as long as the question.

        Returns whether the kernel's stamp of this reply is asked for. named: whether the sender has
        a key or is in a network that the reflector names; others learn nothing about hosts.
        """
        base = stamp.SEALED if totals.sealed else stamp.PLAIN
        try:
            field = stamp_tlv.find(bytes(packet[base:]))
        except Unreadable:
            return False
        if field is None:
            return False
        place, asked = field
        host, port, _ = session
        if isinstance(asked, stamp_tlv.FollowUp):
            octets = stamp_tlv.to_follow_up(self.follow_ups.answer(session))
        elif isinstance(asked, stamp_tlv.Account):
            flow = (host, asked.ssid, (asked.port or port) if totals.sealed else 0)
            octets = stamp_tlv.to_account(self.accounts.answer(asked, flow, totals, now))
        elif named:
            octets = stamp_tlv.to_arrivals(self.arrivals.answer(asked, now))
        else:
            octets = stamp_tlv.to_arrivals(asked._replace(status=stamp_tlv.DENIED))
        packet[base + place : base + place + len(octets)] = octets
        return isinstance(asked, stamp_tlv.FollowUp)
