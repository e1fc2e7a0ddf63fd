"""The neutral values of an export: one row of figures, and one event."""

from bothsides.base.types import NamedTuple

Value = int | float | str  # int and float are different types in a store, for ever

_LARGEST = 2**63 - 1  # what the integers of InfluxDB and Elasticsearch hold


class Point(NamedTuple):
    """One row: a measurement's figures for one set of tags at one time."""

    measurement: str  # bothsides_hop
    tags: tuple[tuple[str, str], ...]  # name and value, in the order for ever; none is empty
    fields: tuple[tuple[str, Value], ...]  # name and value; what was not measured is left out
    at: int  # ns, UTC: when the run began

    def tag(self, name: str) -> str:
        """The value of a tag, "" where the point has none of this name."""
        return next((value for known, value in self.tags if known == name), "")


class Event(NamedTuple):
    """Something that happened once, such as a change of path."""

    kind: str  # path_change
    title: str  # one line for a mark in a graph
    text: str  # what happened, in a sentence
    tags: tuple[tuple[str, str], ...]  # source, target and route, as in a point
    words: tuple[str, ...]  # by which people search for it
    path_id: str  # "" where the event is not about a path
    at: int  # ns, UTC: when the run that saw it began


def event_point(event: Event) -> Point:
    """The event as a row for stores that keep text."""
    fields = {
        "title": event.title,
        "text": event.text,
        "tags": ",".join(event.words),
        "path_id": event.path_id,
    }
    return Point(
        measurement="bothsides_event",
        tags=(*event.tags, ("kind", event.kind)),
        fields=tuple((name, value) for name, value in fields.items() if value),
        at=event.at,
    )


def to_decimal(value: float) -> str:
    """A number in plain decimals, to a billionth, as every store reads it; "" for nan."""
    if value - value != 0:
        return ""
    if isinstance(value, int):
        return str(int(value)) if -_LARGEST <= value <= _LARGEST else ""
    # A double holds 15 digits: of a time in seconds more than milliseconds would be made up.
    text = f"{value:.{9 if abs(value) < 1e6 else 3}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
