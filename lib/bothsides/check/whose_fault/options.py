"""The options of check_whose_fault, and the plan that they make."""

import os

from bothsides.base.errors import Misuse
from bothsides.base.types import TYPE_CHECKING, Literal, Mapping, Sequence
from bothsides.check.owner_files import add_owner_files
from bothsides.model.whose_fault import Asked, MeshHost, Plan
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.parse.text import from_duration, from_host
from bothsides.plugin.finding import Ranges
from bothsides.plugin.memory_options import add_options as add_memory_options
from bothsides.plugin.parser import Namespace, Parser, nearest, valued

if TYPE_CHECKING:
    from bothsides.inventory.model import Server

STALE = 900.0  # s


def options(parser: Parser) -> None:
    """Declares the check's own options."""
    add = parser.add_argument_group("whom").add_argument
    add("-H", "--hostname", "--to", dest="target", metavar="HOST",
        help="the host that is checked; without evidence it is measured from here")  # fmt: skip
    add("--from", dest="start", metavar="NAME",
        help="the host that checks (default: as the evidence says, else this host)")  # fmt: skip
    add("--third", action="append", default=[], metavar="NAME",
        help="a third host that is asked too; repeatable (default: all of the landscape,"
        " eight at most)")  # fmt: skip
    add("--mesh", action="store_true",
        help="judge all pairs of all hosts together, not one pair (default with --landscape"
        " and without --from and --to)")  # fmt: skip
    add = parser.add_argument_group("evidence").add_argument
    add("--landscape", default="", metavar="FILE",
        help="hosts, and how their evidence is fetched: nrpe, ssh or file")  # fmt: skip
    add("--evidence", action="append", default=[], metavar="PATH",
        help="a document of `bothsides evidence`, a --record file named FROM-to-TO.ANY.json,"
        " or a folder of them; repeatable")  # fmt: skip
    add("--before", action="append", default=[], metavar="PATH",
        help="the same from when all was well; repeatable")  # fmt: skip
    add("--stale", type=valued(from_duration), default=STALE, metavar="TIME",
        help="evidence that is older than the newest by more does not count"
        " (default 15min)")  # fmt: skip
    add_memory_options(parser)
    add_owner_files(parser.add_argument_group("whose network"))


def plan(options: Namespace, limits: Ranges) -> Plan:
    """The plan; Misuse for a command line that names nobody."""
    mesh = options.mesh or bool(
        options.landscape and not options.target and not options.start and not options.evidence
    )
    if mesh:
        return _mesh_plan(options)
    if not options.target and not options.evidence:
        raise Misuse("missing option -H, --evidence or --landscape")
    address = ""
    hosts = _hosts(options) if options.landscape else ()
    if not options.evidence and not hosts:
        address = from_host(options.target)
    return Plan(
        start=options.start or ("" if options.evidence else os.uname().nodename),
        target=options.target or "",
        evidence=tuple(options.evidence),
        before=tuple(options.before),
        hosts=hosts,
        address=address,
        family=options.family,
        stale=options.stale,
    )


def _mesh_plan(options: Namespace) -> Plan:
    """The plan for all pairs; the landscape says where hosts stand, and who is asked."""
    if options.start or options.target or options.third:
        raise Misuse("--mesh judges all hosts: not with --from, --to or --third")
    if not options.landscape and not options.evidence:
        raise Misuse("--mesh needs --landscape FILE or --evidence PATH")
    members: tuple[MeshHost, ...] = ()
    hosts: tuple[Asked, ...] = ()
    if options.landscape:
        from bothsides.inventory.files import load

        servers = [each for each in load(options.landscape).servers.values() if not each.disabled]
        members = tuple(MeshHost(each.name, each.datacenter, each.provider) for each in servers)
        hosts = tuple(_asked(each) for each in servers)
    return Plan(
        start="",
        target="",
        evidence=tuple(options.evidence),
        before=tuple(options.before),
        hosts=() if options.evidence else hosts,
        stale=options.stale,
        mesh=True,
        members=members,
    )


_THIRDS = 8
"""Third hosts that are asked where none is named."""

FILES = "/var/lib/bothsides/evidence"
"""Folder with the documents of hosts whose transport is `file`: NAME.json."""


def _hosts(options: Namespace) -> tuple[Asked, ...]:
    """Both ends and the third hosts, with the landscape's transport; Misuse for unknown names."""
    from bothsides.inventory.files import load

    servers = load(options.landscape).servers
    if not options.start or not options.target:
        raise Misuse("--landscape needs --from NAME and --to NAME")
    others = [name for name in servers if name not in (options.start, options.target)]
    asked = []
    for name in (options.start, options.target, *(options.third or others[:_THIRDS])):
        if name not in servers:
            raise Misuse(nearest("host", name, servers))
        asked.append(_asked(servers[name]))
    return tuple(dict.fromkeys(asked))


def _asked(server: "Server") -> Asked:
    """A host as it is asked."""
    address = f"{FILES}/{server.name}.json" if server.transport == "file" else server.ip
    return Asked(server.name, _TRANSPORTS.get(server.transport, "none"), address)


_TRANSPORTS: Mapping[str, Literal["nrpe", "icinga", "ssh", "file", "none"]] = {
    "nrpe": "nrpe",
    "icinga": "icinga",
    "ssh": "ssh",
    "file": "file",
}


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare item of -w and -c: the loss of either direction, in percent."""
    from bothsides.parse.range import from_range

    if len(items) > 1:
        raise Unreadable(f"{items[1][:40]!r}: one bare limit, a loss in percent, as in 5")
    limit = from_range(items[0].rstrip("%"), "%")
    return {"loss_out": limit, "loss_back": limit}
