"""Keeps slices and incidents in the store, and reads the last hour back at the start.

A slice is stored when its direction has had time to be learnt. What cannot be stored waits, as much
of it as memory holds anyway; the prober goes on meanwhile, and says so.
"""

import fcntl
import os
from contextlib import suppress

from bothsides.base.errors import Unable
from bothsides.base.types import Mapping, NamedTuple
from bothsides.mesh.completion import Kept
from bothsides.mesh.incidents import Incidents
from bothsides.mesh.prober import HOUR
from bothsides.mesh.ring import pack, unpack
from bothsides.model.mesh import Slice
from bothsides.store.mesh_slices import Stored, keep_incidents, keep_slices, slices
from bothsides.store.sqlite import History, opened

_SETTLED = 3  # slices that come after one before it is stored
_PATIENCE = 0.02  # s to wait for another program that writes
_PAUSE = 60.0  # s between two attempts to open what cannot be opened


class _Round(NamedTuple):
    """A slice of all peers that is not stored yet."""

    at: int  # its begin, s since 1970
    numbers: Mapping[str, int]  # by which the ring of each peer knows it


class Memory:
    """The state directory of one prober."""

    def __init__(self, directory: str, host: str, length: float, keep: float) -> None:
        """Takes the lock. Raises Unable when another prober of this host has it."""
        self.directory, self.host, self.keep = directory, host, keep
        self.trouble = ""  # why nothing is stored
        self.incidents = Incidents(length)
        self._history: History | None = None
        self._again = 0.0  # when opening is tried again, s since 1970
        self._at = 0  # begin of the slice that is just being closed, s since 1970
        self._round: dict[str, int] = {}  # its number in the ring of each peer
        self._waiting: list[_Round] = []  # not stored yet, in the order of closing
        self._room = round(HOUR / length)
        self._lock = self._locked()

    def close(self, peers: Mapping[str, Kept], now: float) -> None:
        """Stores all that waits."""
        self.incidents.end()
        self._again = 0.0
        self.store(peers, now, settled=0)
        if self._history is not None:
            self._history.close()
        if self._lock is not None:
            os.close(self._lock)

    def recall(self, peers: Mapping[str, Kept], now: float) -> int:
        """Puts the last hour's slices into the rings; returns how many slices of time."""
        count = 0
        history = self._opened(now)
        if history is None:
            return 0
        with suppress(Unable):
            for stored in slices(history, self.host, now - HOUR):
                count += 1
                for name, octets in stored.rows.items():
                    if name in peers and len(octets) == len(pack(_NONE)):
                        peers[name].ring.put(next(unpack(octets)))
        return count

    def note(self, name: str, number: int, row: Slice) -> None:
        """A slice of a peer has been closed; number: by which its ring knows it."""
        self._at = row.at
        self._round[name] = number

    def store(self, peers: Mapping[str, Kept], now: float, settled: int = _SETTLED) -> None:
        """A slice is closed for all peers: stores those that are settled.

        They are stored in the order of closing: a clock that was set makes them begin anywhere.
        """
        if self._round:
            self._waiting.append(_Round(self._at, self._round))
            self._round = {}
        del self._waiting[
            : max(0, len(self._waiting) - settled - self._room)
        ]  # no longer in memory
        ready = len(self._waiting) - settled
        history = self._opened(now) if ready > 0 or self.incidents.over else None
        if history is None:
            return
        try:
            for _ in range(ready):
                self._store(history, peers, self._waiting[0])
                del self._waiting[0]
            keep_incidents(history, self.host, self.incidents.over)
            self.incidents.over.clear()
            self.trouble = ""
        except Unable as fault:
            self.trouble = f"slices are not stored: {fault}"

    def _store(self, history: History, peers: Mapping[str, Kept], each: _Round) -> None:
        rows: dict[str, bytes] = {}
        for name in sorted(each.numbers.keys() & peers.keys()):
            row = peers[name].ring.find(each.numbers[name])
            if row is not None and row.at == each.at:  # else the peer was away for a reload
                rows[name] = pack(row)
                self.incidents.note(name, row)
        if rows:
            keep_slices(history, self.host, Stored(each.at, rows), self.keep)

    def _opened(self, now: float) -> History | None:
        if self._history is None and now >= self._again:
            self._again = now + _PAUSE
            try:
                self._history = opened(self.directory, patience=_PATIENCE)
                self.trouble = self._history.mended
            except Unable as fault:
                self.trouble = f"slices are not stored: {fault}"
        return self._history

    def _locked(self) -> int | None:
        """The lock of this host's prober; None where the directory takes none."""
        path = os.path.join(self.directory, f"mesh-{self.host}.lock")
        try:
            os.makedirs(self.directory, 0o700, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600)
        except OSError as fault:
            self.trouble = f"slices are not stored: cannot write {path}: {fault.strerror}"
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise Unable(
                f"another udp_mesh of {self.host} keeps its slices in {self.directory};"
                " end it or write --state-dir"
            ) from None
        return descriptor


_NONE = Slice(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
