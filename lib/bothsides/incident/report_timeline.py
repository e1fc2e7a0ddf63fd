"""The timeline of a report as inline SVG: a panel for each window, a lane for each direction.

Loss out rises above the axis and loss back hangs below it, in SmokePing's colours; its height says
the same without colours. Times without a measurement are hatched.
"""

from bothsides.base.types import TYPE_CHECKING, NamedTuple, Sequence
from bothsides.incident.report import moment
from bothsides.incident.report_lists import to_time
from bothsides.incident.report_text import loss_words, visible
from bothsides.model.interval import Interval
from bothsides.model.report import Point, Report, Span

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WIDTH, _HEIGHT = 960.0, 250.0
_TOP, _AXIS, _BOTTOM = 24.0, 100.0, 176.0  # lane out from the top to the axis, back below it
_DELAY_TOP, _DELAY_BOTTOM = 184.0, 222.0  # lane of round-trip times
_FEW = 4  # steps between runs from which a usual one is known
_FULL = 60.0  # height of a bar that means 100 %
COLOURS = (
    (0.0, "#26ff00"), (0.05, "#00b8ff"), (0.10, "#0059ff"), (0.15, "#5e00ff"),
    (0.20, "#7e00ff"), (0.50, "#dd00ff"), (1.0, "#ff0000"),
)  # fmt: skip
"""Colours up to a share of loss, as SmokePing has them for 20 pings."""


class _Panel(NamedTuple):
    """Where a window lies on the picture."""

    span: Span
    left: float
    width: float

    def x(self, at: float) -> float:
        """The place of an instant; what lies outside is put on the edge."""
        length = self.span.end - self.span.start
        if length < 1e-3:  # a moment stands in the middle
            return self.left + self.width / 2
        return self.left + self.width * min(1.0, max(0.0, (at - self.span.start) / length))


def colour(share: float) -> str:
    """The colour of a share of loss."""
    return next((name for most, name in COLOURS if share <= most), COLOURS[-1][1])


def svg(report: Report) -> "Element":
    """The picture, with a title and a description for those who do not see it."""
    from xml.etree.ElementTree import Element

    picture = Element("svg", viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}", role="img")
    _add(picture, "title", "Timeline: loss by direction and round-trip time")
    words = "; ".join(
        f"{point.phase} {to_time(point.at)} {point.way}: {loss_words(point)}"
        for point in report.points[:12]
    )
    _add(picture, "desc", words or "nothing was measured")
    pattern = _add(_add(picture, "defs"), "pattern", id="gap", width=6, height=6,
                   patternUnits="userSpaceOnUse")  # fmt: skip
    _add(pattern, "path", d="M0 6 L6 0", **{"class": "hatch"})
    longest = max((p.rtt.high for p in report.points if p.rtt is not None), default=0.0)
    room = (_WIDTH - 70) / max(1, len(report.spans))
    for place, span in enumerate(report.spans):
        panel = _Panel(span, 60 + place * room, room - 10)
        _panel(picture, panel, [p for p in report.points if p.phase == span.phase], longest)
    start, target = report.verdict.start, report.verdict.target
    for y, label in ((_TOP + 30, "out"), (_BOTTOM - 20, "back"), (_DELAY_BOTTOM - 10, "rtt")):
        _add(picture, "text", label, x=4, y=y)
    _add(picture, "text", f"out: {start[:40]} to {target[:40]}; back: the other way; "
         "height and colour of a bar: share that was lost; hatched: not measured",
         x=4, y=_HEIGHT - 4, **{"class": "soft"})  # fmt: skip
    return picture


def legend() -> Sequence[tuple[str, str]]:
    """Colour and words of each step."""
    words = ["0 %", *(f"to {100 * most:.0f} %" for most, _ in COLOURS[1:])]
    return tuple((name, text) for (_, name), text in zip(COLOURS, words, strict=True))


def _panel(picture: "Element", panel: _Panel, points: Sequence[Point], longest: float) -> None:
    height = _DELAY_BOTTOM - _TOP
    if panel.span.phase == "during":
        _add(picture, "rect", x=panel.left, width=panel.width, y=_TOP, height=height,
             **{"class": "incident"})  # fmt: skip
    _gaps(picture, panel, points)
    _add(picture, "rect", x=panel.left, width=panel.width, y=_TOP, height=height,
         **{"class": "frame"})  # fmt: skip
    _add(picture, "line", x1=panel.left, x2=panel.left + panel.width, y1=_AXIS, y2=_AXIS,
         **{"class": "axis"})  # fmt: skip
    head = f"{panel.span.phase}, {moment(panel.span.start)}"
    _add(picture, "text", head, x=panel.left + 2, y=_TOP - 8)
    for point in sorted(points, key=_share, reverse=True):  # the smaller bars in front
        _bar(picture, panel, point)
        _delay(picture, panel, point, longest)
        if point.changed:
            x = panel.x(point.at)
            turn = _add(picture, "line", x1=x, x2=x, y1=_TOP, y2=_BOTTOM, **{"class": "turn"})
            _add(turn, "title", "the path is another one than before")
    _sums(picture, panel, points)


def _share(point: Point) -> float:
    return point.lost.high / point.sent if point.lost is not None and point.sent else 0.0


def _gaps(picture: "Element", panel: _Panel, points: Sequence[Point]) -> None:
    """Hatches all of the window that no measurement covers."""
    runs = [point for point in points if not point.lasted]  # moments; usual steps are no gaps
    steps = sorted(later.at - one.at for one, later in _neighbours(runs) if later.at > one.at)
    usual = 2.5 * steps[len(steps) // 2] if len(steps) >= _FEW else 0.0
    end = panel.span.start
    for point in [*sorted(points, key=lambda each: each.at), None]:
        start = panel.span.end if point is None else point.at
        if start - end > max(usual, 0.02 * (panel.span.end - panel.span.start)):
            left, right = panel.x(end), panel.x(start)
            gap = _add(picture, "rect", x=left, width=right - left, y=_TOP, **{"class": "gap"},
                       height=_DELAY_BOTTOM - _TOP)  # fmt: skip
            _add(gap, "title", "not measured")
            if right - left > 80:
                _add(picture, "text", "not measured", x=left + 4, y=_AXIS + 4)
        if point is not None:
            end = max(end, point.at + point.lasted)


def _neighbours(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    ordered = sorted(points, key=lambda each: each.at)
    return list(zip(ordered, ordered[1:], strict=False))  # noqa: RUF007


def _bar(picture: "Element", panel: _Panel, point: Point) -> None:
    """Loss of one measurement; a light part above the sure one where it lies in an interval."""
    if point.lost is None or not point.sent:
        return
    x = panel.x(point.at)
    width = max(4.0, panel.x(point.at + point.lasted) - x)
    x = min(x, panel.left + panel.width - width)
    share = min(1.0, point.lost.high / point.sent)
    sure = min(1.0, point.lost.low / point.sent)
    for part, opacity in ((share, 0.45), (sure, 1.0)):
        height = 2.0 + _FULL * part
        top = {"out": _AXIS - height, "back": _AXIS, "trip": _AXIS - height / 2}[point.way]
        bar = _add(picture, "rect", x=x, width=width, y=top, height=height,
                   fill=colour(share), opacity=opacity, **{"class": "bar"})  # fmt: skip
    _add(bar, "title", f"{to_time(point.at)} {point.way}: {loss_words(point)}")


def _sums(picture: "Element", panel: _Panel, points: Sequence[Point]) -> None:
    """What all measurements of a lane lost together, in words."""
    for way, y in (("out", _TOP + 13), ("trip", _TOP + 26), ("back", _BOTTOM - 6)):
        known = [point for point in points if point.way == way and point.lost is not None]
        lost = [point.lost for point in known if point.lost is not None]
        if known:
            total = Interval(sum(each.low for each in lost), sum(each.high for each in lost))
            words = loss_words(known[0]._replace(sent=sum(p.sent for p in known), lost=total))
            _add(picture, "text", f"{way}: {words}", x=panel.left + 6, y=y)


def _delay(picture: "Element", panel: _Panel, point: Point, longest: float) -> None:
    """The range from the least to the median round trip, and a line at the median."""
    if point.rtt is None or longest <= 0:
        return
    x = panel.x(point.at)
    width = max(4.0, panel.x(point.at + point.lasted) - x)
    x = min(x, panel.left + panel.width - width)
    room = _DELAY_BOTTOM - _DELAY_TOP - 4
    high = _DELAY_BOTTOM - room * point.rtt.high / longest
    low = _DELAY_BOTTOM - room * max(0.0, point.rtt.low) / longest
    _add(picture, "rect", x=x, width=width, y=high, height=max(0.0, low - high),
         **{"class": "range"})  # fmt: skip
    line = _add(picture, "line", x1=x, x2=x + width, y1=high, y2=high, **{"class": "rtt"})
    words = f"{point.rtt.low * 1e3:.3g} to {point.rtt.high * 1e3:.3g} ms"
    _add(line, "title", f"{to_time(point.at)}: round trip {words}, least and median")


def _add(parent: "Element", tag: str, text: str = "", **settings: object) -> "Element":
    from xml.etree.ElementTree import SubElement

    names = {
        name: f"{value:.1f}" if isinstance(value, float) else str(value)
        for name, value in settings.items()
    }
    element = SubElement(parent, tag, names)
    if text:
        element.text = visible(text)
    return element
