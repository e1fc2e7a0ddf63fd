"""Datagrams with a shared part to many real sockets."""

import socket
from contextlib import ExitStack

import pytest

from bothsides.probe.udp.drafts import Drafts


@pytest.mark.parametrize("shared_first", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_each_address_has_its_own_part_and_the_shared_one(host: str, shared_first: bool) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with ExitStack() as stack:
        ends = [stack.enter_context(socket.socket(family, socket.SOCK_DGRAM)) for _ in range(4)]
        for each in ends:
            each.bind((host, 0))
            each.settimeout(2)
        addresses = [(host, each.getsockname()[1]) for each in ends[1:]]
        drafts = Drafts(addresses, [b"one", b"two", b"three"], 2, shared_first)
        for shared in (b"ab", b"cd"):
            drafts.shared[:] = shared
            assert drafts.send(ends[0].fileno(), 1, 3) == []
            for each, own in ((ends[2], b"two"), (ends[3], b"three")):
                assert each.recv(100) == (shared + own if shared_first else own + shared)
        ends[1].setblocking(False)
        with pytest.raises(BlockingIOError):
            ends[1].recv(100)


def test_refused_ones_are_named_by_their_places() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        good = opened.getsockname()
        bad = ("255.255.255.255", 9)  # broadcast is not allowed
        drafts = Drafts([good, bad, good, bad, good], [b"x"] * 5, 1, True)
        refused = drafts.send(opened.fileno(), 1, 5)
        assert [place for place, _ in refused] == [1, 3]
        opened.setblocking(False)
        assert [opened.recv(9) for _ in range(2)] == [b"\0x"] * 2
