"""Puts, lists and removes objects in a bucket of any S3: https://HOST/BUCKET/PREFIX."""

import time

from bothsides.base.types import Callable, Iterator, NamedTuple
from bothsides.export.archive_names import from_key
from bothsides.export.http import Sender
from bothsides.export.outcome import Undelivered
from bothsides.export.percent import quoted
from bothsides.export.request import Reply, Request, first_words
from bothsides.export.sigv4 import Keys, query_string, signed
from bothsides.parse import Unreadable
from bothsides.parse.url import Url

_NEVER = ("EntityTooLarge", "KeyTooLongError", "InvalidURI")  # whatever is mended there
_SKEW = 900  # s that S3 allows between its clock and ours
_PAGE = 1000  # keys of one listing
_SAFE = "/"


class Stored(NamedTuple):
    """One object of a listing."""

    key: str  # without the prefix
    size: int  # octets
    modified: str  # as S3 writes it, RFC 3339


def to_parcel(key: str, body: bytes) -> bytes:
    """An object for the spool."""
    return key.encode("utf-8", "surrogateescape") + b"\n" + body


def from_parcel(parcel: bytes) -> tuple[str, bytes]:
    """Key and body of an object out of the spool."""
    key, _, body = parcel.partition(b"\n")
    return key.decode("utf-8", "surrogateescape"), body


class Bucket:
    """One bucket, below one prefix. The sender must not pack bodies, which are signed."""

    def __init__(self, url: Url, keys: Keys, sender: Sender, clock: Callable[[], float]) -> None:
        """url: of bucket and prefix, the bucket in its path; clock: UTC seconds."""
        bucket, _, prefix = url.path.partition("?")[0].strip("/").partition("/")
        self._base = f"{url.scheme}://{url.authority}/{quoted(bucket)}"
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._keys, self._sender, self._clock = keys, sender, clock

    def put(self, key: str, body: bytes, seconds: float, kind: str = "text/plain") -> None:
        """Stores an object; one with this key is replaced. Raises Undelivered."""
        reply = self._ask("PUT", key, seconds, body, (("Content-Type", kind),))
        if reply.body.strip():  # S3 has nothing to say to an object that it has stored
            code, message = _error(reply.body)
            words = f"{code} {message}" if code else first_words(reply.body)
            raise Undelivered(f"S3 answered {reply.status} with a text: {words}")

    def get(self, key: str, seconds: float) -> bytes:
        """An object's octets. Raises Undelivered, also where there is none."""
        return self._ask("GET", key, seconds).body

    def delete(self, key: str, seconds: float) -> None:
        """Removes an object, if it is there."""
        self._ask("DELETE", key, seconds)

    def listed(self, below: str, seconds: float) -> Iterator[Stored]:
        """All objects whose keys begin so, in the order of their names, page by page.

        seconds: for all pages; a server may say without end that there are more.
        """
        until = time.monotonic() + seconds
        token = ""
        while True:
            query = [
                ("list-type", "2"),
                ("prefix", self._prefix + below),
                ("max-keys", str(_PAGE)),
            ]
            if token:
                query.append(("continuation-token", token))
            request = Request("GET", f"{self._base}?{query_string(query)}")
            reply = self._sent(request, until - time.monotonic())
            objects, token = _listing(reply.body)
            for each in objects:
                yield each._replace(key=each.key.removeprefix(self._prefix))
            if not token:
                return

    def expire(self, below: str, before: float, seconds: float) -> int:
        """Removes the reports that are about times before `before` (UTC seconds); how many.

        The time is that of the report's name. What is no report of ours stays. seconds: for all.
        """
        until = time.monotonic() + seconds
        old = []
        for each in self.listed(below, seconds):
            try:
                at = from_key(each.key).at
            except Unreadable:
                continue
            if at < before:
                old.append(each.key)
        for number, key in enumerate(old):
            try:
                self.delete(key, until - time.monotonic())
            except Undelivered as fault:
                raise Undelivered(f"{fault}; {number} of {len(old)} old reports removed") from None
        return len(old)

    def _ask(
        self,
        method: str,
        key: str,
        seconds: float,
        body: bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Reply:
        url = f"{self._base}/{quoted(self._prefix + key, _SAFE)}"
        return self._sent(Request(method, url, headers, body), seconds)

    def _sent(self, request: Request, seconds: float) -> Reply:
        # S3 signs the path of the bucket alone with a slash behind it.
        url = request.url
        if url.partition("?")[0] == self._base:
            request = request._replace(url=f"{self._base}/{url[len(self._base) :]}")
        at = self._clock()
        reply = self._sender.send(signed(request, self._keys, at), seconds)
        if reply.status in (200, 204):
            return reply
        raise _undelivered(reply, self._bucket, at)


def _undelivered(reply: Reply, bucket: str, at: float) -> Undelivered:
    """Why S3 refused, and whose fault that is."""
    code, message = _error(reply.body)
    if code == "RequestTimeTooSkewed" or (reply.status == 403 and _skew(reply.date, at) > _SKEW):
        off = _skew(reply.date, at)
        by = f" by {off:.0f} s" if off else ""
        return Undelivered(f"S3 refused the request since the clock of this host is off{by}")
    if code == "NoSuchBucket":
        return Undelivered(f"S3 has no bucket {bucket}")
    if code in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "ExpiredToken"):
        return Undelivered(f"S3 refused our keys for bucket {bucket}: {code}")
    words = f"S3 answered {reply.status} {code} {message}".rstrip()
    return Undelivered(words, again=code not in _NEVER, alone=bool(code) and reply.status == 400)


def _skew(date: str, at: float) -> float:
    """Seconds between the server's clock and ours; 0 where it does not tell."""
    import calendar

    try:
        theirs = calendar.timegm(time.strptime(date, "%a, %d %b %Y %H:%M:%S GMT"))
    except ValueError:
        return 0.0
    return abs(theirs - at)


def _error(body: bytes) -> tuple[str, str]:
    """Code and message of an error; "" for each that is not there."""
    root = _xml(body)
    return ("", "") if root is None else (root.get("Code", [""])[0], root.get("Message", [""])[0])


def _listing(body: bytes) -> tuple[list[Stored], str]:
    """One page of a listing, and the token of the next."""
    root = _xml(body)
    if root is None or "Name" not in root:
        raise Undelivered("S3 answered 200 with something that is no listing")
    keys, sizes, times = (root.get(name, []) for name in ("Key", "Size", "LastModified"))
    try:
        objects = [
            Stored(key, int(size), time) for key, size, time in zip(keys, sizes, times, strict=True)
        ]
    except ValueError:
        raise Undelivered("S3 sent a listing that cannot be read") from None
    more = root.get("IsTruncated", ["false"])[0] == "true"
    return objects, root.get("NextContinuationToken", [""])[0] if more else ""


def _xml(body: bytes) -> dict[str, list[str]] | None:
    """All texts of a small XML document by the names of their elements; None for what is none."""
    from xml.parsers import expat

    texts: dict[str, list[str]] = {}
    open_elements: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        open_elements.append(name.rpartition(":")[2])
        texts.setdefault(open_elements[-1], []).append("")

    def text(data: str) -> None:
        texts[open_elements[-1]][-1] += data

    def no_entities(*_: object) -> None:
        raise ValueError("entities")  # of which a few lines could become gigabytes

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: open_elements.pop()
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = no_entities
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        return None
    return texts
