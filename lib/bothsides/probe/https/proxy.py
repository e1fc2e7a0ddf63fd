"""Which proxy a request goes through: the one that is named, or the environment's."""

from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.url import Url, from_authority

_PORTS = {
    "http": 1080,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}


class Proxy(NamedTuple):
    """A proxy to go through. source: "" when it was named, else the environment variable that named it.

    login: user:password out of its URL, which is how the environment carries it.
    """

    scheme: str
    host: str
    port: int
    source: str = ""
    login: Secret = Secret("")

    @property
    def looks_up_here(self) -> bool:
        """Whether it wants the target's address from us: SOCKS without the h or a of a host name."""
        return self.scheme in ("socks4", "socks5")

    def told_an_address(self) -> "Proxy":
        """The same for a target that is an address already, so that libcurl does not look that up again."""
        return self._replace(scheme="socks5h") if self.scheme == "socks5" else self

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def choose(
    url: Url, named: str | None, exempt: str | None, environment: Mapping[str, str]
) -> Proxy | None:
    """The proxy for a URL, by libcurl's rules: lower case before upper case, its own scheme before `all`.

    named: of --proxy ("" switches proxies off, None asks the environment); exempt: of --noproxy.
    Raises Unable for a proxy that cannot be understood.
    """
    if exempt is None:
        exempt = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    if _exempted(url.host, exempt):
        return None
    if named is not None:
        return from_proxy(named) if named else None
    # HTTP_PROXY in capitals is what a CGI server makes of a visitor's "Proxy:" header: never trusted.
    names = ["https_proxy", "HTTPS_PROXY"] if url.scheme == "https" else ["http_proxy"]
    for name in (*names, "all_proxy", "ALL_PROXY"):
        if environment.get(name):
            return from_proxy(environment[name], name)
    return None


def from_proxy(text: str, source: str = "") -> Proxy:
    """Reads `host`, `host:port` or `scheme://host:port`; a user name and password in it become its login."""
    scheme, rest = _split(text)
    scheme = scheme.lower() or "http"
    if scheme == "socks":
        scheme = "socks5"
    try:
        host, port = from_authority(rest.rpartition("@")[2].rstrip("/"))
    except Unreadable as fault:
        raise Unable(
            f"the proxy{' of ' + source if source else ''} cannot be understood: {fault}"
        ) from None
    if scheme not in _PORTS:
        raise Unable(f"a proxy speaks http, https, socks4 or socks5, not {scheme[:20]}")
    return Proxy(scheme, host, port or _PORTS[scheme], source, login(text))


def login(text: str) -> Secret:
    """user:password of a proxy URL, "" when there is none."""
    found = _split(text)[1].rpartition("@")[0]
    if "%" not in found:
        return Secret(found)
    from urllib.parse import unquote

    return Secret(unquote(found))


def bare(text: str) -> str:
    """A proxy URL without its user name and password."""
    scheme, rest = _split(text)
    return scheme + ("://" if scheme else "") + rest.rpartition("@")[2]


def _split(text: str) -> tuple[str, str]:
    """Scheme ("" for none) and the rest; a password may hold what looks like the end of a scheme."""
    scheme, separator, rest = text.partition("://")
    return (scheme, rest) if separator and scheme.isalnum() else ("", text)


def _exempted(host: str, exempt: str) -> bool:
    name = host.lower().rstrip(".")
    for entry in exempt.lower().replace(",", " ").split():
        bare = entry.lstrip(".").rstrip(".")
        if entry == "*" or name == bare or (bare and name.endswith("." + bare)):
            return True
        if "/" in bare and _within(name, bare):
            return True
    return False


def _within(host: str, network: str) -> bool:
    if not host.replace(".", "").isdigit() and ":" not in host:
        return False
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
