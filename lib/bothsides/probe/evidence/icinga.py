"""Runs the service "bothsides evidence" of hosts by Icinga's API, and waits for its result.

GET  /v1/objects/services           the last result, to know a new one
POST /v1/actions/reschedule-check   with force: the host's agent runs the command now
GET  /v1/objects/services           until another result is there

execute-command would need no service, but up to 2.13 a master refuses what agents answer to it
("Unauthorized access") unless the object stands in the agent's own zone. Source: Icinga 2, "API";
tried with 2.13.6. The user of the API needs `actions/reschedule-check` and `objects/query/Service`.
"""

import time

from bothsides.base.curl import Curl, Exhausted, Handle, begun, library
from bothsides.base.flood import WORDS, Connections, FloodGuard
from bothsides.base.types import Any, Iterator, NamedTuple, Sequence
from bothsides.model.whose_fault import Asked, IcingaApi

_Json = Any  # what Icinga answers
SERVICE = "bothsides evidence"
"""Name of the service, as `bothsides generate` writes it."""

_EVERY = 0.2  # s between two looks
_MOST = 1 << 20  # octets of an answer
_SAID = 120  # characters of Icinga's own words
_FOUND = 200


class Outcome(NamedTuple):
    """What a host said, or why it did not."""

    asked: Asked
    text: str  # of the command; "" where there is none
    words: str  # why


class _Asking:
    """One host's service: looked at, started, and looked at until it has another result."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.last: float | None = None  # end of the result from before; None: not known
        self.started = False
        self.look_at = 0.0  # monotonic time of the next request
        self.body = bytearray()
        self.cut = False  # whether more came than is taken

    def take(self, octets: bytes) -> int:
        """Keeps what came; anything but its length makes libcurl stop."""
        if len(self.body) + len(octets) > _MOST:
            self.cut = True
            return -1
        self.body += octets
        return len(octets)


class Executions:
    """The services of all hosts, side by side."""

    def __init__(self, api: IcingaApi, asked: Sequence[Asked]) -> None:
        self._api = api
        self._curl: Curl = library()
        self._multi = begun(self._curl.CurlMulti)
        self._waiting = [_Asking(each) for each in asked]
        self._going: dict[Handle, _Asking] = {}
        self._connections = Connections()
        self._guard = FloodGuard(self._connections.sockets, self._taken)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The hosts that have not told yet."""
        return (
            *(each.asked for each in self._waiting),
            *(each.asked for each in self._going.values()),
        )

    def close(self) -> None:
        """Ends all requests."""
        for handle in self._going:
            self._multi.remove_handle(handle)
            handle.close()
        self._going.clear()
        self._multi.close()
        self._guard.close()

    def step(self, seconds: float) -> Iterator[Outcome]:
        """Sends what is due, waits for at most `seconds`, and gives what has come."""
        now = time.monotonic()
        for each in [each for each in self._waiting if each.look_at <= now]:
            self._waiting.remove(each)
            try:
                self._send(each)
            except Exhausted as fault:
                yield Outcome(each.asked, "", str(fault))
        self._guard.perform(self._multi)
        if self._multi.select(max(0.0, seconds)) < 0:  # nothing to wait on yet
            time.sleep(max(0.0, min(seconds, 0.01)))
        self._guard.perform(self._multi)
        _, done, failed = self._multi.info_read()
        for handle in done:
            status = int(handle.getinfo(self._curl.RESPONSE_CODE))
            yield from self._next(self._ended(handle), status)
        for handle, _, words in failed:
            words = WORDS if self._guard.cut else words
            asking = self._ended(handle)
            large = f"it answered with more than {_MOST >> 20} MiB, which is no document"
            said = large if asking.cut else f"the Icinga API: {words}"[:_SAID]
            yield Outcome(asking.asked, "", said)

    def _send(self, asking: _Asking) -> None:
        """The request that is due."""
        import json

        curl, handle = self._curl, begun(self._curl.Curl)
        path, body, looks = _request(asking)
        set_ = handle.setopt
        set_(curl.URL, f"{self._api.url}/v1/{path}".encode("utf-8", "replace"))
        set_(curl.NOSIGNAL, 1)
        set_(curl.SOCKOPTFUNCTION, self._connections.note)
        set_(curl.PROXY, "")
        set_(curl.WRITEFUNCTION, asking.take)
        set_(curl.USERNAME, self._api.user)
        set_(curl.PASSWORD, str(self._api.password))
        set_(curl.HTTPAUTH, curl.HTTPAUTH_BASIC)
        if self._api.ca_file:
            handle.unsetopt(curl.CAPATH)  # or GnuTLS trusts the system's certificates as well
            set_(curl.CAINFO, self._api.ca_file)
        set_(curl.POSTFIELDS, json.dumps(body).encode())
        headers = ["Accept: application/json", "Content-Type: application/json", "Expect:"]
        if looks:  # a GET with a body: names need no quoting in there
            headers.append("X-HTTP-Method-Override: GET")
        set_(curl.HTTPHEADER, headers)
        asking.body.clear()
        self._going[handle] = asking
        self._multi.add_handle(handle)

    def _taken(self) -> int:
        """Octets of all answers that are under way."""
        return sum(len(each.body) for each in self._going.values())

    def _ended(self, handle: Handle) -> _Asking:
        asking = self._going.pop(handle)
        self._multi.remove_handle(handle)
        handle.close()
        return asking

    def _next(self, asking: _Asking, status: int) -> Iterator[Outcome]:
        """What an answer leads to: another request, or the end."""
        rows = _rows(bytes(asking.body))
        if status != _FOUND or not rows:
            yield Outcome(asking.asked, "", _refused(status, bytes(asking.body)))
            return
        if asking.last is not None and not asking.started:
            asking.started = True
        else:
            ended, text = _result(rows[0])
            if asking.last is None:
                asking.last = ended
            elif ended != asking.last:
                words = "" if text.startswith("{") else text.split("\n")[0][:_SAID] or "no output"
                yield Outcome(asking.asked, "" if words else text, words)
                return
        asking.look_at = time.monotonic() + (_EVERY if asking.started else 0.0)
        self._waiting.append(asking)


def _request(asking: _Asking) -> tuple[str, dict[str, object], bool]:
    """Path and body of the request that is due, and whether it only looks."""
    service = f"{asking.asked.address}!{SERVICE}"
    if asking.last is None or asking.started:
        return "objects/services", {"service": service, "attrs": ["last_check_result"]}, True
    body = {"type": "Service", "service": service, "force": True}
    return "actions/reschedule-check", body, False


def _rows(body: bytes) -> list[dict[str, _Json]]:
    """The results of an answer; none where it is no answer of Icinga."""
    answer = _json(body)
    rows = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return []
    return rows


def _json(body: bytes) -> _Json:
    import json

    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _result(row: dict[str, _Json]) -> tuple[float, str]:
    """When the last result ended, 0 for none yet, and its output."""
    attributes = row.get("attrs")
    last = attributes.get("last_check_result") if isinstance(attributes, dict) else None
    if not isinstance(last, dict):
        return 0.0, ""
    ended = last.get("execution_end")
    return ended if isinstance(ended, float | int) else 0.0, str(last.get("output") or "").strip()


def _refused(status: int, body: bytes) -> str:
    """Why Icinga did not do it, in its own words."""
    if status == 401:
        return "the Icinga API refuses user and password (401)"
    if status == 404:
        return f'Icinga knows no service "{SERVICE}" of it, or its user may not see it (404)'
    answer = _json(body)
    rows = _rows(body)
    said = rows[0].get("status") if rows else None
    if said is None and isinstance(answer, dict):
        said = answer.get("status")
    words = " ".join(str(said or "no answer that Icinga would give").split())
    return f"the Icinga API ({status}): {words}"[:_SAID]
