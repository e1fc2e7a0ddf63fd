"""What is kept of one UDP conversation: every packet, every answer, every refusal."""

from bothsides.base.types import NamedTuple
from bothsides.model.failure import Failure
from bothsides.probe.udp.socket import Refusal


class Packet(NamedTuple):
    """One request. sequence counts from 0 in each flow; at: seconds since the start, monotonic clock.

    sent: T1, the wall clock in ns as the packet itself says; left: the kernel's stamp of sending (ns), None
    if it gave none; fault: why it was not sent (an errno's name), "" when it was.
    """

    flow: int
    sequence: int
    at: float
    sent: int
    left: int | None
    fault: str


class Answer(NamedTuple):
    """One answer, in the order of arrival. at, read: when we read it, on the monotonic and the wall clock.

    arrived: the kernel's stamp (ns); number, received, replied, error, ttl_there: what the far end told (see
    udp_speech.Said); ttl_here: the answer's own as it arrived.
    """

    flow: int
    sequence: int
    at: float
    read: int
    arrived: int | None
    number: int | None
    received: int | None
    replied: int | None
    error: int | None
    ttl_there: int | None
    ttl_here: int | None


class Target(NamedTuple):
    """All that happened with one far end.

    failure: why it was not asked; closing: packets and answers of the closing probes, which
    tell how many requests have arrived there; refused: ICMP errors, each with its count; strays: datagrams
    that came from it but are no answers (by reason); elsewhere: addresses that answered in its place.
    """

    host: str
    address: str
    port: int
    failure: Failure | None
    packets: tuple[Packet, ...]
    answers: tuple[Answer, ...]
    closing: tuple[tuple[Packet, ...], tuple[Answer, ...]]
    refused: tuple[tuple[Refusal, int], ...]
    strays: dict[str, int]
    elsewhere: tuple[str, ...]
