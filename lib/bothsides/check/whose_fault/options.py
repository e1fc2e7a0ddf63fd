"""The options of check_whose_fault, and the plan that they make."""

import os

from bothsides.base import files
from bothsides.base.errors import Misuse
from bothsides.base.types import TYPE_CHECKING, Callable, Literal, Mapping, Sequence
from bothsides.check.owner_files import add_owner_files
from bothsides.model.whose_fault import Asked, IcingaApi, MeshHost, Plan, Through
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
        help="a third host of --landscape that is asked too; repeatable (default: all of them,"
        " eight at most)")  # fmt: skip
    add("--mesh", action="store_true",
        help="judge all pairs of all hosts together, not one pair (default with --landscape"
        " and without --from and --to)")  # fmt: skip
    add = parser.add_argument_group("evidence").add_argument
    add_fetching(add)
    add("--evidence", action="append", default=[], metavar="PATH",
        help="a document of `bothsides evidence`, a --record file named FROM-to-TO.ANY.json,"
        " or a folder of them; repeatable; without a memory unless --memory says so")  # fmt: skip
    add("--before", action="append", default=[], metavar="PATH",
        help="the same from when all was well; repeatable")  # fmt: skip
    add("--stale", type=valued(from_duration), default=STALE, metavar="TIME",
        help="evidence that is older than the newest by more than TIME does not count (default"
        " 15min); what is well counts only within 2min of a trouble")  # fmt: skip
    add_memory_options(parser)
    add_owner_files(parser.add_argument_group("whose network"))


def add_fetching(add: Callable[..., object]) -> None:
    """Adds the options that say how the evidence of other hosts is fetched."""
    add("--landscape", default="", metavar="FILE",
        help="hosts, and how their evidence is fetched: nrpe, icinga, ssh or file")  # fmt: skip
    add("--icinga", default="", metavar="URL",
        help="Icinga's API, by which hosts with the transport icinga are asked:"
        " https://HOST:5665")  # fmt: skip
    add("--icinga-login", default="", metavar="FILE",
        help="a file with its user and password, mode 0640")  # fmt: skip
    add("--icinga-ca", default="", metavar="FILE", help="certificates to trust there, PEM")
    add("--seal", default="", metavar="FILE",
        help="a key, mode 0640; documents that are not sealed with it do not count")  # fmt: skip


def plan(options: Namespace, limits: Ranges) -> Plan:
    """The plan; Misuse for a command line that names nobody."""
    mesh = options.mesh or bool(
        options.landscape and not options.target and not options.start and not options.evidence
    )
    made = _mesh_plan(options) if mesh else _pair_plan(options)
    if "" in (*options.evidence, *options.before):
        raise Misuse("--evidence and --before need a path")
    return made._replace(
        evidence=tuple(options.evidence),
        before=tuple(options.before),
        stale=options.stale,
        icinga=icinga_of(options),
        key=files.secret(options.seal) if options.seal else None,
    )


def _pair_plan(options: Namespace) -> Plan:
    """Which pair, and who is asked or measured for it."""
    if not options.target and not options.evidence:
        missing = "--to NAME" if options.landscape else "option -H, --evidence or --landscape"
        raise Misuse(f"missing {missing}")
    address = ""
    if options.start and options.start == options.target:
        raise Misuse(f"--from and --to are one host, {options.start[:60]}")
    if options.third and (options.evidence or not options.landscape):
        raise Misuse("--third names a host of --landscape that is asked: with --evidence all"
                     " hosts but both ends are witnesses")  # fmt: skip
    hosts: tuple[Asked, ...] = ()
    if options.landscape and not options.evidence:
        hosts = hosts_of(options.landscape, options.start, options.target, options.third)
    if not options.evidence and not hosts:
        address = from_host(options.target)
    return Plan(
        start=options.start or ("" if options.evidence else os.uname().nodename),
        target=options.target or "",
        hosts=hosts,
        address=address,
        family=options.family,
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

        known = load(options.landscape).servers
        servers = [each for each in known.values() if not each.disabled]
        members = tuple(MeshHost(each.name, each.datacenter, each.provider) for each in servers)
        hosts = tuple(_asked(each, known) for each in servers)
    return Plan(
        start="",
        target="",
        hosts=() if options.evidence else hosts,
        mesh=True,
        members=members,
    )


def icinga_of(options: Namespace) -> IcingaApi | None:
    """How Icinga's API is reached; None where it is not asked."""
    if not options.icinga:
        if options.icinga_login or options.icinga_ca:
            raise Misuse("--icinga-login and --icinga-ca need --icinga URL")
        return None
    from bothsides.export.login import from_file

    if not options.icinga.startswith("https://"):
        raise Misuse(f"--icinga {options.icinga[:60]!r}: expected https://HOST:5665")
    if not options.icinga_login:
        raise Misuse("--icinga needs --icinga-login FILE, with lines user = NAME, password = ...")
    login = from_file(options.icinga_login)
    if not login.user or not login.password:
        raise Misuse(f"{options.icinga_login}: user or password is missing")
    url = options.icinga.rstrip("/")
    return IcingaApi(url, login.user, login.password, options.icinga_ca)


_THIRDS = 8
"""Third hosts that are asked where none is named."""

FILES = "/var/lib/bothsides/evidence"
"""Folder with the documents of hosts whose transport is `file`: NAME.json."""


def hosts_of(landscape: str, start: str, target: str, thirds: Sequence[str]) -> tuple[Asked, ...]:
    """Both ends and the third hosts, with the landscape's transport; Misuse for unknown names.

    start: "" for this very host; thirds: none for the first ones of the landscape.
    """
    from bothsides.inventory.files import load

    servers = load(landscape).servers
    here = os.uname().nodename
    if not target or not (start or here in servers):
        raise Misuse(
            "missing --to NAME" if start or here in servers
            else f"missing --from NAME: this host, {here}, is not in {landscape}"
        )  # fmt: skip
    start = start or here
    for name in thirds:
        if name in (start, target):
            raise Misuse(f"--third {name[:60]}: it is one of both ends, which are asked anyway")
    others = [
        name for name, each in servers.items() if name not in (start, target) and not each.disabled
    ]
    asked = []
    for name in (start, target, *(thirds or others[:_THIRDS])):
        if name not in servers:
            raise Misuse(f"{nearest('host', name, servers)} in {landscape}")
        asked.append(_asked(servers[name], servers))
    return tuple(dict.fromkeys(asked))


def _asked(server: "Server", servers: "Mapping[str, Server]") -> Asked:
    """How one host is asked."""
    other = servers.get(server.through)
    return Asked(
        name=server.name,
        transport=_TRANSPORTS.get(server.transport, "none"),
        address={"file": f"{FILES}/{server.name}.json", "icinga": server.monitor}.get(
            server.transport, server.ip
        ),
        through=Through(other.name, other.ip) if other is not None else None,
    )


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
