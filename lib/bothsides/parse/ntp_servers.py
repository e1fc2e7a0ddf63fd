"""The time servers that configuration files name: chrony.conf, timesyncd.conf, ntp.conf, ntpd.conf.

pool 2.debian.pool.ntp.org iburst             chrony.conf(5), ntp.conf(5)
server 192.0.2.1 port 11123                   chrony.conf(5)
NTP=ntp1.example.net ntp2.example.net         timesyncd.conf(5), in [Time]
servers pool.ntp.org                          ntpd.conf(5) of OpenNTPD
"""

from bothsides.base.types import Iterator, NamedTuple
from bothsides.parse import Unreadable
from bothsides.parse.text import from_count, from_host

_PORT = 123
_DIRECTIVES = ("server", "pool", "peer", "servers")
_INCLUDES = ("include", "confdir", "sourcedir", "includefile")
_REFERENCE_CLOCKS = "127.127."  # ntp.conf's addresses of receivers at this host


class Server(NamedTuple):
    """A time server that a file names."""

    host: str
    port: int = _PORT  # udp


class TimeServers(NamedTuple):
    """What one configuration file says."""

    servers: tuple[Server, ...] = ()  # in their order, each once
    includes: tuple[str, ...] = ()  # files, folders and patterns that are read beside it


def from_directives(text: str) -> TimeServers:
    """chrony.conf, ntp.conf or ntpd.conf; lines that are something else are passed over."""
    servers: list[Server] = []
    includes: list[str] = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0][0] in "#%;!":
            continue
        directive = words[0].lower()
        if directive in _DIRECTIVES:
            servers += _server([word for word in words[1:] if word not in ("-4", "-6")])
        elif directive in _INCLUDES:
            includes += words[1:]
    return TimeServers(tuple(dict.fromkeys(servers)), tuple(includes))


def _server(words: list[str]) -> Iterator[Server]:
    """The server of one line; none where it cannot be read or is a receiver at this host."""
    if not words or words[0].startswith(_REFERENCE_CLOCKS):
        return
    options = [word.lower() for word in words]
    try:
        port = _PORT
        if "port" in options[1:-1]:
            port = from_count(words[options.index("port", 1) + 1], 1, 65535)
        yield Server(from_host(words[0]), port)
    except Unreadable:
        return


def from_timesyncd(text: str) -> TimeServers:
    """timesyncd.conf: NTP= before FallbackNTP=; an empty value takes back what stood before."""
    named: dict[str, list[Server]] = {"ntp": [], "fallbackntp": []}
    for line in text.splitlines():
        key, separator, value = line.partition("=")
        kept = named.get(key.strip().lower())
        if not separator or kept is None:
            continue
        if not value.strip():
            kept.clear()
        for word in value.split():
            kept += _server([word])
    return TimeServers(tuple(dict.fromkeys((*named["ntp"], *named["fallbackntp"]))))
