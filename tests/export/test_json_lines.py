"""One document a line, and bulk requests that may be sent twice."""

import json

import pytest

from bothsides.export.json_lines import bulk_answer, to_bulk, to_lines, to_timestamp
from bothsides.export.point import Point
from bothsides.export.schema import Origin, points
from tests.export.samples import AT, CLOCK, EVENT, HOSTILE, run_points


def test_documents_octet_by_octet() -> None:
    assert to_lines(points("SNMP_CLOCK", CLOCK, Origin("mon1"), AT)) == (
        b'{"@timestamp":"2026-10-14T17:46:40.123456Z","measurement":"bothsides_clock",'
        b'"source":"mon1","target":"db1","state":0,"offset":-0.001,'
        b'"uncertainty":0.0005,"rtt":0.000247}\n'
    )


def test_a_time_keeps_its_microseconds() -> None:
    assert to_timestamp(1_000_000_001_000_002_999) == "2001-09-09T01:46:41.000002Z"
    assert to_timestamp(0) == "1970-01-01T00:00:00.000000Z"


def test_a_bulk_names_each_document_and_the_same_one_alike() -> None:
    first, again = to_bulk(run_points(), [EVENT]), to_bulk(run_points(), [EVENT])
    assert first == again
    lines = first.decode().splitlines()
    names = [json.loads(line)["create"]["_id"] for line in lines[::2]]
    assert len(names) == len(set(names)) == len(lines) // 2
    assert lines[1::2] == to_lines(run_points(), [EVENT]).decode().splitlines()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_read_back_as_it_was(name: str) -> None:
    point = Point("m", (("target", name),), (("v", 1.5), ("bad", float("nan"))), AT)
    (line,) = to_lines([point]).splitlines()
    assert json.loads(line)["target"] == name
    assert "bad" not in json.loads(line)


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, {"errors": False, "items": [{"create": {"status": 201}}] * 2}, (2, 0, "")),
        (
            200,
            {"errors": True, "items": [{"create": {"status": 201}}, {"create": {"status": 409}}]},
            (2, 0, ""),
        ),
        (
            200,
            {
                "errors": True,
                "items": [
                    {"create": {"status": 201}},
                    {"create": {"status": 400, "error": {"reason": "no\nway"}}},
                ],
            },
            (1, 1, "400: no way"),
        ),
        (
            200,
            {"errors": False, "items": [{"create": {"status": 201}}]},
            (1, 1, "answered for 1 of 2"),
        ),
        (200, {"took": 1}, (0, 2, 'answered 200: {"took": 1}')),
        (200, [], (0, 2, "answered 200: []")),
        (200, {"items": ["x", {}]}, (0, 2, "an answer that is none")),
        (503, {}, (0, 2, "answered 503: {}")),
    ],
)
def test_status_200_may_hide_an_error(
    status: int, body: object, answer: tuple[int, int, str]
) -> None:
    assert bulk_answer(status, json.dumps(body).encode(), 2)[:3] == answer


def test_an_answer_that_is_no_json_is_an_error() -> None:
    assert bulk_answer(200, b"<html>", 3) == (0, 3, "answered 200: <html>", True)


@pytest.mark.parametrize(
    ("status", "item", "again"),
    [(200, 429, True), (200, 503, True), (200, 400, False), (413, 0, False)],
)
def test_what_was_refused_for_now_is_sent_again(status: int, item: int, again: bool) -> None:
    body = json.dumps({"errors": True, "items": [{"create": {"status": item, "error": "x"}}]})
    assert bulk_answer(status, body.encode(), 1).again is again
