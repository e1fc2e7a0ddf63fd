"""Points as StatsD gauges and timers, and the pulse that Semaphore's monitoring listens for.

    bothsides.mon1.udp.office-to-aws.state:1|g
    tagged.prod.mon1.office-to-aws.no_tag.network.mtr.pulse:1|g

StatsD has no times, so nothing is sent later, and nothing of single hops: names are for ever there.
"""

from bothsides.base.types import Iterable, Sequence
from bothsides.export.graphite import part, unit
from bothsides.export.point import Point, to_decimal

PULSE = "network.mtr.pulse"
_LEFT_OUT = ("bothsides_hop", "bothsides_https_phase", "bothsides_udp_packet", "bothsides_event")
_TAGS = 3  # parts that a tagged name of watchman has


def to_lines(points: Iterable[Point], prefix: str = "bothsides") -> bytes:
    """A line for each number of a whole run: times as timers in ms, all else as gauges."""
    lines: list[str] = []
    for point in points:
        if point.measurement not in _LEFT_OUT:
            name = _name(point, prefix)
            for field, value in point.fields:
                if not isinstance(value, str):
                    lines += _lines(name, field, value)
    return "".join(line + "\n" for line in lines).encode("ascii", "replace")


def pulse(prefix: str, tags: Sequence[str] = (), name: str = PULSE) -> bytes:
    """A sign of life, named as Semaphore's watchman library names it.

    Up to three tags stand in front of the name, and `no_tag` for those that are missing.
    """
    if not tags:
        return f"{_dotted(prefix)}.{_dotted(name)}:1|g\n".encode("ascii", "replace")
    three = [*(_part(tag) for tag in tags), *["no_tag"] * _TAGS][:_TAGS]
    whole = ".".join(["tagged", _dotted(prefix), *three, _dotted(name)])
    return f"{whole}:1|g\n".encode("ascii", "replace")


def _name(point: Point, prefix: str) -> str:
    subject = point.measurement.removeprefix("bothsides_")
    destination = point.tag("route") or point.tag("url").partition("://")[2] or point.tag("target")
    return ".".join([_dotted(prefix), _part(point.tag("source")), subject, _part(destination)])


def _lines(name: str, field: str, value: float) -> list[str]:
    if unit(field).endswith("_seconds") and value >= 0:
        number = to_decimal(value * 1000.0)
        return [f"{name}.{field}:{number}|ms"] if number else []
    number = to_decimal(value)
    if not number:
        return []
    whole = f"{name}.{unit(field)}"
    # A gauge with a sign is a difference, so a negative one starts from 0.
    return [f"{whole}:0|g", f"{whole}:{number}|g"] if value < 0 else [f"{whole}:{number}|g"]


def _dotted(text: str) -> str:
    """A name whose dots make parts."""
    return ".".join(_part(piece) for piece in text.split("."))


def _part(text: str) -> str:
    """A part of a name in characters that StatsD keeps; a colon would end the name."""
    return part(text).replace(":", "_")
