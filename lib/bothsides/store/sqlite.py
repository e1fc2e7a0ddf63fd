"""What earlier runs saw: one SQLite file per user, records by key and time, and one document per key.

    with opened(place("")) as past:
        past.keep("https example.org", at, {"total": 0.12})
        rows = past.past("https example.org", since=at - 3600)
        past.change("path 192.0.2.1", lambda before: {**(before or {}), "runs": 7})

Every write is one transaction that waits for its turn: two runs at once, a kill -9 or a full disk
lose nothing that was there before. The write-ahead log is the only form in which a reader never
waits for a writer (sqlite.org/wal.html).
"""

import os
import pwd
import stat
import sys
import time
from contextlib import contextmanager

from bothsides.base.deadline import spare
from bothsides.base.errors import Unable
from bothsides.base.types import Any, Callable, Iterator, NamedTuple, Self

KEPT = 14 * 86400.0  # seconds that a record lives when its writer says nothing else
_VERSION = 1
_SYSTEM = "/var/lib/bothsides"
_TEMPORARY = "/var/tmp"
_TABLES = """
CREATE TABLE IF NOT EXISTS record (
  key TEXT NOT NULL, at REAL NOT NULL, until REAL NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS record_key_at ON record (key, at);
CREATE INDEX IF NOT EXISTS record_until ON record (until);
CREATE TABLE IF NOT EXISTS document (key TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL);
"""


class Record(NamedTuple):
    """What one run left: at is UTC seconds, body what its check wrote."""

    at: float
    body: dict[str, Any]


def options(parser: Any) -> None:
    """Adds --state-dir and --state, the same for every check that remembers."""
    group = parser.add_argument_group("memory")
    group.add_argument(
        "--state-dir",
        default="",
        metavar="DIR",
        help="where earlier runs are remembered (default $STATE_DIRECTORY, /var/lib/bothsides, /var/tmp/bothsides-UID)",
    )
    group.add_argument(
        "--state",
        choices=("auto", "rw", "ro", "off"),
        default="auto",
        help="rw: use and update the memory, ro: only look, off: neither (default: ro at a terminal, else rw)",
    )


def mode(chosen: Any) -> str:
    """ "rw", "ro" or "off": a person's run writes nothing unless asked, a replay only looks."""
    if chosen.replay:
        return "ro" if chosen.state_dir and chosen.state != "off" else "off"
    if chosen.state == "auto":
        return "ro" if sys.stdout is not None and sys.stdout.isatty() else "rw"
    return str(chosen.state)


def place(directory: str) -> str:
    """The directory that holds the memory: the one that is asked for, else the first usual one."""
    if directory:
        return os.path.abspath(directory)
    service = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]  # systemd.exec(5)
    if service:
        return service
    if os.access(_SYSTEM, os.W_OK | os.X_OK):
        return _SYSTEM
    return f"{_TEMPORARY}/bothsides-{os.geteuid()}"


def others(directory: str) -> list[tuple[str, str]]:
    """User and directory of every memory that other users have, in this directory or in their usual ones."""
    import re

    found = []
    usual = [
        name for name in _names(_TEMPORARY) if re.fullmatch("bothsides-[0-9]{1,10}", name, re.ASCII)
    ]
    for folder in dict.fromkeys((directory, _SYSTEM, *(f"{_TEMPORARY}/{name}" for name in usual))):
        owners = [
            re.fullmatch("memory-([0-9]{1,10})[.]sqlite", name, re.ASCII) for name in _names(folder)
        ]
        uids = [int(owner[1]) for owner in owners if owner]
        found += [(_name(uid), folder) for uid in uids if uid != os.geteuid()]
    return found


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


@contextmanager
def opened(directory: str, write: bool = True, patience: float = 2.0) -> "Iterator[History]":
    """The memory in a directory, closed again afterwards; Unable says what is wrong with it and the remedy.

    write False: nothing is made or changed, and where nothing is, the memory is simply empty.
    patience: how long to wait for another run that is writing, in seconds, where the deadline leaves so much.
    """
    history = History(_checked(directory, write), write, spare(patience))
    try:
        yield history
    finally:
        history.close()


class History:
    """An open memory. `mended` tells of a broken file that was kept aside, for one remark."""

    def __init__(self, path: str, write: bool, patience: float) -> None:
        self.path = path
        self.mended = ""
        self._write = write
        self._patience = patience
        self._database: Any = None
        self._database = self._connected()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the use of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def keep(self, key: str, at: float, body: dict[str, Any], kept: float = KEPT) -> None:
        """Adds a record that is forgotten `kept` seconds after `at`; old ones of anybody go at the same time."""
        row = (key, at, at + kept, _json(body))

        def work(database: Any) -> None:
            database.execute("INSERT INTO record (key, at, until, body) VALUES (?, ?, ?, ?)", row)
            database.execute(
                "DELETE FROM record WHERE rowid IN (SELECT rowid FROM record WHERE until < ? LIMIT 200)",
                (at,),
            )

        self._written(work)

    def past(
        self,
        key: str,
        limit: int = 1000,
        since: float = float("-inf"),
        before: float = float("inf"),
    ) -> tuple[Record, ...]:
        """The newest `limit` records with since <= at < before, oldest first."""
        rows = self._read(
            "SELECT at, body FROM record WHERE key = ? AND at >= ? AND at < ? ORDER BY at DESC, rowid DESC LIMIT ?",
            (key, since, before, limit),
        )
        return tuple(
            Record(at, body)
            for at, body in ((at, _object(text)) for at, text in reversed(rows))
            if body is not None
        )

    def rows(
        self,
        key: str,
        since: float = float("-inf"),
        before: float = float("inf"),
        newest: bool = False,
    ) -> Iterator[Record]:
        """Every record with since <= at < before, one by one, oldest or newest first; for those who only read."""
        import sqlite3

        if self._database is None:
            return
        order = "DESC" if newest else "ASC"
        query = f"SELECT at, body FROM record WHERE key = ? AND at >= ? AND at < ? ORDER BY at {order}, rowid {order}"
        try:
            for at, text in self._database.execute(query, (key, since, before)):
                body = _object(text)
                if body is not None:
                    yield Record(at, body)
        except sqlite3.OperationalError as fault:
            raise Unable(_remedy(self.path, fault)) from None
        except sqlite3.DatabaseError as fault:
            raise Unable(_broken(self.path, fault)) from None

    def document(self, key: str) -> dict[str, Any] | None:
        """The one document of a key, or None."""
        rows = self._read("SELECT body FROM document WHERE key = ?", (key,))
        return _object(rows[0][0]) if rows else None

    def change(
        self, key: str, changed: Callable[[dict[str, Any] | None], dict[str, Any]]
    ) -> dict[str, Any]:
        """Replaces a key's document by what `changed` makes of it; nobody else writes in between."""
        made: dict[str, Any] = {}

        def work(database: Any) -> None:
            nonlocal made
            rows = database.execute("SELECT body FROM document WHERE key = ?", (key,)).fetchall()
            made = changed(_object(rows[0][0]) if rows else None)
            row = (key, time.time(), _json(made))
            database.execute(
                "INSERT OR REPLACE INTO document (key, at, body) VALUES (?, ?, ?)", row
            )

        self._written(work)
        return made

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """Every key that has records or a document, in order."""
        rows = self._read(
            "SELECT DISTINCT key FROM record UNION SELECT key FROM document ORDER BY 1", ()
        )
        return tuple(key for (key,) in rows if isinstance(key, str) and key.startswith(prefix))

    def forget(self, key: str) -> None:
        """Drops a key's document and records."""

        def work(database: Any) -> None:
            database.execute("DELETE FROM document WHERE key = ?", (key,))
            database.execute("DELETE FROM record WHERE key = ?", (key,))

        self._written(work)

    def _read(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        return self._tried(lambda database: database.execute(query, values).fetchall()) or []

    def _written(self, work: Callable[[Any], None]) -> None:
        if not self._write:
            raise Unable(f"{self.path} is open for reading only")

        def turn(database: Any) -> None:
            database.execute("BEGIN IMMEDIATE")
            try:
                work(database)
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:  # a full disk has rolled back already
                    database.execute("ROLLBACK")
                raise

        self._tried(turn)

    def _tried(self, work: Callable[[Any], Any]) -> Any:
        """The work's result; a broken file is kept aside and the work done once more on a new one."""
        import sqlite3

        if self._database is None:
            return None
        try:
            return work(self._database)
        except sqlite3.OperationalError as fault:
            raise Unable(_remedy(self.path, fault)) from None
        except sqlite3.DatabaseError as fault:
            if not self._write:
                raise Unable(_broken(self.path, fault)) from None
            self._set_aside(str(fault))
            self._database = self._connected()
            return work(self._database)

    def _connected(self) -> Any:
        import sqlite3

        if not self._write and not os.path.exists(self.path):
            return None
        try:
            return self._prepared()
        except sqlite3.OperationalError as fault:
            raise Unable(_remedy(self.path, fault)) from None
        except sqlite3.DatabaseError as fault:
            if not self._write or self.mended:
                raise Unable(f"{self.path} is broken: {fault}") from None
            self._set_aside(str(fault))
            return self._connected()

    def _prepared(self) -> Any:
        import sqlite3
        from urllib.parse import quote

        access = "rwc" if self._write else "ro"
        database = sqlite3.connect(
            f"file:{quote(self.path)}?mode={access}",
            uri=True,
            timeout=self._patience,
            isolation_level=None,
        )
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version > _VERSION:
                raise Unable(
                    f"{self.path} was written by a newer version of bothsides; update, or use another --state-dir"
                )
            if self._write:
                self._write_ahead(database)
                database.execute("PRAGMA synchronous = NORMAL")
            if self._write and version < _VERSION:
                database.executescript(
                    f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;"
                )
            elif version < _VERSION:
                database.close()
                return None
        except BaseException:
            database.close()
            raise
        return database

    def _write_ahead(self, database: Any) -> None:
        """Switches a new file over; SQLite does not wait by itself when another run is just doing the same."""
        import sqlite3

        until = time.monotonic() + self._patience
        while True:
            try:
                database.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.005)

    def _set_aside(self, fault: str) -> None:
        """Renames the broken file; a lock keeps two runs from setting aside each other's new one."""
        import fcntl

        inode = _inode(self.path)
        self.close()
        lock = os.open(
            f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
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


def _checked(directory: str, write: bool) -> str:
    """The path of our file in a directory that nobody else can put files into in our name."""
    if write:
        try:
            os.makedirs(directory, 0o700, exist_ok=True)
        except OSError as fault:
            raise Unable(
                f"cannot make {directory}: {fault.strerror}; name a place for {_who()} with --state-dir"
            ) from None
    path = os.path.join(directory, f"memory-{os.geteuid()}.sqlite")
    try:
        _refuse(directory, os.stat(directory), (0, os.geteuid()))
        _refuse(path, os.lstat(path), (os.geteuid(),))
    except FileNotFoundError:
        return path
    except OSError as fault:
        raise Unable(
            f"cannot use {directory}: {fault.strerror}; name a place for {_who()} with --state-dir"
        ) from None
    return path


def _refuse(path: str, found: os.stat_result, owners: tuple[int, ...]) -> None:
    if found.st_uid not in owners and os.geteuid() != 0:
        raise Unable(
            f"{path} belongs to {_name(found.st_uid)}, not to {_who()}; run chown {_name(os.geteuid())} {path}"
        )
    if stat.S_ISLNK(found.st_mode) or (
        not stat.S_ISDIR(found.st_mode) and found.st_uid != os.geteuid()
    ):
        raise Unable(
            f"{path} is a link or belongs to {_name(found.st_uid)}, not to {_who()}; remove it or chown it"
        )
    if (
        stat.S_ISDIR(found.st_mode)
        and found.st_mode & stat.S_IWOTH
        and not found.st_mode & stat.S_ISVTX
    ):
        raise Unable(f"{path} can be written by everybody; run chmod o-w {path}")


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
    return f"{path} cannot be used by {_who()}: {words}"


def _broken(path: str, fault: Exception) -> str:
    return f"{path} is broken ({fault}); the next run that may write starts a new one"


def _who() -> str:
    return f"{_name(os.geteuid())} (uid {os.geteuid()})"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _json(body: dict[str, Any]) -> str:
    import json

    return json.dumps(body, separators=(",", ":"), allow_nan=False)


def _object(text: str) -> dict[str, Any] | None:
    import json

    try:
        body = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
