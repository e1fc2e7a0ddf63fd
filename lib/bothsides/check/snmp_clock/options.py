"""The command line of check_snmp_clock: check_snmp's letters, and secrets that need not stand on it."""

import os

from bothsides.analyse.clock_offset import Wish
from bothsides.base import files
from bothsides.base.errors import Misuse
from bothsides.base.secret import Secret
from bothsides.base.types import Any
from bothsides.check.snmp_clock.judge import Rules
from bothsides.check.snmp_clock.memory import mode
from bothsides.model.clock import VERSIONS, Plan
from bothsides.parse import Unreadable
from bothsides.parse.snmp import from_source
from bothsides.parse.text import from_count, from_duration, from_host
from bothsides.plugin.parser import valued
from bothsides.probe.snmp.usm import AUTH, LEVELS, PRIV, User
from bothsides.store import sqlite

_LEAST = 8  # characters of an SNMPv3 password (RFC 3414 section 11.2); agents refuse shorter ones


def add_options(parser: Any) -> None:
    """Adds the check's own options."""
    clock = parser.add_argument_group("the clock")
    clock.add_argument(
        "-H", "--hostname", metavar="HOST", help="the agent's host, or several: a,b,c"
    )
    clock.add_argument(
        "--targets",
        metavar="FILE",
        help="a file of hosts, - for standard input; # starts a comment",
    )
    clock.add_argument(
        "-p",
        "--port",
        type=valued(from_count, 1, 65535),
        default=161,
        metavar="PORT",
        help="default 161",
    )
    clock.add_argument(
        "-o", "--oid", type=valued(from_source), metavar="OID",
        help="where the time is: an OID, a name, extend:NAME (default hrSystemDate, else versionCDate)",
    )  # fmt: skip
    clock.add_argument(
        "--timezone", default="", metavar="NAME",
        help="zone of times that tell none, as Europe/Berlin (default UTC); auto: guess it from the offset",
    )  # fmt: skip
    clock.add_argument(
        "--precision",
        type=valued(from_duration),
        metavar="TIME",
        help="ask until the uncertainty is below, as 5ms",
    )
    clock.add_argument(
        "-e", "--retries", type=valued(from_count, 0, 100), default=5, metavar="N", help="default 5"
    )
    clock.add_argument(
        "--local-sync", choices=("require", "warn", "ignore"), default="require",
        help="when our own clock is not synchronised: UNKNOWN (default), WARNING, or nothing",
    )  # fmt: skip
    clock.add_argument(
        "--reference",
        type=valued(_reference),
        metavar="ntp:HOST[:PORT]",
        help="an NTP server's time instead of our own",
    )
    sqlite.options(parser)
    snmp = parser.add_argument_group("SNMP")
    snmp.add_argument(
        "-P",
        "--protocol",
        type=valued(_version),
        metavar="1|2c|3",
        help="default 2c, 3 with -U, -L, -A or -X",
    )
    snmp.add_argument("-C", "--community", type=Secret, help="default $SNMP_COMMUNITY or public")
    snmp.add_argument("--community-file", metavar="FILE", help="a file that holds the community")
    snmp.add_argument(
        "-L", "--seclevel", type=valued(_level), metavar="LEVEL", help=", ".join(LEVELS)
    )
    snmp.add_argument("-U", "--secname", metavar="USER", help="SNMPv3 user")
    snmp.add_argument(
        "-a",
        "--authproto",
        type=valued(_auth),
        default="SHA",
        metavar="PROTO",
        help=", ".join(AUTH),
    )
    snmp.add_argument(
        "-A", "--authpasswd", type=Secret, metavar="PASSWORD", help="default $SNMP_AUTH_PASSPHRASE"
    )
    snmp.add_argument("--auth-file", metavar="FILE", help="a file that holds it")
    snmp.add_argument(
        "-x",
        "--privproto",
        type=valued(_priv),
        default="AES",
        metavar="PROTO",
        help=", ".join(PRIV),
    )
    snmp.add_argument(
        "-X", "--privpasswd", type=Secret, metavar="PASSWORD", help="default $SNMP_PRIV_PASSPHRASE"
    )
    snmp.add_argument("--priv-file", metavar="FILE", help="a file that holds it")
    snmp.add_argument("-N", "--context", default="", metavar="NAME", help="SNMPv3 context")


def plan(options: Any, rules: Rules) -> Plan:
    """Whom to ask and how; Misuse for what does not fit together."""
    hosts = _hosts(options)
    version = options.protocol or ("3" if _secured(options) else "2c")
    user, community = None, Secret("")
    if version == "3":
        user = _user(options)
    else:
        community = _secret(options.community, options.community_file, "SNMP_COMMUNITY") or Secret(
            "public"
        )
    return Plan(
        hosts=hosts,
        port=options.port,
        family=options.family,
        version=version,
        community=community,
        user=user,
        source=options.oid,
        zone="" if options.timezone == "auto" else options.timezone,
        wish=Wish(
            rules.limits.warning.get("offset"),
            rules.limits.critical.get("offset"),
            rules.precision,
        ),
        retries=options.retries,
        reference=options.reference,
        restarts=mode(options) != "off",
        chrony=options.local_sync != "ignore",
    )


def _secured(options: Any) -> bool:
    """Whether anything was given that only SNMPv3 has; without a user, nothing is asked by community instead."""
    only = (
        options.secname,
        options.seclevel,
        options.authpasswd,
        options.privpasswd,
        options.auth_file,
        options.priv_file,
    )
    return any(given is not None for given in only)


def _hosts(options: Any) -> tuple[str, ...]:
    names = [name.strip() for name in (options.hostname or "").split(",") if name.strip()]
    if options.targets:
        names += files.listed(options.targets, from_host)
    if not names:
        raise Misuse("missing option -H")
    return tuple(dict.fromkeys(from_host(name) for name in names))


def _reference(text: str) -> tuple[str, int]:
    """Host and port of `ntp:HOST`, `ntp:HOST:PORT` or `ntp:[v6]:PORT`."""
    kind, colon, rest = text.partition(":")
    if kind != "ntp" or not rest:
        raise Unreadable(f"{text[:40]!r} is no reference; write ntp:HOST or ntp:HOST:PORT")
    host, colon, port = (
        rest.rpartition(":") if rest.count(":") == 1 or "]:" in rest else (rest, "", "")
    )
    return from_host(host or rest), from_count(port, 1, 65535) if colon else 123


def _user(options: Any) -> User:
    """The SNMPv3 user; the level is what the passwords allow when -L does not say."""
    if not options.secname:
        raise Misuse(
            "SNMPv3 needs a user: -U"
            + ("" if options.secname is None else ", and this one is empty")
        )
    auth = _secret(options.authpasswd, options.auth_file, "SNMP_AUTH_PASSPHRASE")
    priv = _secret(options.privpasswd, options.priv_file, "SNMP_PRIV_PASSPHRASE")
    level = (
        options.seclevel
        if options.seclevel is not None
        else 2
        if priv and auth
        else 1
        if auth
        else 0
    )
    for needed, password, letter, name in (
        (1, auth, "-A", "authentication"),
        (2, priv, "-X", "privacy"),
    ):
        if level >= needed and len(password) < _LEAST:
            state = "has less than 8 characters" if password else "is missing"
            raise Misuse(
                f"the {name} password {state} ({letter}, a file, an ini file or the environment)"
            )
    return User(
        options.secname, level, options.authproto, auth, options.privproto, priv, options.context
    )


def _secret(given: Secret | None, path: str | None, variable: str) -> Secret:
    """A secret from the command line (or ini file), a file, or the environment, in this order."""
    if given is not None:
        return given
    if path:
        return files.secret(path)
    return Secret(os.environ.get(variable, ""))


def _version(text: str) -> str:
    bare = text.lower().removeprefix("v")
    bare = "2c" if bare == "2" else bare
    if bare not in VERSIONS:
        raise Unreadable(f"{text[:20]!r} is no SNMP version; write 1, 2c or 3")
    return bare


def _level(text: str) -> int:
    names = [name.lower() for name in LEVELS]
    if text.lower() not in names:
        raise Unreadable(f"{text[:20]!r} is no security level; write {', '.join(LEVELS)}")
    return names.index(text.lower())


def _auth(text: str) -> str:
    return _named(text, AUTH, {"SHA1": "SHA"})


def _priv(text: str) -> str:
    return _named(text, PRIV, {"AES128": "AES"})


def _named(text: str, names: tuple[str, ...], others: dict[str, str]) -> str:
    """A protocol's name, written with or without hyphens: AES256C is AES-256-C."""
    bare = text.upper().replace("-", "").replace("_", "")
    bare = others.get(bare, bare)
    for name in names:
        if bare == name.replace("-", ""):
            return name
    raise Unreadable(f"{text[:20]!r} is not known; write one of {', '.join(names)}")
