"""Small real servers on loopback that answer, or break, exactly as a test wants."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Talk = Callable[[socket.socket], None]

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"


def answering(*answers: bytes) -> Talk:
    """Reads each request's head and answers it with the next answer (the last one for all that
    follow).
    """

    def talk(client: socket.socket) -> None:
        left = list(answers)
        while read_head(client):
            client.sendall(left.pop(0) if len(left) > 1 else left[0])

    return talk


def read_head(client: socket.socket) -> bytes:
    """What a client sends up to the empty line; b"" when it has gone."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = client.recv(65536)
        if not more:
            return b""
        head += more
    return head


class Server:
    """A listening socket whose clients are each served in a thread; heads: what was received."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, 0))
        self.listener.listen(64)
        self.port: int = self.listener.getsockname()[1]
        self.talk, self.tls = talk, tls
        self.clients: list[socket.socket] = []
        self.threads: list[threading.Thread] = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.clients.append(client)
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            if self.tls is None:
                self.talk(client)
                return
            with self.tls.wrap_socket(client, server_side=True) as secured:
                self.clients.append(secured)
                self.talk(secured)
        except OSError:
            pass  # the client went away, or the test is over
        finally:
            client.close()

    def close(self) -> None:
        """Ends the listener and every client, and waits for their threads."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for client in list(self.clients):
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(5)


@contextmanager
def serving(
    talk: Talk,
    certificate: str = "",
    host: str = "127.0.0.1",
    context: ssl.SSLContext | None = None,
) -> Iterator[Server]:
    """A Server that ends with the block.

    certificate: a file as `lab.write` makes it, "" for plain HTTP.
    """
    tls = context
    if tls is None and certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    server = Server(talk, tls, host)
    try:
        yield server
    finally:
        server.close()
