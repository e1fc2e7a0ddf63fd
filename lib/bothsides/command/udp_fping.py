"""fping's command line and output over our UDP measurement, for SmokePing's FPing probe.

    *** Probes ***
    + FPing
    binary = /usr/local/bin/udp_fping

What SmokePing cannot say (port, key, flows) stands in the section [udp_fping] of the ini file that
the checks read too. The output is that of `fping -C`, see fping(8); SmokePing reads it in its
probes/FPing.pm.
"""

import sys

from bothsides import __version__
from bothsides.base import files
from bothsides.base.deadline import Deadline, arm, unblock_signals
from bothsides.base.errors import Misuse, Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Iterator, Sequence
from bothsides.base.write import write_all
from bothsides.check.udp_loss.smokeping import round_trips, rrd_line
from bothsides.model.udp import Plan, TargetRun
from bothsides.parse import Unreadable, stamp
from bothsides.parse.stamp_keys import from_keys
from bothsides.parse.target import from_target
from bothsides.parse.text import from_count
from bothsides.plugin import extra_opts
from bothsides.plugin.output import Report, leave
from bothsides.plugin.parser import Namespace, Parser, nearest, valued
from bothsides.probe.udp.measure import measure
from bothsides.probe.udp.socket import reason

_EPILOG = """\
The section [udp_fping] of the ini file that --config names, or of the one that
the checks find, may hold port, flows and key-file.

exit codes: 0 all answered, 1 some did not, 2 a name has no address, 3 usage"""

_SPARE = 10.0  # s beyond the schedule before it ends by itself
_KEYS = ("port", "flows", "key-file")  # of the section in the ini file


def main(argv: Sequence[str] | None = None) -> None:
    """Runs as a process and leaves with fping's exit codes; results are on stderr, as fping's."""
    words = sys.argv[1:] if argv is None else list(argv)
    unblock_signals()
    try:
        code = _run(words)
    except (Misuse, Unreadable, Unable) as fault:
        _write(2, [f"udp_fping: {fault}"])
        code = 3
    except OSError as fault:
        _write(2, [f"udp_fping: {fault.strerror or fault}"])
        code = 3
    except KeyboardInterrupt:  # Interrupted, too
        code = 1
    leave(Report("", code))  # a resolver thread may still be waiting


def _run(words: list[str]) -> int:
    made = parser()
    if "-h" in words or "--help" in words:
        _write(1, [made.format_help().rstrip()])
        return 0
    if "-v" in words or "--version" in words:
        _write(
            1,
            [
                "udp_fping: Version 5.1",
                f"udp_fping: by bothsides {__version__}, over UDP (STAMP, RFC 8762)",
            ],
        )
        return 0
    options, unknown = made.parse_known_args(words)
    if unknown:
        raise Misuse(nearest("option", unknown[0], made.names()))
    plan = _plan(options)
    deadline = Deadline(plan.packets * plan.interval + plan.patience + _SPARE)
    arm(deadline)
    run = measure(plan, deadline)
    if options.output == "smokeping":
        _write(1, [rrd_line(target, plan) for target in run.targets])
    else:
        if not options.quiet:
            _write(1, [line for target in run.targets for line in reply_lines(target, plan)])
            _write(2, [""])
        _write(2, [f"udp_fping: {why}" for target in run.targets if (why := trouble(target))])
        _write(2, [summary(target, plan) for target in run.targets])
    if any(target.failure for target in run.targets):
        return 2
    return 0 if all(target.replies for target in run.targets) else 1


def parser() -> Parser:
    """The program's options."""
    made = Parser(
        "udp_fping",
        "Sends UDP packets to reflectors; takes the options of fping and prints what fping prints.",
        _EPILOG,
    )
    add = made.add_argument
    count = valued(from_count, 0, 10**6)
    # fping's own help is searched for "-O," by SmokePing, so the short name comes first
    add("-4", "--ipv4", dest="family", action="store_const", const=4, default=0, help="IPv4 only")
    add("-6", "--ipv6", dest="family", action="store_const", const=6, help="IPv6 only")
    add("-C", "--vcount", type=valued(from_count, 1, 10**6), default=1, metavar="N",
        help="packets to each target (default 1)")  # fmt: skip
    add("-q", "--quiet", action="store_true", help="only the summary")
    add("-p", "--period", type=count, default=1000, metavar="MS",
        help="time between packets to one target (default 1000)")  # fmt: skip
    add("-i", "--interval", type=count, default=10, metavar="MS",
        help="time between packets to any target (default 10)")  # fmt: skip
    add("-t", "--timeout", type=count, default=1000, metavar="MS",
        help="how long the last answers are waited for (default 1000)")  # fmt: skip
    add("-b", "--size", type=valued(from_count, 0, 65000), default=0, metavar="OCTETS",
        help="UDP payload (default and least 44)")  # fmt: skip
    add("-O", "--tos", type=count, default=0, metavar="N",
        help="type of service, DSCP in its upper six bits")  # fmt: skip
    add("-B", "--backoff", metavar="N", help="taken and ignored")
    add("-r", "--retry", metavar="N", help="taken and ignored")
    add("--port", type=valued(from_count, 1, 65535), metavar="PORT", help="UDP port (default 862)")
    add("--flows", type=valued(from_count, 1, 64), metavar="N", help="source ports (default 8)")
    add("--key-file", metavar="FILE", help="authenticated mode; lines of SSID and key, mode 0640")
    add("--config", metavar="FILE", help="ini file with a section [udp_fping]")
    add("--output", choices=("fping", "smokeping"), default="fping",
        help="fping, or smokeping: HOST loss:median:ping1:...:pingN in seconds")  # fmt: skip
    add("-h", "--help", action="store_true", help="this text")
    add("-v", "--version", action="store_true", help="the version")
    add("targets", nargs="*", metavar="HOST", help="far ends")
    return made


def _plan(options: Namespace) -> Plan:
    settings = _settings(options.config)
    hosts = tuple(dict.fromkeys(from_target(host) for host in options.targets))
    if not hosts:
        raise Misuse("no target")
    key_file = options.key_file or settings.get("key-file")
    key = files.private(key_file, from_keys)[0] if key_file else None
    least = stamp.SEALED if key else stamp.PLAIN
    return Plan(
        hosts=hosts,
        port=options.port or from_count(settings.get("port", str(stamp.PORT)), 1, 65535),
        family=options.family,
        packets=options.vcount,
        interval=max(options.period, options.interval * len(hosts)) / 1000,
        flows=min(options.vcount, options.flows or from_count(settings.get("flows", "8"), 1, 64)),
        patience=options.timeout / 1000,
        size=max(options.size, least),
        dscp=(options.tos & 0xFF) >> 2,
        key=Secret(key.octets.hex() if key else ""),
        ssid=key.ssid or 0 if key else 0,
    )


def _settings(path: str | None) -> dict[str, str]:
    """The ini section [udp_fping]; without --config it may be missing."""
    try:
        entries, file = extra_opts.read("udp_fping", path or "", lambda key, value: False)
    except Unreadable as fault:
        if path:
            raise Unreadable(str(fault).replace("--extra-opts", "--config", 1)) from None
        return {}
    for entry in entries:
        if entry.key not in _KEYS:
            known = " and ".join((", ".join(_KEYS[:-1]), _KEYS[-1]))
            place = f"{file} line {entry.line}"
            raise Misuse(f"unknown key {entry.key[:40]} in {place}; known are {known}")
    return {entry.key: entry.value or "" for entry in entries}


# Output -------------------------------------------------------------------------------------------


def summary(target: TargetRun, plan: Plan) -> str:
    """`host : 91.7000 37.0432 - 36.8015`: ms, to the tenth of a microsecond."""
    times = ("-" if trip is None else f"{trip * 1000:.4f}" for trip in round_trips(target, plan))
    return f"{target.host} : {' '.join(times)}"


def trouble(target: TargetRun) -> str:
    """Why the target was not asked, or not with every packet; "" where it was."""
    if target.failure is not None:
        return target.failure.words
    faults = [packet.fault for packet in target.packets if packet.fault]
    if not faults:
        return ""
    reasons = ", ".join(map(reason, dict.fromkeys(faults)))
    return f"{target.host}: {len(faults)} of {len(target.packets)} packets not sent: {reasons}"


def reply_lines(target: TargetRun, plan: Plan) -> Iterator[str]:
    """One line per packet, as fping prints them without -q."""
    total = 0.0
    lost = 0
    octets = plan.size + 28 + (20 if ":" in target.address else 0)
    for place, trip in enumerate(round_trips(target, plan)):
        lost += trip is None
        share = f"{100 * lost / (place + 1):.0f}% loss"
        if trip is None:
            fault = target.packets[place].fault if place < len(target.packets) else ""
            why = f"not sent: {reason(fault)}" if fault else "timed out"
            yield f"{target.host} : [{place}], {why} ({share})"
        else:
            total += trip
            mean = 1000 * total / (place + 1 - lost)
            times = f"{trip * 1000:.4f} ms ({mean:.4f} avg, {share})"
            yield f"{target.host} : [{place}], {octets} bytes, {times}"


def _printable(line: str) -> str:
    """The line in printable ASCII."""
    return "".join(c if " " <= c <= "~" or c == "\n" else "?" for c in line)


def _write(descriptor: int, lines: Sequence[str]) -> None:
    """Prints lines; a reader that has gone away ends it silently."""
    text = "".join(_printable(line) + "\n" for line in lines)
    try:
        write_all(descriptor, text.encode())
    except OSError:
        pass  # nobody reads any more
