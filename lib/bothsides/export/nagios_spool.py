"""Results as files in the spool of Nagios and Naemon (check_result_path): many in one file.

A file is taken once its name is c and six characters and an empty file of the same name with .ok
stands beside it. It grows under another name. Nagios deletes files that are older than an hour.
Source: Nagios Core 4.4.6, base/utils.c; tried.
"""

import os

from bothsides.base.types import Sequence
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result, shortened

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LONGEST = 8192  # octets of an output that every part of Nagios takes
_TRIES = 20


def to_file(results: Sequence[Result], at: float) -> bytes:
    """The text of a spool file. at: when it was written, UTC seconds."""
    head = f"### Passive Check Result File ###\nfile_time={int(at)}\n"
    return (head + "".join(_block(result) for result in results)).encode("utf-8", "replace")


def submit(directory: str, results: Sequence[Result], at: float) -> None:
    """Puts all results into the spool, in one file, or none. Raises Undelivered."""
    if not results:
        return
    try:
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as fault:
        raise Undelivered(f"cannot open {directory}: {fault.strerror}") from None
    try:
        _put(folder, to_file(results, at))
    except OSError as fault:
        raise Undelivered(f"cannot write into {directory}: {fault.strerror}") from None
    finally:
        os.close(folder)


def _put(folder: int, text: bytes) -> None:
    temporary, name = _written(folder, text)
    try:
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        temporary = name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        done = os.open(f"{name}.ok", flags, 0o600, dir_fd=folder)
        _hand_over(done, folder)
        os.close(done)
    except OSError:
        os.unlink(temporary, dir_fd=folder)
        raise


def _written(folder: int, text: bytes) -> tuple[str, str]:
    """Writes a file that Nagios does not look at; its name, and the free one that it is to get."""
    taken = set(os.listdir(folder))
    for _ in range(_TRIES):
        drawn = "".join(_LETTERS[octet % len(_LETTERS)] for octet in os.urandom(6))
        name, temporary = f"c{drawn}", f".bothsides-{drawn}"
        if not {name, f"{name}.ok", temporary} & taken:
            break
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(temporary, flags, 0o600, dir_fd=folder), "wb") as file:
        try:
            _hand_over(file.fileno(), folder)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.unlink(temporary, dir_fd=folder)
            raise
    return temporary, name


def _hand_over(file: int, folder: int) -> None:
    """Lets the owner of the folder read a file: Nagios, whoever we are."""
    owner = os.fstat(folder)
    if os.geteuid() == 0:
        os.fchown(file, owner.st_uid, owner.st_gid)
    elif owner.st_uid != os.geteuid():
        try:
            os.fchown(file, -1, owner.st_gid)
            os.fchmod(file, 0o640)
        except PermissionError:  # we are not in its group
            os.fchmod(file, 0o644)


def _block(result: Result) -> str:
    service = f"service_description={result.service}\n" if result.service else ""
    code = result.code if result.service else result.host_code
    return (
        f"\nhost_name={result.host}\n{service}check_type=1\ncheck_options=0\nscheduled_check=0\n"
        f"reschedule_check=0\nlatency=0.0\nstart_time={result.began:.6f}\n"
        f"finish_time={result.ended:.6f}\nearly_timeout=0\nexited_ok=1\nreturn_code={code}\n"
        f"output={escaped(shortened(result.output, _LONGEST))}\n"
    )


def escaped(output: str) -> str:
    r"""The output in one line: a line break as \n, a backslash as two."""
    plain = output.replace("\0", " ").replace("\r", " ")
    return plain.replace("\\", "\\\\").replace("\n", "\\n")
