"""What Icinga's API answers, and what is made of it; its real server is in tests/real."""

import json

import pytest

from bothsides.probe.evidence.icinga import _refused, _result, _rows


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
