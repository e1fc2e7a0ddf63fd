"""Points that the tests of this folder share: a run of each check, and a path with a silent hop."""

from bothsides.export.path_rows import HopRow, hop_points
from bothsides.export.point import Event, Point
from bothsides.export.schema import Origin, points
from bothsides.parse.range import Unit
from bothsides.plugin.finding import Figure, Reading, Remark, State, Target

AT = 1_792_000_000_123_456_789
ORIGIN = Origin("mon1", "office-to-aws")
ROWS = (
    HopRow(1, "192.0.2.1", "", None, 20, 0, 0.0005, 0.0006, 0.0007, 0.0001, 0.0005),
    HopRow(2, "", "", None, 20, 20, None, None, None, None, None),
    HopRow(8, "52.93.0.5", "Amazon", 16509, 20, 0, 0.0131, 0.0134, 0.0151, 0.0004, 0.0133),
)
HOSTILE = (
    "2001:db8::1",
    "a b",
    "a,b",
    "a=b",
    "\N{LATIN SMALL LETTER A WITH DIAERESIS}",
    "x" * 300,
    "two\nlines",
    'a"b',
    "a\\",
    "a;b~c",
    "../../evil",
    "a|b#c",
    "nul\0here",
    "..",
    "#start",
)
"""Names that some store or other trips over."""


def finding(label: str, value: float | None, uom: Unit = "") -> Reading:
    return Reading(Figure(label, uom, ""), value, "")


UDP = Target(
    "198.51.100.10",
    "198.51.100.10",
    (
        Remark(State.WARNING, "lost 14 of 100"),
        finding("rta", 0.0213, "s"),
        finding("pl", 14.0, "%"),
        finding("pl_out", 0.0, "%"),
        finding("pl_back", None, "%"),
        finding("sent", 100),
        finding("recv", 86),
    ),
)
PATH = Target(
    "198.51.100.10",
    "198.51.100.10",
    (
        Remark(State.CRITICAL, "path changed"),
        finding("hops", 11),
        finding("path_changed", 1),
        finding("pl", 26.0, "%"),
        finding("rta", 0.063, "s"),
        finding("path_age", 600.0, "s"),
    ),
)
HTTPS = Target(
    "www.example.org",
    "192.0.2.80",
    (
        finding("time", 0.101, "s"),
        finding("http_status", 200),
        finding("size", 157, "B"),
        finding("cert_days", 90.1),
        finding("time_dns", 0.0001, "s"),
        finding("time_tls", 0.0203, "s"),
    ),
)
CLOCK = Target(
    "db1",
    "192.0.2.7",
    (
        finding("offset", -0.001, "s"),
        finding("uncertainty", 0.0005, "s"),
        finding("rtt", 0.000247, "s"),
    ),
)


def run_points(origin: Origin = ORIGIN, at: int = AT) -> tuple[Point, ...]:
    """All four checks and the path's hops."""
    return (
        *points("UDP_LOSS", UDP, origin, at, more={"loss_low": 0.085, "loss_high": 0.221}),
        *points("MTR_PATH", PATH, origin, at, more={"path_id": "c6dd7b296c8c"}),
        *hop_points(ROWS, PATH.name, origin, at),
        *points("HTTPS", HTTPS, origin, at, url="https://www.example.org/"),
        *points("SNMP_CLOCK", CLOCK, origin, at),
    )


EVENT = Event(
    kind="path_change",
    title="path changed at hop 8",
    text='hop 8: 52.93.0.5 became 52.93.9.2 (inside "Amazon")',
    tags=(("source", "mon1"), ("target", "198.51.100.10"), ("route", "office-to-aws")),
    words=("bothsides", "path", "office-to-aws"),
    path_id="c6dd7b296c8c",
    at=AT,
)
