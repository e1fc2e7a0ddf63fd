"""The rows of recorded HTTPS runs."""

import pytest

from bothsides.check.https.check import CHECK
from bothsides.export.https_rows import rows, shown
from bothsides.parse.url import from_url
from tests.export.measured import judged


def test_a_visit_is_one_row_and_one_for_each_phase() -> None:
    run = judged(CHECK, "ok")
    first, *phases = rows(run.analysis, run.measured)
    fields = dict(first.fields)
    assert first.measurement == "bothsides_https"
    assert first.tag("target") == run.analysis.visits[0].visit.url.host
    assert first.tag("url") == str(run.analysis.visits[0].visit.url)
    assert fields["status"] == run.figures["http_status"]
    assert fields["duration"] == pytest.approx(run.figures["time"])
    assert first.at == int(run.analysis.now * 1e9)
    named = {point.tag("phase"): dict(point.fields)["duration"] for point in phases}
    assert named == {
        label.removeprefix("time_"): value
        for label, value in run.figures.items()
        if label.startswith("time_") and label != "time_redirect" and value is not None
    }


def test_other_labels_on_line_one_change_no_row() -> None:
    plain = judged(CHECK, "ok")
    styled = judged(CHECK, "ok", "bothsides", "--perfdata-style", "check_http")
    first, other = (next(rows(run.analysis, run.measured)) for run in (plain, styled))
    assert first == other


def test_tries_of_one_url_do_not_replace_each_other() -> None:
    run = judged(CHECK, "ok")
    analysis = run.analysis._replace(visits=run.analysis.visits * 3)
    measured = run.measured._replace(targets=tuple(run.measured.targets) * 3)
    points = [point for point in rows(analysis, measured) if point.measurement == "bothsides_https"]
    assert len({point.at for point in points}) == 3


def test_an_address_that_was_asked_on_its_own_is_named() -> None:
    run = judged(CHECK, "ok")
    (one,) = run.analysis.visits
    visit = one._replace(visit=one.visit._replace(address="192.0.2.1"))
    point = next(rows(run.analysis._replace(visits=(visit,)), run.measured))
    assert point.tag("address") == "192.0.2.1"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://a.example/", "https://a.example/"),
        ("https://a.example/x?token=hush&b", "https://a.example/x?token=...&b"),
        ("https://a.example:8443/?a=1&b=2", "https://a.example:8443/?a=...&b=..."),
    ],
)
def test_values_of_a_query_stay_at_home(url: str, told: str) -> None:
    assert shown(from_url(url)) == told
