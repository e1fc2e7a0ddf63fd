"""The options of check_udp_loss, and the plan and the limits that they make."""

from bothsides.base import files
from bothsides.base.errors import Misuse
from bothsides.base.secret import Secret
from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.check import add_landscape
from bothsides.model.udp import Plan, ProbeProtocol
from bothsides.parse import Unreadable, mehsh, stamp
from bothsides.parse.dscp import from_dscp
from bothsides.parse.range import Range, from_range
from bothsides.parse.stamp_keys import from_keys
from bothsides.parse.target import from_target
from bothsides.parse.text import from_address, from_count, from_duration, to_words
from bothsides.plugin.finding import Ranges
from bothsides.plugin.parser import Namespace, Parser, family_of, valued
from bothsides.probe.udp.protocol import PORTS, PROTOCOLS

_INTERVAL = 0.02  # s between packets by default
_FLOWS = 8  # source ports by default
_PACE = 8000  # packets a second that one process can send and receive
_LEAST_INTERVAL = 0.001  # s; udp_reflector answers 1000 packets a second unless told otherwise


class Limits(NamedTuple):
    """The limits of all figures, and how certain a loss must be to break its own."""

    ranges: Ranges
    confidence: float = 0.0  # 0 to 1, with which a loss is beyond its limit; 0: as counted


def options(parser: Parser) -> None:
    """Declares the check's own options."""
    add = parser.add_argument_group(
        "measurement",
        "bare limits are check_ping's: a round trip in ms and a loss in percent,\n"
        "as in -w 100.0,5%",
    ).add_argument
    add("-H", "--hostname", type=valued(_hosts), metavar="HOST[,HOST...]",
        help="far ends, with the same port")  # fmt: skip
    add("-p", "--port", type=valued(from_count, 1, 65535), metavar="PORT",
        help="UDP port (default 862 for stamp, 7 for echo, 4232 for mehsh)")  # fmt: skip
    add("-n", "--packets", type=valued(from_count, 1, 1000000), default=100, metavar="N",
        help="packets (default 100)")  # fmt: skip
    add("-i", "--interval", type=valued(from_duration), metavar="TIME",
        help="time between packets (default 20ms, down to 1ms when -t is short)")  # fmt: skip
    add("--wait", type=valued(from_duration), metavar="TIME",
        help="an answer that takes longer is late (default 1s, less when -t is short)")  # fmt: skip
    add("--flows", type=valued(from_count, 1, 64), metavar="N",
        help="source ports, so that parallel paths are seen (default 8); with 8 flows, 1 of 4"
        " parallel links goes unseen in 10 %% of runs, with 16 in 1 %%, with 32 in"
        " 0.01 %%")  # fmt: skip
    add("--source", type=valued(from_address), metavar="ADDRESS",
        help="local address to send from")  # fmt: skip
    add("--source-port", type=valued(from_count, 1, 65535), metavar="PORT",
        help="local port, for a far end or firewall that takes only one; with --flows N the N"
        " ports from it on (default then 1 flow); udp_reflector answers none below 1024"
        " (default any)")  # fmt: skip
    add("--protocol", choices=PROTOCOLS, default="stamp",
        help="stamp (default; RFC 8762), echo (RFC 862) or mehsh")  # fmt: skip
    add("--size", type=valued(from_count, 1, 65000), metavar="OCTETS",
        help="UDP payload (default 44, the least); from 68 on, 136 with a key, udp_reflector also"
        " reports when the kernel sent each reply, so that delay of the far host is not taken for"
        " delay of the network")  # fmt: skip
    add("--targets", metavar="FILE",
        help="a file of far ends, - for standard input; # starts a comment")  # fmt: skip
    add("--key-file", metavar="FILE",
        help="authenticated mode; lines of SSID and key, mode 0640;"
        " the first one is used")  # fmt: skip
    add("--confidence", type=valued(_percent), default=0.0, metavar="PERCENT",
        help="hold loss against its limits only as far as it is certain, as in 95"
        " (default: as counted)")  # fmt: skip
    add("--memory", choices=("rw", "off"), default="off",
        help="rw: leave the direction of loss to check_mtr_path of the same user, which uses it"
        " for 5 min (default off)")  # fmt: skip
    add("--state-dir", default="", metavar="DIR",
        help="the memory of --memory rw, and what --export and --submit keep for later"
        " (default as of check_mtr_path)")  # fmt: skip
    add("--dscp", type=valued(from_dscp), default=0, metavar="CLASS",
        help="DSCP as 46, EF, AF41 or CS5 (default 0)")  # fmt: skip
    add_landscape(parser)


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(from_target(part.strip()) for part in text.split(",")))


def _percent(text: str) -> float:
    bare = from_range(text.rstrip("%")).end
    if not 50 <= bare < 100:
        raise Unreadable(f"{text[:40]!r}: a confidence lies between 50 and 100 %")
    return bare


def limits(given: Namespace, ranges: Ranges) -> Limits:
    """The limits out of -w, -c and --confidence."""
    return Limits(ranges=ranges, confidence=given.confidence / 100)


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """`100.0,5%` as check_ping has it: a round trip in ms and a loss in percent, each once."""
    ranges: dict[str, Range] = {}
    for item in items:
        label = "pl" if item.endswith("%") else "rta"
        if label in ranges:
            raise Unreadable(
                f"{item[:40]!r}: write one round trip in ms and one loss in %, as in 100.0,5%"
            )
        if label == "pl" or item[-1:].isalpha():
            ranges[label] = from_range(item, "%" if label == "pl" else "s")
        else:
            bare = from_range(item)
            ranges[label] = Range(bare.start / 1000, bare.end / 1000, bare.inside)
    return ranges


def plan(given: Namespace, limits: Limits) -> Plan:
    """The plan; its schedule has to fit into the deadline."""
    listed = files.listed(given.targets, from_target) if given.targets else ()
    hosts = tuple(dict.fromkeys((*(given.hostname or ()), *listed)))
    if not hosts:
        raise Misuse("missing option -H")
    if given.state_dir and not (given.memory == "rw" or given.export or given.submit):
        raise Misuse("--state-dir goes with --memory rw, --export or --submit")
    protocol: ProbeProtocol = given.protocol
    key = files.private(given.key_file, from_keys)[0] if given.key_file else None
    interval, patience = _schedule(
        given.packets, given.interval, given.wait, given.timeout, len(hosts)
    )
    return Plan(
        hosts=hosts,
        port=given.port or PORTS[protocol],
        family=family_of(given),
        protocol=protocol,
        packets=given.packets,
        interval=interval,
        flows=min(_flows(given), given.packets),
        patience=patience,
        size=_size(given.size, protocol, authenticated=key is not None),
        dscp=given.dscp,
        key=Secret(key.octets.hex() if key else ""),
        ssid=key.ssid or 0 if key else 0,
        local_address=given.source or "",
        source_port=given.source_port or 0,
    )


def _flows(given: Namespace) -> int:
    """Source ports; with a port that is named only that one."""
    flows: int = given.flows or (1 if given.source_port else _FLOWS)
    if (given.source_port or 0) + flows > 65536:
        raise Misuse(f"--source-port {given.source_port} leaves no room for {flows} flows")
    return flows


def _size(wanted: int | None, protocol: ProbeProtocol, authenticated: bool) -> int:
    """Octets of a packet; each protocol has a least size."""
    if protocol == "mehsh":
        if authenticated or wanted not in (None, mehsh.SIZE):
            raise Misuse(f"packets of mehsh have {mehsh.SIZE} octets and no key")
        return mehsh.SIZE
    least = stamp.SEALED if authenticated else stamp.PLAIN
    if wanted is not None and wanted < least:
        raise Misuse(f"--size: a packet has at least {least} octets, not {wanted}")
    return wanted or least


def _schedule(
    packets: int, interval: float | None, wait: float | None, timeout: float, targets: int
) -> tuple[float, float]:
    """Interval and patience in s: a default is made to fit into the timeout, a wish must fit."""
    fitting = min(_INTERVAL, max(_LEAST_INTERVAL, 0.4 * timeout / packets))
    least = targets / _PACE if targets > 1 else 0.0
    chosen = max(fitting, least) if interval is None else interval
    if targets > 1 and 0 < chosen < least:  # 0 is: as fast as possible
        raise Misuse(
            f"{targets} targets every {to_words(chosen)} are {round(targets / chosen)} packets a"
            f" second, more than one process can send: -i {to_words(_rounded(least))} or longer"
        )
    sending = (packets - 1) * chosen
    patience = min(1.0, max(0.1, 0.9 * (timeout - sending) - 0.1)) if wait is None else wait
    if sending + patience > timeout:
        remedy = ""
        if interval is None and chosen == _LEAST_INTERVAL:
            remedy = ": give a longer -t, or -i below 1ms if --rate of the reflector allows it"
        raise Misuse(
            f"{packets} packets every {to_words(chosen)} and {to_words(patience)} for the last"
            f" answer take {to_words(sending + patience)}, more than -t {timeout:g}{remedy}"
        )
    return chosen, patience


def _rounded(seconds: float) -> float:
    """Up to a whole ms."""
    return -(-seconds * 1000 // 1) / 1000
