"""Plan and Run of check_https as records."""

import json
from pathlib import Path

import pytest

from bothsides.base.record import from_json, from_record, to_record
from bothsides.base.secret import Secret
from bothsides.model.https import Order, Plan, Request, Run, Visit
from bothsides.parse import Unreadable
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from tests.support.https import BAD, GOOD, URL, answered
from tests.support.process import HOUSE

RECORDS = sorted((HOUSE / "tests/data/records").glob("check_https-*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_of_an_earlier_version_is_read(path: Path) -> None:
    text = path.read_text()
    plan, run = from_record(text, "check_https", Plan, Run)
    assert isinstance(plan, Plan) and isinstance(run, Run)
    assert all(visit.hops for visit in run.visits)


def test_plan_and_run_are_read_back_without_their_secrets() -> None:
    plan = Plan((URL,), request=Request(body=Secret("s3cret"), headers=(Secret("X: s3cret"),)))
    run = Run(1.5, (GOOD, BAD, answered()), str(URL), None, 3)
    text = to_record("check_https", plan, run)
    assert "s3cret" not in text
    again, same = from_record(text, "check_https", Plan, Run)
    assert same == run
    assert again.urls == plan.urls


@pytest.mark.parametrize(
    ("field", "value"),
    [("follow", "somewhere"), ("refuse", ["1.9"]), ("route", {"family": 5})],
)
def test_a_word_that_no_plan_has_is_unreadable(field: str, value: object) -> None:
    text = to_record("check_https", Plan((URL,)), Run(0.0))
    plan = {**json.loads(text)["plan"], field: value}
    with pytest.raises(Unreadable, match=field):
        from_json(Plan, plan, "plan")


def test_a_visit_lasts_as_long_as_all_its_transfers_and_the_last_one_counts() -> None:
    first, second = answered().last, answered().last._replace(phases=Phases(dns=0.25))
    visit = Visit(URL, (first, second))
    assert visit.seconds == pytest.approx(0.15 + 0.25)
    assert visit.last is second
    assert visit.begun
    assert not Visit(URL, (first._replace(phases=Phases()),)).begun


def test_a_socks_proxy_speaks_no_http() -> None:
    order = Order(from_url("https://a.test/"), (), None)
    proxies = ("socks5://p:1", "http://p:1", "")
    assert [order._replace(proxy=proxy).socks for proxy in proxies] == [True, False, False]
