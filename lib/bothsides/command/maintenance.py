"""bothsides maintenance: switches maintenance on and off by a flag in the state directory."""

import os
import pwd
import re
from datetime import UTC, datetime, timedelta

from bothsides.inventory import files
from bothsides.inventory.checks import index_of
from bothsides.inventory.faults import Wrong, quoted
from bothsides.inventory.maintenance import Flag, added
from bothsides.parse import Unreadable
from bothsides.plugin.parser import Namespace, Parser

_UNITS = {"m": 60, "h": 3600, "d": 86400}
_DEFAULT = "/var/lib/bothsides"
_MESH = "/var/lib/bothsides-mesh"
"""Where udp_mesh looks under its unit, whose user may not read the place of the checks."""


def options(parser: Parser) -> None:
    """Adds the options of maintenance."""
    parser.add_argument("action", choices=("on", "off", "list"))
    parser.add_argument(
        "--what",
        metavar="HOSTS",
        default="all",
        help="a host, an expression as dc:eu, or all (default)",
    )
    parser.add_argument("--for", dest="duration", metavar="TIME", help="how long, as 30m, 2h, 1d")
    parser.add_argument("--until", metavar="TIME", help="or its end, as 2026-01-31T22:00Z")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why")
    parser.add_argument("--owner", metavar="NAME", help="who (default: the user)")
    parser.add_argument(
        "--state-dir", metavar="DIR", help=f"default {_DEFAULT}, and {_MESH} where it is"
    )
    parser.add_argument(
        "--landscape",
        metavar="FILE",
        help=f"what expressions select from (default {files.DEFAULT}); list shows its"
        " [[maintenance]]",
    )


def run(arguments: Namespace) -> int:
    """Sets, takes away or lists flags; prints what holds afterwards."""
    now = datetime.now(UTC).replace(microsecond=0)
    known = {place: files.read_flags(place) for place in _places(arguments)}
    if arguments.action == "on":
        flag = _flag(arguments, now)
        known = _written({place: added(flags, flag) for place, flags in known.items()})
    elif arguments.action == "off":
        if all(flag.what != arguments.what for flags in known.values() for flag in flags):
            raise Wrong(f"no maintenance of {quoted(arguments.what)} is on", "see: list")
        known = _written(
            {place: [flag for flag in flags if flag.what != arguments.what]
             for place, flags in known.items()}
        )  # fmt: skip
    flags = list(dict.fromkeys(flag for flags in known.values() for flag in flags))
    for flag in flags:
        over = ", over" if flag.end <= now else ""
        span = f"{flag.begin:%Y-%m-%d %H:%M} to {flag.end:%Y-%m-%d %H:%M} UTC{over}"
        print(f"{flag.what}: {span}, by {flag.owner}: {flag.reason}")
    if arguments.landscape:
        for each in files.load(arguments.landscape).maintenances:
            span = f"{each.begin.isoformat()} to {each.end.isoformat()}"
            print(f"{each.what}: {span}, by {each.place}: {each.reason}")
    elif not flags:
        print("no maintenance")
    return 0


def _places(arguments: Namespace) -> list[str]:
    """The state directories whose flags are meant."""
    named = arguments.state_dir or os.environ.get("STATE_DIRECTORY")
    if named:
        return [named]
    return [_DEFAULT, *[place for place in (_MESH,) if os.path.isdir(place)]]


def _written(known: dict[str, list[Flag]]) -> dict[str, list[Flag]]:
    """Writes the flags of every place, then raises Unreadable where one of them refuses."""
    faults = []
    for place, flags in known.items():
        try:
            files.write_flags(place, flags)
        except files.Unwritable as fault:
            faults.append(str(fault))
    if faults:
        raise Unreadable("; ".join(faults))
    return known


def _flag(arguments: Namespace, now: datetime) -> Flag:
    """The flag that the command line describes."""
    if (arguments.duration is None) == (arguments.until is None):
        raise Wrong("the end is missing", "give --for 2h or --until TIME, one of them")
    if arguments.duration is not None:
        match = re.fullmatch(r"([0-9]{1,4})([mhd])", arguments.duration)
        if not match:
            raise Wrong(f"{quoted(arguments.duration)} is not a duration", "write 30m, 2h or 1d")
        end = now + timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    else:
        try:
            end = datetime.fromisoformat(arguments.until)
        except ValueError:
            end = now.replace(tzinfo=None)
        if end.tzinfo is None:
            words = f"{quoted(arguments.until)} is not a time with its offset"
            raise Wrong(words, "write 2026-01-31T22:00Z")
    return Flag(
        what=arguments.what,
        hosts=_hosts(arguments.what, arguments.landscape),
        begin=now,
        end=end.astimezone(UTC),
        owner=arguments.owner or _user(),
        reason=arguments.reason,
    )


def _hosts(what: str, landscape: str | None) -> tuple[str, ...]:
    """The hosts that an expression selects, for checks that have no landscape; () for a name.

    Raises Wrong for an expression that selects nobody, and for a name that the landscape lacks.
    """
    plain = re.fullmatch(r"[A-Za-z0-9_.-]+", what) is not None
    if landscape is None and not os.path.exists(files.DEFAULT):
        if not plain:
            remedy = "give --landscape FILE, or name a host or all"
            raise Wrong(f"{quoted(what)} is an expression, and no landscape is known", remedy)
        return ()
    try:
        known = files.load(landscape or files.DEFAULT)
    except Unreadable:
        if landscape is None and plain:  # a host can be named though the landscape has a fault
            return ()
        raise
    if what == "all" or what in known.servers:
        return ()
    names = tuple(sorted(index_of(known).select(what)))
    if not names:
        raise Wrong(f"{quoted(what)} selects no server", "see bothsides lint")
    return names


def _user() -> str:
    """The name of the user, before sudo."""
    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
