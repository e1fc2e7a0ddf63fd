"""Asks a store for the last values of a query."""

import os
import time

from bothsides.base.deadline import Deadline, Interrupted
from bothsides.base.errors import Unable
from bothsides.base.types import Callable, Mapping
from bothsides.export.http import OwnTrouble, Sender, Trust
from bothsides.export.login import from_environment, from_file, to_login
from bothsides.export.outcome import Undelivered
from bothsides.export.percent import quoted
from bothsides.export.request import Reply, Request
from bothsides.model.failure import Failure
from bothsides.model.metric import Plan, Run, Series
from bothsides.parse import Unreadable, metric

_RESERVE = 0.1  # s of the deadline for judging
_FLUX = "/api/v2/query"
_NOT_SELECTOR = frozenset("()+-*/%^<>@[] \t\n")

Read = Callable[[str], tuple[metric.Last, ...]]


def measure(plan: Plan, past: None, deadline: Deadline) -> Run:
    """Asks once, and reads what comes. What goes wrong is a failure, never a value."""
    failure, stopped = None, None
    latest: tuple[metric.Last, ...] = ()
    deadline.enter(f"asking {_names[plan.store]}")
    try:
        request, read = to_request(plan)
        reply = _send(plan, request, deadline)
        latest, failure = _read(plan, reply, read)
    except Undelivered as fault:
        url = plan.url.partition("?")[0][:120]  # a query may hold a secret
        failure = Failure("server", f"{_names[plan.store]} cannot be asked: {url}: {fault}")
    except Interrupted as cause:
        stopped = deadline.stop(str(cause))
    series = tuple(Series(each.name, each.at, each.value) for each in latest)
    return Run(subject=plan.query, now=time.time(), series=series, failure=failure, stopped=stopped)


_names: Mapping[str, str] = {
    "graphite": "Graphite",
    "influx": "InfluxDB",
    "prometheus": "Prometheus",
}


def _send(plan: Plan, request: Request, deadline: Deadline) -> Reply:
    secrets = from_file(plan.login) if plan.login else from_environment(os.environ)
    try:
        sender = Sender(to_login(secrets), Trust(plan.ca_file))
    except ImportError as fault:
        raise Unable(f"not installed: {fault}") from None
    try:
        return sender.send(request, deadline.left() - _RESERVE)
    except OwnTrouble as fault:
        raise Unable(str(fault)) from None
    finally:
        sender.close()


def _read(plan: Plan, reply: Reply, read: Read) -> tuple[tuple[metric.Last, ...], Failure | None]:
    """The series of a reply, or why there are none."""
    name, text = _names[plan.store], reply.body.decode("utf-8", "replace")
    why = ""
    try:
        latest = read(text)
    except Unreadable as fault:
        latest, why = (), str(fault)
    if reply.status in (401, 403):
        return (), Failure("config", f"{name} refuses the login ({reply.status})")
    if reply.status != 200:
        own = why.startswith(f"{name}: ")  # the store's own words
        words = (
            f"{why} (HTTP {reply.status})" if own else f"{name} answers with HTTP {reply.status}"
        )
        return (), Failure("server", words)
    return latest, Failure("server", why) if why else None


def to_request(plan: Plan) -> tuple[Request, Read]:
    """The request, and what reads its reply."""
    base, _, query = plan.url.partition("?")
    if plan.store == "graphite":
        asked = {"target": plan.query, "format": "json", "noNullPoints": "true"}
        asked["from"] = f"-{max(1, round(plan.window))}s"
        return Request("GET", _joined(_under(base, "/render"), query, asked)), metric.from_graphite
    if plan.store == "prometheus":
        asked = {"query": f"{plan.query}[{max(1, round(plan.window))}s]"}
        if not is_selector(plan.query):
            asked = {"query": plan.query}
        url = _joined(_under(base, "/api/v1/query"), query, asked)
        return Request("GET", url), metric.from_prometheus
    if base.endswith(_FLUX):
        headers = (("Content-Type", "application/vnd.flux"), ("Accept", "application/csv"))
        return Request("POST", plan.url, headers, plan.query.encode()), metric.from_flux
    asked = {"q": plan.query, "epoch": "ns"}
    if "db=" not in query:
        asked["db"] = "bothsides"
    url = _joined(_under(base, "/query"), query, asked)
    return Request("GET", url), metric.from_influx


def is_selector(query: str) -> bool:
    """Whether PromQL is a plain selector, whose samples have times of their own."""
    name, brace, rest = query.strip().partition("{")
    bare = not brace or (rest.endswith("}") and _ends_once(rest))
    return bare and _NOT_SELECTOR.isdisjoint(name.strip()) and (name != "" or brace != "")


def _ends_once(rest: str) -> bool:
    """Whether the first brace outside of quotes is the last character."""
    quoted = ""
    for place, character in enumerate(rest):
        if quoted:
            quoted = "" if character == quoted and rest[place - 1] != "\\" else quoted
        elif character in "\"'`":
            quoted = character
        elif character == "}":
            return place == len(rest) - 1
    return False


def _under(base: str, path: str) -> str:
    """The URL with the interface's own path, where it has not got it yet."""
    bare = base.rstrip("/")
    return bare if bare.endswith(path) else bare + path


def _joined(base: str, query: str, asked: Mapping[str, str]) -> str:
    more = "&".join(f"{name}={quoted(value)}" for name, value in asked.items())
    return f"{base}?{query}&{more}" if query else f"{base}?{more}"
