"""mtr's CSV (`--csv`, `-C`); with `-w` from 0.95 on one more row for every further router of a hop.

    Mtr_Version,Start_Time,Status,Host,Hop,Ip,Asn,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,
    MTR.0.95,1795182473,OK,10.0.67.2,4,10.0.34.2,AS64502 64503,0.00,3,0,0.09,0.09,0.09,0.09,0.00

The field named blank is a spacer whose value means nothing; the header has a comma too many. Names
are not quoted, so a row is read from both ends. 0.85 prints
`MTR.0.85;epoch;OK;target;hop;host[;as];last`, in microseconds, without a header.
"""

import re

from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import Hop, Host, Trace, finished, from_host, measured

_FRONT = ("Mtr_Version", "Start_Time", "Status", "Host", "Hop", "Ip")


class _Run:
    """The rows of one target."""

    def __init__(self, version: str, started: float, target: str) -> None:
        self.version, self.started, self.target = version, started, target
        self.hops: dict[int, Hop] = {}

    def add(self, ttl: int, host: Host | None, fields: dict[str, str]) -> None:
        """Takes a row; a further row of a hop only names another router."""
        before = self.hops.get(ttl)
        if before is None:
            self.hops[ttl] = measured(ttl, (host,) if host else (), fields)
        elif host and host not in before.hosts:
            self.hops[ttl] = before._replace(hosts=(*before.hosts, host))


def from_csv(text: str) -> tuple[Trace, ...]:
    """Every target's trace; Unreadable names the first row that is none."""
    runs: list[_Run] = []
    header: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if line.startswith("Mtr_Version,"):
            header = _header(line, number)
            runs.append(_Run("", 0.0, ""))
        elif ";" in line and line.startswith("MTR.0.8"):
            _old_row(runs, line.split(";"), number)
        elif header and line.startswith("MTR."):
            _row(runs, header, line, number)
        else:
            raise Unreadable(f"line {number}: not a row of mtr --csv")
    return tuple(
        Trace(
            "csv",
            run.version,
            "",
            run.target,
            run.started or None,
            finished(list(run.hops.values())),
        )
        for run in runs
    )


def _header(line: str, number: int) -> list[str]:
    names = line.removesuffix(",").split(",")
    if tuple(names[:6]) != _FRONT:
        raise Unreadable(f"line {number}: not the header of mtr --csv")
    return names


def _row(runs: list[_Run], header: list[str], line: str, number: int) -> None:
    cells = line.removesuffix(",").split(",") if not header[-1].strip() else line.split(",")
    more = len(cells) - len(header)
    if more < 0:
        raise Unreadable(f"line {number}: {len(cells)} values for {len(header)} columns")
    version, started, _, target, hop = cells[:5]
    host, rest = ",".join(cells[5 : 6 + more]), cells[6 + more :]
    fields = {
        name.strip(): value for name, value in zip(header[6:], rest, strict=True) if name.strip()
    }
    run = _run(runs, version, started, target, number)
    run.add(_ttl(hop, number), from_host(host, fields.pop("Asn", "")), fields)


def _old_row(runs: list[_Run], cells: list[str], number: int) -> None:
    if len(cells) < 7:
        raise Unreadable(f"line {number}: {len(cells)} values, mtr 0.85 prints 7 or 8")
    version, started, _, target, hop, host = cells[:6]
    ttl = _ttl(hop, number)
    if not runs or runs[-1].target != target or ttl in runs[-1].hops:
        runs.append(_Run("", 0.0, ""))
    last = cells[-1].strip()
    if not re.fullmatch("[0-9]{1,12}", last, re.ASCII):
        raise Unreadable(f"line {number}: {last[:20]!r} is not a time in microseconds")
    run = _run(runs, version, started, target, number)
    router = from_host(host, cells[6] if len(cells) > 7 else "")
    run.add(ttl, router, {"Last": str(int(last) / 1e3)} if router else {})


def _run(runs: list[_Run], version: str, started: str, target: str, number: int) -> _Run:
    if not re.fullmatch("[0-9]{1,12}", started, re.ASCII):
        raise Unreadable(f"line {number}: start time {started[:20]!r} is not seconds")
    run = runs[-1]
    run.version, run.started, run.target = version.removeprefix("MTR."), float(started), target
    return run


def _ttl(text: str, number: int) -> int:
    if not re.fullmatch("[0-9]{1,3}", text, re.ASCII):
        raise Unreadable(f"line {number}: {text[:20]!r} is not a hop")
    return int(text)
