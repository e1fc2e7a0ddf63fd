"""NRDP's requests, and its answers that are always 200."""

import json
from urllib.parse import parse_qs

import pytest

from bothsides.base.secret import Secret
from bothsides.export.nrdp import check_answer, to_request
from bothsides.export.outcome import Undelivered
from bothsides.export.request import Reply
from tests.export.results import HOST, PLAIN


def test_many_results_in_one_form() -> None:
    request = to_request("http://n/nrdp/", [PLAIN, HOST], Secret("t&oken"))
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    assert (form["token"], form["cmd"]) == ("t&oken", "submitcheck")
    first, second = json.loads(form["json"])["checkresults"]
    assert first == {
        "checkresult": {"type": "service", "checktype": "1"},
        "hostname": "office",
        "servicename": "udp",
        "state": "2",
        "output": PLAIN.output,
        "time": "1792000001",
    }
    assert (second["checkresult"]["type"], second["state"]) == ("host", "1")
    assert "servicename" not in second
    assert "t&oken" not in request.url


def test_taken_means_all_of_them() -> None:
    def answer(output: str) -> Reply:
        result = {"status": 0, "message": "OK", "meta": {"output": output}}
        return Reply(200, json.dumps({"result": result}).encode())

    check_answer(answer("2 checks processed"), 2)
    with pytest.raises(Undelivered, match="NRDP took 1 of 2"):
        check_answer(answer("1 checks processed"), 2)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b'{"result":{"status":-1,"message":"BAD TOKEN"}}', "NRDP says BAD TOKEN"),
        (200, b"<html>login</html>", "no answer of an NRDP .200.: <html>login"),
        (500, b'{"result":{"status":0,"message":"OK"}}', "NRDP says OK"),
        (200, b"[]", "no answer of an NRDP"),
        (404, b"", "no answer of an NRDP .404."),
    ],
)
def test_an_error_inside_status_200_is_an_error(status: int, body: bytes, words: str) -> None:
    with pytest.raises(Undelivered, match=words):
        check_answer(Reply(status, body), 1)
