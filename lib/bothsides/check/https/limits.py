"""What check_https holds a run against, from its options."""

from bothsides.base.errors import Misuse
from bothsides.base.types import TYPE_CHECKING, Mapping, NamedTuple
from bothsides.check.https.options import CLASSES, MEMORY_MODES
from bothsides.check.https.text import DAY
from bothsides.model.https import Policy
from bothsides.parse import Unreadable
from bothsides.parse.http import from_status_map
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_count, from_duration
from bothsides.plugin.finding import Ranges, State, from_state
from bothsides.plugin.parser import Namespace

if TYPE_CHECKING:  # most runs have no regular expression
    from re import Pattern

Shares = tuple[float | None, float | None]
"""Least parts of its lifetime that a certificate must have left, for WARNING and CRITICAL."""


class Wanted(NamedTuple):
    """What must stand at a place of a JSON body."""

    path: tuple[str | int, ...]
    value: str | None = None  # None: anything
    warning: Range | None = None  # for the number there
    critical: Range | None = None


class Limits(NamedTuple):
    """What the judge holds a run against, and how its findings are printed."""

    ranges: Ranges  # of the figures
    states: Mapping[str, State] = {}  # by class of failures, where --state changed them
    expect: tuple[str, ...] = ()  # one of these must be in the status line
    strings: tuple[str, ...] = ()  # each must be in the body
    header_strings: tuple[str, ...] = ()  # each must be in the headers
    patterns: "tuple[tuple[str, Pattern[str]], ...]" = ()  # as written, and compiled: of the body
    inverted: bool = False  # the body must not match
    pattern_state: State = State.CRITICAL  # when the body does, or does not
    header_patterns: "tuple[tuple[str, Pattern[str]], ...]" = ()  # a header's name, and its value's
    no_headers: tuple[str, ...] = ()  # names of headers that must not be there
    json: tuple[Wanted, ...] = ()
    size: tuple[int, int | None] | None = None  # octets of headers and body: least and most
    max_age: float | None = None  # s, of the document
    follow: Policy = "ok"  # what a redirect means
    most_redirects: int = 15
    status_map: tuple[tuple[int, int, State], ...] = ()  # first code, last code, state
    versions: tuple[str, ...] = ()  # of HTTP: the answer must come by one of these
    certificate_only: bool = False  # no request was sent
    shares: Shares = (None, None)
    leaf_only: bool = False  # of the chain, only the server's own certificate counts
    issuer: str = ""  # text that the issuer's name must hold
    fingerprint: str = ""  # SHA-256 in hex; "": any
    longest: float | None = None  # s, lifetime of a certificate
    stapled: bool = False  # a good OCSP answer must be stapled
    addresses_wanted: int = 0  # how many must be well when each is asked; 0: all
    verified: bool = True  # whether the certificate was verified
    show_body: bool = False
    style: str = "bothsides"  # labels: ours, or "check_http"
    pictures: bool = True  # whether somebody sees the tables of -v
    body_figures: bool = False  # the body is perfdata, to add to ours

    @property
    def counted(self) -> bool:
        """Whether tries or failures have limits, which hold for a single try too."""
        limited = (self.ranges.warning, self.ranges.critical)
        return any(label in ranges for label in ("tries", "failed") for ranges in limited)


def limits(options: Namespace, ranges: Ranges) -> Limits:
    """The limits; Misuse and Unreadable say what is wrong with the options."""
    ranges, shares = _certificate(options, ranges)
    wanted = options.all_addresses
    return Limits(
        ranges=ranges,
        states=dict(_state(text) for text in options.state if text not in MEMORY_MODES),
        expect=_items(options.expect),
        strings=tuple(options.string),
        header_strings=tuple(options.header_string),
        patterns=_patterns(options),
        inverted=options.invert_regex,
        pattern_state=options.state_regex,
        header_patterns=tuple(_header_pattern(text) for text in options.header_regex),
        no_headers=tuple(options.no_header),
        json=_json(options)
        if options.json or options.json_warning or options.json_critical
        else (),
        size=_size(options.pagesize),
        max_age=options.max_age,
        follow=options.onredirect,
        most_redirects=options.max_redirs,
        status_map=_status_map(options.status_map),
        versions=tuple(_version(text.strip()) for text in _items(options.expect_http_version)),
        certificate_only=options.certificate is not None and not options.continue_after_certificate,
        shares=shares,
        leaf_only=options.leaf_only,
        issuer=options.issuer or "",
        fingerprint=_fingerprint(options.fingerprint or ""),
        longest=None if options.maximum_validity is None else options.maximum_validity * DAY,
        stapled=options.require_stapling,
        addresses_wanted=0 if wanted in (None, "all") else from_count(wanted),
        verified=not options.insecure,
        show_body=options.show_body,
        style=options.perfdata_style,
        pictures=bool(options.verbose or options.explain or options.output == "json"),
        body_figures=options.body_figures,
    )


def _items(text: str | None) -> tuple[str, ...]:
    return tuple(part for part in (text or "").split(",") if part)


def _version(text: str) -> str:
    return "2" if text == "2.0" else text


def _state(text: str) -> tuple[str, State]:
    name, separator, state = text.partition("=")
    if not separator or name not in CLASSES:
        classes = ", ".join(CLASSES)
        raise Unreadable(f"{text[:40]!r}: write --state CLASS=STATE with a class of {classes}")
    return name, from_state(state)


def _fingerprint(text: str) -> str:
    """SHA-256 in hex, with or without colons; "" where none is asked for."""
    bare = text.replace(":", "").lower()
    if bare and (len(bare) != 64 or not set(bare) <= set("0123456789abcdef")):
        raise Unreadable(f"--fingerprint {text[:40]}: write SHA-256 as 64 hexadecimal digits")
    return bare


def _status_map(text: str | None) -> tuple[tuple[int, int, State], ...]:
    if not text:
        return ()
    return tuple((low, high, from_state(state)) for low, high, state in from_status_map(text))


def _patterns(options: Namespace) -> "tuple[tuple[str, Pattern[str]], ...]":
    if not options.regex and not options.eregi:
        return ()
    import re

    from bothsides.parse.posix_regex import from_posix

    flags = re.DOTALL if options.linespan else re.MULTILINE
    return (
        *((text, from_posix(text, flags)) for text in options.regex),
        *((text, from_posix(text, flags | re.IGNORECASE)) for text in options.eregi),
    )


def _header_pattern(text: str) -> "tuple[str, Pattern[str]]":
    name, separator, rest = text.partition(":")
    if not separator or not name.strip():
        raise Unreadable(f"{text[:40]!r}: write --header-regex as Name: regex")
    from bothsides.parse.posix_regex import from_posix

    return name.strip(), from_posix(rest.strip(), 0)


def _json(options: Namespace) -> tuple[Wanted, ...]:
    """Values and limits at places of a JSON body."""
    from bothsides.parse.json_path import from_path

    wanted: list[Wanted] = []
    for text in options.json:
        path, separator, value = text.partition("=")
        wanted.append(Wanted(from_path(path), value if separator else None))
    for text in options.json_warning:
        path, bounds = _json_limit(text, "warning")
        wanted.append(Wanted(from_path(path), warning=bounds))
    for text in options.json_critical:
        path, bounds = _json_limit(text, "critical")
        wanted.append(Wanted(from_path(path), critical=bounds))
    return tuple(wanted)


def _json_limit(text: str, name: str) -> tuple[str, Range]:
    path, separator, limit = text.partition("=")
    if not separator:
        raise Unreadable(f"{text[:40]!r}: write --json-{name} PATH=RANGE")
    return path, from_range(limit)


def _size(text: str | None) -> tuple[int, int | None] | None:
    if text is None:
        return None
    least, separator, most = text.partition(":")
    low, high = from_count(least or "0", 0), from_count(most, 0) if separator and most else None
    if high is not None and low > high:
        raise Unreadable(f"{text[:40]!r}: the smallest size is above the largest")
    return low, high


def _certificate(options: Namespace, ranges: Ranges) -> tuple[Ranges, Shares]:
    """-C 30,14 or 48h or 25%,10%.

    Days become limits of a figure, shares of the lifetime are held against each certificate.
    """
    if options.certificate is None:
        return ranges, (None, None)
    first, separator, second = options.certificate.partition(",")
    warning, critical = _left(first.strip()), _left(second.strip() if separator else "0")
    label = "cert_days" if options.leaf_only else "chain_days"
    added = [{} if days is None else {label: Range(days)} for days, _ in (warning, critical)]
    merged = ranges._replace(
        warning={**added[0], **ranges.warning}, critical={**added[1], **ranges.critical}
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
        words = "write days, a time as 48h, or a share of the lifetime as 25%"
        raise Misuse(f"-C {text[:20]}: {words}") from None
