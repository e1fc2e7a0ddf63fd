"""What a reflector leaves to its successor, so that a restart forgets nothing about a flow.

A file in JSON that is written at the end and taken away when it is read: after a crash there is
none, and the successor begins anew. It holds only for the same start of the kernel, whose monotonic
clock all ages are of.
"""

import json
import os
import stat

from bothsides.base.errors import Unable
from bothsides.base.types import Any
from bothsides.parse import Unreadable
from bothsides.reflector.account import Account, Totals
from bothsides.reflector.session import Counted, Reflector

_Json = Any  # what the file holds
_FORM = 1  # of the file
_BEGINS = b'{"form"'  # what the first octets of every state are
_MOST = 256 << 20  # octets, more than all flows of a full table take
_KERNEL = "/proc/sys/kernel/random/boot_id"


def write(path: str, reflector: Reflector) -> None:
    """Leaves the accounts of all flows and the numbers of their replies. Raises OSError."""
    accounts = reflector.telemetry.accounts
    overflow = reflector.counts.get("overflow", 0)
    state = {
        "form": _FORM,
        "kernel": _kernel(),
        "boot": accounts.boot,
        "began": accounts.began,
        "evicted": accounts.evicted,
        "flows": [
            [*flow, *_fields(account, Totals(overflow, 0, accounts.evicted))]
            for flow, account in accounts.flows.items()
        ],
        "sessions": [
            [*session, counted.number, counted.at]
            for session, counted in reflector.sessions.items()
        ],
    }
    beside = f"{path}.new"
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(opened, "w", encoding="ascii") as file:
        json.dump(state, file)
    os.replace(beside, path)


def take(path: str, reflector: Reflector) -> bool:
    """Goes on where the predecessor ended; False without a file or after another kernel's start.

    Raises OSError when the file cannot be read or taken away, Unreadable when it is broken, Unable
    for a file that no reflector has written: it must be neither removed nor overwritten.
    """
    try:
        text = _own(path)
    except FileNotFoundError:
        return False
    os.unlink(path)  # what is noted from now on is not in it
    try:
        state: dict[str, _Json] = json.loads(text)
        if (state["form"], state["kernel"]) != (_FORM, _kernel()):
            return False
        accounts = reflector.telemetry.accounts
        flows = {(host, ssid, port): _account(rest) for host, ssid, port, *rest in state["flows"]}
        sessions = {
            (host, port, ssid): Counted(number, at)
            for host, port, ssid, number, at in state["sessions"]
        }
        accounts.boot, accounts.began = int(state["boot"]), float(state["began"])
        accounts.evicted = int(state["evicted"])
    except (ValueError, KeyError, TypeError) as fault:
        raise Unreadable(f"{path} is broken ({fault})") from None
    accounts.flows.update(flows)
    reflector.sessions.update(sessions)
    return True


def _own(path: str) -> bytes:
    """The content of a file that a reflector has written; an empty one may be left of it."""
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait for its writer
    regular = stat.S_ISREG(os.fstat(opened).st_mode)
    data = b""
    if regular:
        with open(opened, "rb") as file:
            data = file.read(_MOST)
    else:
        os.close(opened)
    if not regular or (data and not data.startswith(_BEGINS)):
        words = "is no state of udp_reflector and is left as it is; name another file"
        raise Unable(f"--state {path} {words}")
    return data


def _kernel() -> str:
    with open(_KERNEL, encoding="ascii") as file:
        return file.read().strip()


def _fields(account: Account, totals: Totals) -> list[_Json]:
    return [
        account.first, _written(account.arrived), _written(account.refused), account.forgotten,
        account.count, account.ports, account.born, account.last,
        totals.overflow - account.before.overflow, totals.evicted - account.before.evicted,
    ]  # fmt: skip


def _account(fields: list[_Json]) -> Account:
    """An account; what the predecessor had counted since its begin goes on being counted."""
    first, arrived, refused, forgotten, count, ports, born, last, overflow, evicted = fields
    account = Account(0, Totals(-overflow, 0, -evicted), born)
    account.first, account.forgotten, account.count = int(first), int(forgotten), int(count)
    account.arrived, account.refused = _bitmap(arrived), _bitmap(refused)
    account.ports, account.last = tuple(ports), float(last)
    return account


def _written(bitmap: bytearray) -> str:
    """A bitmap as a number, the first bit its lowest."""
    return f"{int(f'{int.from_bytes(bitmap):0{8 * len(bitmap)}b}'[::-1], 2):x}"


def _bitmap(written: str) -> bytearray:
    number = int(written, 16)
    octets = (number.bit_length() + 7) // 8
    return bytearray(int(f"{number:0{8 * octets}b}"[::-1], 2).to_bytes(octets))
