"""Words and tables about clocks."""

import time

from bothsides.analyse.clock import HostAnalysis, Scale
from bothsides.analyse.clock_offset import Knowledge
from bothsides.analyse.interval_sets import thresholds
from bothsides.base.types import TYPE_CHECKING
from bothsides.model.clock import Host, Sample
from bothsides.model.interval import Interval
from bothsides.parse.rounding import outward, rounded_up, with_half
from bothsides.parse.snmp import HR_SYSTEM_DATE, Oid, Source, to_oid
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Ranges

if TYPE_CHECKING:
    from bothsides.analyse.clock_drift import Drift

FRESH = "fresh is, in snmpd.conf: pass_persist instead of pass"
_FAR = 300  # s: from here on an offset is also given in minutes, hours or days
_FAR_OFF = 366 * 86400  # s: what a drift leads to later than that is not worth a word


def offset_words(offset: Interval) -> str:
    """ "42.003 s behind (+-0.004 s)": contains the interval, whatever the rounding does."""
    middle, half, places = with_half(*offset)
    spread = f"+-{half / 10**places:.{places}f} s"
    if middle == 0:
        return f"on time ({spread})"
    size = abs(middle) / 10**places
    much = f", about {to_words(size)}" if size >= _FAR else ""
    return f"{size:.{places}f} s {'ahead' if middle > 0 else 'behind'} ({spread}{much})"


def bounds_words(offset: Interval) -> str:
    """`+4.999 to +5.001 s`: contains the interval."""
    low, high = outward(*offset, 3)
    return f"{low:+.3f} to {high:+.3f} s"


def offset_line(host: HostAnalysis, known: Knowledge) -> str:
    """The offset with its source, what it took, and the clock that it is measured by."""
    look, count = host.host.samples[-1].look, host.host.queries
    queries = f"{count} {'query' if count == 1 else 'queries'}"
    cached = known.freshness == "cached" and look is not None and not look.cache
    words = f"{offset_words(known.offset)}, {host.host.source.words}, {queries}"
    by = _scale_words(host.scale)
    return f"{words}, rtt {to_words(host.rtt)}{by}{', cached' if cached else ''}"


def _scale_words(scale: Scale) -> str:
    """The clock that offsets are measured by, where it is not our own."""
    if scale.kind == "own":
        return ""
    return f", by {scale.name}" if scale.kind == "reference" else ", by the others"


def stuck_words(host: HostAnalysis) -> str:
    """A value that does not change."""
    source = host.host.source
    words = f"the value of {source.words} stands still: no change in {to_words(host.still_for)}"
    words += ", so it says nothing about the clock"
    return words if source.known else f"{words}; {FRESH}"


def once_words(host: HostAnalysis) -> str:
    """A value that was seen too shortly to know whether it changes."""
    return (
        f"the value of {host.host.source.words} was not seen to change, so its age is"
        " unknown; a longer -t leaves time to look again"
    )


def zone_words(minutes: int) -> str:
    """`+2 h`, `-5 h 45 min`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'+' if minutes > 0 else '-'}{hours} h" + (f" {rest} min" if rest else "")


def cache_words(source: Source, sample: Sample) -> str:
    """A value that snmpd keeps, and the line of snmpd.conf that makes it fresh."""
    cache = sample.look.cache if sample.look is not None else 0.0
    line = f"{source.extend} {sample.line or 'COMMAND'}".strip()
    words = f"snmpd keeps this value for {cache:g} s; fresh is, in snmpd.conf"
    return f"{words}: extend -cacheTime -1 {line} (0 means 5)"


def remedy(source: Source, system: Oid) -> str:
    """What makes a variable appear: a line of snmpd.conf, or what fits the agent's product."""
    if system and not source.extend:
        from bothsides.parse.snmp_vendors import vendor_of

        vendor = vendor_of(system)
        if vendor is None:
            return f"its product ({to_oid(system)}) is not known here; see its MIBs"
        if vendor.advice:
            return f"{vendor.name}: {vendor.advice}, or use -o auto"
    if source.extend:
        line = f"extend -cacheTime -1 {source.extend} /bin/date +%s.%N"
        view = "view systemonly included .1.3.6.1.4.1.8072.1.3.2"
        return f"snmpd.conf: {line} and, where views are used, {view}"
    oid = HR_SYSTEM_DATE[:-2] if source.oid == HR_SYSTEM_DATE else source.oid
    return f"snmpd.conf: view systemonly included {to_oid(oid)}"


def drift_words(drift: "Drift") -> str:
    """`drifts +99.9 ppm (+-0.42)`: contains what is possible."""
    size = f"{drift.ppm:+.0f}" if abs(drift.ppm) >= 100 else f"{drift.ppm:+.3g}"
    bound = rounded_up(drift.bound + abs(drift.ppm - float(size)), 2)
    return f"drifts {size} ppm (+-{bound:.2g})"


def reach_words(offset: float, drift: "Drift", ranges: Ranges) -> str:
    """When the next limit is reached if nothing changes. offset: s."""
    rate = drift.ppm / 1e6
    ends = thresholds((ranges.warning.get("offset"), ranges.critical.get("offset")))
    ahead = [(end - offset) / rate for end in ends if (end - offset) / rate > 0]
    if not ahead or min(ahead) > _FAR_OFF:
        return ""
    soonest = min(ahead)
    return f": reaches {offset + rate * soonest:+g} s in {to_words(soonest)}"


def address_words(host: Host) -> str:
    """The address, where it is not the name already."""
    return f" ({host.address})" if host.address not in ("", host.name) else ""


def table(host: HostAnalysis, known: Knowledge) -> tuple[str, ...]:
    """What was asked and what came of it, line by line."""
    asked, sample = host.host, host.host.samples[-1]
    moment, look = sample.moment, sample.look
    engine = f", engine {asked.engine.hex()}" if asked.engine else ""
    shown = "-" if moment is None else instant(moment.ns)
    zone = "none told"
    if moment is not None and moment.zone is not None:
        zone = f"UTC{moment.zone // 60:+d}:{moment.zone % 60:02d}"
    cache = "none known" if look is None or not look.cache else to_words(look.cache)
    low, high = outward(*known.offset, 6)
    return (
        f"agent       {asked.name}{address_words(asked)}, port {asked.port}{engine}",
        f"far clock   {shown} UTC, zone {zone}",
        f"our clock   {instant(sample.received)} UTC, {_error_words(host.scale)}",
        f"offset      {low:+.6f} to {high:+.6f} s ({known.freshness})",
        f"source      {asked.source.words}, {to_oid(asked.source.oid)}",
        f"value       {'-' if moment is None else moment.form}, cache {cache}",
    )


def _error_words(scale: Scale) -> str:
    """How good the clock is that the offset is measured by."""
    low, high = outward(*scale.ahead, 6)
    if scale.account:
        return f"error {f'up to {high:.6f} s by' if high else 'not known:'} {scale.account}"
    if low == high:
        return "error not known"
    return f"the reference is {low:+.6f} to {high:+.6f} s ahead of it"


def sample_line(sample: Sample) -> str:
    """One answer: when it was asked for, how long it took, what it showed."""
    shown = sample.fault if sample.moment is None else f"{sample.moment.ns / 1e9:.6f}"
    rtt = (sample.received - sample.sent) / 1e6
    return f"sent {sample.sent / 1e9:.6f} rtt {rtt:.3f} ms shown {shown}"


def instant(ns: int) -> str:
    """`2026-11-20 21:37:53.250`, of nanoseconds since 1970."""
    seconds, rest = divmod(ns, 10**9)
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + f".{rest // 10**6:03d}"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s after 1970"
