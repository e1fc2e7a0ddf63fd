"""The timeline: lanes, colours, and gaps that say that nothing was measured."""

from xml.etree.ElementTree import Element

import pytest

from bothsides.incident.report_timeline import COLOURS, colour, legend, svg
from bothsides.model.interval import Interval
from bothsides.model.report import Point, Span
from tests.support.reports import lossy, report


def picture(*points: Point, spans: tuple[Span, ...] = (Span("during", 0.0, 100.0),)) -> Element:
    return svg(report(lossy())._replace(points=points, spans=spans))


def bars(made: Element, kind: str) -> list[Element]:
    return [each for each in made.iter("rect") if each.get("class") == kind]


def texts(made: Element) -> list[str]:
    return [each.text or "" for each in made.iter("text")]


@pytest.mark.parametrize(
    ("share", "name"),
    [(0.0, "#26ff00"), (0.01, "#00b8ff"), (0.05, "#00b8ff"), (0.051, "#0059ff"),
     (0.5, "#dd00ff"), (0.51, "#ff0000"), (1.0, "#ff0000")],
)  # fmt: skip
def test_colours_follow_the_share_of_loss(share: float, name: str) -> None:
    assert colour(share) == name
    assert len(legend()) == len(COLOURS)


def test_loss_out_stands_above_the_axis_and_loss_back_below() -> None:
    out = Point("during", "out", 0.0, 100.0, 100, Interval(50, 50), None)
    made = picture(out, out._replace(way="back"))
    tops = [float(bar.get("y", "")) for bar in bars(made, "bar")]
    assert min(tops) == 68.0
    assert max(tops) == 100.0
    assert {"out: lost 50 of 100", "back: lost 50 of 100"} <= set(texts(made))


def test_times_without_a_measurement_are_hatched() -> None:
    first = Point("during", "out", 0.0, 20.0, 100, Interval(0, 0), None)
    made = picture(first, first._replace(at=70.0, lasted=30.0))
    (gap,) = bars(made, "gap")
    assert 0.45 < float(gap.get("width", "")) / 880 < 0.55
    assert "not measured" in texts(made)


def test_runs_that_follow_each_other_leave_no_gap() -> None:
    runs = [Point("during", "trip", 10.0 * n, 0.0, 20, Interval(0, 0), None) for n in range(11)]
    assert bars(picture(*runs), "gap") == []


def test_a_window_without_any_measurement_is_one_gap() -> None:
    assert len(bars(picture(), "gap")) == 1


def test_a_loss_within_an_interval_has_a_light_part() -> None:
    made = picture(Point("during", "out", 0.0, 100.0, 100, Interval(10, 30), None))
    assert [bar.get("opacity") for bar in bars(made, "bar")] == ["0.5", "1.0"]


def test_the_picture_has_a_title_and_a_description() -> None:
    made = picture(Point("during", "out", 0.0, 1.0, 10, Interval(1, 1), None, True))
    assert made.findtext("title") == "Timeline: loss by direction and round-trip time"
    assert made.findtext("desc") == "during 1970-01-01 00:00:00Z out: lost 1 of 10"
    assert [line.get("class") for line in made.iter("line")] == ["axis", "turn"]
