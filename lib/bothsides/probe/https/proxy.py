"""Which proxy a request goes through: the one that is named, or the environment's."""

from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Literal, Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.url import Url, from_authority

Scheme = Literal["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

_PORTS: Mapping[Scheme, int] = {
    "http": 1080,
    "https": 443,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}
_SCHEMES: Mapping[str, Scheme] = {**{scheme: scheme for scheme in _PORTS}, "socks": "socks5"}


class Proxy(NamedTuple):
    """A proxy to go through."""

    scheme: Scheme
    host: str
    port: int
    source: str = ""  # the environment variable that named it; "": it was named otherwise
    login: Secret = Secret("")  # user:password out of its URL, as the environment carries it

    @property
    def looks_up_here(self) -> bool:
        """Whether it wants the target's address from us: SOCKS without h or a for a host name."""
        return self.scheme in ("socks4", "socks5")

    def for_an_address(self) -> "Proxy":
        """The same for a target that is an address, so that libcurl does not look that up."""
        return self._replace(scheme="socks5h") if self.scheme == "socks5" else self

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def choose(
    url: Url, named: str | None, exempt: str | None, environment: Mapping[str, str]
) -> Proxy | None:
    """The proxy for a URL, by libcurl's rules.

    Lower case goes before upper case, the URL's own scheme before `all`. named: of --proxy (""
    switches proxies off, None asks the environment); exempt: of --noproxy. Raises Unable for a
    proxy that cannot be understood.
    """
    if exempt is None:
        exempt = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    if _exempted(url.host, exempt):
        return None
    if named is not None:
        return from_proxy(named) if named else None
    # HTTP_PROXY in capitals is never trusted: a CGI server makes it of a visitor's "Proxy:" header.
    names = ["https_proxy", "HTTPS_PROXY"] if url.scheme == "https" else ["http_proxy"]
    for name in (*names, "all_proxy", "ALL_PROXY"):
        if environment.get(name):
            return from_proxy(environment[name], name)
    return None


def from_proxy(text: str, source: str = "") -> Proxy:
    """Reads `host`, `host:port` or `scheme://host:port`.

    A user name and password in it become its login.
    """
    name, rest = _split(text)
    name = name.lower() or "http"
    try:
        host, port = from_authority(rest.rpartition("@")[2].rstrip("/"))
    except Unreadable as fault:
        about = f"the proxy of {source}" if source else "the proxy"
        raise Unable(f"{about} cannot be understood: {fault}") from None
    scheme = _SCHEMES.get(name)
    if scheme is None:
        raise Unable(f"a proxy speaks http, https, socks4 or socks5, not {name[:20]}")
    return Proxy(scheme, host, port or _PORTS[scheme], source, login(text))


def login(text: str) -> Secret:
    """user:password of a proxy URL, "" when there is none."""
    given = _split(text)[1].rpartition("@")[0]
    if "%" not in given:
        return Secret(given)
    from urllib.parse import unquote

    return Secret(unquote(given))


def bare(text: str) -> str:
    """A proxy URL without its user name and password."""
    scheme, rest = _split(text)
    return scheme + ("://" if scheme else "") + rest.rpartition("@")[2]


def _split(text: str) -> tuple[str, str]:
    """Scheme ("" for none) and the rest.

    A password may hold what looks like the end of a scheme.
    """
    scheme, separator, rest = text.partition("://")
    return (scheme, rest) if separator and scheme.isalnum() else ("", text)


def _exempted(host: str, exempt: str) -> bool:
    """Whether an entry of a no_proxy list names the host, its domain or its network."""
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
