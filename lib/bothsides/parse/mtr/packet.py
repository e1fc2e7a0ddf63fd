"""The line protocol of mtr-packet, the engine inside mtr.

    7 send-probe ip-4 198.51.100.10 local-ip-4 192.0.2.2 protocol udp port 33434 local-port 40000
      ttl 5 timeout 1   (one line)
    7 ttl-expired ip-4 80.249.208.10 round-trip-time 21971 mpls 24001,0,1,1
    8 reply ip-4 198.51.100.10 round-trip-time 32533
    9 no-reply
    1 feature-support support 0.95

Source: mtr-packet(8).
"""

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable

_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_KIND = _LETTERS | _DIGITS | {"-"}
_HOST = _DIGITS | frozenset("abcdefABCDEF:.")


class PacketLine(NamedTuple):
    """One line that mtr-packet prints."""

    token: int  # of the command that it answers
    # "reply" (of the target), "ttl-expired", "no-route" and the like (a router refuses to forward),
    # "no-reply", "feature-support", or an error such as "invalid-argument"
    kind: str
    host: str = ""  # address that answered, or ""
    rtt: float | None = None  # s
    mpls: str = ""  # label,class,bottom,ttl of each label, as sent
    words: str = ""  # value of a feature


def from_line(line: str) -> PacketLine:
    """Reads one line without its newline; unknown arguments are ignored."""
    words = line.split()
    if len(words) < 2 or not _is_number(words[0], 10) or not _is_kind(words[1]):
        raise Unreadable(f"not an answer of mtr-packet: {line[:60]!r}")
    arguments = dict(zip(words[2::2], words[3::2], strict=False))
    host = arguments.get("ip-4", arguments.get("ip-6", ""))
    took = arguments.get("round-trip-time", "")
    mpls = arguments.get("mpls", "")
    known = 2 <= len(host) <= 45 and _HOST.issuperset(host)
    if (host and not known) or (took and not _is_number(took, 12)):
        raise Unreadable(f"not an answer of mtr-packet: {line[:60]!r}")
    return PacketLine(
        token=int(words[0]),
        kind=words[1],
        host=host,
        rtt=int(took) / 1e6 if took else None,
        mpls=mpls if all(_is_number(part, 99) for part in mpls.split(",")) else "",
        words=arguments.get("support", ""),
    )


def _is_number(text: str, most: int) -> bool:
    return 0 < len(text) <= most and _DIGITS.issuperset(text)


def _is_kind(text: str) -> bool:
    return len(text) <= 41 and text[:1] in _LETTERS and _KIND.issuperset(text)


def to_feature(token: int, feature: str) -> str:
    """The question whether the engine can do something; "version" asks for its version."""
    return f"{token} check-support feature {feature}\n"


def to_probe(
    token: int, target: str, source: str, ttl: int, ports: tuple[int, int] | None = None
) -> str:
    """The command for one probe: UDP between two ports (source, destination), else an echo request.

    The source address is always given: 0.93 refuses a probe without it.
    """
    family = "6" if ":" in target else "4"
    how = f"protocol udp port {ports[1]} local-port {ports[0]}" if ports else "protocol icmp"
    ends = f"ip-{family} {target} local-ip-{family} {source}"
    return f"{token} send-probe {ends} {how} ttl {ttl} timeout 1\n"
