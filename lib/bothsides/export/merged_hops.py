"""Joins the rows of several routers at one hop, for stores whose names hold no address."""

from bothsides.base.types import Iterable, Sequence
from bothsides.export.point import Point, Value

_NAMES = ("address", "owner")


def merged(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points, one for each hop: counts added, times over all replies, names side by side."""
    groups: dict[tuple[object, ...], list[Point]] = {}
    for point in points:
        key: tuple[object, ...] = (point.measurement, point.tags, point.at)
        if point.measurement == "bothsides_hop":
            tags = tuple(tag for tag in point.tags if tag[0] not in _NAMES)
            key = (point.measurement, tags, point.at)
        groups.setdefault(key, []).append(point)
    return tuple(_merge(rows) if len(rows) > 1 else rows[0] for rows in groups.values())


def _merge(rows: Sequence[Point]) -> Point:
    first = rows[0]
    if first.measurement != "bothsides_hop":
        return rows[-1]  # the same row twice: a store keeps the last one too
    tags = [(name, value) for name, value in first.tags if name not in _NAMES]
    for name in _NAMES:
        known = sorted({row.tag(name) for row in rows if row.tag(name) not in ("", "*")})
        text = " ".join(known) or (first.tag(name) if name == "address" else "")
        tags += [(name, text)] if text else []
    return first._replace(tags=tuple(tags), fields=_fields([dict(row.fields) for row in rows]))


def _fields(rows: Sequence[dict[str, Value]]) -> tuple[tuple[str, Value], ...]:
    sent, lost = (sum(int(row.get(name, 0)) for row in rows) for name in ("sent", "lost"))
    answered = [(_replies(row), row) for row in rows if "rtt_avg" in row]
    fields: dict[str, Value] = {"sent": sent, "lost": lost}
    if sent:
        fields["loss"] = lost / sent
    if answered:
        fields |= _times(answered)
    numbers = {row["asn"] for row in rows if "asn" in row}
    if len(numbers) == 1:
        fields["asn"] = numbers.pop()
    return tuple(fields.items())


def _replies(row: dict[str, Value]) -> int:
    return max(1, int(row.get("sent", 0)) - int(row.get("lost", 0)))


def _times(answered: Sequence[tuple[int, dict[str, Value]]]) -> dict[str, Value]:
    """Least, mean, greatest and deviation over all replies, each row weighted by its own."""
    count = sum(number for number, _ in answered)
    mean = sum(number * float(row["rtt_avg"]) for number, row in answered) / count
    times: dict[str, Value] = {"rtt_avg": mean}
    for name, choose in (("rtt_min", min), ("rtt_max", max)):
        values = [float(row[name]) for _, row in answered if name in row]
        if values:
            times[name] = choose(values)
    if all("rtt_stddev" in row for _, row in answered):
        squares = sum(
            number * (float(row["rtt_stddev"]) ** 2 + (float(row["rtt_avg"]) - mean) ** 2)
            for number, row in answered
        )
        times["rtt_stddev"] = (squares / count) ** 0.5
    return {name: times[name] for name in sorted(times)}
