"""Requests to Icinga's API and its answers."""

import json

import pytest

from bothsides.export.icinga_api import check_answer, names, names_request, to_request, unknown
from bothsides.export.outcome import Undelivered
from bothsides.export.request import Reply
from tests.export.results import HOST, PLAIN, SHORT


def test_a_request_carries_performance_data_apart_and_both_times() -> None:
    request = to_request("https://m1:5665/", PLAIN, "mon1", 660)
    assert (request.method, request.url) == (
        "POST",
        "https://m1:5665/v1/actions/process-check-result",
    )
    assert dict(request.headers)["Accept"] == "application/json"
    assert json.loads(request.body) == {
        "service": "office!udp",
        "exit_status": 2,
        "plugin_output": f"{PLAIN.line}\n{PLAIN.long}",
        "performance_data": ["pl=30%;1;5;0;100", "rta=0.012s"],
        "check_source": "mon1",
        "execution_start": 1792000000.25,
        "execution_end": 1792000001.5,
        "ttl": 660,
    }


def test_a_host_is_up_or_down_and_no_ttl_is_none() -> None:
    body = json.loads(to_request("https://m1:5665", HOST, "mon1", 0).body)
    assert (body["host"], body["exit_status"], body["performance_data"]) == ("office", 1, [])
    assert "ttl" not in body
    assert "service" not in body


@pytest.mark.parametrize("code", [200.0, 409.0])
def test_taken_or_superseded_is_delivered(code: float) -> None:
    check_answer(
        Reply(200, json.dumps({"results": [{"code": code, "status": "x"}]}).encode()), PLAIN
    )


@pytest.mark.parametrize(
    ("status", "answer", "words", "again"),
    [
        (401, {"error": 401}, "refused user and password", True),
        (404, {"error": 404, "status": "No objects found."}, "Icinga knows no office!udp", True),
        (400, {"error": 400, "status": "Parameter is required"}, "Parameter is required", False),
        (503, {"error": 503}, "answered 503", True),
        (200, {"results": []}, "answered 200", True),
        (302, "", "answered 302", True),
        (200, {"results": [{"code": 500, "status": "Attribute ttl"}]}, "Attribute ttl", True),
        (200, {"results": [{"code": 422, "status": "no"}]}, "answered 200", False),
        (400, "<html>plain HTTP was sent to a TLS port</html>", "answered 400", True),
        (200, "text", "answered 200", True),
    ],
)
def test_a_refusal_is_told(status: int, answer: object, words: str, again: bool) -> None:
    with pytest.raises(Undelivered, match=words) as refusal:
        check_answer(Reply(status, json.dumps(answer).encode()), PLAIN)
    assert refusal.value.again is again


def test_names_are_asked_for_once() -> None:
    assert names_request("https://m1:5665", "services").url.endswith(
        "/v1/objects/services?attrs=__name"
    )
    known = names(Reply(200, b'{"results":[{"name":"office!udp"},{"name":"office"}]}'))
    assert unknown([PLAIN, SHORT, HOST], known) == (SHORT,)
    assert names(Reply(403, b"")) is None
    assert unknown([PLAIN], None) == ()
    for status, body in ((401, b""), (200, b"<html>"), (200, b"[]")):
        with pytest.raises(Undelivered):
            names(Reply(status, body))
