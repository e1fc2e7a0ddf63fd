"""Files that a command line names: texts, lists and secrets; and where else a secret comes from."""

import os
import stat

from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Callable, TypeVar
from bothsides.parse import Unreadable

_MOST = 64 << 20  # octets; more is nothing that was meant for a check, such as /dev/zero

T = TypeVar("T")


def octets(path: str) -> bytes:
    """The content of a file; "-" is standard input. Raises Unable when it cannot be read."""
    return _read(path)[0]


def arriving(path: str, seconds: float) -> bytes:
    """As `octets`, also of a named pipe: Unable when nothing comes through it for so long."""
    from bothsides.base.poll import ready

    data = bytearray()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            while len(data) <= _MOST:
                if not ready((descriptor,), seconds):
                    raise Unable(f"cannot read {path}: nothing came for {seconds:g} s")
                piece = os.read(descriptor, 1 << 16)
                if not piece:
                    return bytes(data)
                data += piece
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as fault:  # ValueError: a zero octet in the name
        raise Unable(f"cannot read {path}: {getattr(fault, 'strerror', None) or fault}") from None
    raise Unable(f"cannot read {path}: it has more than {_MOST >> 20} MiB")


def parsed(path: str, parse: Callable[[str], T]) -> T:
    """A file's text as a parser reads it; its Unreadable becomes Unable, with the file's name."""
    return _parsed(path, octets(path), parse)


def text(path: str, most: int) -> str:
    """A file's text in strict UTF-8, of so many characters at most. Raises Unable."""
    try:
        content = octets(path).decode("utf-8")
    except ValueError:
        raise Unable(f"cannot read {path}: not UTF-8") from None
    if len(content) > most:
        raise Unable(f"cannot read {path}: it has more than {most >> 10} KiB")
    return content


def listed(path: str, parse: Callable[[str], T]) -> tuple[T, ...]:
    """The items of a file, separated by white space; # starts a comment where an item may begin.

    Raises Unable when it lists nothing, since a check of nothing would find nothing wrong.
    """
    entries = parsed(path, lambda text: tuple(parse(item) for item in items(text)))
    if not entries:
        raise Unable(f"{'standard input' if path == '-' else path} lists nothing")
    return entries


def private(path: str, parse: Callable[[str], T]) -> T:
    """As `parsed`, for a file with secrets: Unable when others than owner and group may use it."""
    data, status = _read(path)
    if status.st_mode & stat.S_IRWXO:
        raise Unable(f"{path} holds a secret and is open to everybody; run chmod o= {path}")
    return _parsed(path, data, parse)


def trusted(path: str, parse: Callable[[str], T]) -> T:
    """As `parsed`, for a file that is obeyed: Unable where another user may change it."""
    data, status = _read(path)
    doubt = distrust(path, status)
    if doubt:
        raise Unable(doubt)
    return _parsed(path, data, parse)


def distrust(path: str, status: os.stat_result) -> str:
    """Why a file must not be obeyed, and the remedy; "" where only root and we may change it."""
    if stat.S_ISCHR(status.st_mode):  # a terminal, /dev/null
        return ""
    if status.st_uid not in (0, os.geteuid()):
        return f"{path} belongs to another user, {status.st_uid}; run chown root {path}"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"{path} can be changed by other users; run chmod go-w {path}"
    return ""


def secret(path: str) -> Secret:
    """The first line of a file that holds a secret."""
    return Secret(private(path, lambda text: text.partition("\n")[0]))


def secret_from(
    given: str | None = None, path: str | None = None, variable: str | None = None
) -> Secret | None:
    """A secret from the command line or an ini file, from a file, or from the environment.

    The first of the three that is there counts; None where none is. Raises Unable as `secret` does.
    """
    if given is not None:
        return Secret(given)
    if path:
        return secret(path)
    value = os.environ.get(variable) if variable else None
    return None if value is None else Secret(value)


def _read(path: str) -> tuple[bytes, os.stat_result]:
    """A file's octets, and its owner and mode."""
    try:
        refuse_pipe(path)
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as file:
            status = os.fstat(file.fileno())
            data = file.read(_MOST + 1)
    except (OSError, ValueError) as fault:  # ValueError: a zero octet in the name
        raise Unable(f"cannot read {path}: {getattr(fault, 'strerror', None) or fault}") from None
    if len(data) > _MOST:
        raise Unable(f"cannot read {path}: it has more than {_MOST >> 20} MiB")
    return data, status


def refuse_pipe(path: str) -> None:
    """Raises Unable for a named pipe, OSError where nothing is there.

    Those of the shell, as of <(...), have a writer; nobody may ever write into others.
    """
    if path == "-" or path.startswith(("/dev/", "/proc/")):
        return
    if stat.S_ISFIFO(os.stat(path).st_mode):
        raise Unable(f"cannot read {path}: a named pipe, which would be waited for")


def _parsed(path: str, data: bytes, parse: Callable[[str], T]) -> T:
    try:
        return parse(data.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n"))
    except Unreadable as fault:
        raise Unable(f"{path}: {fault}") from None


def items(text: str) -> list[str]:
    """The words of a list; # starts a comment where a word may begin."""
    words: list[str] = []
    for line in text.split("\n"):
        for word in line.split():
            if word.startswith("#"):
                break
            words.append(word)
    return words
