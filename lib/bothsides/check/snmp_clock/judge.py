"""What one agent's answers say about its clock."""

import time

from bothsides.analyse.clock_offset import Bounds, Knowledge, knowledge, severity, zone_apart
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.check.snmp_clock.past import Before, Drift, drift, since_last, still
from bothsides.model.clock import Host, Sample
from bothsides.parse.snmp import HR_SYSTEM_DATE, to_oid
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Figure, Finding, Ranges, Remark, State, Table
from bothsides.probe.net.local_clock import LocalClock, Reference

FIGURES = (
    Figure("offset", "s", "far clock minus ours, the middle of what is possible", None),
    Figure("uncertainty", "s", "half the width of what is possible"),
    Figure("rtt", "s", "round trip of the fastest query"),
    Figure("queries", "", "questions sent"),
    Figure("cache_age", "s", "greatest age that the agent's value may have had"),
    Figure("uptime", "s", "the agent's sysUpTime"),
    Figure("drift", "", "change of the offset since earlier runs, parts per million", None),
)
SEVERITIES = (State.OK, State.WARNING, State.CRITICAL)
_FRESH = "fresh is, in snmpd.conf: pass_persist instead of pass"
_NEVER_SET = 978_307_200 * 10**9  # 2001-01-01: a clock that shows less was never set


class Rules(NamedTuple):
    """What the judge goes by. local_sync: "require", "warn" or "ignore" an unsynchronised clock of ours;
    guess_zone: take a zone that a value does not tell from the offset (--timezone auto)."""

    limits: Ranges
    local_sync: str = "require"
    guess_zone: bool = False
    precision: float | None = None  # s, half of the interval that is asked for


class Scale(NamedTuple):
    """The clock that offsets are from. ahead: by how much it is ahead of ours; trusted: whether it is any measure;
    told: by whose account that is known; missing: it was asked for, and did not answer."""

    ahead: Bounds
    trusted: bool
    words: str
    told: str = ""
    missing: bool = False


def scale_of(local: LocalClock, reference: Reference | None, policy: str) -> Scale:
    """The clock that counts: the reference that was named, else our own."""
    if reference is not None:
        missing = reference.ahead is None
        ahead = reference.ahead or Bounds(0.0, 0.0)
        return Scale(
            ahead, not missing and not local.stepped, f", by {reference.name}", missing=missing
        )
    error = local.error or 0.0
    trusted = (local.synchronised or policy != "require") and not local.stepped
    return Scale(Bounds(-error, error), trusted, "", local.told)


def known_of(host: Host, scale: Scale, past: Sequence[Before]) -> Knowledge | None:
    """What is known of the host's offset; None without an answer."""
    looks = [sample.look for sample in host.samples if sample.look is not None]
    if not looks:
        return None
    known = knowledge(looks)
    if known.trust != "stuck" and still(past, host):
        known = Knowledge(Bounds(known.bounds.low, float("inf")), "stuck")
    return known._replace(bounds=known.bounds.against(scale.ahead))


def findings(host: Host, scale: Scale, rules: Rules, past: Sequence[Before]) -> Iterator[Finding]:
    """Everything about one host, the most telling first."""
    known = known_of(host, scale, past)
    moving = None
    if known is not None:
        told, known = known, _unzoned(known, host, rules)
        yield from _offset(known, host, scale, rules, past)
        yield from _zone(told, host, rules)
        yield from _freshness(known, host)
    yield from _answered(host)
    if known is not None and known.trust != "stuck":
        moving = drift(past, host, known.bounds)
        yield from since_last(past, host, known.bounds, moving, rules.limits)
    yield from _figures(host, known, moving, rules.limits)
    if known is not None:
        yield Table(_table(host, known, scale))
        yield Table(tuple(_sample(sample) for sample in host.samples), 2)


def _offset(
    known: Knowledge, host: Host, scale: Scale, rules: Rules, past: Sequence[Before]
) -> Iterator[Finding]:
    """The offset, judged by what is certain: no alarm while a value that is all right is possible."""
    if known.trust == "stuck":
        first = past[-1].at if still(past, host) else host.samples[0].sent / 1e9
        span = to_words(host.samples[-1].received / 1e9 - first)
        words = f"the value of {host.source.words} stands still: no change in {span}, so it says nothing about the clock"
        yield Remark(State.UNKNOWN, words if host.source.known else f"{words}; {_FRESH}")
        return
    reading = rules.limits.reading("offset", known.bounds.middle, _in_words(known, host, scale))
    least, most = severity(known.bounds, reading.warning, reading.critical)
    if not scale.trusted or (zone_apart(known.bounds) is not None and zoneless(host)):
        value = None if scale.missing else reading.value
        yield reading._replace(
            value=value, certain=State.OK
        )  # no measure, or anybody's guess: said elsewhere
        return
    yield reading._replace(certain=SEVERITIES[least])
    if most > least:
        ends = f"{known.bounds.low:+.3f} to {known.bounds.high:+.3f} s"
        yield Remark(
            State.OK,
            f"cannot tell whether it is {SEVERITIES[most].value}: the offset lies within {ends}",
        )


def _zone(known: Knowledge, host: Host, rules: Rules) -> Iterator[Finding]:
    """An offset that looks like a mistaken time zone."""
    minutes = zone_apart(known.bounds)
    if minutes is None or known.trust == "stuck":
        return
    if rules.guess_zone and zoneless(host):
        yield Remark(
            State.OK, f"taken for a zone of {_zone_words(minutes)}, which the value does not tell"
        )
    else:
        yield _zone_mistake(minutes, known.bounds.moved(-minutes * 60), host)


def _unzoned(known: Knowledge, host: Host, rules: Rules) -> Knowledge:
    """With --timezone auto, what is known without the zone that the value does not tell."""
    minutes = zone_apart(known.bounds) if rules.guess_zone and zoneless(host) else None
    return known if minutes is None else known._replace(bounds=known.bounds.moved(-minutes * 60))


def zoneless(host: Host) -> bool:
    """Whether the value is a local time of which nobody has told the zone."""
    moment = host.samples[-1].moment
    return moment is not None and moment.zone is None and not host.zone


def _zone_mistake(minutes: int, rest: Bounds, host: Host) -> Remark:
    words = f"zone {_zone_words(minutes)}, the clock itself is {offset_words(rest)}"
    if zoneless(host):
        advice = "the value tells no zone: name it with --timezone, or --timezone auto"
        return Remark(State.UNKNOWN, f"looks like {words}; {advice}")
    return Remark(State.OK, f"looks like a zone mistake: {words}")


def _zone_words(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'+' if minutes > 0 else '-'}{hours} h" + (f" {rest} min" if rest else "")


def _freshness(known: Knowledge, host: Host) -> Iterator[Finding]:
    """What keeps the value, and the line of snmpd.conf that makes it fresh."""
    look = host.samples[-1].look
    if known.trust == "stepped":
        yield Remark(
            State.UNKNOWN, "the far clock was set during the check; the offset is that since then"
        )
    elif look is not None and look.cache:
        told = host.samples[-1].line or "COMMAND"
        line = f"extend -cacheTime -1 {f'{host.source.extend} {told}'.strip()}"
        yield Remark(
            State.OK,
            f"snmpd keeps this value for {look.cache:g} s; fresh is, in snmpd.conf: {line} (0 means 5)",
        )
    elif known.trust == "cached":
        yield Remark(State.OK, f"something at the agent keeps this value for a while; {_FRESH}")


def _in_words(known: Knowledge, host: Host, scale: Scale) -> str:
    sample = host.samples[-1]
    rtt = min(sample.received - sample.sent for sample in host.samples) / 1e9
    queries = f"{host.queries} {'query' if host.queries == 1 else 'queries'}"
    return (
        f"{offset_words(known.bounds)}, {host.source.words}, {queries}, rtt {to_words(rtt)}{scale.words}"
        + (
            ", cached"
            if known.trust == "cached" and sample.look is not None and not sample.look.cache
            else ""
        )
    )


def offset_words(bounds: Bounds) -> str:
    """ "42.003 s behind (+-0.004 s)": no more digits than the uncertainty allows."""
    half = max(bounds.half, 1e-6)
    digits = next(places for places in range(7) if half >= 10**-places or places == 6)
    size = f"{abs(bounds.middle):.{digits}f}"
    much = f", {to_words(abs(bounds.middle))}" if abs(bounds.middle) >= 300 else ""
    if float(size) == 0:
        return f"on time (+-{half:.{digits}f} s)"
    return f"{size} s {'ahead' if bounds.middle > 0 else 'behind'} (+-{half:.{digits}f} s{much})"


def _answered(host: Host) -> Iterator[Finding]:
    """What is wrong with the last answer, if anything."""
    if not host.samples:
        return
    sample = host.samples[-1]
    if sample.status:
        yield Remark(
            State.UNKNOWN,
            f"the command behind {host.source.words} failed with exit code {sample.status}",
        )
    if sample.fault in ("noSuchObject", "noSuchInstance", "noSuchName", "endOfMibView"):
        yield Remark(
            State.UNKNOWN,
            f"the agent has no {host.source.words} for us ({sample.fault}); {_remedy(host)}",
        )
    elif sample.fault:
        yield Remark(State.UNKNOWN, f"{host.source.words}: {sample.fault}")
    elif sample.moment is not None and sample.moment.ns < _NEVER_SET:
        yield Remark(State.CRITICAL, f"the clock was never set: it shows {_utc(sample.moment.ns)}")


def _remedy(host: Host) -> str:
    """The line of snmpd.conf that makes the variable appear."""
    if host.source.extend:
        view = "view systemonly included .1.3.6.1.4.1.8072.1.3.2"
        return f"snmpd.conf: extend -cacheTime -1 {host.source.extend} /bin/date +%s.%N and, where views are used, {view}"
    oid = HR_SYSTEM_DATE[:-2] if host.source.oid == HR_SYSTEM_DATE else host.source.oid
    return f"snmpd.conf: view systemonly included {to_oid(oid)}"


def _figures(
    host: Host, known: Knowledge | None, moving: Drift | None, limits: Ranges
) -> Iterator[Finding]:
    unknown = known is None or known.trust == "stuck"
    if unknown:
        yield limits.reading("offset", None)._replace(
            certain=State.OK
        )  # why it is not known is said elsewhere
    half = None if known is None or unknown else known.bounds.half
    yield limits.reading("uncertainty", half, f"uncertainty {to_words(half)}")
    rtt = min(((sample.received - sample.sent) / 1e9 for sample in host.samples), default=None)
    yield limits.reading("rtt", rtt, f"rtt {to_words(rtt)}")
    yield limits.reading("queries", host.queries, f"{host.queries} queries")
    age = _cache_age(host, known)
    yield limits.reading("cache_age", age, f"the value may have been {to_words(age)} old")
    uptime = host.samples[-1].uptime if host.samples else None
    yield limits.reading("uptime", uptime, f"agent up for {to_words(uptime)}")
    yield limits.reading(
        "drift", None if moving is None else moving.ppm, "" if moving is None else moving.words
    )


def _cache_age(host: Host, known: Knowledge | None) -> float | None:
    """How old the value may have been: what the agent keeps, and what was seen to be kept."""
    looks = [sample.look for sample in host.samples if sample.look is not None]
    if not looks or known is None:
        return None
    if known.trust in ("fresh", "stepped"):
        return looks[-1].cache
    same = next(look for look in looks if look.shown == looks[-1].shown)
    return max(looks[-1].cache, (looks[-1].received - same.sent) / 1e9)


def where(host: Host) -> str:
    """The address, where it is not the name already."""
    return f" ({host.address})" if host.address not in ("", host.name) else ""


def _table(host: Host, known: Knowledge, scale: Scale) -> tuple[str, ...]:
    sample = host.samples[-1]
    moment = sample.moment
    shown = "-" if moment is None else _utc(moment.ns)
    zone = (
        "none told"
        if moment is None or moment.zone is None
        else f"UTC{moment.zone // 60:+d}:{moment.zone % 60:02d}"
    )
    low, high = scale.ahead
    error = (
        "error not known"
        if low == high
        else f"the reference is {low:+.6f} to {high:+.6f} s ahead of it"
    )
    if scale.told:
        error = f"error {f'up to {high:.6f} s by' if high else 'not known:'} {scale.told}"
    cache = (
        "none known"
        if sample.look is None or not sample.look.cache
        else to_words(sample.look.cache)
    )
    return (
        f"agent       {host.name}{where(host)}, port {host.port}"
        + (f", engine {host.engine.hex()}" if host.engine else ""),
        f"far clock   {shown} UTC, zone {zone}",
        f"our clock   {_utc(sample.received)} UTC, {error}",
        f"offset      {known.bounds.low:+.6f} to {known.bounds.high:+.6f} s ({known.trust})",
        f"source      {host.source.words}, {to_oid(host.source.oid)}",
        f"value       {'-' if moment is None else moment.form}, cache {cache}",
    )


def _sample(sample: Sample) -> str:
    shown = sample.fault if sample.moment is None else f"{sample.moment.ns / 1e9:.6f}"
    return f"sent {sample.sent / 1e9:.6f} rtt {(sample.received - sample.sent) / 1e6:.3f} ms shown {shown}"


def _utc(ns: int) -> str:
    seconds, rest = divmod(ns, 10**9)
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + f".{rest // 10**6:03d}"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s after 1970"
