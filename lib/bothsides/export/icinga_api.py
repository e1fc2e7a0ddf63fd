"""Results for Icinga 2's API: one request each, and beforehand the names that it knows.

Icinga does not split performance data from the output, so they travel apart. With `ttl` the result
goes UNKNOWN by itself when no other follows. Both times are sent: a result with an old end alone
would replace a newer one. Source: Icinga 2, "API", process-check-result; tried with 2.13.6.
"""

from bothsides.base.types import Iterable
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result
from bothsides.export.request import Reply, Request, first_words, from_json

_JSON = (("Accept", "application/json"), ("Content-Type", "application/json"))
_NEWER = 409  # Icinga 2.14 and later: it has a newer result


def to_request(base: str, result: Result, source: str, ttl: float) -> Request:
    """The request for one result. base: https://host:5665; ttl: seconds, 0 for none."""
    import json

    body: dict[str, object] = {
        "service" if result.service else "host": about(result),
        "exit_status": result.code if result.service else result.host_code,
        "plugin_output": f"{result.line}\n{result.long}" if result.long else result.line,
        "performance_data": result.perfdata.split(),
        "check_source": source,
        "execution_start": result.began,
        "execution_end": result.ended,
    }
    if ttl:
        body["ttl"] = ttl
    url = f"{base.rstrip('/')}/v1/actions/process-check-result"
    return Request("POST", url, _JSON, json.dumps(body).encode())


def check_answer(reply: Reply, result: Result) -> None:
    """Raises Undelivered unless Icinga took the result, or has a newer one already."""
    if reply.status == 404:  # also where the user has no permission for it
        raise Undelivered(
            f"Icinga knows no {about(result)}, or does not let this user send for it", alone=True
        )
    if reply.status == 401:
        raise Undelivered("Icinga refused user and password (401)")
    codes = _codes(reply)
    if codes and all(code in (200, _NEWER) for code in codes):
        return
    words = f"Icinga answered {reply.status} for {about(result)}{_status(reply)}"
    if reply.status < 500 and codes:  # this result's own: 4xx for ever, others perhaps for now
        final = any(isinstance(code, int | float) and 400 <= code < 500 for code in codes)
        raise Undelivered(words, again=not final, alone=not final)
    # Whoever answers otherwise may be no Icinga: a proxy, or a wrong port that is mended later.
    final = reply.status in (400, 422) and isinstance(from_json(reply.body), dict)
    raise Undelivered(words, again=not final)


def names_request(base: str, kind: str) -> Request:
    """Asks for all names of a kind, "services" or "hosts", that this user may see."""
    url = f"{base.rstrip('/')}/v1/objects/{kind}?attrs=__name"
    return Request("GET", url, _JSON)


def names(reply: Reply) -> frozenset[str] | None:
    """The names, as in host!service; None where this user may not ask for them."""
    if reply.status in (403, 404):
        return None
    if reply.status == 401:
        raise Undelivered("Icinga refused user and password (401)")
    rows = _rows(reply)
    if reply.status != 200 or rows is None:
        raise Undelivered(f"Icinga answered {reply.status} without names{_status(reply)}")
    return frozenset(str(row.get("name")) for row in rows)


def unknown(results: Iterable[Result], known: frozenset[str] | None) -> tuple[Result, ...]:
    """The results whose host or service Icinga does not know; none where that cannot be asked."""
    if known is None:
        return ()
    return tuple(result for result in results if about(result) not in known)


def about(result: Result) -> str:
    """Icinga's name of what a result is about."""
    return f"{result.host}!{result.service}" if result.service else result.host


def _codes(reply: Reply) -> list[object]:
    """The code of each object that the request was about."""
    return [row.get("code") for row in _rows(reply) or ()]


def _rows(reply: Reply) -> list[dict[str, object]] | None:
    """The results in an answer; None where it is no answer of Icinga."""
    answer = from_json(reply.body)
    rows = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return rows


def _status(reply: Reply) -> str:
    """Icinga's own words, behind a colon; "" where it has none."""
    rows = _rows(reply)
    answer = rows[0] if rows else from_json(reply.body)
    status = answer.get("status") if isinstance(answer, dict) else first_words(reply.body)
    words = " ".join(str(status or "").split())[:200]
    return f": {words}" if words else ""
