"""Where memories lie and whose they are: one file for each Unix user, in a safe directory."""

import os
import pwd
import stat

from bothsides.base.errors import Unable

_SYSTEM = "/var/lib/bothsides"
_TEMPORARY = "/var/tmp"


def place(directory: str) -> str:
    """The directory that holds the memory: the one that is asked for, else the first usual one."""
    if directory:
        return os.path.abspath(directory)
    service = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]  # systemd.exec(5)
    if service:
        return service
    temporary = f"{_TEMPORARY}/bothsides-{os.geteuid()}"
    if os.access(_SYSTEM, os.W_OK | os.X_OK) and not _begun_in(temporary):
        return _SYSTEM
    return temporary


def _begun_in(temporary: str) -> bool:
    """Whether our memory is in the temporary place, from before the system's place was made."""
    name = f"memory-{os.geteuid()}.sqlite"
    try:
        owners = {os.lstat(path).st_uid for path in (temporary, f"{temporary}/{name}")}
    except OSError:
        return False
    return owners == {os.geteuid()} and not os.path.exists(f"{_SYSTEM}/{name}")


def others(directory: str) -> list[tuple[str, str]]:
    """User and directory of other users' memories, in this directory and in the usual ones."""
    temporary = [
        f"{_TEMPORARY}/{name}" for name in _listed(_TEMPORARY) if _uid(name, "bothsides-", "") >= 0
    ]
    memories = []
    for folder in dict.fromkeys((directory, _SYSTEM, *temporary)):
        for name in _listed(folder):
            uid = _uid(name, "memory-", ".sqlite")
            if uid not in (-1, os.geteuid()):
                memories.append((user(uid), folder))
    return memories


def _uid(name: str, before: str, behind: str) -> int:
    """The uid in a file's name, between two texts; -1 where it is another name."""
    digits = name[len(before) : len(name) - len(behind)]
    fits = name == f"{before}{digits}{behind}" and digits.isascii() and digits.isdigit()
    return int(digits) if fits and len(digits) <= 10 else -1


def _listed(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def path_in(directory: str, write: bool) -> str:
    """The path of our file in a directory into which nobody else can put files in our name.

    write: the directory is made where it is missing. Raises Unable with the remedy.
    """
    if write:
        try:
            os.makedirs(directory, 0o700, exist_ok=True)
        except OSError as fault:
            raise _unusable(f"cannot make {directory}", fault) from None
    path = os.path.join(directory, f"memory-{os.geteuid()}.sqlite")
    try:
        _refuse(directory, os.stat(directory), (0, os.geteuid()))
        _refuse(path, os.lstat(path), (os.geteuid(),))
    except FileNotFoundError:
        return path
    except OSError as fault:
        raise _unusable(f"cannot use {directory}", fault) from None
    return path


def _unusable(words: str, fault: OSError) -> Unable:
    return Unable(f"{words}: {fault.strerror}; name a place for {who()} with --state-dir")


def _refuse(path: str, status: os.stat_result, owners: tuple[int, ...]) -> None:
    """Raises Unable where somebody else could change what we read there."""
    folder = stat.S_ISDIR(status.st_mode)
    owner, we = user(status.st_uid), os.geteuid()
    if status.st_uid not in owners and we != 0:
        raise Unable(f"{path} belongs to {owner}, not to {who()}; run chown {user(we)} {path}")
    if stat.S_ISLNK(status.st_mode):
        raise Unable(f"{path} is a symbolic link; remove it, or name a place with --state-dir")
    if not folder and status.st_uid != we:
        raise Unable(f"{path} belongs to {owner}, not to {who()}; remove it or chown it")
    if folder and status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        raise Unable(f"{path} can be written by everybody; run chmod o-w {path}")


def who() -> str:
    """The user that this process runs as: `nagios (uid 110)`."""
    return f"{user(os.geteuid())} (uid {os.geteuid()})"


def user(uid: int) -> str:
    """The name of a user, or the number where there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
