"""Results for NRDP, the web address of Nagios servers: many in one request.

NRDP answers 200 to everything; whether it took the results stands inside. Source: NRDP 2.0.6.
"""

from bothsides.base.secret import Secret
from bothsides.base.types import Sequence
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result
from bothsides.export.request import Reply, Request, first_words, from_json

_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def to_request(url: str, results: Sequence[Result], token: Secret) -> Request:
    """The request for all results. The token travels in the body, so the body is never kept."""
    import json
    from urllib.parse import urlencode

    data = json.dumps({"checkresults": [_result(result) for result in results]})
    body = urlencode({"token": str(token), "cmd": "submitcheck", "json": data})
    return Request("POST", url, _FORM, body.encode())


def check_answer(reply: Reply, results: int) -> None:
    """Raises Undelivered unless NRDP says that it took as many results as were sent."""
    answer = from_json(reply.body)
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, dict) or "status" not in result:
        raise Undelivered(f"no answer of an NRDP ({reply.status}): {first_words(reply.body)}")
    if reply.status != 200 or result["status"] not in (0, "0"):
        raise Undelivered(f"NRDP says {result.get('message')} ({result['status']})")
    meta = result.get("meta")
    output = str(meta.get("output", "")) if isinstance(meta, dict) else ""
    number = output.partition(" ")[0]
    if number.isascii() and number.isdigit() and number != str(results):
        raise Undelivered(f"NRDP took {number[:9]} of {results} results", again=False)


def _result(result: Result) -> dict[str, object]:
    kind = "service" if result.service else "host"
    row: dict[str, object] = {
        "checkresult": {"type": kind, "checktype": "1"},
        "hostname": result.host,
        "state": str(result.code if result.service else result.host_code),
        "output": result.output,
        "time": str(int(result.ended)),
    }
    return row | {"servicename": result.service} if result.service else row
