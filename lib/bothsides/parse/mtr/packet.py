"""The line protocol of mtr-packet, the engine inside mtr.

    7 send-probe ip-4 198.51.100.10 local-ip-4 192.0.2.2 protocol udp port 33434 local-port 40000
      ttl 5 timeout 1   (one line)
    7 ttl-expired ip-4 80.249.208.10 round-trip-time 21971 mpls 24001,0,1,1
    8 reply ip-4 198.51.100.10 round-trip-time 32533
    9 no-reply
    1 feature-support support 0.95

Source: mtr-packet(8).
"""

import re

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable

_WORD = re.compile(r"[a-z][a-z0-9-]{0,40}", re.ASCII)
_HOST = re.compile(r"[0-9A-Fa-f:.]{2,45}", re.ASCII)
_MPLS = re.compile(r"[0-9]+(?:,[0-9]+)*", re.ASCII)


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
    if (
        len(words) < 2
        or not re.fullmatch("[0-9]{1,10}", words[0], re.ASCII)
        or not _WORD.fullmatch(words[1])
    ):
        raise Unreadable(f"not an answer of mtr-packet: {line[:60]!r}")
    arguments = dict(zip(words[2::2], words[3::2], strict=False))
    host = arguments.get("ip-4", arguments.get("ip-6", ""))
    took = arguments.get("round-trip-time", "")
    mpls = arguments.get("mpls", "")
    if (host and not _HOST.fullmatch(host)) or (
        took and not re.fullmatch("[0-9]{1,12}", took, re.ASCII)
    ):
        raise Unreadable(f"not an answer of mtr-packet: {line[:60]!r}")
    return PacketLine(
        token=int(words[0]),
        kind=words[1],
        host=host,
        rtt=int(took) / 1e6 if took else None,
        mpls=mpls if _MPLS.fullmatch(mpls) else "",
        words=arguments.get("support", ""),
    )


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
