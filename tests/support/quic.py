"""A web server that speaks HTTP/3 alone, on a free UDP port of loopback, in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import QuicServer
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent

HEADERS = [(b":status", b"200"), (b"content-type", b"text/plain"), (b"x-kind", b"test")]
BODY = b"hello\n"


class Answering(QuicConnectionProtocol):
    """Answers every request of a connection alike."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.http: H3Connection | None = None

    def quic_event_received(self, event: QuicEvent) -> None:
        """Called by aioquic for all that happens on the connection."""
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic)
        if self.http is None:
            return
        for found in self.http.handle_event(event):
            if isinstance(found, HeadersReceived):
                self.http.send_headers(found.stream_id, HEADERS)
                self.http.send_data(found.stream_id, BODY, end_stream=True)
                self.transmit()


@contextmanager
def quic(certificate: str) -> Iterator[int]:
    """The server's port. certificate: a file as `lab.write` makes it."""
    how = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    how.load_cert_chain(certificate, certificate)
    ports: list[int] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        transport, server = await loop.create_datagram_endpoint(
            lambda: QuicServer(configuration=how, create_protocol=Answering), ("127.0.0.1", 0)
        )
        ports.append(transport.get_extra_info("sockname")[1])
        ready.set()
        await over.wait()
        server.close()
        await asyncio.sleep(0)  # the socket is closed in the loop's next round

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    try:
        if not ready.wait(10):
            raise RuntimeError("the HTTP/3 server does not start")
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
