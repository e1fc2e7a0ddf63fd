"""Points as Graphite's plaintext protocol, as a tree of names or with tags, and events for its API.

    bothsides.mon1.path.198_51_100_10.hop.08.rtt_avg_seconds 0.0134 1792000000
    bothsides_hop_rtt_avg_seconds;source=mon1;target=198.51.100.10;hop=08 0.0134 1792000000

Carbon drops a line that it does not like without a word, so every name is put into characters that
it keeps. Texts have no place here.
"""

from bothsides.base.types import Iterable, Literal
from bothsides.export.merged_hops import merged
from bothsides.export.point import Event, Point, to_decimal
from bothsides.export.request import first_words

Form = Literal["tree", "tags"]

_LONGEST = 120  # characters of a part of a name; a file's name may have 255 octets
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:")
_TIMES = ("rtt", "duration", "offset", "uncertainty", "jitter", "out", "path_age", "run_duration")
_OF_A_HOP = ("loss", "rtt_avg", "rtt_max")  # each figure is a file of 190 kB, 11 times a path
_NODES = ("hop", "phase", "flow")  # tags that are parts of the tree of their own, before the figure


def to_lines(points: Iterable[Point], form: Form = "tree") -> bytes:
    """A line for each number."""
    lines: list[str] = []
    # Several routers may answer at one hop, and a tree has no tags to keep them apart.
    for point in merged(points) if form == "tree" else points:
        at = point.at // 1_000_000_000
        for field, value in point.fields:
            if point.measurement == "bothsides_hop" and field not in _OF_A_HOP:
                continue
            number = "" if isinstance(value, str) else to_decimal(value)
            if number:
                name = _tree(point, field) if form == "tree" else _tagged(point, field)
                lines.append(f"{name} {number} {at}\n")
    return "".join(lines).encode("ascii", "replace")


def event_body(event: Event) -> bytes:
    """The body of POST /events/; a tag must have no blank, or it becomes two."""
    import json

    words = (*event.words, event.kind)
    return json.dumps(
        {
            "what": event.title,
            "tags": ["_".join(word.split()) for word in words],
            "when": event.at // 1_000_000_000,
            "data": event.text,
        }
    ).encode()


def refusal(status: int, body: bytes) -> str:
    """Why an event was refused, in words; "" when it was taken: graphite-web answers nothing."""
    if status == 200 and not body.strip():
        return ""
    words = first_words(body)
    reason = f": {words}" if words else ""
    if status == 200:
        return f"answered 200 with a text, which is no Graphite{reason}"
    return f"answered {status}{reason}"


def part(text: str) -> str:
    """One part of a name: what carbon would split, drop or take for a folder becomes _."""
    plain = "".join(c if c in _PLAIN else "_" for c in text) or "_"
    return plain if len(plain) <= _LONGEST else _cut(plain, text)


def unit(field: str) -> str:
    """The field's name with its unit behind it."""
    if field == "loss" or field.startswith("loss_"):
        return f"{field}_ratio"
    if field in _TIMES or field.startswith("rtt_"):
        return f"{field}_seconds"
    return field


def node(point: Point) -> str:
    """The part of the tree that says whom a point is about."""
    url = point.tag("url").partition("://")[2].rstrip("/")
    target = point.tag("target")
    return part(url if url and url != target else target)


def _tree(point: Point, field: str) -> str:
    subject = point.measurement.removeprefix("bothsides_").partition("_")[0]
    subject = "path" if subject == "hop" else subject
    parts = ["bothsides", part(point.tag("source")), subject, node(point)]
    for name in _NODES:
        if point.tag(name):
            parts += [name, part(point.tag(name))]
    return ".".join([*parts, unit(field)])


def _tagged(point: Point, field: str) -> str:
    tags = "".join(f";{name}={_tag(value)}" for name, value in point.tags if value)
    return f"{point.measurement}_{unit(field)}{tags}"


def _tag(text: str) -> str:
    """A tag's value: printable ASCII without what ends a tag, a name or the line."""
    plain = "".join(c if "!" <= c <= "~" and c not in ";~\"'\\" else "_" for c in text)
    return plain if len(plain) <= _LONGEST else _cut(plain, text)


def _cut(plain: str, text: str) -> str:
    """A long name cut, with a digest of the whole, so that two of them stay two."""
    import hashlib

    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{plain[: _LONGEST - 9]}_{digest}"
