"""What the landscape says of a check's targets: their names, maintenance, sums per data centre.

A target in maintenance keeps its figures and does not alarm; if all the others are well, the whole
check is OK:

    UDP_LOSS OK - all 2 targets answer, worst 192.0.2.7: lost 0/100, 1 in MAINTENANCE
    [OK] db1: MAINTENANCE by ann until 2026-01-31 22:00 UTC (new switch): lost 100/100 (100 %)
"""

import os
import time

from bothsides.base import files
from bothsides.base.errors import Unable
from bothsides.base.types import Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence
from bothsides.inventory import excerpt
from bothsides.inventory.excerpt import Excerpt
from bothsides.inventory.rollup import NO_DATACENTER, Row, Sum, rolled_up
from bothsides.parse import Unreadable
from bothsides.parse.text import to_words
from bothsides.plugin.finding import (
    Facts,
    Finding,
    Part,
    Reading,
    Remark,
    State,
    Table,
    Target,
    state_of,
)
from bothsides.plugin.parser import Namespace
from bothsides.plugin.text import words_of

NOT_OK = "not OK: "
"""How the line begins that names the targets in trouble, for `bothsides known-down`."""

_NOBODY = Excerpt("", {}, {}, "", ())


class Known(NamedTuple):
    """What is known of the targets."""

    landscape: Excerpt  # empty without --landscape
    held: Mapping[str, str]  # by a target's name: why it does not alarm


Judge = Callable[[frozenset[str]], Iterable[Finding]]
"""Judges all targets but those of some names."""


def excerpt_of(options: Namespace) -> Excerpt:
    """What --landscape names, read once; empty without it. Raises Unable."""
    if "excerpt" not in vars(options):
        options.excerpt = _read(options.landscape) if options.landscape else _NOBODY
    known: Excerpt = options.excerpt
    return known


def _read(path: str) -> Excerpt:
    data = files.octets(path)
    if data.lstrip()[:1] == b"{":
        return files.parsed(path, excerpt.from_json)
    from bothsides.inventory.extract import excerpt as extracted
    from bothsides.inventory.files import load

    try:
        return extracted(load(path), os.uname().nodename)
    except Unreadable as fault:
        first, _, more = str(fault).partition("\n")
        hint = f", run bothsides lint {path}" if more else ""
        raise Unable(f"landscape: {first}{hint}") from None


def surrounded(
    options: Namespace, findings: Sequence[Finding], judge: Judge, rows: Mapping[str, Row]
) -> list[Finding]:
    """The findings of a run with what --landscape and --maintenance add to them.

    rows: by a target's name what became of its packets, without the data centre.
    """
    targets = [finding for finding in findings if isinstance(finding, Target)]
    try:
        known = Known(excerpt_of(options), {})
        if not options.replay:  # what was recorded is judged as it was
            known = known._replace(held=_held(options, known.landscape, targets))
    except (Unable, Unreadable) as fault:
        return [*findings, Remark(State.UNKNOWN, str(fault))]
    made = list(findings)
    if known.held:
        made = _rested(made, targets, known, judge)
    if options.landscape and len(targets) > 1:
        rested = [finding for finding in made if isinstance(finding, Target)]
        made += _named(rested, known, judge)
        made += _by_place(rested, known.landscape, rows)
    if known.held:
        names = {_name(target, known.landscape): known.held.get(target.name) for target in targets}
        made.append(Facts({"maintenance": {name: why for name, why in names.items() if why}}))
    return made


def _name(target: Target, landscape: Excerpt) -> str:
    """The host's name in the landscape, else the target's own."""
    return landscape.name_of(target.address, target.name, _host(target)) or target.name


def _host(target: Target) -> str:
    """The host of a target that is named by a URL; else the target's name."""
    _, slashes, rest = target.name.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2] if slashes else target.name
    bracketed = host.partition("]")[0].removeprefix("[")
    return bracketed if host.startswith("[") or not slashes else host.partition(":")[0]


def _held(options: Namespace, landscape: Excerpt, targets: Sequence[Target]) -> dict[str, str]:
    """Why targets do not alarm now, by name. Maintenance of this host holds all its targets."""
    now = time.time()
    here = landscape.host or os.uname().nodename
    why: dict[str, str] = {}
    for window in landscape.windows:
        if window.begin <= now < window.end:
            words = _why(window.reason, window.owner, window.end)
            for target in targets:
                if here in window.hosts or _name(target, landscape) in window.hosts:
                    why[target.name] = words
    place = os.path.join(options.maintenance, "maintenance")
    if not options.maintenance or not _is_there(place):
        return why
    from datetime import UTC, datetime

    from bothsides.inventory.files import read_flags
    from bothsides.inventory.maintenance import flagged

    flags, moment = read_flags(options.maintenance), datetime.fromtimestamp(now, UTC)
    for target in targets:
        names = (here, _host(target), target.address, _name(target, landscape))
        for name in dict.fromkeys(names):
            for notice in flagged(flags, name, moment):
                end = notice.end.timestamp()
                why[target.name] = _why(notice.reason, notice.owner, end)
    return why


def _is_there(path: str) -> bool:
    """Whether there is a file with something in it; a fault is left to who reads it."""
    try:
        return os.stat(path).st_size > 0
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _why(reason: str, owner: str, end: float) -> str:
    until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(end))
    return f"by {owner} until {until} ({reason or 'no reason given'})"


def _rested(
    findings: Sequence[Finding], targets: Sequence[Target], known: Known, judge: Judge
) -> list[Finding]:
    """The findings where those who are held do not alarm; the figures stay."""
    made: list[Finding] = []
    for target in targets:
        why = known.held.get(target.name)
        made.append(target._replace(findings=_resting(target.findings, why)) if why else target)
    if len(known.held) == len(targets):
        parts = [each for each in findings if not isinstance(each, Target | Facts)]
        facts = [each for each in findings if isinstance(each, Facts)]
        return [*made, *_resting(parts, next(iter(known.held.values()))), *facts]
    whole = {each.figure.label: each for each in findings if isinstance(each, Reading)}
    others = [each for each in judge(frozenset(known.held)) if not isinstance(each, Target)]
    for each in _told(others, len(known.held)):
        if isinstance(each, Reading) and each.figure.label in whole:
            reading = whole.pop(each.figure.label)
            each = reading._replace(certain=each.state, words=each.words)
        made.append(each)
    made += [each._replace(certain=State.OK) for each in whole.values()]
    for target in targets:
        if why := known.held.get(target.name):
            name = _name(target, known.landscape)
            made.append(Remark(State.OK, f"{name}: {_notice(target.findings, why)}"))
    return made


def _told(findings: Sequence[Finding], held: int) -> Iterator[Finding]:
    """The findings; what line 1 says of others that are well ends in the number of those held."""
    state, has_words = state_of(findings), False
    for each in findings:
        if not has_words and isinstance(each, Reading | Remark) and each.state is state:
            if each.words and (isinstance(each, Remark) or state is State.OK):
                each = each._replace(words=f"{each.words}, {held} in MAINTENANCE")
            has_words = bool(words_of(each))
        yield each


def _resting(parts: Iterable[Part], why: str) -> tuple[Part, ...]:
    """Findings without a state but OK, behind a notice that has the words of the worst one."""
    known = tuple(parts)
    calm: list[Part] = [Remark(State.OK, _notice(known, why))]
    for part in known:
        if isinstance(part, Reading):
            calm.append(part._replace(certain=State.OK, words=words_of(part)))
        elif isinstance(part, Remark):
            calm.append(Remark(State.OK, part.words))
        else:
            calm.append(part)
    return tuple(calm)


def _notice(parts: Iterable[Part], why: str) -> str:
    stated = [part for part in parts if isinstance(part, Reading | Remark)]
    state = state_of(stated)
    words = (words_of(part) for part in stated if part.state is state)
    worst = next(filter(None, words), "nothing measured")
    return f"MAINTENANCE {why}: {worst}"


def _named(targets: Sequence[Target], known: Known, judge: Judge) -> Iterator[Finding]:
    """Which hosts are in trouble, by name, and what the run would be without them."""
    bad = {target.name: target for target in targets if target.state is not State.OK}
    if bad:
        left = frozenset(bad) | frozenset(known.held)
        without = State.OK
        if len(left) < len(targets):
            without = state_of(each for each in judge(left) if not isinstance(each, Target))
        names = [f"{_name(each, known.landscape)} {each.state.value}" for each in bad.values()]
        yield Table((f"{NOT_OK}{', '.join(names)}, others {without.value}",), 0)


def _by_place(
    targets: Sequence[Target], landscape: Excerpt, rows: Mapping[str, Row]
) -> Iterator[Finding]:
    """A line for every prefix of the targets' data centres, and the same for programs."""
    placed = [(landscape.places.get(_name(each, landscape), ""), each) for each in targets]
    if not any(place for place, _ in placed):
        return
    nothing = Row("", 0, 0, None, None, None, None)
    sums = rolled_up(
        rows.get(each.name, nothing)._replace(datacenter=place) for place, each in placed
    )
    bad = {total.prefix: 0 for total in sums}
    for place, each in placed:
        if each.state is not State.OK:
            for prefix in bad:
                bad[prefix] += f"{place or NO_DATACENTER}.".startswith(f"{prefix}.")
    yield Table(tuple(_line(total, bad[total.prefix]) for total in sums), 0)
    yield Facts(
        {"datacenters": [{**total._asdict(), "not_ok": bad[total.prefix]} for total in sums]}
    )


def _line(total: Sum, bad: int) -> str:
    """A data centre: `fra.dc11: 2 hosts, 1 not OK, lost 14/200 (5 out, 9 back), ...`."""
    hosts = "1 host" if total.targets == 1 else f"{total.targets} hosts"
    words = [f"{total.prefix}: {hosts}, {bad} not OK"]
    if total.sent:
        ways = [
            f"{count} {way}"
            for count, way in (
                (total.lost_forward, "out"),
                (total.lost_return, "back"),
                (total.lost_either, "way unknown"),
            )
            if count
        ]
        share = f" ({', '.join(ways)})" if ways else ""
        words.append(f"lost {total.lost}/{total.sent}{share}")
    if total.rtt_min is not None and total.rtt_max is not None:
        words.append(f"rtt {to_words(total.rtt_min)} to {to_words(total.rtt_max)}")
    return ", ".join(words)
