"""The options of check_mtr_path, and the Plan that they make."""

from bothsides.base import files
from bothsides.base.errors import Misuse
from bothsides.base.secret import Secret
from bothsides.check import add_landscape
from bothsides.check.owner_files import add_owner_files
from bothsides.model.path import Plan
from bothsides.parse import Unreadable
from bothsides.parse.ip_owners import to_number
from bothsides.parse.target import from_target
from bothsides.parse.text import from_address, from_count, from_duration
from bothsides.plugin import memory_options
from bothsides.plugin.parser import Namespace, Parser, family_of, valued

_PORT = 862  # of reflectors (RFC 8762)


def options(parser: Parser) -> None:
    """Adds the check's own options."""
    _path_options(parser)
    _direction_options(parser)
    _evidence_options(parser)
    _owner_options(parser)
    _normal_options(parser)
    memory_options.add_options(parser)
    add_landscape(parser)


def _path_options(parser: Parser) -> None:
    group = parser.add_argument_group("path")
    group.add_argument(
        "-H", "--hostname", "--host", dest="host", metavar="HOST",
        help="the target: a name or an address",
    )  # fmt: skip
    group.add_argument(
        "--source", type=valued(from_address), metavar="ADDRESS",
        help="local address to send from",
    )  # fmt: skip
    group.add_argument(
        "--engine", choices=("auto", "mtr-packet", "mtr"), default="auto",
        help="what probes: mtr's engine (fixed flows, 2 s), or mtr itself"
        " (default auto: the best that works)",
    )  # fmt: skip
    group.add_argument(
        "--mtr-path", default="", metavar="FILE",
        help="mtr or mtr-packet, when it is not in a usual place",
    )  # fmt: skip
    group.add_argument(
        "--flows", type=valued(from_count, 1, 16), default=6, metavar="N",
        help="flows to follow, 1 to 16 (default 6)",
    )  # fmt: skip
    group.add_argument(
        "--echoes", type=valued(from_count, 1, 200), default=20, metavar="N",
        help="echo requests that measure loss and delay of the target (default 20)",
    )  # fmt: skip
    group.add_argument(
        "--input", default="", metavar="FILE",
        help="judge an old report of mtr in any format; - is stdin",
    )  # fmt: skip
    group.add_argument(
        "--perf-hops", action="store_true",
        help="figures of every hop too: h01_rta h01_pl and so on",
    )  # fmt: skip
    group.add_argument(
        "--watch", type=valued(from_duration), metavar="TIME",
        help="at a terminal: again every so often, until Ctrl-C",
    )  # fmt: skip


def _direction_options(parser: Parser) -> None:
    group = parser.add_argument_group(
        "direction of loss",
        "a trace cannot tell it; without it no network is named for a loss.\n"
        "check_udp_loss --memory rw to the same host leaves it here too, for 5 min",
    )
    group.add_argument(
        "--udp", type=valued(_reflector), default=("", 0), metavar="HOST[:PORT]",
        help="when packets are lost, ask the reflector there on which way"
        " (udp_reflector or any STAMP; default port 862)",
    )  # fmt: skip
    group.add_argument(
        "--key-file", metavar="FILE",
        help="the reflector's key: lines of SSID and key, mode 0640; the first one is used",
    )  # fmt: skip
    group.add_argument(
        "--direction", choices=("out", "back", "both"), default="unknown",
        help="the way that loses packets, where it is known from elsewhere",
    )  # fmt: skip


def _reflector(text: str) -> tuple[str, int]:
    """Host and port of `HOST`, `HOST:PORT`, `[V6]:PORT` or a bare IPv6 address."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return from_target(text), _PORT
    return from_target(host), from_count(port, 1, 65535)


def _evidence_options(parser: Parser) -> None:
    group = parser.add_argument_group("evidence")
    group.add_argument(
        "--archive", default="", metavar="DIR",
        help="keep every run as a text report in this folder",
    )  # fmt: skip
    group.add_argument(
        "--archive-name", default="", metavar="NAME",
        help="what its files are called (default the host)",
    )  # fmt: skip
    group.add_argument(
        "--archive-tree", action="store_true", help="as NAME/TIME/SRC_to_DST.txt, not in one folder"
    )
    group.add_argument(
        "--keep", type=valued(from_duration), metavar="TIME",
        help="take away archived files of ours that are older, as 14d",
    )  # fmt: skip


def _owner_options(parser: Parser) -> None:
    group = parser.add_argument_group("whose network")
    add_owner_files(group)
    group.add_argument(
        "--asn", choices=("dns",), help="ask Team Cymru's DNS for what no file knows, 1 s at most"
    )


def _normal_options(parser: Parser) -> None:
    group = parser.add_argument_group("what is normal")
    group.add_argument(
        "--sticky", action="store_true", help="never take a lasting change for the new normal"
    )
    group.add_argument(
        "--accept", action="store_true", help="take the present path for the normal one, now"
    )
    group.add_argument(
        "--expect-as", default="", metavar="AS,AS",
        help="the networks that the path must pass, in order",
    )  # fmt: skip
    group.add_argument(
        "--forbid-as", default="", metavar="AS,AS", help="networks that it must not pass"
    )
    group.add_argument(
        "--via", default="", metavar="NET,NET", help="addresses or prefixes that it must pass"
    )
    group.add_argument(
        "--ignore-hop", default="", metavar="N-M", help="hops that are not compared, as in 1-2,7"
    )
    group.add_argument(
        "--equiv", action="append", default=[], metavar="A=B",
        help="addresses that are the same router",
    )  # fmt: skip


def plan(options: Namespace) -> Plan:
    """The Plan of the options; Misuse or Unreadable for what makes no sense."""
    if not options.host and not options.input:
        raise Misuse("missing option -H")
    if options.mtr_path and not options.mtr_path.startswith("/"):
        raise Misuse(f"--mtr-path {options.mtr_path}: write an absolute path")
    sources = options.as_file or options.asn or options.exchanges or options.input
    if (options.expect_as or options.forbid_as) and not sources:
        option = "--expect-as" if options.expect_as else "--forbid-as"
        raise Misuse(f"{option} needs a source of AS numbers: --as-file FILE or --asn dns")
    memory_options.states_of(options, ())  # refuses what is no mode
    _agree(options)
    ignored = _ttls(options.ignore_hop)
    alike = tuple(_pair(text) for text in options.equiv)
    key, ssid = _key(options.key_file)
    reflector, port = options.udp
    return Plan(
        host=from_target(options.host) if options.host else "",
        family=family_of(options),
        local_address=options.source or "",
        engine=options.engine,
        program=options.mtr_path,
        flows=options.flows,
        echoes=options.echoes,
        state_dir=options.state_dir,
        state=memory_options.mode_of(options),
        report=options.input,
        ignored=() if options.input else ignored,  # hops of a report are not compared
        alike=() if options.input else alike,
        direction=options.direction,
        reflector="" if options.input else reflector,
        reflector_port=port or _PORT,
        key=key,
        ssid=ssid,
    )


def _agree(options: Namespace) -> None:
    """Refuses options that have no effect together; --accept changes the memory also by hand."""
    for option, given in (
        ("--archive-name", options.archive_name),
        ("--archive-tree", options.archive_tree),
        ("--keep", options.keep is not None),
    ):
        if given and not options.archive:
            raise Misuse(f"{option} needs --archive DIR")
    if options.accept and memory_options.asked_of(options) == "auto":
        options.memory = "rw"
    if options.accept and memory_options.asked_of(options) != "rw":
        raise Misuse("--accept changes the memory: leave out --memory, or write --memory rw")


def _key(path: str | None) -> tuple[Secret, int]:
    """The first key of a file in hex, and its session identifier; 0 for any."""
    if not path:
        return Secret(""), 0
    from bothsides.parse.stamp_keys import from_keys

    first = files.private(path, from_keys)[0]
    return Secret(first.octets.hex()), first.ssid or 0


def _ttls(text: str) -> tuple[int, ...]:
    """The hops of `1-2,7`."""
    ttls: list[int] = []
    for item in text.split(",") if text else ():
        first, dash, last = item.strip().partition("-")
        start, end = from_count(first, 1, 64), from_count(last if dash else first, 1, 64)
        if end < start:
            raise Misuse(
                f"--ignore-hop {item.strip()}: write the lower hop first, as {end}-{start}"
            )
        ttls += range(start, end + 1)
    return tuple(ttls)


def _pair(text: str) -> tuple[str, str]:
    """The two addresses of `A=B`."""
    first, equals, second = (part.strip() for part in text.partition("="))
    if not equals:
        raise Unreadable(f"--equiv {text[:40]!r}: write two addresses as A=B")
    to_number(first), to_number(second)
    return first, second
