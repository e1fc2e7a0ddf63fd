"""Name look-ups by the C library, each in a thread, since getaddrinfo(3) cannot be interrupted.

A thread that does not come back is left behind, and ends with the process.
"""

import _socket as socket  # the C half is enough; the import of the other costs 2 ms of CPU
import _thread
import os

from bothsides.base.deadline import block_signals
from bothsides.base.types import Any

_SPARE = 3  # descriptors of a look-up; without them, glibc says that the name does not exist

SocketAddress = tuple[Any, ...]  # of `socket`: its shape depends on the family
AddressInfo = list[tuple[int, int, int, str, SocketAddress]]  # what getaddrinfo returns

SystemAnswer = AddressInfo | OSError | UnicodeError | str | None
"""What a look-up ended with. str: why it was not begun; None: it has not come back."""


class SystemLookups:
    """Look-ups under way. Raises OSError when there is no descriptor left to wait with."""

    def __init__(self, names: list[str], family: int) -> None:
        self.answers: list[SystemAnswer] = [None] * len(names)
        self._names, self._family = names, family
        self.reader, self._writer = os.pipe()

    def begin(self, place: int) -> str:
        """Starts the look-up of a name; what this machine lacks for it, "" for nothing."""
        try:
            mine = os.dup(self._writer)
        except OSError as fault:
            return shortage(fault)
        try:
            _thread.start_new_thread(
                _look_up, (self._names[place], self._family, self.answers, place, mine)
            )
        except RuntimeError:
            os.close(mine)
            return "no more threads here"
        return ""

    def close(self) -> None:
        """Waits for nobody any more."""
        os.close(self.reader)
        os.close(self._writer)


def wire(host: str) -> str | bytes:
    """The name as octets where it is plain: the idna codec's import costs 1 ms of CPU."""
    plain = host.isascii() and all(0 < len(label) < 64 for label in host.rstrip(".").split("."))
    return host.encode() if plain else host


def shortage(fault: OSError) -> str:
    """What this machine lacks, in words."""
    return f"{fault.strerror} here".lower()


def _look_up(host: str, family: int, answers: list[SystemAnswer], place: int, writer: int) -> None:
    block_signals()  # one taken here would strike the main thread where that has blocked them
    try:
        answers[place] = socket.getaddrinfo(wire(host), None, family, socket.SOCK_DGRAM)
    except UnicodeError as fault:
        answers[place] = fault
    except OSError as fault:
        answers[place] = _spare(writer) or fault
    try:
        os.write(writer, b".")
    except OSError:
        pass  # nobody waits any more
    finally:
        os.close(writer)


def _spare(descriptor: int) -> str:
    """What lacks for a look-up by now, "" when there is enough."""
    copies = []
    try:
        for _ in range(_SPARE):
            copies.append(os.dup(descriptor))
    except OSError as fault:
        return shortage(fault)
    finally:
        for copy in copies:
            os.close(copy)
    return ""
