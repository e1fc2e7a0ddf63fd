"""bothsides known-down: runs a check for Nagios, and spares hosts that Nagios has down.

    bothsides known-down --status /var/lib/nagios4/status.dat --objects .../objects.cache \\
        -- /usr/lib/nagios/plugins/check_nrpe -H 192.0.2.1 -c bs_udp_all

A host that is down or in downtime is notified once, as a host. What others measure towards it then
is OK, with all that was measured in words and figures; everybody else is judged as ever. Output and
exit code of a check that is OK are passed on as they are.
"""

import os

from bothsides.base.errors import Misuse
from bothsides.base.types import Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.plugin.parser import Namespace, Parser

_STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")  # by exit code
_WORST = ("CRITICAL", "WARNING", "UNKNOWN", "OK")
_NOT_OK = "not OK: "  # how check.landscape begins its line for this program
_MOST = 1 << 20  # octets of a check's output; Nagios itself takes 8 KiB
_LARGEST = 512 << 20  # octets of Nagios' own files


class Host(NamedTuple):
    """What Nagios knows of a host."""

    down: bool  # or unreachable
    downtime: bool  # in a scheduled one


def options(parser: Parser) -> None:
    """Adds the options of known-down."""
    add = parser.add_argument
    add("--status", required=True, metavar="FILE", help="Nagios' status file, $STATUSDATAFILE$")
    add("--objects", default="", metavar="FILE",
        help="its objects, $OBJECTCACHEFILE$: hosts by their aliases")  # fmt: skip
    add("--peer", default="", metavar="HOST", help="the only host that the check measures")
    add("command", nargs="+", metavar="COMMAND", help="the check, behind --")


def run(arguments: Namespace) -> int:
    """Prints the check's output and returns its exit code, or 0 where only known hosts are bad."""
    text, code = _carried_out(arguments.command)
    if code and code < len(_STATES):
        try:
            text, code = _spared(arguments, text, code)
        except OSError as fault:
            text = f"{text.rstrip()}\nknown-down: cannot read {fault.filename}: {fault.strerror}\n"
    print(text, end="" if text.endswith("\n") else "\n")
    return code


def _carried_out(command: list[str]) -> tuple[str, int]:
    """Output and exit code of a check; 3 for what is killed or cannot be run."""
    if not os.path.isabs(command[0]):
        raise Misuse(f"{command[0][:60]!r} is no absolute path of a check")
    reading, writing = os.pipe()
    try:
        child = os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, writing, 1),
                (os.POSIX_SPAWN_CLOSE, reading),
            ],
        )
    except OSError as fault:
        raise Unreadable(f"cannot run {command[0]}: {fault.strerror}") from None
    finally:
        os.close(writing)
    parts = []
    with open(reading, "rb") as pipe:
        while part := pipe.read(65536):
            parts.append(part)
            if sum(map(len, parts)) > _MOST:
                break
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    text = b"".join(parts).decode("utf-8", "replace")
    if 0 <= status < len(_STATES):
        return text, status
    return f"{text.rstrip()}\nknown-down: {command[0]} ended with {status}\n".lstrip(), 3


def _spared(arguments: Namespace, text: str, code: int) -> tuple[str, int]:
    """Output and exit code without those whom Nagios has down or in downtime."""
    bad, others = {str(arguments.peer): _STATES[code]}, "OK"
    if not arguments.peer:
        bad, others = named(text)
    if not bad:
        return text, code
    names = names_of(_content(arguments.objects)) if arguments.objects else {}
    hosts = hosts_of(_content(arguments.status), {names.get(name, name) for name in bad})
    known = {name: hosts[host] for name in bad if (host := names.get(name, name)) in hosts}
    left = [state for name, state in bad.items() if name not in known]
    state = min([*left, others], key=_WORST.index)
    if not known:
        return text, code
    return _told(text, code, state, known), _STATES.index(state)


def _told(text: str, code: int, state: str, known: Mapping[str, Host]) -> str:
    """The output with another state on line 1, and why."""
    first, newline, rest = text.partition("\n")
    words, bar, figures = first.partition("|")
    downs = ", ".join(sorted(name for name, host in known.items() if host.down))
    rests = ", ".join(sorted(n for n, host in known.items() if host.downtime and not host.down))
    why = "; ".join(
        filter(None, (downs and f"{downs} down", rests and f"{rests} in MAINTENANCE by downtime"))
    )
    words = words.replace(f" {_STATES[code]} - ", f" {state} - {why}, ", 1)
    if why not in words:
        words = f"{state} - {why}, {words}"
    return f"{words}{bar}{figures}{newline}{rest}"


def named(text: str) -> tuple[dict[str, str], str]:
    """Which targets an output says are not OK, with their states, and how the others are.

    Nothing where the output has no such line, or was cut before its end.
    """
    lines = text.partition("\n")[2].splitlines()
    line = next((line for line in reversed(lines) if line.startswith(_NOT_OK)), "")
    names, comma, others = line.removeprefix(_NOT_OK).rpartition(", others ")
    bad = {}
    for item in names.split(", ") if comma else ():
        name, _, state = item.rpartition(" ")
        if not name or state not in _STATES:
            return {}, ""
        bad[name] = state
    return (bad, others) if others in _STATES else ({}, "")


def _content(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(_LARGEST).decode("utf-8", "replace")


def _blocks(text: str, kind: str) -> list[dict[str, str]]:
    """The blocks `KIND {` of one of Nagios' files, with its keys and values."""
    blocks = []
    for part in text.split(f"{kind} {{\n")[1:]:
        lines = part.partition("\n\t}")[0].splitlines()
        pairs = (line.strip().replace("\t", "=", 1).partition("=") for line in lines)
        blocks.append({key: value for key, _, value in pairs})
    return blocks


def names_of(objects: str) -> dict[str, str]:
    """Nagios' names of hosts by their aliases, which are the landscape's names."""
    by_alias: dict[str, str] = {}
    for block in _blocks(objects, "define host"):
        name = block.get("host_name", "")
        by_alias.setdefault(block.get("alias", name), name)
    return by_alias


def hosts_of(status: str, wanted: set[str]) -> dict[str, Host]:
    """Those of some hosts that are down or in downtime, out of Nagios' status file."""
    concerned = {}
    for block in _blocks(status, "\nhoststatus"):
        name = block.get("host_name", "")
        host = Host(
            down=block.get("current_state", "0") != "0",
            downtime=block.get("scheduled_downtime_depth", "0") != "0",
        )
        if name in wanted and any(host):
            concerned[name] = host
    return concerned
