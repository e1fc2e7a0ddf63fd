"""What the reflector remembers of each flow's requests, so that their sender can ask for it."""

import os
import time

from bothsides.base.types import Callable, NamedTuple
from bothsides.parse import stamp_tlv

WINDOW = 8192  # sequence numbers that are remembered of a flow
_BEHIND = 64  # of these, before the first that arrived: others may have been reordered
_GROWTH = 64  # octets that a bitmap grows by
BITS = bytes(0x80 >> place for place in range(8))  # of an octet, in the order of their numbers
_AHEAD = 1 << 16  # a jump beyond this is no packet of the same count
ACCOUNTS = 8192  # flows; the one that was silent longest makes room
FLOW_IDLE = 300.0  # s after which a flow is forgotten

Flow = tuple[str, int, int]
"""Address of the sender, SSID, and source port; 0 for all ports where the SSID tells the flow."""


class Totals(NamedTuple):
    """Counts of the whole reflector at one moment."""

    overflow: int  # datagrams that its sockets dropped
    refused: int  # requests of one source over its rate
    evicted: int  # flows forgotten for want of room
    sealed: bool = False  # whether the reflector has keys: then a SSID is shared by many flows


class Account:
    """Requests of one flow."""

    __slots__ = (
        "arrived", "before", "born", "count", "first", "forgotten", "last", "ports", "refused",
    )  # fmt: skip

    def __init__(self, sequence: int, before: Totals, now: float) -> None:
        self.first = max(0, sequence - _BEHIND)  # sequence number of the bitmaps' bit 0
        self.arrived = bytearray()  # bitmap, the highest bit of an octet first; grows as needed
        self.refused = bytearray()  # likewise, over the rate; with `arrived`: no reply was sent
        self.forgotten = 0  # sequence numbers below this may be forgotten
        self.count = 0  # requests, duplicates too
        self.ports: tuple[int, ...] = ()  # that they came from
        self.before = before
        self.born = self.last = now  # monotonic clock

    def note(self, sequence: int, port: int, refused: bool) -> None:
        """Remembers one request."""
        if port not in self.ports:
            self.ports = (*self.ports, port)[-16:]
        if not refused:
            self.count += 1
        place = sequence - self.first
        if place < 0 or place > WINDOW + _AHEAD:
            return
        if place >= WINDOW:
            drop = place - WINDOW + WINDOW // 4 & ~7
            del self.arrived[: drop >> 3], self.refused[: drop >> 3]
            self.first += drop
            self.forgotten = self.first
            place -= drop
        _set(self.refused if refused else self.arrived, place)

    def note_unsent(self, sequence: int) -> None:
        """The kernel refused to send the reply to a request that has arrived."""
        place = sequence - self.first
        if 0 <= place < WINDOW:
            _set(self.refused, place)


def _set(bitmap: bytearray, place: int) -> None:
    """Sets a bit, and makes room for it."""
    octet = place >> 3
    if octet >= len(bitmap):
        bitmap.extend(bytes(octet + _GROWTH - len(bitmap)))
    bitmap[octet] |= BITS[place & 7]


class Accounts:
    """The accounts of all flows; bounded."""

    def __init__(self) -> None:
        self.boot = int.from_bytes(os.urandom(8))  # new whenever they are forgotten
        self.evicted = 0
        self.began = time.monotonic()  # since then flows are remembered
        self.flows: dict[Flow, Account] = {}

    def __len__(self) -> int:
        return len(self.flows)

    def note(
        self,
        flow: Flow,
        port: int,
        sequence: int,
        totals: Totals,
        now: float,
        refused: bool = False,
        may_begin: Callable[[float], bool] = lambda now: False,
    ) -> None:
        """Remembers one request; a refused one of an unknown flow only where it `may_begin`."""
        account = self.flows.pop(flow, None)
        if account is None or now - account.last > FLOW_IDLE:
            if refused and not may_begin(now):
                return
            account = Account(sequence, totals, now)
            if len(self.flows) >= ACCOUNTS:
                del self.flows[next(iter(self.flows))]
                self.evicted += 1
        account.last = now
        account.note(sequence, port, refused)
        self.flows[flow] = account

    def answer(
        self, asked: stamp_tlv.Account, flow: Flow, totals: Totals, now: float
    ) -> stamp_tlv.Account:
        """The answer to a sender who asks about one of its own flows."""
        uptime = max(0, round(1000 * (now - self.began)))
        account = self.flows.get(flow)
        if account is None:
            return asked._replace(
                status=stamp_tlv.UNKNOWN,
                boot=self.boot,
                uptime=uptime,
                evicted=self.evicted,
            )
        return asked._replace(
            status=stamp_tlv.ANSWERED,
            boot=self.boot,
            uptime=uptime,
            age=round(1000 * (now - account.born)),
            requests=account.count,
            forgotten=account.forgotten,
            overflow=totals.overflow - account.before.overflow,
            refused=max(0, totals.refused - account.before.refused),
            evicted=totals.evicted - account.before.evicted,
            ports=len(account.ports),
            arrived_bits=_bits(account.arrived, account.first, asked),
            refused_bits=_bits(account.refused, account.first, asked),
        )


def _bits(bitmap: bytearray, first: int, asked: stamp_tlv.Account) -> bytes:
    """The part of a bitmap that was asked for."""
    begin, width, known = asked.first - first, 8 * asked.octets, 8 * len(bitmap)
    if begin >= known or begin + width <= 0:
        return bytes(asked.octets)
    behind = known - begin - width  # bits after the part; below 0 where it reaches beyond them
    whole = int.from_bytes(bitmap)
    whole = whole >> behind if behind >= 0 else whole << -behind
    return (whole & (1 << width) - 1).to_bytes(asked.octets)
