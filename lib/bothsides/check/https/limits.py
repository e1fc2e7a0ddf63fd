"""What check_https holds a run against, from its options."""

import re

from bothsides.base.errors import Misuse
from bothsides.base.types import Any, Mapping, NamedTuple
from bothsides.check.https.options import CLASSES
from bothsides.parse import Unreadable
from bothsides.parse.http import from_status_map
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_count, from_duration
from bothsides.plugin.finding import Ranges, State, from_state

DAY = 86400.0


class Wanted(NamedTuple):
    """A JSON path with the value that must stand there (None: anything), or with limits for the number there."""

    path: tuple[str | int, ...]
    value: str | None = None
    warning: Range | None = None
    critical: Range | None = None


class Criteria(NamedTuple):
    """What the judge holds a run against.

    states: by failure class, where --state changed them; shares: least parts of its lifetime that a
    certificate must have left, for WARNING and CRITICAL; addresses_wanted: how many must answer
    (0: all) when each is asked.
    """

    limits: Ranges
    states: Mapping[str, State] = {}
    expect: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    header_strings: tuple[str, ...] = ()
    patterns: tuple[tuple[str, Any], ...] = ()
    inverted: bool = False
    pattern_state: State = State.CRITICAL
    header_patterns: tuple[tuple[str, Any], ...] = ()
    no_headers: tuple[str, ...] = ()
    json: tuple[Wanted, ...] = ()
    size: tuple[int, int | None] | None = None
    max_age: float | None = None
    follow: str = "ok"
    most_redirects: int = 15
    status_map: tuple[tuple[int, int, State], ...] = ()
    versions: tuple[str, ...] = ()
    certificate_only: bool = False
    shares: tuple[float | None, float | None] = (None, None)
    leaf_only: bool = False
    issuer: str = ""
    fingerprint: str = ""
    longest: float | None = None
    stapled: bool = False
    addresses_wanted: int = 0
    verified: bool = True
    show_body: bool = False
    style: str = "bothsides"
    pictures: bool = True
    body_figures: bool = False


def criteria(options: Any, limits: Ranges) -> Criteria:
    """What the judge is told; Misuse and Unreadable say what is wrong with the options."""
    limits, shares = _certificate(options, limits)
    return Criteria(
        limits,
        dict(
            _state(text)
            for text in options.state
            if "=" in text or text not in ("rw", "ro", "off", "auto")
        ),
        tuple(part for part in (options.expect or "").split(",") if part),
        tuple(options.string),
        tuple(options.header_string),
        _patterns(options),
        options.invert_regex,
        options.state_regex,
        tuple(_header_pattern(text) for text in options.header_regex),
        tuple(options.no_header),
        _json(options) if options.json or options.json_warning or options.json_critical else (),
        _size(options.pagesize),
        options.max_age,
        options.onredirect,
        options.max_redirs,
        tuple(
            (low, high, from_state(state))
            for low, high, state in from_status_map(options.status_map)
        )
        if options.status_map
        else (),
        tuple(
            part.strip().removesuffix(".0") if part.strip() == "2.0" else part.strip()
            for part in _split(options)
        ),
        options.certificate is not None and not options.continue_after_certificate,
        shares,
        options.leaf_only,
        options.issuer or "",
        (options.fingerprint or "").replace(":", "").lower(),
        None if options.maximum_validity is None else options.maximum_validity * DAY,
        options.require_stapling,
        0 if options.all_addresses in (None, "all") else from_count(options.all_addresses),
        not options.insecure,
        options.show_body,
        options.perfdata_style,
        bool(options.verbose or options.explain or options.output == "json"),
        options.body_figures,
    )


def _split(options: Any) -> list[str]:
    return [part for part in (options.expect_http_version or "").split(",") if part]


def _state(text: str) -> tuple[str, State]:
    name, separator, state = text.partition("=")
    if not separator or name not in CLASSES:
        raise Unreadable(
            f"{text[:40]!r}: write --state CLASS=STATE with a class of {', '.join(CLASSES)}"
        )
    return name, from_state(state)


def _patterns(options: Any) -> tuple[tuple[str, Any], ...]:
    if not options.regex and not options.eregi:
        return ()
    from bothsides.parse.posix_regex import from_posix

    flags = re.DOTALL if options.linespan else re.MULTILINE
    return (
        *((text, from_posix(text, flags)) for text in options.regex),
        *((text, from_posix(text, flags | re.IGNORECASE)) for text in options.eregi),
    )


def _header_pattern(text: str) -> tuple[str, Any]:
    name, separator, rest = text.partition(":")
    if not separator or not name.strip():
        raise Unreadable(f"{text[:40]!r}: write --header-regex as Name: regex")
    from bothsides.parse.posix_regex import from_posix

    return name.strip(), from_posix(rest.strip(), 0)


def _json(options: Any) -> tuple[Wanted, ...]:
    """Values and limits at places of a JSON body."""
    from bothsides.parse.json_path import from_path

    found: list[Wanted] = []
    for text in options.json:
        path, separator, value = text.partition("=")
        found.append(Wanted(from_path(path), value if separator else None))
    for texts, name in ((options.json_warning, "warning"), (options.json_critical, "critical")):
        for text in texts:
            path, separator, limit = text.partition("=")
            if not separator:
                raise Unreadable(f"{text[:40]!r}: write --json-{name} PATH=RANGE")
            bounds = (from_range(limit), None) if name == "warning" else (None, from_range(limit))
            found.append(Wanted(from_path(path), None, *bounds))
    return tuple(found)


def _size(text: str | None) -> tuple[int, int | None] | None:
    if text is None:
        return None
    least, separator, most = text.partition(":")
    low, high = from_count(least or "0", 0), from_count(most, 0) if separator and most else None
    if high is not None and low > high:
        raise Unreadable(f"{text[:40]!r}: the smallest size is above the largest")
    return low, high


def _certificate(options: Any, limits: Ranges) -> tuple[Ranges, tuple[float | None, float | None]]:
    """-C 30,14 or 48h or 25%,10%: days become limits of a figure, shares of the lifetime are held against each certificate."""
    if options.certificate is None:
        return limits, (None, None)
    first, separator, second = options.certificate.partition(",")
    warning, critical = _left(first.strip()), _left(second.strip() if separator else "0")
    label = "cert_days" if options.leaf_only else "chain_days"
    found = [{} if days is None else {label: Range(days)} for days, _ in (warning, critical)]
    merged = limits._replace(
        warning={**found[0], **limits.warning}, critical={**found[1], **limits.critical}
    )
    return merged, (warning[1], critical[1])


def _left(text: str) -> tuple[float | None, float | None]:
    """Days or a share of the lifetime that must be left."""
    if text.endswith("%"):
        share = from_count(text[:-1], 0, 100)
        return None, share / 100
    if text.isascii() and text.isdigit():
        return float(from_count(text, 0)), None
    try:
        return from_duration(text) / DAY, None
    except Unreadable:
        raise Misuse(
            f"-C {text[:20]}: write days, a time as 48h, or a share of the lifetime as 25%"
        ) from None
