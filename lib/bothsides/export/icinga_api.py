"""Results for Icinga 2's API: one request each, and beforehand the names that it knows.

Icinga does not split performance data from the output, so they travel apart. With `ttl` the result
goes UNKNOWN by itself when no other follows. Both times are sent: a result with an old end alone
would replace a newer one. Source: Icinga 2, "API", process-check-result; tried with 2.13.6.
"""

from bothsides.base.types import Iterable
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result
from bothsides.export.request import Reply, Request

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
    raise Undelivered(words, again=reply.status >= 500 or reply.status in (408, 429))


def names_request(base: str, kind: str) -> Request:
    """Asks for all names of a kind, "services" or "hosts", that this user may see."""
    url = f"{base.rstrip('/')}/v1/objects/{kind}?attrs=__name"
    return Request("GET", url, _JSON)


def names(reply: Reply) -> frozenset[str] | None:
    """The names, as in host!service; None where this user may not ask for them."""
    import json

    if reply.status in (403, 404):
        return None
    if reply.status == 401:
        raise Undelivered("Icinga refused user and password (401)")
    try:
        rows = json.loads(reply.body)["results"]
        return frozenset(str(row["name"]) for row in rows)
    except (ValueError, KeyError, TypeError):
        raise Undelivered(f"Icinga answered {reply.status} without names{_status(reply)}") from None


def unknown(results: Iterable[Result], known: frozenset[str] | None) -> tuple[Result, ...]:
    """The results whose host or service Icinga does not know; none where that cannot be asked."""
    if known is None:
        return ()
    return tuple(result for result in results if about(result) not in known)


def about(result: Result) -> str:
    """Icinga's name of what a result is about."""
    return f"{result.host}!{result.service}" if result.service else result.host


def _codes(reply: Reply) -> list[int]:
    """The code of each object that the request was about."""
    import json

    try:
        rows = json.loads(reply.body)["results"]
        return [int(row["code"]) for row in rows]
    except (ValueError, KeyError, TypeError):
        return []


def _status(reply: Reply) -> str:
    import json

    try:
        answer = json.loads(reply.body)
        rows = answer.get("results") or [answer]
        said = str(rows[0].get("status", ""))
    except (ValueError, AttributeError, IndexError, TypeError):
        said = reply.body[:200].decode("utf-8", "replace")
    return f": {' '.join(said.split())[:200]}" if said.strip() else ""
