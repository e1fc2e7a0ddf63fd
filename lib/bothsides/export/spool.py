"""Keeps what could not be delivered, with its own time, until it is sent later, once.

One folder for each destination, for us alone (0700), one file for each parcel (0600). Files come
into their place in one step, links are not followed, and the oldest parcels go when the folder
holds too much. Two senders at once would send twice, so one of them leaves it to the other.
"""

import fcntl
import os
import stat
import time

from bothsides.base.errors import Unable
from bothsides.base.types import Callable, NamedTuple, Protocol, TypeVar
from bothsides.export.outcome import Undelivered
from bothsides.export.percent import bounded, quoted

MOST = 16 << 20  # octets in one folder
_SUFFIX = ".parcel"
_HALF = 3600  # s after which a file that is not in its place belongs to nobody
_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC


class Parcel(Protocol):
    """What is delivered together; its octets are what of it has not been delivered yet."""

    def __bytes__(self) -> bytes: ...


ParcelT = TypeVar("ParcelT", bound=Parcel)


class Sent(NamedTuple):
    """What became of the parcels that waited."""

    delivered: int
    waiting: int  # parcels that this sender leaves behind
    refused: tuple[str, ...]  # why parcels were given up, one line each
    reason: str  # why the rest still waits; "" when none does
    blocked: bool = False  # nothing else would be taken now either


class Spool:
    """The parcels that wait for one destination."""

    def __init__(self, directory: str, destination: str, most: int = MOST) -> None:
        """directory: of all spools; destination: as it is written, but for secrets."""
        self.path = os.path.join(directory, bounded(quoted(destination, " :=")))
        self._most = most
        self._folder = _opened(directory, self.path)

    def close(self) -> None:
        """Ends the use of the folder."""
        os.close(self._folder)

    def keep(self, parcel: bytes, at: int) -> int:
        """Keeps a parcel; how many older ones had to go for it. at: of what is in it, ns UTC.

        Raises Unable where the disk takes no more; what was there before stays.
        """
        # parcels of one instant keep their order
        name = f"{at:020d}-{time.time_ns():020d}-{os.urandom(4).hex()}"
        self._write(name + _SUFFIX, parcel)
        return self._bound()

    def _write(self, name: str, parcel: bytes) -> None:
        """Puts a parcel into its place in one step. Raises Unable."""
        temporary = f".{name}"
        try:
            file = os.open(
                temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600, dir_fd=self._folder
            )
            with open(file, "wb") as open_file:
                open_file.write(parcel)
                open_file.flush()
                os.fsync(open_file.fileno())
            os.rename(temporary, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError as fault:
            self._remove(temporary)
            raise Unable(f"cannot keep a parcel in {self.path}: {fault.strerror}") from None

    def waiting(self) -> tuple[str, ...]:
        """The names of the parcels, oldest first."""
        names = (name for name in os.listdir(self._folder) if name.endswith(_SUFFIX))
        return tuple(sorted(name for name in names if not name.startswith(".")))

    def send(
        self,
        deliver: Callable[[ParcelT], None],
        unpack: Callable[[bytes], ParcelT] = bytes,  # type: ignore[assignment]  # or ParcelT is it
    ) -> Sent:
        """Hands each parcel to `deliver`, oldest first, until one raises Undelivered.

        One that is refused `alone` stays, and the next follows; one that will never be taken is
        given up. Of one that was taken in part the rest stays. Another sender has them all.
        """
        delivered = 0
        refused: list[str] = []
        reason, blocked = "", False
        lock = self._locked() if self.waiting() else None
        if lock is None:
            return Sent(0, 0, (), "")
        try:
            self._sweep()
            for name in self.waiting():
                octets = self._read(name)
                if octets is None:
                    continue
                try:
                    self._deliver(name, octets, unpack(octets), deliver)
                    delivered += 1
                except Undelivered as fault:
                    if fault.again:
                        reason = reason or str(fault)
                        if fault.alone:
                            continue
                        blocked = True
                        break
                    refused.append(str(fault))
                self._remove(name)
        finally:
            os.close(lock)
        return Sent(delivered, len(self.waiting()), tuple(refused), reason, blocked)

    def _deliver(
        self, name: str, octets: bytes, parcel: ParcelT, deliver: Callable[[ParcelT], None]
    ) -> None:
        """Delivers one parcel; where that ends early, the file holds the rest of it."""
        try:
            deliver(parcel)
        except BaseException:
            rest = bytes(parcel)
            if rest != octets:
                self._write(name, rest)
            raise

    def _locked(self) -> int | None:
        """The lock of the only sender, None for others; it ends with the process in any case."""
        lock = os.open("lock", os.O_RDWR | os.O_CREAT | _FLAGS, 0o600, dir_fd=self._folder)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _read(self, name: str) -> bytes | None:
        """A parcel's octets; None for what is no parcel of ours."""
        try:
            with open(os.open(name, os.O_RDONLY | _FLAGS, dir_fd=self._folder), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                    return None
                return file.read(self._most + 1)
        except OSError:
            return None  # gone, or a link that somebody put there

    def _bound(self) -> int:
        """Removes the oldest parcels while the folder holds too much; how many."""
        sizes = []
        for name in self.waiting():
            try:
                size = os.stat(name, dir_fd=self._folder, follow_symlinks=False).st_size
            except OSError:
                continue  # sent meanwhile
            sizes.append((name, size))
        total = sum(size for _, size in sizes)
        removed = 0
        for name, size in sizes[:-1]:
            if total <= self._most:
                break
            self._remove(name)
            total -= size
            removed += 1
        return removed

    def _sweep(self) -> None:
        """Removes what a killed run left half written."""
        for name in os.listdir(self._folder):
            if name.startswith("."):
                try:
                    age = time.time() - os.stat(name, dir_fd=self._folder).st_mtime
                except OSError:
                    continue  # in its place by now
                if age > _HALF:
                    self._remove(name)

    def _remove(self, name: str) -> None:
        try:
            os.unlink(name, dir_fd=self._folder)
        except OSError:
            pass  # gone already


def _opened(directory: str, path: str) -> int:
    """The folder, made where it is missing. Unable where it is not ours alone."""
    try:
        os.makedirs(directory, 0o700, exist_ok=True)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
    except OSError as fault:
        raise Unable(f"cannot use {path} as a spool: {fault.strerror}") from None
    status = os.fstat(folder)
    if status.st_uid != os.geteuid() or status.st_mode & 0o077:
        os.close(folder)
        raise Unable(f"{path} is not ours alone; run: chmod 700 and chown, or remove it")
    return folder
