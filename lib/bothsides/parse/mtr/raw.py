"""mtr's raw format (`--raw`, `-l`): one event a line, the only one with single probes.

    x 3 33003            a probe was sent to hop 3 (counted from 0) with this number
    h 3 10.0.34.2        this router answered; the next `p 3` is its
    p 3 92 33003         it took 92 microseconds
    d 3 ix-b.example     its name
    m 3 24001 0 1 1      an MPLS label: number, class, bottom, TTL

Versions up to 0.85 have neither x nor numbers. 0.94 repeats the old address before a new one, 0.95
prints every new one twice. Hops behind the target appear too and are dropped here.
Source: mtr's FORMATS file and ui/raw.c.
"""

import math
import re

from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import Hop, Host, Label, Probe, Trace, finished, is_address

LINE = re.compile(
    r"(?:x (?P<x>[0-9]{1,3}) (?P<sent>[0-9]{1,10})"
    r"|h (?P<h>[0-9]{1,3}) (?P<host>[0-9A-Fa-f:.]{2,45}(?:%\S{1,15})?)"
    r"|p (?P<p>[0-9]{1,3}) (?P<took>[0-9]{1,10})(?: (?P<got>[0-9]{1,10}))?"
    r"|d (?P<d>[0-9]{1,3}) (?P<name>\S.{0,255})"
    r"|m (?P<m>[0-9]{1,3}) (?P<label>[0-9]{1,10}) (?P<tc>[0-9]{1,3})"
    r" (?P<bottom>[0-9]{1,3}) (?P<life>[0-9]{1,3})"
    r"|t (?P<t>[0-9]{1,3}).*) ?",
    re.ASCII,
)
_MOST_LABEL = (1 << 20) - 1  # 0.94 prints what lies behind a wrong pointer


class _Run:
    """The events of one target, gathered hop by hop."""

    def __init__(self) -> None:
        self.sent: dict[int, int] = {}
        self.hosts: dict[int, list[str]] = {}
        self.names: dict[str, str] = {}
        self.current: dict[int, str] = {}
        self.labels: dict[int, list[Label]] = {}
        self.probes: dict[int, Probe] = {}
        self.times: dict[int, list[float]] = {}
        self.unnumbered = 0


def from_raw(text: str) -> tuple[Trace, ...]:
    """Every target's trace; Unreadable names the first line that is no event."""
    lines = text.splitlines()
    starts = _starts(lines)
    runs = [_Run()]
    for number, line in enumerate(lines, 1):
        if number - 1 in starts:
            runs.append(_Run())
        event = LINE.fullmatch(line)
        if event is None:
            if line.startswith("@") or not line.strip():  # the AS look-up complains on stdout
                continue
            raise Unreadable(f"line {number}: not an event of mtr --raw")
        values = event.groupdict().items()
        _event(runs, {name: value for name, value in values if value is not None})
    traces = tuple(_trace(run) for run in runs if run.sent or run.hosts)
    if not traces:
        raise Unreadable("no event of mtr --raw in it")
    return traces


def _starts(lines: list[str]) -> set[int]:
    """The lines at which another target begins: hop 1 is introduced once more.

    (0.94 repeats an address too, but only in front of another one of the same hop.)
    """
    starts: set[int] = set()
    known: set[str] = set()
    answered, sent = False, 0
    for place, line in enumerate(lines):
        if line.startswith("x 0 "):
            sent = place
        elif line.startswith("p 0 "):
            answered = True
        elif line.startswith("h 0 "):
            following = lines[place + 1] if place + 1 < len(lines) else ""
            if (
                answered
                and known == {line}
                and not (following.startswith("h 0 ") and following != line)
            ):
                starts.add(sent)
                known, answered = set(), False
            known.add(line)
    return starts - {0}


def _event(runs: list[_Run], words: dict[str, str]) -> None:
    if "x" in words:
        _sent(runs, int(words["x"]) + 1, int(words["sent"]))
    elif "h" in words:
        _host(runs, int(words["h"]) + 1, words["host"])
    elif "p" in words:
        _answered(runs[-1], int(words["p"]) + 1, int(words["took"]), words.get("got"))
    elif "d" in words:
        host = runs[-1].current.get(int(words["d"]) + 1)
        if host and not is_address(words["name"]):  # up to 0.93 the address stands in for the name
            runs[-1].names.setdefault(host, words["name"].strip())
    elif "m" in words:
        label = Label(
            int(words["label"]), int(words["tc"]), int(words["bottom"]), int(words["life"])
        )
        kept = runs[-1].labels.setdefault(int(words["m"]) + 1, [])
        if label.label <= _MOST_LABEL and label not in kept:
            kept.append(label)


def _sent(runs: list[_Run], ttl: int, number: int) -> None:
    run = runs[-1]
    run.sent[ttl] = run.sent.get(ttl, 0) + 1
    run.probes[number] = Probe(ttl, number, None, None)


def _host(runs: list[_Run], ttl: int, host: str) -> None:
    run = runs[-1]
    run.current[ttl] = host
    if host not in run.hosts.setdefault(ttl, []):
        run.hosts[ttl].append(host)


def _answered(run: _Run, ttl: int, took: int, number: str | None) -> None:
    run.times.setdefault(ttl, []).append(took / 1e6)
    if number is None:
        run.unnumbered += 1
        run.probes[-run.unnumbered] = Probe(ttl, -run.unnumbered, run.current.get(ttl), took / 1e6)
    else:
        run.probes[int(number)] = Probe(ttl, int(number), run.current.get(ttl), took / 1e6)


def _trace(run: _Run) -> Trace:
    ttls = sorted({*run.sent, *run.hosts})
    hops = finished([_hop(run, ttl) for ttl in _before_the_tail(run, ttls)])
    probes = tuple(probe for probe in run.probes.values() if hops and probe.ttl <= hops[-1].ttl)
    return Trace("raw", "", "", "", None, hops, probes)


def _before_the_tail(run: _Run, ttls: list[int]) -> list[int]:
    """The TTLs up to the target: what lies behind it, in the first round, is the target again."""
    while (
        len(ttls) > 1 and run.hosts.get(ttls[-1]) and run.hosts[ttls[-1]] == run.hosts.get(ttls[-2])
    ):
        if len(run.hosts[ttls[-1]]) > 1 or len(run.times.get(ttls[-1], ())) > 1:
            break  # asked again and again: a hop of its own, not a leftover
        ttls = ttls[:-1]
    return ttls


def _hop(run: _Run, ttl: int) -> Hop:
    times = run.times.get(ttl, [])
    average = math.fsum(times) / len(times) if times else None
    hosts = tuple(Host(host, run.names.get(host, "")) for host in run.hosts.get(ttl, ()))
    sent = run.sent.get(ttl)
    return Hop(
        ttl=ttl,
        hosts=hosts if times else (),
        sent=sent,
        received=len(times),
        loss=None if not sent else max(0.0, 1 - len(times) / sent),
        last=times[-1] if times else None,
        avg=average,
        best=min(times, default=None),
        worst=max(times, default=None),
        stdev=_spread(times, average),
        mpls=tuple(run.labels.get(ttl, ())),
    )


def _spread(times: list[float], average: float | None) -> float | None:
    """The standard deviation as mtr prints it: of a sample (n - 1), 0 for a single time."""
    if average is None:
        return None
    return math.sqrt(math.fsum((time - average) ** 2 for time in times) / max(1, len(times) - 1))
