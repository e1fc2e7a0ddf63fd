"""What the judge says of one visit, and of several."""

import pytest

from bothsides.analyse.https_past import Window
from bothsides.model.https import Run
from bothsides.plugin.finding import Finding, Reading, Remark, State, Table, Target
from tests.support.https import (
    BAD,
    DAY,
    GOOD,
    NOW,
    answered,
    at,
    judged,
    judged_run,
    limits,
    values,
)


def test_a_good_answer_is_ok_with_every_figure() -> None:
    findings = judged(answered())
    assert findings[0] == Remark(State.OK, "200 OK in 150 ms, 100 B")
    figures = values(findings)
    assert figures["time"] == pytest.approx(0.15)
    assert figures["time_proxy"] is None
    assert (figures["cert_days"], figures["chain_days"]) == (80.0, 20.0)
    assert (figures["http_status"], figures["tcp_rtt"], figures["tcp_retrans"]) == (
        200.0,
        0.018,
        0.0,
    )
    assert (figures["addresses"], figures["addresses_ok"]) == (1.0, 1.0)


def reports(findings: list[Finding]) -> list[Target]:
    return [one for one in findings if isinstance(one, Target)]


def test_one_visit_alone_has_its_report_first_and_its_findings_behind_it() -> None:
    report, *rest = judged_run(Run(NOW, (answered(),)), limits("-H", "example.org"))
    assert isinstance(report, Target)
    assert (report.name, report.findings) == ("https://example.org/", tuple(rest))


def test_each_of_several_visits_has_the_report_that_it_would_have_alone() -> None:
    arguments = ("-H", "example.org", "-w", "0.1", "-c", "time_tls=3", "-v")
    visits = (answered(), at(BAD, "https://a.test/"), answered("HTTP/1.1 503 Busy"))
    several = reports(judged_run(Run(NOW, visits, planned=3), limits(*arguments)))
    assert [one.name for one in several] == [
        "https://example.org/",
        "https://a.test/",
        str(visits[2].url),
    ]
    assert [one.state for one in several] == [State.WARNING, State.CRITICAL, State.CRITICAL]
    for report, visit in zip(several, visits, strict=True):
        alone = judged_run(Run(NOW, (visit,)), limits(*arguments))
        assert [report, *report.findings] == alone
        assert any(isinstance(finding, Table) for finding in report.findings)


def test_a_remembered_visit_has_a_report_though_it_is_the_only_one() -> None:
    findings = judged_run(
        Run(NOW, (answered(),)), limits("-c", "failed=0", "-c", "addresses=2:"), Window(9, 3, DAY)
    )
    (report,) = reports(findings)
    # Neither the window's failures nor the number of addresses are a matter of one visit.
    assert report.state is State.OK
    assert {"tries", "failed"}.isdisjoint(values(report.findings))
    assert values(report.findings)["addresses"] == 1.0


def test_a_report_names_the_address_that_was_used() -> None:
    used = GOOD._replace(hops=(GOOD.last._replace(address="192.0.2.9"),))
    run = Run(NOW, (used, at(GOOD, address="192.0.2.1")), planned=2)
    several = reports(judged_run(run, limits("--all-addresses")))
    assert [one.address for one in several] == ["192.0.2.9", "192.0.2.1"]


def test_a_report_has_the_labels_that_were_asked_for() -> None:
    run = Run(NOW, (answered(), answered()), planned=2)
    for report in reports(judged_run(run, limits("--perfdata-style", "check_http"))):
        labels = [one.figure.label for one in report.findings if isinstance(one, Reading)]
        assert labels[-3:] == ["time_ssl", "time_headers", "time_firstbyte"]
        assert "time_tls" not in labels


def test_the_body_is_shown_on_request() -> None:
    findings = judged_run(Run(NOW, (answered(body=b"one\ntwo"),)), limits("-B"))
    assert Table(("one", "two"), 0) in findings
