"""What to ask of whom, and how to get there."""

from bothsides.base.types import NamedTuple
from bothsides.parse.url import Url
from bothsides.probe.https.curl_options import Request, Trust


class Route(NamedTuple):
    """How to get there.

    family: 4, 6 or 0; address: instead of the URL's host; proxy: None asks the environment, "" is
    none; exempt: hosts without a proxy; canary: a name that our resolver must know, "" for the root;
    suspicious: whether it is asked at all.
    """

    family: int = 0
    address: str = ""
    proxy: str | None = None
    exempt: str | None = None
    canary: str = ""
    suspicious: bool = True


class Plan(NamedTuple):
    """What to ask of whom.

    follow: ok, warning, critical, unknown, follow, sticky, stickyport or curl; every_address: each
    address on its own; parallel: visits at the same time; repeat, interval: tries and the seconds
    from one to the next; refuse: TLS versions that the server should not accept.
    """

    urls: tuple[Url, ...]
    route: Route = Route()
    request: Request = Request()
    trust: Trust = Trust()
    follow: str = "ok"
    most_redirects: int = 15
    every_address: bool = False
    parallel: int = 4
    repeat: int = 1
    interval: float = 0.0
    refuse: tuple[str, ...] = ()
