"""One SQLite file: opened, read, written in whole transactions, and set aside when it is broken.

In write-ahead mode alone a reader never waits for a writer (sqlite.org/wal.html).
"""

import os
import sys
import time

from bothsides.base.errors import Unable
from bothsides.base.partial_import import standing_in
from bothsides.base.types import TYPE_CHECKING, Any, Callable, Iterator, TypeVar
from bothsides.base.write import locked
from bothsides.store.place import who

if TYPE_CHECKING:  # only a run that remembers loads it
    from sqlite3 import Connection

T = TypeVar("T")
Row = tuple[Any, ...]  # Any: what SQLite returns for the columns that were asked for
_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS record (
  key TEXT NOT NULL, at REAL NOT NULL, until REAL NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS record_key_at ON record (key, at);
CREATE INDEX IF NOT EXISTS record_until ON record (until);
CREATE TABLE IF NOT EXISTS document (key TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL);
"""


class Database:
    """An open file. Where nothing is and nothing is to be written, it is empty."""

    def __init__(self, path: str, write: bool, patience: float) -> None:
        """patience: s, how long to wait for another run that is writing."""
        self.path = path
        self.mended = ""  # says that a broken file was set aside
        self._write = write
        self._patience = patience
        self._connection: Connection | None = None
        _load()
        self._connection = self._connected()

    def close(self) -> None:
        """Ends the use of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def read(self, query: str, values: Row) -> list[Row]:
        """All rows of a query."""
        return self._tried(lambda connection: connection.execute(query, values).fetchall()) or []

    def stream(self, query: str, values: Row) -> Iterator[Row]:
        """The rows of a query one by one; for those who only read."""
        import sqlite3

        if self._connection is None:
            return
        try:
            for row in self._connection.execute(query, values):  # noqa: UP028
                yield row  # `yield from` would close the cursor, and fail once the file is closed
        except sqlite3.OperationalError as fault:
            raise Unable(_remedy(self.path, fault)) from None
        except sqlite3.DatabaseError as fault:
            raise Unable(_broken(self.path, fault)) from None

    def write(self, work: Callable[["Connection"], None]) -> None:
        """Does the work in one transaction, which waits for its turn."""
        if not self._write:
            raise Unable(f"{self.path} is open for reading only")

        def turn(connection: "Connection") -> None:
            connection.execute("BEGIN IMMEDIATE")
            try:
                work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk has rolled back already
                    connection.execute("ROLLBACK")
                raise

        self._tried(turn)

    def _tried(self, work: Callable[["Connection"], T]) -> T | None:
        """The work's result; a broken file is set aside and the work done again on a new one."""
        import sqlite3

        if self._connection is None:
            return None
        try:
            return work(self._connection)
        except sqlite3.OperationalError as fault:
            raise Unable(_remedy(self.path, fault)) from None
        except sqlite3.DatabaseError as fault:
            if not self._write:
                raise Unable(_broken(self.path, fault)) from None
            self._set_aside(str(fault))
            self._connection = self._connected()
            return None if self._connection is None else work(self._connection)

    def _connected(self) -> "Connection | None":
        import sqlite3

        if not self._write and not os.path.exists(self.path):
            return None
        if os.path.exists(self.path) and not os.path.isfile(self.path):  # SQLite waits at a pipe
            raise Unable(f"{self.path} is no file; move it away, or use another --state-dir")
        try:
            return _prepared(self.path, self._write, self._patience)
        except sqlite3.OperationalError as fault:
            raise Unable(_remedy(self.path, fault)) from None
        except sqlite3.DatabaseError as fault:
            if not self._write or self.mended:
                raise Unable(f"{self.path} is broken: {fault}") from None
            self._set_aside(str(fault))
            return self._connected()

    def _set_aside(self, fault: str) -> None:
        """Renames the broken file; a lock keeps two runs from renaming each other's new one."""
        inode = _inode(self.path)
        self.close()
        lock = locked(f"{self.path}.lock")
        try:
            if _inode(self.path) == inode:
                aside = f"{self.path}.bad-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
                os.rename(self.path, aside)
                for more in ("-wal", "-shm"):
                    if os.path.exists(self.path + more):
                        os.rename(self.path + more, aside + more)
                self.mended = (
                    f"the memory was broken ({fault}) and is kept as {aside}; learning anew"
                )
        except OSError as trouble:
            raise Unable(
                f"{self.path} is broken and cannot be moved aside: {trouble.strerror}"
            ) from None
        finally:
            os.close(lock)


def _load() -> None:
    """Loads sqlite3 with the C halves of datetime and functools alone, and without collections.

    It uses functools to keep prepared statements, and collections to call its rows a Sequence; the
    Python halves of the three cost 3 ms.
    """
    import _collections_abc as abstract
    import _datetime  # type: ignore[import-not-found]

    if "collections" in sys.modules:
        import collections.abc  # noqa: F401  # a stand-in would be no attribute of the real one
    with (
        standing_in("datetime", _datetime),
        standing_in("functools", lru_cache=_lru_cache),
        standing_in("collections", abc=abstract),
        standing_in("collections.abc", abstract),
    ):
        import sqlite3  # noqa: F401


def _lru_cache(size: int) -> Callable[[Any], Any]:  # Any: sqlite3's own
    """`functools.lru_cache`, as far as sqlite3 uses it."""
    from _functools import _lru_cache_wrapper  # type: ignore[import-not-found]

    return lambda function: _lru_cache_wrapper(function, size, False, tuple)


def _prepared(path: str, write: bool, patience: float) -> "Connection | None":
    """A connection to a file with our tables; None for a file without them that is only read."""
    import sqlite3

    connection = sqlite3.connect(
        f"file:{_quoted(path)}?mode={'rwc' if write else 'ro'}",
        uri=True,
        timeout=patience,
        isolation_level=None,
    )
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise Unable(
                f"{path} was written by a newer version of bothsides;"
                " update, or use another --state-dir"
            )
        if write:
            _write_ahead(connection, patience)
            connection.execute("PRAGMA synchronous = NORMAL")
        if write and version < _VERSION:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;"
            )
        elif version < _VERSION:
            connection.close()
            return None
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: "Connection", patience: float) -> None:
    """Switches a new file over; SQLite does not wait by itself for a run that does just that."""
    import sqlite3

    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)


def _quoted(path: str) -> str:
    """The path as a part of a URI."""
    return "".join(
        chr(octet)
        if (chr(octet).isalnum() and octet < 128) or octet in b"/-._"
        else f"%{octet:02X}"
        for octet in os.fsencode(path)
    )


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0


def _remedy(path: str, fault: Exception) -> str:
    words = str(fault)
    if "locked" in words:
        return f"{path} is being written by another run for too long"
    if "full" in words or "I/O" in words:
        return f"{path} cannot be written: {words}; nothing that was there is lost"
    return f"{path} cannot be used by {who()}: {words}"


def _broken(path: str, fault: Exception) -> str:
    return f"{path} is broken ({fault}); the next run that may write starts a new one"
