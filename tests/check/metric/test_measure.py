"""Requests to the three stores, and servers that lie, refuse or hang."""

import http.server
import threading
import urllib.parse
from collections.abc import Iterator

import pytest

from bothsides.base.deadline import Deadline
from bothsides.check.metric.measure import is_selector, measure, to_request
from bothsides.model.metric import Plan, Run, Series

PLAN = Plan("graphite", "http://g.example/", "a.b", 600.0, 300.0)


def asked(plan: Plan) -> tuple[str, dict[str, list[str]]]:
    base, _, query = to_request(plan)[0].url.partition("?")
    return base, urllib.parse.parse_qs(query)


def test_graphite_is_asked_for_values_alone() -> None:
    for url in ("http://g.example/", "http://g.example/render", "http://g.example/render/"):
        base, query = asked(PLAN._replace(url=url, query="keep(a;b=ä c)"))
        assert base == "http://g.example/render"
        assert query == {
            "target": ["keep(a;b=ä c)"],
            "format": ["json"],
            "noNullPoints": ["true"],
            "from": ["-600s"],
        }


def test_influxdb_is_asked_in_the_database_of_the_url() -> None:
    plan = PLAN._replace(store="influx", query="SELECT last(x) FROM m")
    base, query = asked(plan._replace(url="http://d.example:8086/query?db=other"))
    assert base == "http://d.example:8086/query"
    assert query == {"db": ["other"], "q": [plan.query], "epoch": ["ns"]}
    assert asked(plan)[1]["db"] == ["bothsides"]


def test_flux_goes_in_the_body() -> None:
    url = "http://d.example:8086/api/v2/query?org=ours"
    request = to_request(PLAN._replace(store="influx", url=url, query='from(bucket: "b")'))[0]
    assert (request.method, request.url, request.body) == ("POST", url, b'from(bucket: "b")')
    assert ("Content-Type", "application/vnd.flux") in request.headers


def test_a_plain_selector_is_asked_for_its_samples() -> None:
    plan = PLAN._replace(store="prometheus", url="http://p.example:9090/prom/")
    base, query = asked(plan._replace(query='up{job="a"}'))
    assert (base, query) == (
        "http://p.example:9090/prom/api/v1/query",
        {"query": ['up{job="a"}[600s]']},
    )
    assert asked(plan._replace(query="sum(up)"))[1] == {"query": ["sum(up)"]}


@pytest.mark.parametrize(
    ("query", "plain"),
    [
        ("up", True),
        ("a:b_1", True),
        ('up{job="}"}', True),
        ('{__name__="a",b="\\"}"}', True),
        (" up{} ", True),
        ("up[5m]", False),
        ("up offset 5m", False),
        ("up{a='b'} > 1", False),
        ("up{a='b'} or x{}", False),
        ("rate(up[1m])", False),
        ("-up", False),
        ("up{", False),
    ],
)
def test_a_plain_selector_is_known(query: str, plain: bool) -> None:
    assert is_selector(query) is plain


class _Answer(http.server.BaseHTTPRequestHandler):
    status, body, seen = 200, b"", ""

    def do_GET(self) -> None:
        type(self).seen = str(self.headers.get("Authorization"))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def answered(url: str, status: int, body: bytes, plan: Plan = PLAN) -> Run:
    _Answer.status, _Answer.body = status, body
    return measure(plan._replace(url=url), None, Deadline(5))


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"<html>", "Graphite answers with HTTP 500"),
        (302, b"", "Graphite answers with HTTP 302"),
        (401, b"", "Graphite refuses the login (401)"),
        (200, b"<html>Welcome", "what came is no reply of Graphite: '<html>Welcome'"),
        (200, b'{"a": 1}', "no reply of Graphite: TypeError("),
        (200, b"\xff\xfe", "what came is no reply of Graphite"),
    ],
)
def test_what_is_no_good_reply_is_a_failure(url: str, status: int, body: bytes, words: str) -> None:
    run = answered(url, status, body)
    assert run.failure is not None
    assert run.failure.words.startswith(words)
    assert run.series == ()


def test_prometheus_words_of_a_refusal_are_kept(url: str) -> None:
    body = b'{"status":"error","errorType":"bad_data","error":"parse error"}'
    run = answered(url, 400, body, PLAN._replace(store="prometheus", query="sum("))
    assert run.failure is not None
    assert run.failure.words == "Prometheus: parse error (HTTP 400)"


def test_the_values_of_a_good_reply_come_back(url: str) -> None:
    run = answered(url, 200, b'[{"target": "a.b", "datapoints": [[2.5, 1700000000]]}]')
    assert (run.failure, run.series) == (None, (Series("a.b", 1.7e9, 2.5),))
    assert abs(run.now - 1.7e9) > 1


def test_the_login_comes_from_the_environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTHSIDES_EXPORT_TOKEN", "abc")
    answered(url, 200, b"[]")
    assert _Answer.seen == "Token abc"


def test_a_server_that_is_not_there_or_hangs_is_a_failure_in_time() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        run = measure(PLAN._replace(url=f"http://127.0.0.1:{port}"), None, Deadline(0.6))
    assert run.failure is not None
    assert run.failure.words.startswith("Graphite cannot be asked: ")
    gone = measure(PLAN._replace(url=f"http://127.0.0.1:{port}"), None, Deadline(5))
    assert gone.failure is not None
