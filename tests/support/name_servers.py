"""Name servers on loopback, each with its own behaviour, on one port that needs no privilege."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bothsides.parse.dns import AAAA, NAME_ERROR, A

Answers = Callable[[str, int], tuple[int, tuple[str, ...]] | None]
"""From name and type to code and addresses; None: silence."""


def zone(names: Mapping[str, tuple[str, ...]]) -> Answers:
    """A server that knows these names, and the root's name servers."""

    def answers(name: str, kind: int) -> tuple[int, tuple[str, ...]]:
        if name and name not in names:
            return NAME_ERROR, ()
        family = {A: ".", AAAA: ":"}.get(kind, "none")
        return 0, tuple(one for one in names.get(name, ()) if family in one)

    return answers


def silent(name: str, kind: int) -> None:
    """A server that never answers."""


def says(code: int) -> Answers:
    """A server that says the same to all."""
    return lambda name, kind: (code, ())


def question(query: bytes) -> tuple[str, int, int]:
    """Name and type that are asked for, and where the question ends."""
    labels, place = [], 12
    while query[place]:
        labels.append(query[place + 1 : place + 1 + query[place]].decode())
        place += 1 + query[place]
    (kind,) = struct.unpack_from("!H", query, place + 1)
    return ".".join(labels), kind, place + 5


def reply(query: bytes, code: int, addresses: tuple[str, ...], flags: int = 0) -> bytes:
    """The message that answers a query."""
    _, kind, end = question(query)
    records = b""
    for one in addresses:
        data = socket.inet_pton(socket.AF_INET6 if ":" in one else socket.AF_INET, one)
        records += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
    head = struct.pack("!HHHHH", 0x8180 | flags | code, 1, len(addresses), 0, 0)
    return query[:2] + head + query[12:end] + records


class NameServers:
    """Where servers listen, and what they were asked."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path  # path: of a resolv.conf that lists them
        self.asked: list[tuple[str, str, int]] = []  # server, name, type


@contextmanager
def serving(
    folder: Path, *servers: Answers, options: str = "", cut: bool = False
) -> Iterator[NameServers]:
    """Servers at 127.0.0.1, 127.0.0.2 and so on. cut: they answer in full by TCP alone."""
    with ExitStack() as stack:
        addresses = [f"127.0.0.{number}" for number in range(1, len(servers) + 1)]
        sockets: list[socket.socket] = []
        port = 0
        for address in addresses:
            opened = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            opened.bind((address, port))
            port = opened.getsockname()[1]
            sockets.append(opened)
        path = folder / "resolv.conf"
        lines = [f"nameserver {address}" for address in addresses]
        path.write_text("\n".join([*lines, options, ""]))
        known = NameServers(port, str(path))
        for address, opened, answers in zip(addresses, sockets, servers, strict=True):
            threading.Thread(
                target=_serve, args=(known, address, opened, answers, cut), daemon=True
            ).start()
            if cut:
                listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, port))
                listener.listen()
                threading.Thread(
                    target=_serve_tcp, args=(known, address, listener, answers), daemon=True
                ).start()
        yield known


def _serve(
    known: NameServers, address: str, opened: socket.socket, answers: Answers, cut: bool
) -> None:
    while True:
        try:
            query, peer = opened.recvfrom(4096)
        except OSError:
            return
        name, kind, _ = question(query)
        known.asked.append((address, name, kind))
        answer = answers(name, kind)
        if answer is not None:
            code, found = answer
            message = reply(query, code, () if cut else found, 0x0200 if cut else 0)
            try:
                opened.sendto(message, peer)
            except OSError:
                return


def _serve_tcp(known: NameServers, address: str, listener: socket.socket, answers: Answers) -> None:
    while True:
        try:
            talk, _ = listener.accept()
        except OSError:
            return
        with talk:
            query = talk.recv(4096)[2:]
            name, kind, _ = question(query)
            answer = answers(name, kind)
            if answer is not None:
                message = reply(query, *answer)
                talk.sendall(len(message).to_bytes(2, "big") + message)
