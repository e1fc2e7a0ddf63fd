"""Files that a command line names: texts, lists, and secrets that not everybody may read."""

import os
import stat

from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Callable, TypeVar
from bothsides.parse import Unreadable

_MOST = 64 << 20  # octets; more is nothing that was meant for a check, such as /dev/zero

T = TypeVar("T")


def octets(path: str) -> bytes:
    """What a file holds, of "-" what comes from standard input. Raises Unable when that cannot be read."""
    return _read(path)[0]


def parsed(path: str, parse: Callable[[str], T]) -> T:
    """A file's text as a parser reads it; what is wrong with it becomes Unable, with the file's name."""
    return _parsed(path, octets(path), parse)


def listed(path: str, parse: Callable[[str], T]) -> tuple[T, ...]:
    """What a file lists, one a line or between white space; # starts a comment where an item may begin.

    Raises Unable when it lists nothing, since a check of nothing would find nothing wrong.
    """
    found = parsed(path, lambda text: tuple(parse(item) for item in _items(text)))
    if not found:
        raise Unable(f"{path} lists nothing")
    return found


def private(path: str, parse: Callable[[str], T]) -> T:
    """As `parsed`, but the file holds secrets: Unable when others than its owner and its group may use it."""
    data, mode = _read(path)
    if mode & stat.S_IRWXO:
        raise Unable(f"{path} holds a secret and is open to everybody; run chmod o= {path}")
    return _parsed(path, data, parse)


def secret(path: str) -> Secret:
    """The first line of a file that holds a secret."""
    return Secret(private(path, lambda text: text.partition("\n")[0]))


def _read(path: str) -> tuple[bytes, int]:
    """A file's octets and its mode."""
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MOST + 1)
    except (OSError, ValueError) as fault:  # ValueError: a zero octet in the name
        raise Unable(f"cannot read {path}: {getattr(fault, 'strerror', None) or fault}") from None
    if len(data) > _MOST:
        raise Unable(f"cannot read {path}: it has more than {_MOST >> 20} MiB")
    return data, mode


def _parsed(path: str, data: bytes, parse: Callable[[str], T]) -> T:
    try:
        return parse(data.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n"))
    except Unreadable as fault:
        raise Unable(f"{path}: {fault}") from None


def _items(text: str) -> list[str]:
    found: list[str] = []
    for line in text.split("\n"):
        items = line.split()
        comment = next(
            (place for place, item in enumerate(items) if item.startswith("#")), len(items)
        )
        found += items[:comment]
    return found
