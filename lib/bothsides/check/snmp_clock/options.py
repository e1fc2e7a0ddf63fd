"""The command line of check_snmp_clock: check_snmp's letters; secrets may stand elsewhere."""

from bothsides.base import files
from bothsides.base.errors import Misuse
from bothsides.base.secret import Secret
from bothsides.base.types import Literal, Mapping, TypeVar
from bothsides.check import add_landscape
from bothsides.check.snmp_clock.limits import CLASSES, Limits
from bothsides.check.snmp_clock.memory import mode
from bothsides.model.clock import (
    AUTH,
    LEVELS,
    PRIV,
    VERSIONS,
    Auth,
    Plan,
    Priv,
    User,
    Version,
    Wish,
)
from bothsides.parse import Unreadable
from bothsides.parse.snmp import Source, from_source
from bothsides.parse.target import from_target
from bothsides.parse.text import from_address, from_count, from_duration
from bothsides.plugin import memory_options
from bothsides.plugin.parser import Namespace, Parser, family_of, valued

Name = TypeVar("Name", bound=str)

_SHORTEST = 8  # characters of a password (RFC 3414 section 11.2); agents refuse shorter ones


def options(parser: Parser) -> None:
    """Declares the check's own options."""
    _add_clock(parser)
    memory_options.add_options(parser, CLASSES)
    _add_snmp(parser)
    add_landscape(parser)


def _add_clock(parser: Parser) -> None:
    add = parser.add_argument_group("the clock").add_argument
    add("-H", "--hostname", metavar="HOST", help="the agent's host, or several: a,b,c")
    add("--targets", metavar="FILE",
        help="a file of hosts, - for standard input; # starts a comment")  # fmt: skip
    add("-p", "--port", type=valued(from_count, 1, 65535), default=161, metavar="PORT",
        help="default 161")  # fmt: skip
    add("--source", type=valued(from_address), metavar="ADDRESS",
        help="local address to send from")  # fmt: skip
    add("-o", "--oid", type=valued(_source), metavar="OID",
        help="where the time is: an OID, a name, extend:NAME, DATE+TIME, or auto: by the agent's"
        " product (default hrSystemDate, else versionCDate)")  # fmt: skip
    add("--time-format", default="", metavar="FORMAT",
        help="of a time written as text, as %%d/%%m/%%Y %%H:%%M:%%S")  # fmt: skip
    add("--timezone", default="", metavar="NAME",
        help="zone of times that tell none, as Europe/Berlin (default UTC); auto: guess it from"
        " the offset")  # fmt: skip
    add("--precision", type=valued(from_duration), metavar="TIME",
        help="ask until the uncertainty is below, as 5ms")  # fmt: skip
    add("-e", "--retries", type=valued(from_count, 0, 100), default=5, metavar="N",
        help="default 5")  # fmt: skip
    add("--any-source", action="store_true",
        help="take replies from another address than the one asked: anycast, several"
        " interfaces")  # fmt: skip
    add("--local-sync", choices=("require", "warn", "ignore"), default="require",
        help="when our own clock is not synchronised: UNKNOWN (default), WARNING, or"
        " nothing")  # fmt: skip
    add("--reference", type=valued(_reference), metavar="ntp:HOST[:PORT]",
        help="an NTP server's time instead of our own")  # fmt: skip


def _add_snmp(parser: Parser) -> None:
    add = parser.add_argument_group("SNMP").add_argument
    add("-P", "--protocol", type=valued(_version), metavar="1|2c|3",
        help="default 2c, 3 with -U, -L, -A or -X")  # fmt: skip
    add("-C", "--community", type=Secret, help="default $SNMP_COMMUNITY or public")
    add("--community-file", metavar="FILE", help="a file that holds the community")
    add("-L", "--seclevel", type=valued(_level), metavar="LEVEL", help=", ".join(LEVELS))
    add("-U", "--secname", metavar="USER", help="SNMPv3 user")
    add("-a", "--authproto", type=valued(_auth), default="SHA", metavar="PROTO",
        help=", ".join(AUTH))  # fmt: skip
    add("-A", "--authpasswd", type=Secret, metavar="PASSWORD",
        help="default $SNMP_AUTH_PASSPHRASE")  # fmt: skip
    add("--auth-file", metavar="FILE", help="a file that holds it")
    add("-x", "--privproto", type=valued(_priv), default="AES", metavar="PROTO",
        help=", ".join(PRIV))  # fmt: skip
    add("-X", "--privpasswd", type=Secret, metavar="PASSWORD",
        help="default $SNMP_PRIV_PASSPHRASE")  # fmt: skip
    add("--priv-file", metavar="FILE", help="a file that holds it")
    add("-N", "--context", default="", metavar="NAME", help="SNMPv3 context")


def plan(options: Namespace, limits: Limits) -> Plan:
    """Whom to ask and how; Misuse for what does not fit together."""
    hosts = _hosts(options)
    version: Version = options.protocol or ("3" if _is_secured(options) else "2c")
    if version != "3" and _is_secured(options):
        words = f"-P {version} has no users and passwords"
        raise Misuse(f"{words}: leave out -P, or leave out -U, -L, -A and -X")
    user, community = None, Secret("")
    if version == "3":
        user = _user(options)
    else:
        given = options.community, options.community_file
        community = files.secret_from(*given, "SNMP_COMMUNITY") or Secret("public")
    return Plan(
        hosts=hosts,
        port=options.port,
        family=family_of(options),
        local_address=options.source or "",
        version=version,
        community=community,
        user=user,
        source=options.oid if isinstance(options.oid, Source) else None,
        automatic=options.oid == "auto",
        time_format=options.time_format,
        zone="" if options.timezone == "auto" else options.timezone,
        wish=Wish(
            warning=limits.ranges.warning.get("offset"),
            critical=limits.ranges.critical.get("offset"),
            precision=options.precision,
        ),
        retries=options.retries,
        reference=options.reference,
        restarts=mode(options) != "off",
        chrony=options.local_sync != "ignore",
        any_source=options.any_source,
    )


def _is_secured(options: Namespace) -> bool:
    """Whether anything was given that only SNMPv3 has.

    Without a user that is an error: nothing is then asked by community instead.
    """
    only = (
        options.secname,
        options.seclevel,
        options.authpasswd,
        options.privpasswd,
        options.auth_file,
        options.priv_file,
    )
    return any(given is not None for given in only)


def _hosts(options: Namespace) -> tuple[str, ...]:
    names = [name.strip() for name in (options.hostname or "").split(",") if name.strip()]
    if options.targets:
        names += files.listed(options.targets, from_target)
    if not names:
        raise Misuse("missing option -H")
    return tuple(dict.fromkeys(from_target(name) for name in names))


def _source(text: str) -> Source | Literal["auto"]:
    """What -o takes."""
    return "auto" if text == "auto" else from_source(text)


def _reference(text: str) -> tuple[str, int]:
    """Host and port of `ntp:HOST`, `ntp:HOST:PORT` or `ntp:[v6]:PORT`."""
    kind, _, rest = text.partition(":")
    if kind != "ntp" or not rest:
        raise Unreadable(f"{text[:40]!r} is no reference; write ntp:HOST or ntp:HOST:PORT")
    if rest.count(":") == 1 or "]:" in rest:
        host, _, port = rest.rpartition(":")
        return from_target(host or rest), from_count(port, 1, 65535)
    return from_target(rest), 123


def _user(options: Namespace) -> User:
    """The SNMPv3 user; the level is what the passwords allow when -L does not say."""
    if not options.secname:
        empty = "" if options.secname is None else ", and this one is empty"
        raise Misuse(f"SNMPv3 needs a user: -U{empty}")
    none = Secret("")
    given = options.authpasswd, options.auth_file
    auth = files.secret_from(*given, "SNMP_AUTH_PASSPHRASE") or none
    given = options.privpasswd, options.priv_file
    priv = files.secret_from(*given, "SNMP_PRIV_PASSPHRASE") or none
    level = options.seclevel
    if level is None:
        level = 2 if priv and auth else 1 if auth else 0
    if level >= 1:
        _refuse_short("authentication", "-A", auth)
    if level >= 2:
        _refuse_short("privacy", "-X", priv)
    return User(
        name=options.secname,
        level=level,
        auth=options.authproto,
        auth_password=auth,
        priv=options.privproto,
        priv_password=priv,
        context=options.context,
    )


def _refuse_short(name: str, option: str, password: Secret) -> None:
    if len(password) < _SHORTEST:
        state = "has less than 8 characters" if password else "is missing"
        places = f"{option}, a file, an ini file or the environment"
        raise Misuse(f"the {name} password {state} ({places})")


def _version(text: str) -> Version:
    bare = text.lower().removeprefix("v")
    bare = "2c" if bare == "2" else bare
    for version in VERSIONS:
        if bare == version:
            return version
    raise Unreadable(f"{text[:20]!r} is no SNMP version; write 1, 2c or 3")


def _level(text: str) -> int:
    names = [name.lower() for name in LEVELS]
    if text.lower() not in names:
        raise Unreadable(f"{text[:20]!r} is no security level; write {', '.join(LEVELS)}")
    return names.index(text.lower())


def _auth(text: str) -> Auth:
    return _protocol(text, AUTH, {"SHA1": "SHA"})


def _priv(text: str) -> Priv:
    return _protocol(text, PRIV, {"AES128": "AES"})


def _protocol(text: str, names: tuple[Name, ...], others: Mapping[str, str]) -> Name:
    """A protocol's name, written with or without hyphens: AES256C is AES-256-C."""
    bare = text.upper().replace("-", "").replace("_", "")
    bare = others.get(bare, bare)
    for name in names:
        if bare == name.replace("-", ""):
            return name
    raise Unreadable(f"{text[:20]!r} is not known; write one of {', '.join(names)}")
