"""Stores reports in a bucket of S3, and keeps those that it did not take for the next time."""

import time

from bothsides.base.types import NamedTuple, Sequence
from bothsides.export.archive_names import ReportName, to_key
from bothsides.export.deliver import Means
from bothsides.export.destination import Destination
from bothsides.export.http import Sender
from bothsides.export.login import Secrets
from bothsides.export.s3 import Bucket, from_parcel, to_parcel
from bothsides.export.sigv4 import Keys
from bothsides.export.through_spool import Way, through_spool
from bothsides.parse.url import Url

_REGION = "us-east-1"  # what servers that are not Amazon's expect


class Archived(NamedTuple):
    """What became of some reports."""

    stored: int  # of these reports
    lines: tuple[str, ...]  # why others were not, or what became of earlier ones


def archive(
    destination: Destination,
    reports: Sequence[tuple[ReportName, bytes]],
    means: Means,
    seconds: float,
) -> Archived:
    """Stores what waits and then these reports."""
    if destination.url is None:
        return Archived(0, (f"not archived: {destination} is no bucket",))
    until = time.monotonic() + seconds
    sender = Sender(trust=means.trust)
    bucket = bucket_of(destination.url, means.secrets, sender)
    parcels = [to_parcel(to_key(name), body) for name, body in reports]
    stored = 0

    def deliver(parcel: bytes) -> None:
        nonlocal stored
        key, body = from_parcel(parcel)
        bucket.put(key, body, until - time.monotonic())
        stored += parcel in parcels

    try:
        oldest = int(min((name.at for name, _ in reports), default=0.0) * 1e9)
        way = Way(str(destination), deliver, bytes)
        lines = through_spool(way, parcels, means.spool, oldest)
    finally:
        sender.close()
    return Archived(stored, lines)


def bucket_of(url: Url, secrets: Secrets, sender: Sender) -> Bucket:
    """The bucket of a URL, with the keys of a login."""
    keys = Keys(
        access=str(secrets.access_key),
        secret=secrets.secret_key,
        session=secrets.session_token,
        region=region_of(url),
    )
    return Bucket(url, keys, sender, time.time)


def region_of(url: Url) -> str:
    """The region that is signed: `?region=` of the URL, else that of Amazon's host name."""
    for pair in url.path.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if name == "region" and value:
            return value
    if url.host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        service, _, rest = url.host.partition(".")
        region = rest.partition(".")[0] if service == "s3" else service.removeprefix("s3-")
        return region if "-" in region else _REGION
    return _REGION
