"""http and https addresses in their parts, and where a redirect leads.

    https://example.org:8443/path?query
    scheme  host        port path (with query; a fragment stays at home)

Source: RFC 3986 section 3 and appendix B; user information is refused, secrets have other ways in.
"""

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.target import from_target
from bothsides.parse.text import shortened

PORTS = {"https": 443, "http": 80}


class Url(NamedTuple):
    """What is asked of whom."""

    scheme: str  # https or http
    host: str  # a name, or an address without brackets
    port: int
    path: str = "/"  # with its query

    @property
    def authority(self) -> str:
        """The host as the Host header has it, with the port unless it is the scheme's own."""
        # A scope's percent sign is escaped (RFC 6874 section 2).
        host = bracketed(self.host.replace("%", "%25"))
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def from_url(text: str) -> Url:
    """Reads a whole http or https URL; Unreadable says what is wrong with it."""
    scheme, separator, rest = text.partition("://")
    if not separator or not scheme or not rest or any(c <= " " or c == "\x7f" for c in text):
        raise Unreadable(f"{shown(text)!r} is not a URL; write it as https://host:port/path")
    if scheme.lower() not in PORTS:
        raise Unreadable(f"{shown(text)!r}: only https and http are spoken here, not {scheme[:20]}")
    rest = rest.partition("#")[0]
    end = min((place for place in map(rest.find, "/?") if place >= 0), default=len(rest))
    authority, path = rest[:end], rest[end:]
    if "@" in authority:
        raise Unreadable(
            "a URL with a user name in it: give user and password with --authorization instead"
        )
    host, port = from_authority(authority)
    return Url(
        scheme.lower(),
        host,
        port or PORTS[scheme.lower()],
        path if path.startswith("/") else "/" + path,
    )


def shown(text: str) -> str:
    """What of a URL may be printed: its beginning, without user name, password and query."""
    scheme, separator, rest = text.partition("://")
    bare, mark, _ = f"{scheme}{separator}{rest.rpartition('@')[2]}".partition("?")
    return shortened(bare, 60) + ("?..." if mark else "")


def from_authority(text: str) -> tuple[str, int | None]:
    """Host and port from `host`, `host:port`, `[v6]:port` or a bare IPv6 address."""
    if text.count(":") > 1 and not text.startswith("["):
        return from_target(text), None
    host, separator, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not separator:
        host, port = text, ""
    if (
        not host
        or "]" in host[:-1]
        or host.startswith("[") != host.endswith("]")
        or (":" in host and host[0] != "[")
    ):
        named = f"{text[:60]!r}" if text else "an empty name"
        raise Unreadable(f"{named} is not host, host:port or [v6]:port")
    if port and (
        not port.isascii() or not port.isdigit() or len(port) > 5 or not 0 < int(port) < 65536
    ):
        raise Unreadable(f"{text[:60]!r}: a port lies between 1 and 65535")
    if host.startswith("[") and "%25" in host[:-3]:
        host = host.replace("%25", "%", 1)  # RFC 6874 section 2
    return from_target(host), int(port) if port else None


def bracketed(host: str) -> str:
    """IPv6 addresses in brackets, everything else as it is."""
    return f"[{host}]" if ":" in host else host


def redirected(base: Url, location: str) -> Url:
    """Where a Location header leads (RFC 3986 section 5.2); Unreadable when it is no URL of ours.

    Servers send spaces and raw octets in Location; browsers escape them as they came, and heads are
    read as latin-1.
    """
    octets = location.strip().encode("latin-1", "replace")
    target = "".join(chr(octet) if 0x20 < octet < 0x7F else f"%{octet:02X}" for octet in octets)
    before = target.partition(":")[0]
    if before != target and before.replace("+", "").replace("-", "").replace(".", "").isalnum():
        return from_url(_without_user(target))
    if target.startswith("//"):
        return from_url(_without_user(f"{base.scheme}:{target}"))
    bare = target.partition("#")[0]
    path = base.path.partition("?")[0]
    if not bare:
        return base
    if bare.startswith("?"):
        return base._replace(path=path + bare)
    merged, mark, query = (
        bare if bare.startswith("/") else path[: path.rfind("/") + 1] + bare
    ).partition("?")
    return base._replace(path=_without_dots(merged) + mark + query)


def _without_user(url: str) -> str:
    """A server may lead elsewhere, but gives nobody a name and a password to log in with there."""
    scheme, separator, rest = url.partition("://")
    end = min((place for place in map(rest.find, "/?#") if place >= 0), default=len(rest))
    return f"{scheme}{separator}{rest[:end].rpartition('@')[2]}{rest[end:]}"


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    kept: list[str] = []
    parts = path.split("/")
    for part in parts[1:]:
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    if parts[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
