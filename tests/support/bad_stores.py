"""Stand-ins for stores and monitoring servers that can be well or have one of the faults of real
ones.
"""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.bad_pipe import Pipe
from tests.support.servers import read_head

FAULTS = (
    "dead",  # nothing listens
    "hanging",  # no connection comes about: packets are dropped on the way
    "silent",  # takes all, and answers never
    "dripping",  # an octet now and then, for ever
    "cut",  # the connection breaks in the middle of the answer
    "reset",  # and right after it was made
    "broken",  # HTTP 500
    "busy",  # HTTP 503
    "refusing",  # HTTP 403
    "elsewhere",  # HTTP 302
    "portal",  # HTTP 200 with a page for people: a proxy, a login page
    "plain",  # HTTP 400 by a web server in front that expects TLS
    "small",  # HTTP 413 by a proxy that takes no large bodies
    "garbage",  # no HTTP
    "lying",  # HTTP 200 with the error inside, as this kind of server writes it
)
_PAGE = b"<html><title>Please log in</title></html>"
_PLAIN = b"<html><center>The plain HTTP request was sent to HTTPS port</center></html>"
_LIES = {
    "influx": {"results": [{"error": "database not found"}]},
    "victoria": {"status": "error", "error": "read only"},
    "graphite-events": {"error": '"tags" must be an array'},
    "nrdp": {"result": {"status": -1, "message": "BAD TOKEN"}},
    "icinga": {"results": [{"code": 500.0, "status": "cannot process this now"}]},
    "s3": "<Error><Code>InternalError</Code><Message>try again</Message></Error>",
}


class StandIn:
    """One server on loopback; `fault` may change at any time, and is "" while all is well."""

    def __init__(self, kind: str) -> None:
        self.kind, self.fault = kind, ""
        self.taken: list[bytes] = []  # bodies that it has answered as a real one answers well
        self.asked = 0  # requests
        self._listener = _listening(0, 64)
        self.port: int = self._listener.getsockname()[1]
        self._held: list[socket.socket] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._accept, args=(self._listener,))]
        self._threads[0].start()

    def become(self, fault: str) -> None:
        """Has this fault from now on; "" for none."""
        self._close()
        self.fault = fault
        if fault == "hanging":  # its queue of connections is full, so that the kernel drops more
            self._listener = _listening(self.port, 0)
            for _ in range(3):
                client = socket.socket()
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", self.port))
                self._held.append(client)
        elif fault != "dead":
            self._listener = _listening(self.port, 64)
            self._threads.append(threading.Thread(target=self._accept, args=(self._listener,)))
            self._threads[-1].start()

    def close(self) -> None:
        """Ends it and its clients."""
        self._over.set()
        self._close()
        for thread in self._threads:
            thread.join(5)

    def _close(self) -> None:
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # dead already
        self._listener.close()
        for client in self._held:
            client.close()
        self._held.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if self.fault == "reset":
                _reset(client)
                continue
            thread = threading.Thread(target=self._serve, args=(client, self.fault))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket, fault: str) -> None:
        with client:
            client.settimeout(20)
            try:
                talk = _line_by_line if self.kind.startswith("graphite:") else _by_http
                talk(self, client, fault)
            except OSError:
                pass  # the client went away

    def wait(self, seconds: float) -> bool:
        """Waits, but not longer than the test lasts; whether it is over."""
        return self._over.wait(seconds)


def _listening(port: int, backlog: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(backlog)
    return listener


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _line_by_line(stand_in: StandIn, client: socket.socket, fault: str) -> None:
    """Carbon: takes text until the other side ends."""
    octets = b""
    while more := client.recv(65536):
        octets += more
    stand_in.asked += 1
    stand_in.taken.append(octets)


def _by_http(stand_in: StandIn, client: socket.socket, fault: str) -> None:
    while head := read_head(client):
        head, _, body = head.partition(b"\r\n\r\n")
        fields = dict(
            line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
        )
        while len(body) < int(fields.get(b"content-length", b"0")):
            body += client.recv(65536)
        stand_in.asked += 1
        if fields.get(b"content-encoding") == b"gzip":
            body = gzip.decompress(body)
        if not fault and not head.startswith(b"GET"):
            stand_in.taken.append(body)
        if not _answered(stand_in, client, fault, head, body):
            return


def _answered(
    stand_in: StandIn, client: socket.socket, fault: str, head: bytes, body: bytes
) -> bool:
    """Answers one request; whether the connection lasts."""
    if fault == "silent":
        stand_in.wait(20)
        return False
    if fault == "dripping":
        for octet in b"HTTP/1.1 204 " + b"x" * 4000:
            client.sendall(bytes([octet]))
            if stand_in.wait(0.05):
                return False
    if fault == "garbage":
        client.sendall(b"220 mail.example ESMTP\r\n" * 9)
        return False
    status, text = _answer(stand_in.kind, fault, head, body)
    if fault == "cut":
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        _reset(client)
        return False
    more = b"Location: http://127.0.0.1:9/\r\n" if status.startswith(b"302") else b""
    more += b'ETag: "0"\r\n' if stand_in.kind == "s3" and not fault else b""
    length = b"Content-Length: %d\r\n" % len(text) if status != b"204 No Content" else b""
    client.sendall(b"HTTP/1.1 %s\r\n%s%s\r\n%s" % (status, more, length, text))
    return True


def _answer(kind: str, fault: str, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    """Status and body of the answer."""
    plain = {
        "broken": (b"500 Internal Server Error", b"oops"),
        "busy": (b"503 Service Unavailable", b""),
        "refusing": (b"403 Forbidden", b""),
        "elsewhere": (b"302 Found", b""),
        "portal": (b"200 OK", _PAGE),
        "plain": (b"400 Bad Request", _PLAIN),
        "small": (b"413 Request Entity Too Large", b"<h1>413</h1>"),
    }
    if fault in plain:
        return plain[fault]
    if fault == "lying":
        lie = _LIES.get(kind) or {"errors": True, "items": _items(body, 503)}
        return b"200 OK", lie.encode() if isinstance(lie, str) else json.dumps(lie).encode()
    return _well(kind, head, body)


def _well(kind: str, head: bytes, body: bytes) -> tuple[bytes, bytes]:
    if kind in ("influx", "victoria"):
        return b"204 No Content", b""
    if kind in ("graphite-events", "s3"):
        return b"200 OK", b""
    if kind == "elastic":
        answer: dict[str, object] = {"errors": False, "items": _items(body, 201)}
    elif kind == "nrdp":
        answer = {"result": {"status": 0, "message": "OK"}}
    elif head.startswith(b"GET"):
        return b"403 Forbidden", b"{}"  # this user may not ask for names
    else:
        answer = {"results": [{"code": 200.0, "status": "Successfully processed"}]}
    return b"200 OK", json.dumps(answer).encode()


def _items(body: bytes, status: int) -> list[dict[str, object]]:
    error = {"error": {"reason": "no shard"}} if status >= 300 else {}
    return [{"create": {"status": status, **error}}] * (body.count(b"\n") // 2)


class Datagrams:
    """A UDP port that takes what comes, or that nobody has."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def become(self, fault: str) -> None:
        """Is there, or not, from now on."""
        self.read()
        self._socket.close()
        if fault != "dead":
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.bind(("127.0.0.1", self.port))

    def read(self) -> list[bytes]:
        """All that came so far."""
        while self._socket.fileno() >= 0:
            try:
                self.taken.append(self._socket.recv(65536, socket.MSG_DONTWAIT))
            except BlockingIOError:
                break
        return self.taken

    def close(self) -> None:
        """Ends it."""
        self._socket.close()


@contextmanager
def ended(*servers: StandIn | Datagrams | Pipe) -> Iterator[None]:
    """Ends them with the block."""
    try:
        yield
    finally:
        for each in servers:
            each.close()


def next_second() -> None:
    """Waits until times in whole seconds are different from those before."""
    time.sleep(1.01 - time.time() % 1)
