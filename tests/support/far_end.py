"""Small UDP far ends inside the test's own process, each with its own right or wrong replies."""

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from bothsides.reflector.session import Reflector, Rules
from bothsides.reflector.sources import Network

Behaviour = Callable[[bytes, tuple[str, int]], Sequence[bytes]]
"""A datagram and where it came from to the datagrams that go back."""


@contextlib.contextmanager
def far_end(behaviour: Behaviour, host: str = "127.0.0.1") -> Iterator[int]:
    """A socket that behaves so; its port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as opened:
        opened.bind((host, 0))
        opened.settimeout(0.05)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                    data, source = opened.recvfrom(65536)
                    for reply in behaviour(data, source[:2]):
                        opened.sendto(reply, source)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield opened.getsockname()[1]
        finally:
            ended.set()
            thread.join()


def stamping(rules: Rules | None = None) -> Behaviour:
    """A STAMP reflector without kernel stamps."""
    reflector = Reflector(rules or Rules())

    def behave(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        now = time.time_ns()
        draft = reflector.reply(data, source[0], source[1], 64, now, time.monotonic())
        return [] if draft is None else [bytes(draft.leaving(time.time_ns()))]

    return behave


def networks(*texts: str) -> tuple[Network, ...]:
    """Networks from their texts."""
    return tuple(ipaddress.ip_network(text) for text in texts)
