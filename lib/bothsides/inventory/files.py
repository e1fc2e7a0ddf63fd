"""Landscape files and maintenance flags on disk."""

import glob
import os
import stat

from bothsides.base.types import Sequence
from bothsides.inventory.faults import Fault, Faulty, Place, Wrong, printable, quoted
from bothsides.inventory.maintenance import Flag, from_lines, to_lines
from bothsides.inventory.model import Landscape
from bothsides.parse import Unreadable

DEFAULT = "/etc/bothsides/landscape.toml"
"""Where the landscape stands unless another file is named."""

_LARGEST = 16 << 20  # octets of a file
_MOST = 1000  # files of an include pattern
_FLAGS = "maintenance"  # name of the file of flags


class Unwritable(Exception):
    """A flag cannot be kept; the text says why and what to do."""


def load(path: str) -> Landscape:
    """The landscape of a file and its includes. Raises Unreadable, as Faulty with all faults."""
    return load_text(path)[0]


def load_text(path: str) -> tuple[Landscape, str]:
    """The landscape of a file, and the text of this file. Raises as `load`."""
    from bothsides.inventory.read import read  # what those who read flags alone spare

    text = read_text(path)
    folder = os.path.dirname(path)
    return read(text, file=path, include=lambda pattern: _included(folder, pattern)), text


def read_text(path: str) -> str:
    """The text of a file in UTF-8. Raises Unreadable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable(f"cannot read {printable(path)}: not a regular file")
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as fault:
        if isinstance(fault, Unreadable):
            raise
        reason = getattr(fault, "strerror", None) or str(fault)
        raise Unreadable(f"cannot read {printable(path)}: {reason}") from None
    if len(data) > _LARGEST:
        raise Unreadable(f"cannot read {printable(path)}: more than {_LARGEST >> 20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        place = Place(path, line)
        raise Faulty([Fault(place, "", "not UTF-8", "save the file in this encoding")]) from None


def _included(folder: str, pattern: str) -> Sequence[tuple[str, str]]:
    """The files of an include pattern, which is relative to the first file's folder."""
    paths = sorted(glob.glob(os.path.join(folder, pattern)))
    if not paths:
        raise Wrong(f"include {quoted(pattern)} matches no file", "correct it or take it out")
    if len(paths) > _MOST:
        raise Wrong(f"include {quoted(pattern)} matches {len(paths)} files", f"at most {_MOST}")
    try:
        return [(path, read_text(path)) for path in paths]
    except Unreadable as fault:
        raise Wrong(str(fault), "correct it or take it out") from None


def read_flags(directory: str) -> list[Flag]:
    """The maintenance flags of a state directory, none when there is no file.

    Raises Unreadable for a file that others than its owner's group may write, for a link, and for
    what is no flag.
    """
    path = os.path.join(directory, _FLAGS)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    except OSError as fault:
        raise Unreadable(f"cannot read {printable(path)}: {fault.strerror}") from None
    with open(descriptor, "rb") as file:
        _refuse_strange(path, os.fstat(descriptor), os.stat(directory))
        data = file.read(_LARGEST)
    try:
        return from_lines(data.decode())
    except UnicodeDecodeError:
        raise Unreadable(f"{printable(path)} is not UTF-8") from None
    except Unreadable as fault:
        raise Unreadable(f"{printable(path)}: {fault}") from None


def _refuse_strange(path: str, file: os.stat_result, directory: os.stat_result) -> None:
    """Raises Unreadable for a file that a stranger may have written."""
    if not stat.S_ISREG(file.st_mode):
        raise Unreadable(f"{printable(path)} is not a regular file")
    if file.st_uid not in (0, os.geteuid(), directory.st_uid):
        raise Unreadable(f"{printable(path)} belongs to user {file.st_uid}; remove it")
    if file.st_mode & stat.S_IWOTH:
        raise Unreadable(f"{printable(path)} can be written by everybody; run chmod o-w {path}")


def write_flags(directory: str, flags: Sequence[Flag]) -> None:
    """Replaces the flags of a state directory at once. Raises Unwritable."""
    path = os.path.join(directory, _FLAGS)
    fresh = f"{path}.{os.getpid()}"
    try:
        if os.stat(directory).st_mode & stat.S_IWOTH:
            raise Unwritable(f"{directory} can be written by everybody; run chmod o-w {directory}")
        mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(fresh, mode, 0o640)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(descriptor, 0o644)
                file.write(to_lines(flags))
                file.flush()
                os.fsync(descriptor)
            os.rename(fresh, path)
        except BaseException:
            os.unlink(fresh)
            raise
    except OSError as fault:
        raise Unwritable(f"cannot write {printable(path)}: {fault.strerror}") from None
