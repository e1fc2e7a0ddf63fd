"""The time servers that this host's own configuration names: asked where nobody sets our clock."""

import os

from bothsides.base.deadline import Deadline
from bothsides.base.types import Iterator, NamedTuple
from bothsides.model.local_clock import Reference
from bothsides.parse.ntp_servers import Server, TimeServers, from_directives, from_timesyncd
from bothsides.probe.net.local_clock import Timeline
from bothsides.probe.net.ntp_reference import reference

ROOT = "/"  # another folder in tests
_CHRONY = ("etc/chrony/chrony.conf", "etc/chrony.conf")
_TIMESYNCD = (
    "etc/systemd/timesyncd.conf",
    "etc/systemd/timesyncd.conf.d/*.conf",
    "run/systemd/timesyncd.conf.d/*.conf",
)
_NTP = ("etc/ntpsec/ntp.conf", "etc/ntp.conf", "etc/openntpd/ntpd.conf", "etc/ntpd.conf")
_MOST = 3  # servers that are asked, one after the other, until one answers
_PATIENCE = 0.7  # s for one of them: its name, and its one reply
_LARGEST = 100_000  # octets of a file that are read


class Named(NamedTuple):
    """A time server and the file that names it."""

    server: Server
    file: str


def configured() -> Iterator[Named]:
    """The servers of chrony, systemd-timesyncd and ntpd, in this order, each once."""
    seen = set()
    for named in _all():
        if named.server not in seen:
            seen.add(named.server)
            yield named


def _all() -> Iterator[Named]:
    for pattern in _CHRONY:
        for file, text in _texts(pattern):
            yield from _followed(file, from_directives(text))
    for pattern in _TIMESYNCD:
        for file, text in _texts(pattern):
            yield from (Named(server, file) for server in from_timesyncd(text).servers)
    for pattern in _NTP:
        for file, text in _texts(pattern):
            yield from (Named(server, file) for server in from_directives(text).servers)


def _followed(file: str, servers: TimeServers) -> Iterator[Named]:
    """The servers of chrony.conf, then those of the files that it includes, one level deep."""
    yield from (Named(server, file) for server in servers.servers)
    for included in servers.includes:
        bare = included.lstrip("/")
        for pattern in (bare, f"{bare}/*.conf", f"{bare}/*.sources"):
            for deeper, text in _texts(pattern):
                yield from (Named(server, deeper) for server in from_directives(text).servers)


def _texts(pattern: str) -> Iterator[tuple[str, str]]:
    """The files that a pattern names, and what stands in them; none that cannot be read."""
    for path in _paths(os.path.join(ROOT, pattern)):
        try:
            if os.path.isfile(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    yield path, file.read(_LARGEST)
        except OSError:
            continue


def _paths(pattern: str) -> list[str]:
    """The files of a pattern with one * in its last part; `glob` would load four more modules."""
    folder, name = os.path.split(pattern)
    if "*" not in name:
        return [pattern]
    before, _, behind = name.partition("*")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    alike = (each for each in names if each.startswith(before) and each.endswith(behind))
    return [os.path.join(folder, each) for each in alike]


def configured_reference(
    family: int, deadline: Deadline, timeline: Timeline
) -> tuple[Reference | None, str]:
    """The first configured server that answers one packet, or None and why there is none."""
    why = "no server in chrony.conf, timesyncd.conf or ntp.conf"
    for number, (server, file) in enumerate(configured()):
        if number >= _MOST:
            break
        deadline.enter(f"asking {server.host}, which {file} names, for the time")
        budget = Deadline(min(_PATIENCE, deadline.left() / 4))
        answer = reference(server.host, server.port, family, budget, timeline, exchanges=1)
        if answer.ahead is not None:
            return answer._replace(named_by=file), ""
        words = "no answer" if answer.failure is None else answer.failure.words
        why = f"{server.host} of {os.path.basename(file)}: {words}"
    return None, why
