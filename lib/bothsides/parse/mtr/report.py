r"""mtr's text report (`--report`, `--report-wide`), the one that providers know.

    Start: 2026-11-20T13:47:42+0000
    HOST: vm                                         Loss%   Snt   Last   Avg  Best  Wrst StDev
      3. AS64501  ae1-0.pe1.isp.example (10.0.23.2)   0.0%     3    0.0   0.1   0.0   0.1   0.0
      4. AS64502 6450310.0.34.2                       0.0%     3    0.0   0.1   0.0   0.1   0.0
            ix-b.transit.example (10.0.35.2)
         [MPLS: Lbl 24001 TC 0 S 1 TTL 1]
      5.|-- ???                                      100.0     3    0.0   0.0   0.0   0.0   0.0

Further routers of a hop stand in lines without a number; with AS numbers they stand there twice.
Two AS numbers run into the host behind them. The MPLS line had a control octet in it until 0.96.
"""

import re

from bothsides.parse import Unreadable
from bothsides.parse.civil_date import to_days
from bothsides.parse.mtr.model import Host, Label, Trace, finished, from_host, is_address, measured

_HOP = re.compile(r"\s{0,4}(?P<ttl>[0-9]{1,3})\.(?:\|--)?\s?(?P<rest>.*)")
_MPLS = re.compile(
    r"\s*\[MPLS: Lbl (?P<label>[0-9]{1,8}) (?:TC|Exp) (?P<tc>[0-9]{1,3})"
    r" S (?P<s>.{1,3}) TTL (?P<ttl>[0-9]{1,3})\]"
)
_AS = re.compile(r"AS(?P<asn>\?\?\?|[0-9]{1,10}(?: [0-9]{1,10})*)(?P<rest>.*)", re.ASCII)
_VALUE = re.compile(r"-?[0-9]+(?:\.[0-9]*)?%?", re.ASCII)
_ISO = re.compile(
    r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"T(?P<H>[0-9]{2}):(?P<M>[0-9]{2}):(?P<S>[0-9]{2})"
    r"(?P<zone>Z|(?P<sign>[-+])(?P<zh>[0-9]{2}):?(?P<zm>[0-9]{2}))",
    re.ASCII,
)


class _Run:
    """The lines of one target."""

    def __init__(self, started: float | None) -> None:
        self.started = started
        self.source = ""
        self.names: list[str] = []
        self.rows: list[tuple[int, list[Host], dict[str, str], list[Label]]] = []

    def row(self, ttl: int, rest: str, number: int) -> None:
        """A numbered line: the host, and as many values as the header has names."""
        words = rest.rsplit(None, len(self.names)) if self.names else []
        if len(words) == len(self.names) and rest[:1].isspace():
            words = ["", *words]
        if len(words) != len(self.names) + 1 or not all(
            _VALUE.fullmatch(word) for word in words[1:]
        ):
            raise Unreadable(f"line {number}: not a hop of mtr --report")
        host = _host(words[0])
        self.rows.append(
            (ttl, [host] if host else [], dict(zip(self.names, words[1:], strict=True)), [])
        )

    def more(self, text: str) -> None:
        """A line without a number: another router of the last hop."""
        host = _host(text.strip())
        hosts = self.rows[-1][1] if self.rows else []
        if host is None:
            return
        twin = next((place for place, known in enumerate(hosts) if known.known == host.known), None)
        if twin is None:
            hosts.append(host)
        elif host.asn:
            hosts[twin] = host

    def trace(self) -> Trace:
        hops = [
            measured(ttl, tuple(hosts), fields, tuple(labels))
            for ttl, hosts, fields, labels in self.rows
        ]
        return Trace("report", "", self.source, "", self.started, finished(hops))


def from_report(text: str) -> tuple[Trace, ...]:
    """Every target's trace (the report does not name the target); Unreadable names the line."""
    runs: list[_Run] = []
    started: float | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("Start: "):
            started = _started(line[7:].strip())
        elif line.startswith("HOST: "):
            runs.append(_Run(started))
            runs[-1].source, runs[-1].names = _header(line, number)
        elif not line.strip():
            continue
        elif not runs:
            raise Unreadable(f"line {number}: before the header that begins with HOST:")
        else:
            _line(runs[-1], line, number)
    if not runs:
        raise Unreadable("no header that begins with HOST:")
    return tuple(run.trace() for run in runs)


def _line(run: _Run, line: str, number: int) -> None:
    label = _MPLS.fullmatch(line)
    hop = _HOP.fullmatch(line)
    if label is not None and run.rows:
        bottom = label["s"].rstrip("u")
        run.rows[-1][3].append(
            Label(
                int(label["label"]),
                int(label["tc"]),
                ord(bottom[0]) & 1 if bottom else 0,
                int(label["ttl"]),
            )
        )
    elif hop is not None:
        run.row(int(hop["ttl"]), hop["rest"], number)
    elif line.startswith("    ") and run.rows:
        run.more(line)
    else:
        raise Unreadable(f"line {number}: not a line of mtr --report")


def _header(line: str, number: int) -> tuple[str, list[str]]:
    words = line[6:].split()
    names = words[1:]
    if not names or not all(re.fullmatch("[A-Z][A-Za-z]{1,7}%?", name) for name in names):
        raise Unreadable(f"line {number}: not the header of mtr --report")
    return words[0], names


def _host(text: str) -> Host | None:
    """The host of `10.0.0.1`, `AS64500  10.0.0.1`, `AS64502 6450310.0.34.2` and the like."""
    numbered = _AS.fullmatch(text.strip())
    if numbered is None:
        front, gap, host = text.strip().partition(
            "  "
        )  # a country, prefix, registry or date of -y 1 to 4
        return from_host(host if gap and front and host.strip() else text)
    asn, rest = numbered["asn"], numbered["rest"]
    if (
        not rest[:1].isspace() and asn[-1:].isdigit()
    ):  # the last number may be the beginning of an address
        asn, rest = _parted(asn, rest)
    return from_host(rest, f"AS{asn}")


def _parted(asn: str, rest: str) -> tuple[str, str]:
    """`64502 6450310` and `.0.34.2` as `64502 64503` and `10.0.34.2`: the longest address."""
    head, blank, tail = asn.rpartition(" ")
    for length in (3, 2, 1):
        if is_address(tail[-length:] + rest):
            kept = tail[:-length]
            return (head + blank + kept).strip(), tail[-length:] + rest
    return asn, rest


def _started(text: str) -> float | None:
    """UTC seconds of an ISO 8601 time with its zone; None for the old form, which has no zone."""
    time = _ISO.fullmatch(text)
    if time is None:
        return None
    days = to_days(int(time["y"]), int(time["m"]), int(time["d"]))
    seconds = days * 86400 + int(time["H"]) * 3600 + int(time["M"]) * 60 + int(time["S"])
    if time["zone"] != "Z":
        offset = int(time["zh"]) * 3600 + int(time["zm"]) * 60
        seconds -= offset if time["sign"] == "+" else -offset
    return float(seconds)


def to_report(trace: Trace, started: str, source: str) -> str:
    """The report as mtr prints it (wide); `started` as in 2019-01-10T16:15:00+0000."""
    rows = [
        (f"{hop.ttl:3d}.|-- {hop.hosts[0].known if hop.hosts else '???'}", hop)
        for hop in trace.hops
    ]
    width = max([len(row) for row, _ in rows] + [len(source) + 6]) + 1
    lines = [
        f"Start: {started}",
        f"{'HOST: ' + source:<{width}} Loss%   Snt   Last   Avg  Best  Wrst StDev",
    ]
    for row, hop in rows:
        loss = 100 * (hop.loss if hop.loss is not None else 1.0)
        share = "100.0 " if loss >= 100 else f"{loss:.1f}%"
        times = "".join(
            _milliseconds(time) for time in (hop.last, hop.avg, hop.best, hop.worst, hop.stdev)
        )
        lines.append(f"{row:<{width}}{share:>6} {hop.sent or 0:5d} {times}")
        lines += [f"        {host.known}" for host in hop.hosts[1:]]
    return "\n".join(lines) + "\n"


def _milliseconds(time: float | None) -> str:
    value = 0.0 if time is None else time * 1e3
    return f" {value:5.1f}" if value < 1000 else f" {value:5.0f}."
