"""Submits passive results to one monitoring server, and keeps what it did not take."""

import json
import os
import time

from bothsides.base.secret import Secret
from bothsides.base.types import NamedTuple, Sequence
from bothsides.export import files, icinga_api, nagios_command, nagios_spool, nrdp, nsca
from bothsides.export.deliver import Means
from bothsides.export.destination import Destination
from bothsides.export.http import Sender
from bothsides.export.login import to_login
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result, from_json, to_json
from bothsides.export.request import Reply, Request
from bothsides.export.through_spool import through_spool
from bothsides.parse import Unreadable

_STALE = 86400.0  # s after which nobody wants to hear of a state
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

    def deliver(parcel: bytes) -> None:
        nonlocal taken
        sent = _unpacked(parcel)
        server.deliver(sent)
        taken += sum(result in fresh for result in sent)

    lines: tuple[str, ...]
    try:
        if destination.kind == "icinga" and len(results) > 1:
            server.ask_names(results)
        batches = (
            [[result] for result in results] if destination.kind == "icinga" else [list(results)]
        )
        parcels = [_packed(batch) for batch in batches if batch]
        directory = "" if destination.path == "-" else means.spool
        at = int(min((result.ended for result in results), default=0) * 1e9)
        lines = through_spool(str(destination), parcels, deliver, directory, at)
    finally:
        server.close()
    return Submission(taken, tuple(dict.fromkeys(lines)))


class _Server:
    """The monitoring server during one submission."""

    def __init__(
        self, destination: Destination, means: Means, until: float, source: str, ttl: float
    ) -> None:
        self._destination, self._until = destination, until
        self._token = means.secrets.token
        self._source, self._ttl = source or os.uname().nodename, ttl
        self._known: frozenset[str] | None = None
        with_http = destination.url is not None
        # The token of NRDP travels in the body alone.
        login = to_login(means.secrets._replace(token=Secret("")))
        self._sender = Sender(login, means.trust) if with_http else None

    def close(self) -> None:
        """Ends the connection."""
        if self._sender is not None:
            self._sender.close()

    def deliver(self, results: Sequence[Result]) -> None:
        """Hands over one parcel's results. Raises Undelivered."""
        destination, left = self._destination, self._until - time.monotonic()
        if destination.kind == "nagios":
            nagios_spool.submit(destination.path, results, time.time())
        elif destination.kind == "nagios-cmd":
            written = nagios_command.submit(destination.path, results, left)
            if written < len(results):
                raise Undelivered(f"the pipe took {written} of {len(results)} results in time")
        elif destination.kind == "files":
            files.put_verdicts(destination.path, results)
        elif destination.kind == "nsca":
            files.append("-", nsca.to_records(results))
        elif destination.kind == "jsonl":
            rows = [json.dumps(to_json(result)) + "\n" for result in results]
            files.append("-", "".join(rows).encode())
        elif destination.kind == "nrdp":
            reply = self._send(nrdp.to_request(str(destination.url), results, self._token))
            nrdp.check_answer(reply, len(results))
        else:
            for result in results:
                self._to_icinga(result)

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

    def _to_icinga(self, result: Result) -> None:
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


def _packed(results: Sequence[Result]) -> bytes:
    return json.dumps([to_json(result) for result in results]).encode()


def _unpacked(parcel: bytes) -> list[Result]:
    """The results of a parcel; those that are older than a day are given up."""
    try:
        results = [from_json(row) for row in json.loads(parcel)]
    except (ValueError, TypeError, AttributeError, Unreadable) as fault:
        raise Undelivered(f"a parcel that cannot be read: {fault}", again=False) from None
    young = [result for result in results if result.ended > time.time() - _STALE]
    if results and not young:
        raise Undelivered("results that are older than a day", again=False)
    return young
