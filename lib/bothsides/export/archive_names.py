"""Names of reports in the archive, as Semaphore's monitoring laid them out.

hetzner-to-us-east-1/2017-12-18-12-33/142-21-43-11_to_138-21-32-191.txt     in a bucket
hetzner-to-us-east-1__2017-12-18-12-33__142-21-43-11_to_138-21-32-191.txt   in a folder
"""

import time

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_FORM = "%Y-%m-%d-%H-%M"


class ReportName(NamedTuple):
    """What a report is about."""

    route: str  # hetzner-to-us-east-1
    at: float  # s, UTC; names keep whole minutes
    source: str  # address of the measuring host
    target: str  # address of the target
    kind: str = "txt"  # of the file


def to_key(name: ReportName) -> str:
    """The name in a bucket, behind its prefix."""
    return "/".join(_parts(name))


def to_file(name: ReportName) -> str:
    """The name in a folder."""
    return "__".join(_parts(name))


def from_key(key: str) -> ReportName:
    """What a key says, whatever its prefix; Unreadable for another layout.

    The dots of addresses are dashes in names, and stay dashes here.
    """
    parts = key.split("/")[-3:]
    if len(parts) != 3:
        raise Unreadable(f"{key[:80]!r} is no report's name")
    route, minute, file = parts
    ends, dot, kind = file.rpartition(".")
    source, between, target = ends.partition("_to_")
    if not dot or not between or not route:
        raise Unreadable(f"{key[:80]!r} is no report's name")
    return ReportName(route, minute_of(minute), source, target, kind)


def minute_of(text: str) -> float:
    """UTC seconds of YYYY-MM-DD-HH-MM."""
    import calendar

    try:
        return float(calendar.timegm(time.strptime(text, _FORM)))
    except ValueError:
        raise Unreadable(f"{text[:40]!r} is not written as 2017-12-18-12-33") from None


def _parts(name: ReportName) -> tuple[str, str, str]:
    minute = time.strftime(_FORM, time.gmtime(name.at))
    ends = f"{_dashed(name.source)}_to_{_dashed(name.target)}"
    return _plain(name.route), minute, f"{ends}.{_plain(name.kind)}"


def _dashed(address: str) -> str:
    return _plain(address.replace(".", "-").replace(":", "-"))


def _plain(text: str) -> str:
    """One part of a name; __ and _to_ belong to the layout alone."""
    plain = "".join(c if c in _PLAIN else "_" for c in text).strip("._") or "none"
    while "__" in plain:
        plain = plain.replace("__", "_")
    return plain.replace("_to_", "-to-")
