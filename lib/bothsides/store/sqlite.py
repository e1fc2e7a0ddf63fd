"""What earlier runs saw: records by key and time, and one document for each key.

    with opened(place("")) as past:
        past.keep("https example.org", at, {"total": 0.12})
        rows = past.past("https example.org", since=at - 3600)
        past.change("path 192.0.2.1", lambda before: {**(before or {}), "runs": 7})

Every write is one transaction that waits for its turn: two runs at once, a kill -9 or a full disk
lose nothing that was there before.
"""

import time

from bothsides.base.deadline import spare
from bothsides.base.json_text import from_text, to_text
from bothsides.base.types import TYPE_CHECKING, Any, Callable, Iterator, NamedTuple, Self
from bothsides.store.database import Database
from bothsides.store.place import path_in

if TYPE_CHECKING:  # only a run that remembers loads it
    from sqlite3 import Connection

KEPT = 14 * 86400.0  # seconds that a record lives when its writer says nothing else

Body = dict[str, Any]  # Any: JSON, of which each check knows the form


class Record(NamedTuple):
    """What one run left."""

    at: float  # UTC, seconds
    body: Body  # what its check wrote


def opened(directory: str, write: bool = True, patience: float = 2.0) -> "History":
    """The memory in a directory, for a `with`; Unable says what is wrong with it and the remedy.

    write False: nothing is made or changed, and where nothing is, the memory is simply empty.
    patience: seconds to wait for another run that is writing, where the deadline leaves so much.
    """
    return History(path_in(directory, write), write, spare(patience))


class History:
    """An open memory."""

    def __init__(self, path: str, write: bool, patience: float) -> None:
        self._database = Database(path, write, patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the use of the file."""
        self._database.close()

    @property
    def path(self) -> str:
        """The file."""
        return self._database.path

    @property
    def mended(self) -> str:
        """Says that a broken file was set aside, for one remark; else ""."""
        return self._database.mended

    def keep(self, key: str, at: float, body: Body, kept: float = KEPT) -> None:
        """Adds a record that lives until `kept` seconds after `at`; deletes some that are over."""
        row = (key, at, at + kept, to_text(body))

        def work(connection: "Connection") -> None:
            connection.execute("INSERT INTO record (key, at, until, body) VALUES (?, ?, ?, ?)", row)
            connection.execute(
                "DELETE FROM record WHERE rowid IN"
                " (SELECT rowid FROM record WHERE until < ? LIMIT 200)",
                (at,),
            )

        self._database.write(work)

    def past(
        self,
        key: str,
        limit: int = 1000,
        since: float = float("-inf"),
        before: float = float("inf"),
    ) -> tuple[Record, ...]:
        """The newest `limit` records with since <= at < before, oldest first."""
        rows = self._database.read(
            "SELECT at, body FROM record WHERE key = ? AND at >= ? AND at < ?"
            " ORDER BY at DESC, rowid DESC LIMIT ?",
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
        """Every record with since <= at < before, one by one; for those who only read."""
        order = "DESC" if newest else "ASC"
        query = (
            "SELECT at, body FROM record WHERE key = ? AND at >= ? AND at < ?"
            f" ORDER BY at {order}, rowid {order}"
        )
        for at, text in self._database.stream(query, (key, since, before)):
            body = _object(text)
            if body is not None:
                yield Record(at, body)

    def document(self, key: str) -> Body | None:
        """The one document of a key, or None."""
        rows = self._database.read("SELECT body FROM document WHERE key = ?", (key,))
        return _object(rows[0][0]) if rows else None

    def documents(self, prefix: str) -> Iterator[Body]:
        """The documents of all keys that begin so, in the order of the keys."""
        query = "SELECT body FROM document WHERE key >= ? AND key < ? ORDER BY key"
        for (text,) in self._database.read(query, (prefix, f"{prefix}\U0010ffff")):
            body = _object(text)
            if body is not None:
                yield body

    def change(self, key: str, changed: Callable[[Body | None], Body]) -> Body:
        """Replaces a key's document by what `changed` makes of it; nobody writes in between."""
        made: Body = {}

        def work(connection: "Connection") -> None:
            nonlocal made
            rows = connection.execute("SELECT body FROM document WHERE key = ?", (key,)).fetchall()
            made = changed(_object(rows[0][0]) if rows else None)
            row = (key, time.time(), to_text(made))
            connection.execute(
                "INSERT OR REPLACE INTO document (key, at, body) VALUES (?, ?, ?)", row
            )

        self._database.write(work)
        return made

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """Every key that has records or a document, in order."""
        rows = self._database.read(
            "SELECT DISTINCT key FROM record UNION SELECT key FROM document ORDER BY 1", ()
        )
        return tuple(key for (key,) in rows if isinstance(key, str) and key.startswith(prefix))


def _object(text: str) -> Body | None:
    try:
        body = from_text(text)
    except (ValueError, TypeError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
