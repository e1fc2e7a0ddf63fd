"""Maintenance: which hosts do not alarm now, by the landscape and by flags set by hand.

A flag is one line of JSON in the file `maintenance` of the state directory:

    {"what": "web1", "begin": "2026-01-31T22:00:00+00:00", "end": "2026-01-31T23:00:00+00:00",
     "owner": "ann", "reason": "new switch"}

A flag of an expression also has `hosts`, the names that the expression selected when it was set.
"""

import json
from datetime import UTC, datetime, timedelta

from bothsides.base.types import Iterable, NamedTuple
from bothsides.inventory.faults import Fault, Wrong, quoted
from bothsides.inventory.model import Landscape
from bothsides.parse import Unreadable

LONGEST = timedelta(days=30)
"""A flag set by hand ends after this time at the latest."""


class Flag(NamedTuple):
    """Hosts that somebody has put into maintenance."""

    what: str  # an expression; without a landscape "all" or the name of a host
    begin: datetime  # UTC
    end: datetime  # UTC
    owner: str
    reason: str
    hosts: tuple[str, ...] = ()  # names that the expression selected, where it is one


class Notice(NamedTuple):
    """A maintenance that holds now."""

    owner: str  # who set the flag, or the file and line of a [[maintenance]]
    reason: str
    end: datetime  # UTC


def from_lines(text: str) -> list[Flag]:
    """The flags of a file. Raises Unreadable with the line that is no flag."""
    flags = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                flags.append(_flag(json.loads(line)))
            except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as fault:
                words = f"line {number} is not a maintenance flag: {type(fault).__name__}"
                raise Unreadable(words) from None
    return flags


def _flag(data: dict[str, str]) -> Flag:
    begin, end = (datetime.fromisoformat(data[key]).astimezone(UTC) for key in ("begin", "end"))
    words = [data[key] for key in ("what", "owner", "reason")]
    if not all(isinstance(word, str) and word.isprintable() for word in words):
        raise ValueError("not a text of one line")
    hosts: object = data.get("hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(each, str) for each in hosts):
        raise ValueError("hosts are no list of names")
    return Flag(words[0], begin, end, owner=words[1], reason=words[2], hosts=tuple(hosts))


def to_lines(flags: Iterable[Flag]) -> str:
    """The text that `from_lines` reads as these flags."""
    return "".join(
        json.dumps(
            {
                "what": flag.what,
                "begin": flag.begin.isoformat(),
                "end": flag.end.isoformat(),
                "owner": flag.owner,
                "reason": flag.reason,
                **({"hosts": flag.hosts} if flag.hosts else {}),
            }
        )
        + "\n"
        for flag in flags
    )


def added(flags: Iterable[Flag], flag: Flag) -> list[Flag]:
    """The flags with a new one, which replaces an old one of the same hosts. Raises Wrong."""
    if not flag.begin < flag.end <= flag.begin + LONGEST:
        raise Wrong("a maintenance lasts from now until at most 30 days", "give another end")
    if not flag.what or not all(map(str.isprintable, (flag.what, flag.owner, flag.reason))):
        raise Wrong("hosts, owner and reason are texts of one line", "take out line breaks")
    return [*(old for old in flags if old.what != flag.what and old.end > flag.begin), flag]


def notices(landscape: Landscape, flags: Iterable[Flag], host: str, now: datetime) -> list[Notice]:
    """Why a host does not alarm now; empty when it does. `now` has an offset."""
    from bothsides.inventory.checks import index_of  # what a check without a landscape spares

    index = index_of(landscape)
    notices = []
    for planned in landscape.maintenances:
        if planned.begin <= now < planned.end and host in index.select(planned.what):
            notices.append(Notice(str(planned.place), planned.reason, planned.end.astimezone(UTC)))
    for flag in flags:
        if flag.begin <= now < flag.end:
            try:
                held = host in index.select(flag.what)
            except Wrong:  # of hosts that are no longer in the landscape
                held = flag.what == host or host in flag.hosts
            if held:
                notices.append(Notice(flag.owner, flag.reason, flag.end))
    return notices


def flagged(flags: Iterable[Flag], host: str, now: datetime) -> list[Notice]:
    """The same without a landscape: flags that name this host, or all hosts."""
    return [
        Notice(flag.owner, flag.reason, flag.end)
        for flag in flags
        if flag.begin <= now < flag.end and (flag.what in ("all", host) or host in flag.hosts)
    ]


def expired(landscape: Landscape, now: datetime) -> list[Fault]:
    """A warning for every [[maintenance]] that is over."""
    return [
        Fault(
            place=each.place,
            subject="[[maintenance]]",
            words=f"{quoted(each.what)}: over since {each.end.isoformat()}",
            remedy="take the table out",
            warning=True,
        )
        for each in landscape.maintenances
        if each.end <= now
    ]
