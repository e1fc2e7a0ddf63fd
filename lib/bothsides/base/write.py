"""Writes a whole text to a descriptor, and files: replaced at once, never through a link."""

import errno
import os
import stat


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


def overwrite(path: str, data: bytes) -> None:
    """Writes a file that nobody else may read. Raises OSError as `own` does."""
    descriptor = own(path)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # /dev/null has no length
            os.ftruncate(descriptor, 0)
        write_all(descriptor, data)
    finally:
        os.close(descriptor)


def own(path: str) -> int:
    """A descriptor that writes to a file of ours with mode 0600, which is made where it is missing.

    Raises OSError for a link, for a file of another user or with a second name, and for what is
    neither a file nor a device.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as fault:
        if fault.errno == errno.ELOOP and os.path.islink(path):
            raise OSError(errno.ELOOP, "it is a symbolic link") from None
        raise
    try:
        _refuse_foreign(os.fstat(descriptor))
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_foreign(status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        if status.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, f"it belongs to another user, {status.st_uid}")
        if status.st_nlink > 1:
            raise PermissionError(errno.EPERM, "it has a second name (a hard link)")
    elif not stat.S_ISCHR(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a file")


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
