"""What Icinga's API answers, and what is made of it; its real server is in tests/real."""

import contextlib
import http.server
import json
import threading
import time

import pytest

from bothsides.base.secret import Secret
from bothsides.model.whose_fault import Asked, IcingaApi
from bothsides.probe.evidence.icinga import Executions, Outcome, _refused, _result, _rows


def test_a_result_has_the_end_and_the_output() -> None:
    row = {"attrs": {"last_check_result": {"execution_end": 5.5, "output": ' {"at":1}\n'}}}
    assert _result(row) == (5.5, '{"at":1}')
    assert _result({"attrs": {"last_check_result": None}}) == (0.0, "")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"results": 5}', b'{"results": [5]}'])
def test_what_icinga_would_not_answer_has_no_rows(body: bytes) -> None:
    assert _rows(body) == []


def test_a_refusal_is_told_in_plain_words() -> None:
    assert _refused(401, b"") == "the Icinga API refuses user and password (401)"
    assert 'no service "bothsides evidence" of it' in _refused(404, b"{}")
    said = json.dumps({"error": 500, "status": "broken\nin two"}).encode()
    assert _refused(500, said) == "the Icinga API (500): broken in two"
    assert _refused(200, b"<html>") == "the Icinga API (200): no answer that Icinga would give"


class Endless(http.server.BaseHTTPRequestHandler):
    """Answers with two megabytes."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):  # the reader has gone
            self.wfile.write(b'{"results": ["' + b"a" * (2 << 20) + b'"]}')

    def log_message(self, *_: object) -> None: ...


def test_an_answer_that_is_too_large_is_said_as_such() -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), Endless)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    api = IcingaApi(f"http://127.0.0.1:{server.server_port}", "user", Secret("word"), "")
    executions = Executions(api, [Asked("A", "icinga", "A")])
    try:
        until = time.monotonic() + 20
        outcomes: list[Outcome] = []
        while not outcomes and time.monotonic() < until:
            outcomes += executions.step(0.1)
    finally:
        executions.close()
        server.shutdown()
        thread.join()
        server.server_close()
    assert [each.words for each in outcomes] == [
        "it answered with more than 1 MiB, which is no document"
    ]
