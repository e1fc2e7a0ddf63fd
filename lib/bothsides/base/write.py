"""Writes a whole text to a descriptor, and files that are replaced at once and never by a link."""

import os


def write_all(descriptor: int, data: bytes) -> None:
    """Writes every octet; raises OSError where the reader has gone or the disk is full."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def replace_file(path: str, data: bytes, mode: int = 0o644) -> None:
    """Puts a file with this content into place at once: a reader sees the old one or the new one.

    The content is written to a file of its own beside `path` first, which must not exist and is no
    link. Raises OSError; nothing of the new file is left then.
    """
    draft = f"{path}.{os.getpid()}.new"
    place(draft, data, mode)
    try:
        os.replace(draft, path)
    except OSError:
        _remove(draft)
        raise


def place(path: str, data: bytes, mode: int = 0o644) -> None:
    """Writes a file that is not there yet; a link of that name is refused. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, mode)
    try:
        write_all(descriptor, data)
    except OSError:
        _remove(path)
        raise
    finally:
        os.close(descriptor)


def locked(path: str, mode: int = 0o600) -> int:
    """A descriptor that holds the exclusive lock on a file, which is made where it is missing.

    Waits until nobody else holds it; closing the descriptor lets it go. A link is refused.
    """
    import fcntl

    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, mode)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # it has gone already
