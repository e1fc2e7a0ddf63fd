"""http and https addresses in their parts, and where a redirect leads.

    https://example.org:8443/path?query
    scheme  host        port path (with query; a fragment stays at home)

Source: RFC 3986 section 3 and appendix B; user information is refused, secrets have other ways in.
"""

import re
from typing import NamedTuple

from bothsides.parse import Unreadable
from bothsides.parse.text import from_host

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:#.*)?")
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%a-zA-Z]+\]|[^:@\[\]]+)(?::(?P<port>[0-9]{1,5})?)?", re.ASCII)
PORTS = {"https": 443, "http": 80}


class Url(NamedTuple):
    """What is asked of whom. host: a name or address without brackets; path: with its query."""

    scheme: str
    host: str
    port: int
    path: str = "/"

    @property
    def authority(self) -> str:
        """The host as the Host header and certificates have it, with the port unless it is the scheme's own."""
        host = bracketed(self.host)
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def from_url(text: str) -> Url:
    """Reads a whole http or https URL; Unreadable says what is wrong with it."""
    found = _URL.fullmatch(text)
    if found is None or any(c <= " " or c == "\x7f" for c in text):
        raise Unreadable(f"{text[:60]!r} is not a URL; write it as https://host:port/path")
    scheme = found["scheme"].lower()
    if scheme not in PORTS:
        raise Unreadable(f"{text[:60]!r}: only https and http are spoken here, not {scheme[:20]}")
    if "@" in found["authority"]:
        raise Unreadable("a URL with a user name in it: give user and password with --authorization instead")
    host, port = from_authority(found["authority"])
    return Url(scheme, host, port or PORTS[scheme], (found["path"] or "/") + (found["query"] or ""))


def from_authority(text: str) -> tuple[str, int | None]:
    """Host and port from `host`, `host:port`, `[v6]:port` or a bare IPv6 address."""
    if text.count(":") > 1 and not text.startswith("["):
        return from_host(text), None
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        raise Unreadable(f"{text[:60]!r} is not host, host:port or [v6]:port")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 65536:
        raise Unreadable(f"{text[:60]!r}: a port lies between 1 and 65535")
    return from_host(ascii_name(found["host"])), port


def ascii_name(name: str) -> str:
    """The name as it goes over the wire: IDNA for what is not ASCII."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        raise Unreadable(f"{name[:60]!r} is not a host name") from None


def bracketed(host: str) -> str:
    """IPv6 addresses in brackets, everything else as it is."""
    return f"[{host}]" if ":" in host else host


def redirected(base: Url, location: str) -> Url:
    """Where a Location header leads (RFC 3986 section 5.2); Unreadable when it is no URL of ours."""
    # Servers send spaces and raw octets in Location; browsers escape them, and so do we.
    target = "".join(c if "!" <= c <= "~" else "".join(f"%{octet:02X}" for octet in c.encode()) for c in location.strip())
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", target):
        return from_url(target)
    if target.startswith("//"):
        return from_url(f"{base.scheme}:{target}")
    bare = target.partition("#")[0]
    path = base.path.partition("?")[0]
    if not bare:
        return base
    if bare.startswith("?"):
        return base._replace(path=path + bare)
    merged, mark, query = (bare if bare.startswith("/") else path[: path.rfind("/") + 1] + bare).partition("?")
    return base._replace(path=_without_dots(merged) + mark + query)


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
