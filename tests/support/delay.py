"""A UDP path on loopback with its own delay for each direction, jitter and loss."""

import heapq
import random
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Path(NamedTuple):
    """Delays in seconds, each way; jitter is added evenly up to its size; loss is a share of 1.

    dropped: which questions never arrive, and lost: which answers never come back, counted from 1;
    twice: whether everything that comes back comes back twice.
    """

    out: float = 0.0
    back: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    dropped: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()
    twice: bool = False


@contextmanager
def delayed(target: int, path: Path, seed: int = 1, port: int = 0) -> Iterator[int]:
    """The port of 127.0.0.1 (a free one, or that one) behind which `target` lies, at the other end
    of the path.
    """
    near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    near.bind(("127.0.0.1", port))
    stop = threading.Event()
    thread = threading.Thread(
        target=_carry, args=(near, target, path, random.Random(seed), stop), daemon=True
    )
    thread.start()
    try:
        yield int(near.getsockname()[1])
    finally:
        stop.set()
        thread.join()
        near.close()


def _carry(
    near: socket.socket, target: int, path: Path, dice: random.Random, stop: threading.Event
) -> None:
    """Carries datagrams until it is stopped.

    Each asker gets a socket of its own at the far side.
    """
    far: dict[socket.socket, tuple[str, int]] = {}
    askers: dict[tuple[str, int], socket.socket] = {}
    later: list[tuple[float, int, bytes, socket.socket, tuple[str, int]]] = []
    serial = asked = answered = 0
    while not stop.is_set():
        wait = max(0.0, min(0.05, later[0][0] - time.monotonic())) if later else 0.05
        for side in select.select([near, *far], [], [], wait)[0]:
            octets, peer = side.recvfrom(65535)
            serial += 1
            asked += side is near
            answered += side is not near
            if side is near and peer not in askers:
                askers[peer] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                far[askers[peer]] = peer
            exit_to, address = (
                (askers[peer], ("127.0.0.1", target)) if side is near else (near, far[side])
            )
            gone = asked in path.dropped if side is near else answered in path.lost
            if dice.random() >= path.loss and not gone:
                delay = (path.out if side is near else path.back) + dice.random() * path.jitter
                copies = 2 if path.twice and side is not near else 1
                for copy in range(copies):
                    heapq.heappush(
                        later,
                        (
                            time.monotonic() + delay,
                            copies * serial + copy,
                            octets,
                            exit_to,
                            address,
                        ),
                    )
        while later and later[0][0] <= time.monotonic():
            _, _, octets, exit_to, address = heapq.heappop(later)
            exit_to.sendto(octets, address)
    for side in far:
        side.close()
