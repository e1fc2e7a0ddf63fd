"""One HTTP transfer as data: what to make, and all that is known of it when it is over."""

from bothsides.base.types import Any, NamedTuple
from bothsides.parse.certificate import Certificate
from bothsides.parse.http import Head
from bothsides.parse.libcurl import Phases, Tls
from bothsides.parse.url import Url

INTERRUPTED, OVERDUE = (
    42,
    28,
)  # libcurl's codes for a transfer that its user ended, and that took too long


class Order(NamedTuple):
    """One transfer to make.

    hosts: resolved addresses of what is connected to, the proxy when there is one; dns: seconds that
    finding them took. target: what to connect to instead of the URL's host. settings: libcurl options
    by name, as far as they are more than where and what.
    """

    url: Url
    hosts: tuple[str, ...]
    dns: float | None
    settings: tuple[tuple[str, Any], ...] = ()
    target: str = ""
    proxy: str = ""
    proxy_host: str = ""
    proxy_port: int = 0
    proxy_user: str = ""
    request: bool = True
    keep: int = 1 << 20
    verbose: bool = True

    @property
    def socks(self) -> bool:
        """Whether the proxy passes on octets, without a word of HTTP."""
        return self.proxy.startswith("socks")


class Contact(NamedTuple):
    """One address that was tried. answered False: no connection; reason: why, or "" for silence."""

    host: str
    answered: bool
    reason: str = ""
    waited: float = 0.0
    rtt: float | None = None
    retransmissions: int | None = None


class Outcome(NamedTuple):
    """All that is known of one transfer when it is over.

    code: libcurl's (0: it went well), with its text, errno and X509 result; the last two count only
    for the codes that set them. head: of the final answer; refusal: of a proxy's answer to CONNECT.
    body: as much of it as may be kept; size: octets of headers and body that came;
    cut: whether more came than was kept. routed: whether we have a route to any address that was tried.
    unclosed: whether nothing told the end of the body, neither a length nor TLS's goodbye.
    """

    url: Url
    phases: Phases
    code: int
    text: str = ""
    errno: int = 0
    verify: int = 0
    proxy: str = ""
    proxy_user: str = ""
    connect_code: int = 0
    refusal: Head = Head("", 0)
    head: Head = Head("", 0)
    body: bytes = b""
    size: int = 0
    cut: bool = False
    version: str = ""
    tls: Tls | None = None
    chain: tuple[Certificate, ...] = ()
    contacts: tuple[Contact, ...] = ()
    address: str = ""
    source: str = ""
    routed: bool = True
    unclosed: bool = False
