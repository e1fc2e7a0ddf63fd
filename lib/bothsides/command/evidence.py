"""bothsides evidence: a JSON document of what this host knows of its peers, for check_whose_fault.

    bothsides evidence --now --to web1=192.0.2.1 --to db1=192.0.2.2 > web2.json
    bothsides evidence --collect hetzner --to db1=192.0.2.2 > web2.json      for bothsides report
    command="/usr/local/bin/bothsides evidence --now --landscape mesh.toml --asked",restrict

Without --now it measures nothing: it takes the last minute of udp_mesh, and what the checks of this
user remember of their last run (check_udp_loss --memory rw, check_mtr_path, check_https). The last
run that was well stands beside it, and beside what --now measures.

It fits into a packet of NRPE version 4; older ones cut it at 1 kB, which its reader says.
"""

import os
import time

from bothsides.base import files
from bothsides.base.deadline import Deadline, processor_times
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Iterator, Sequence
from bothsides.incident.document import MOST, to_text
from bothsides.model.evidence import Evidence
from bothsides.model.mesh import SOCKET
from bothsides.model.whose_fault import PROVIDERS, Provider
from bothsides.parse import Unreadable
from bothsides.parse.text import from_count, from_duration, from_host
from bothsides.parse.time_window import from_moment
from bothsides.plugin.parser import Namespace, Parser, valued
from bothsides.probe.evidence.here import WINDOW, Peer, evidence_here

_PORT = 862  # STAMP (RFC 8762)
_SECONDS = 6.5  # of the 8 s that check_whose_fault waits, its transport takes some
_COLLECTING = 290.0  # s, less than five minutes for whoever waits
_MOST_PEERS = 4  # that are traced at once for a provider
_RECENT = 900.0  # s, that a check's last run tells of the present
_SETTLED = 30.0  # s, after which udp_mesh has stored a slice
_LONGEST = 3600.0  # s, that udp_mesh holds in its memory


def options(parser: Parser) -> None:
    """Adds the options of evidence."""
    add = parser.add_argument
    add("--to", action="append", default=[], metavar="NAME[=ADDRESS]",
        help="a peer; repeatable (default: all other hosts of the landscape)")  # fmt: skip
    add("--landscape", metavar="FILE", help="hosts and their addresses, or known.json of them")
    add("--name", default="", metavar="NAME", help="this host's name (default: that of the system)")
    add(
        "--now",
        action="store_true",
        help="measure first: UDP to all peers, then their paths, those that lose first",
    )
    add("--collect", choices=PROVIDERS, default="", metavar="PROVIDER",
        help="measure, then trace the peers that --to names as PROVIDER asks for it: plain, hetzner"
        " or aws; 200 packets (aws: 50) by ICMP and by TCP, in less than five minutes")  # fmt: skip
    add(
        "--asked",
        action="store_true",
        help="behind ssh's forced command: do what $SSH_ORIGINAL_COMMAND asks for, if that is"
        " --collect PROVIDER --to NAME, a host of the landscape; else what stands here",
    )
    add("--socket", default=SOCKET, metavar="PATH",
        help="where udp_mesh of this host answers: without --now its last minute counts"
        f" (default {SOCKET})")  # fmt: skip
    add("--since", default="", metavar="TIME",
        help="without --now: count earlier runs and the mesh since TIME, as 16:15 (UTC) or -2h"
        " (default: runs of the last 15min, the mesh's last minute)")  # fmt: skip
    add("--state-dir", default="", metavar="DIR",
        help="where the checks remember (default: their usual place)")  # fmt: skip
    add("-t", "--timeout", type=valued(from_duration), metavar="TIME",
        help="deadline (default 6.5s, so that check_whose_fault -t 8 gets it in time; with"
        " --collect 5min)")  # fmt: skip
    add("-p", "--port", type=valued(from_count, 1, 65535), default=_PORT, metavar="PORT",
        help="of all reflectors (default 862)")  # fmt: skip
    add("--seal", metavar="FILE", help="seal the document with the key in this file, mode 0640")
    add("--most", type=valued(from_count, 1000, 10_000_000), default=MOST, metavar="OCTETS",
        help="longest document; the best peers are left off first (default 60000)")  # fmt: skip


def run(arguments: Namespace) -> int:
    """Prints the document as one line; exit code 0."""
    name = arguments.name or os.uname().nodename
    if arguments.asked:
        _as_asked(arguments, os.environ.get("SSH_ORIGINAL_COMMAND", ""))
    if arguments.collect and not 0 < len(arguments.to) <= _MOST_PEERS:
        raise Misuse(f"--collect needs --to NAME, at most {_MOST_PEERS} times")
    peers = [peer for peer in _peers(arguments) if peer.name != name]
    twice = next((peer.name for place, peer in enumerate(peers)
                  if peer.name in [each.name for each in peers[:place]]), "")  # fmt: skip
    if twice:
        raise Misuse(f"--to {twice[:60]} is there twice")
    if not all(each.isprintable() for each in (name, *(peer.name for peer in peers))):
        raise Misuse("--name and --to: a name has no control characters")
    if not peers:
        only = f"{name} is this host; " if arguments.to or arguments.landscape else ""
        raise Misuse(f"no peer; {only}give --to NAME=ADDRESS or --landscape FILE")
    if arguments.timeout is not None and not arguments.timeout > 0:
        raise Misuse("-t: the deadline must be more than 0 s")
    if (arguments.now or arguments.collect) and arguments.since:
        raise Misuse("--since is about earlier runs: not with --now or --collect")
    try:
        key = files.secret(arguments.seal) if arguments.seal else None
        document = _document(arguments, name, peers)
    except Unable as fault:
        raise Unreadable(str(fault)) from None
    print(to_text(document, key, arguments.most))
    return 0


def _document(arguments: Namespace, name: str, peers: Sequence[Peer]) -> Evidence:
    """What is measured, or what the mesh says; then what is remembered."""
    from bothsides.command.evidence_memory import from_memory
    from bothsides.incident.remembered import Named, with_memory

    now = time.time()
    whole = Deadline(arguments.timeout or (_COLLECTING if arguments.collect else _SECONDS))
    whole.began -= sum(processor_times())  # whoever asks waits for the start of the process, too
    if arguments.state_dir and not os.path.isdir(arguments.state_dir):
        raise Misuse(f"--state-dir {arguments.state_dir}: no such folder")
    if arguments.socket not in ("", SOCKET) and not _is_socket(arguments.socket):
        raise Misuse(f"--socket {arguments.socket}: no socket of udp_mesh")
    since, mesh_since, window = now - _RECENT, now - WINDOW - _SETTLED, WINDOW
    if arguments.since:
        since = mesh_since = from_moment(arguments.since, now)
        if since > now:
            raise Misuse(f"--since {arguments.since[:40]} lies in the future")
        window = max(1.0, min(_LONGEST, now - since))
    document = evidence_here(
        name=name,
        peers=peers,
        deadline=Deadline(min(_SECONDS, whole.left() / 2) if arguments.collect else whole.left()),
        now=bool(arguments.now or arguments.collect),
        port=arguments.port,
        mesh_socket=arguments.socket,
        window=window,
    )
    named = [Named(peer.name, peer.address) for peer in peers]
    try:
        known = from_memory(arguments.state_dir, name, named, (since, mesh_since), now)
    except Unable:
        if arguments.state_dir or not any(part for peer in document.peers for part in peer.now):
            raise
        known = {}  # what is measured counts without it
    document = with_memory(document, known)
    return _with_long_traces(document, arguments.collect, whole) if arguments.collect else document


def _with_long_traces(document: Evidence, provider: Provider, whole: Deadline) -> Evidence:
    """The document with the traces for a provider."""
    from bothsides.probe.evidence.collect import long_traces

    for peer in document.peers:
        if not peer.address:
            raise Unable(f"{peer.peer} has no known address: give --to {peer.peer}=ADDRESS")
    addresses = [peer.address for peer in document.peers]
    traces = long_traces(addresses, provider, whole)
    peers = (each._replace(collected=traces.get(each.address, ())) for each in document.peers)
    return document._replace(peers=tuple(peers))


def _as_asked(arguments: Namespace, command: str) -> None:
    """Takes --collect and --to from what the ssh client asked for; anything else is left alone."""
    words = command.split()
    asked = {words[at - 1]: word for at, word in enumerate(words) if at}
    provider, name = asked.get("--collect"), asked.get("--to", "")
    if provider in PROVIDERS and arguments.landscape and name in _known(arguments.landscape):
        arguments.collect, arguments.to = provider, [name]
        arguments.since, arguments.timeout = "", None  # which were meant for the usual document


def _is_socket(path: str) -> bool:
    import stat

    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return True  # not there yet: nothing counts of a prober that does not run


def _known(path: str) -> dict[str, str]:
    """The hosts of a landscape, or of the excerpt that `bothsides generate` writes."""
    if files.octets(path).lstrip()[:1] == b"{":
        from bothsides.inventory.excerpt import from_json

        return files.parsed(path, from_json).addresses
    from bothsides.inventory.files import load

    servers = load(path).servers
    return {name: server.ip for name, server in servers.items() if not server.disabled}


def _peers(arguments: Namespace) -> Iterator[Peer]:
    """The peers of the command line, else all hosts of the landscape."""
    known: dict[str, str] = {}
    if arguments.landscape:
        known = _known(arguments.landscape)
    for word in arguments.to:
        name, equals, address = word.partition("=")
        if not name or (equals and not address):
            raise Misuse(f"--to {word[:60]!r}: write NAME or NAME=ADDRESS")
        yield Peer(name, from_host(address if equals else known.get(name, name)), arguments.port)
    if not arguments.to:
        yield from (Peer(name, ip, arguments.port) for name, ip in known.items() if ip)
