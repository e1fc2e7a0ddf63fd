"""Submits passive results to one monitoring server, and keeps what it did not take."""

import os
import time

from bothsides.base.secret import Secret
from bothsides.base.types import Iterator, NamedTuple, Sequence
from bothsides.export import files, icinga_api, nagios_command, nagios_spool, nrdp, nsca
from bothsides.export.deliver import Means
from bothsides.export.destination import Destination
from bothsides.export.http import Sender
from bothsides.export.login import to_login
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result, from_json, to_json
from bothsides.export.request import Reply, Request
from bothsides.export.through_spool import Way, through_spool
from bothsides.parse import Unreadable

_TOGETHER = 200  # results in one parcel
_LARGE = 200_000  # characters in one: proxies take requests of 1 MB
_TOO_LARGE = 413  # a proxy's answer to more
_STALE = 86400.0  # s after which a state is too old to be delivered
_UNKNOWN = 3600.0  # s after which a service that Icinga does not know will not come any more


class Submission(NamedTuple):
    """What became of a submission."""

    taken: int  # of these results; NSCA's records and Nagios' pipe count when they are written
    lines: tuple[str, ...]  # why others were not, one line each


def submit(
    destination: Destination,
    results: Sequence[Result],
    means: Means,
    seconds: float,
    source: str = "",
    ttl: float = 0.0,
    earlier: Sequence[Result] = (),
) -> Submission:
    """Sends what waits and then these results.

    source, ttl: for Icinga, see its module. earlier: others that count when they are taken now.
    """
    server = _Server(destination, means, time.monotonic() + seconds, source, ttl)
    fresh = frozenset(results).union(earlier)
    taken = 0

    def deliver(parcel: _Parcel) -> None:
        nonlocal taken
        try:
            server.deliver(parcel)
        finally:
            taken += sum(result in fresh for result in parcel.taken)

    lines: tuple[str, ...]
    try:
        if destination.kind == "icinga" and len(results) > 1 and not means.trouble:
            server.ask_names(results)
        directory = "" if destination.path == "-" else means.spool
        at = int(min((result.ended for result in results), default=0) * 1e9)
        way = Way(str(destination), deliver, _unpacked)
        lines = through_spool(way, list(_parcels(results)), directory, at)
    finally:
        server.close()
    return Submission(taken, tuple(dict.fromkeys((*server.refused, *lines))))


class _Parcel:
    """Results that are delivered together, as far as they have not been delivered yet."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.left = list(results)
        self.taken: list[Result] = []

    def take(self, number: int) -> None:
        """Notes that the server took so many of those that are left, the first ones."""
        self.taken += self.left[:number]
        del self.left[:number]

    def __bytes__(self) -> bytes:
        """The rest, for the spool."""
        import json  # most deliveries need none

        return json.dumps([to_json(result) for result in self.left]).encode()


def _parcels(results: Sequence[Result]) -> Iterator[_Parcel]:
    """The results in parcels that no proxy and no spool finds too large."""
    together: list[Result] = []
    size = 0
    for result in results:
        if together and (len(together) == _TOGETHER or size > _LARGE):
            yield _Parcel(together)
            together, size = [], 0
        together.append(result)
        size += len(result.long) + len(result.perfdata)
    if together:
        yield _Parcel(together)


class _Server:
    """The monitoring server during one submission."""

    def __init__(
        self, destination: Destination, means: Means, until: float, source: str, ttl: float
    ) -> None:
        self._destination, self._until = destination, until
        self._token, self._trouble = means.secrets.token, means.trouble
        self._source, self._ttl = source or os.uname().nodename, ttl
        self.refused: list[str] = []  # why single results are given up, a line each
        self._known: frozenset[str] | None = None
        self._sender: Sender | None = None
        if destination.url is not None:
            # The token of NRDP travels in the body alone.
            login = to_login(means.secrets._replace(token=Secret("")))
            self._sender = Sender(login, means.trust)

    def close(self) -> None:
        """Ends the connection."""
        if self._sender is not None:
            self._sender.close()

    def deliver(self, parcel: _Parcel) -> None:
        """Hands over a parcel, and takes out of it what was taken. Raises Undelivered."""
        destination, results = self._destination, parcel.left
        if destination.url is not None and self._trouble:
            raise Undelivered(self._trouble)
        if destination.kind == "nagios":
            nagios_spool.submit(destination.path, results, time.time())
        elif destination.kind == "nagios-cmd":
            left = self._until - time.monotonic()
            total, written = len(results), nagios_command.submit(destination.path, results, left)
            parcel.take(written)
            if parcel.left:
                raise Undelivered(f"the pipe took {written} of {total} results")
        elif destination.kind == "files":
            files.put_verdicts(destination.path, results)
        elif destination.kind == "nsca":
            files.append("-", nsca.to_records(results))
        elif destination.kind == "jsonl":
            files.append("-", _json_lines(results))
        elif destination.kind == "nrdp":
            self._to_nrdp(parcel, len(results))
        else:
            self._to_icinga(parcel)
        parcel.take(len(parcel.left))

    def ask_names(self, results: Sequence[Result]) -> None:
        """Asks Icinga which names it knows: requests for others are a burden on it."""
        known: set[str] = set()
        for kind in ("services", "hosts"):
            if any(bool(result.service) == (kind == "services") for result in results):
                try:
                    reply = self._send(icinga_api.names_request(self._base(), kind))
                    names = icinga_api.names(reply)
                except Undelivered:
                    return  # the first result will say so in its own words
                if names is None:
                    return
                known |= names
        self._known = frozenset(known)

    def _to_nrdp(self, parcel: _Parcel, most: int) -> None:
        """Sends at most so many results in one request; fewer where a proxy finds it too large."""
        while parcel.left:
            some = parcel.left[:most]
            reply = self._send(nrdp.to_request(str(self._destination.url), some, self._token))
            if reply.status == _TOO_LARGE and most > 1:
                most = max(1, min(most, len(some)) // 2)
                continue
            nrdp.check_answer(reply, len(some))
            parcel.take(len(some))

    def _to_icinga(self, parcel: _Parcel) -> None:
        """One request for each result; one that is refused alone holds up no other."""
        waiting: list[Result] = []
        reason: Undelivered | None = None
        try:
            while parcel.left:
                try:
                    self._to_icinga_alone(parcel.left[0])
                except Undelivered as fault:
                    if fault.again and not fault.alone:
                        raise
                    result = parcel.left.pop(0)
                    if fault.alone:
                        waiting.append(result)
                        reason = reason or fault
                    else:
                        self.refused.append(f"refused by {self._destination}: {fault}")
                    continue
                parcel.take(1)
        finally:
            parcel.left[:0] = waiting
        if reason is not None:
            raise reason

    def _to_icinga_alone(self, result: Result) -> None:
        try:
            if icinga_api.unknown([result], self._known):
                raise Undelivered(f"Icinga knows no {icinga_api.about(result)}", alone=True)
            request = icinga_api.to_request(self._base(), result, self._source, self._ttl)
            icinga_api.check_answer(self._send(request), result)
        except Undelivered as fault:
            if fault.alone and result.ended < time.time() - _UNKNOWN:
                raise Undelivered(f"{fault} for an hour", again=False) from None
            raise

    def _base(self) -> str:
        return str(self._destination.url).rstrip("/")

    def _send(self, request: Request) -> Reply:
        if self._sender is None:
            raise Undelivered(f"{self._destination} is reached without HTTP", again=False)
        return self._sender.send(request, self._until - time.monotonic())


def _json_lines(results: Sequence[Result]) -> bytes:
    import json

    return "".join(json.dumps(to_json(result)) + "\n" for result in results).encode()


def _unpacked(octets: bytes) -> _Parcel:
    """A parcel out of the spool; results that are older than a day are given up."""
    import json

    try:
        results = [from_json(row) for row in json.loads(octets)]
    except (ValueError, TypeError, AttributeError, Unreadable) as fault:
        raise Undelivered(f"a parcel that cannot be read: {fault}", again=False) from None
    young = [result for result in results if result.ended > time.time() - _STALE]
    if not young:
        raise Undelivered("results that are older than a day", again=False)
    return _Parcel(young)
