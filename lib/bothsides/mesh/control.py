"""The unix socket of the prober: one request of one line, one answer of one line, and closed."""

import os
import select
import socket
import stat

from bothsides.base.errors import Unable
from bothsides.base.types import Callable, Iterator

_CLIENTS = 32  # at once; the oldest makes room
_PATIENCE = 5.0  # s that a client may take
_LARGEST = 4096  # octets of a request
_LONGEST_PATH = 107  # octets of a path, as the kernel has it
_PIECE = 1 << 18  # octets that are written at once
_LOOK = 5.0  # s between two looks whether the path still leads here

Answering = Callable[[bytes], Iterator[bytes]]
"""Gives the answer to a request; empty pieces mean that more is to be computed."""


class _Client:
    """One connection."""

    def __init__(self, opened: socket.socket, clock: float) -> None:
        self.socket = opened
        self.until = clock + _PATIENCE
        self.request = b""
        self.pieces: Iterator[bytes] | None = None
        self.rest = memoryview(b"")


class Control:
    """The socket and its clients; never waits."""

    def __init__(self, path: str, group: int | None, answering: Answering) -> None:
        """Binds the path, mode 0660 of the group. Raises Unable, also when another one answers."""
        self.path, self.group = path, group
        self.trouble = ""  # why nobody can ask
        self._answering = answering
        self._clients: list[_Client] = []
        self._looks = 0.0  # when the path is looked at again, monotonic
        self._listen(_bound(path, group))

    def _listen(self, opened: socket.socket) -> None:
        self._socket, self._place = opened, _place(self.path)
        self._poll = select.poll()
        self._poll.register(opened, select.POLLIN)

    def close(self) -> None:
        """Closes everything and removes the path."""
        for client in self._clients:
            client.socket.close()
        self._socket.close()
        try:
            if _place(self.path) == self._place:
                os.unlink(self.path)
        except OSError:
            pass  # somebody has removed it already

    def turn(self, clock: float) -> None:
        """Goes on with every client as far as it can without waiting."""
        if clock >= self._looks:
            self._looks = clock + _LOOK
            self._stay()
        while self._poll.poll(0):  # an accept(2) that takes nobody costs several times as much
            try:
                opened, _ = self._socket.accept()
            except OSError:
                break
            opened.setblocking(False)
            self._clients.append(_Client(opened, clock))
            if len(self._clients) > _CLIENTS:
                self._clients.pop(0).socket.close()
        for client in list(self._clients):
            try:
                done = client.until < clock or self._served(client)
            except OSError:
                done = True
            if done:
                client.socket.close()
                self._clients.remove(client)

    def _stay(self) -> None:
        """Listens anew where the path has gone, as after somebody has tidied up its folder."""
        place = _place(self.path)
        if place == self._place:
            self.trouble = ""
        elif place is not None:
            self.trouble = (
                f"checks cannot ask: {self.path} is no longer the socket of this udp_mesh"
            )
        else:
            try:
                opened = _bound(self.path, self.group)
            except Unable as fault:
                self.trouble = f"checks cannot ask: {fault}"
                return
            self._socket.close()
            self._listen(opened)
            self.trouble = ""

    def _served(self, client: _Client) -> bool:
        """Whether a client has got its answer, or asked nothing."""
        if client.pieces is None:
            try:
                data = client.socket.recv(_LARGEST)
            except BlockingIOError:
                return False
            client.request += data
            if b"\n" not in client.request:
                return not data or len(client.request) > _LARGEST
            client.pieces = self._answering(client.request.partition(b"\n")[0])
        while True:
            if not client.rest:
                piece = next(client.pieces, None)
                if piece is None:
                    return True
                if not piece:
                    return False
                client.rest = memoryview(piece)
            try:
                client.rest = client.rest[client.socket.send(client.rest[:_PIECE]) :]
            except BlockingIOError:
                return False


def _place(path: str) -> tuple[int, int] | None:
    """What a path leads to now, by file system and number; None for nothing."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _bound(path: str, group: int | None) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    opened.setblocking(False)
    try:
        _clear(path)
        mask = os.umask(0o117)
        try:
            opened.bind(path)
        finally:
            os.umask(mask)
        if group is not None:
            os.chown(path, -1, group)
        opened.listen(_CLIENTS)
    except OSError as fault:
        opened.close()
        raise Unable(f"cannot listen on {path}: {_reason(path, fault)}") from None
    except Unable:
        opened.close()
        raise
    return opened


def _reason(path: str, fault: OSError) -> str:
    if len(os.fsencode(path)) > _LONGEST_PATH:
        return f"the path has more than {_LONGEST_PATH} octets"
    if isinstance(fault, FileNotFoundError):
        folder = os.path.dirname(path) or "."
        return f"there is no folder {folder}; make it, or name another place by --socket"
    return fault.strerror or str(fault)


def _clear(path: str) -> None:
    """Removes a socket that nobody listens on any more."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise Unable(f"{path} is no socket; name another place by --socket")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass
            return
        except OSError:
            pass  # it listens, and is too busy to answer
    raise Unable(f"another udp_mesh listens on {path}; end it or write --socket")
