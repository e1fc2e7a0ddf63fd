"""A peer whose TLS records never let OpenSSL return."""

import contextlib
import itertools
import socket
import time

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.https import Order
from bothsides.parse.url import from_url
from bothsides.probe.https import flood
from bothsides.probe.https.flood import FloodGuard
from bothsides.probe.https.multi import Transfers
from tests.support.servers import serving

_EMPTY = b"\x16\x03\x03\x40\x00" + bytes(16384)  # a record of 4096 empty HelloRequests


def flooding(client: socket.socket) -> None:
    client.recv(4096)
    with contextlib.suppress(OSError):
        while True:
            client.sendall(_EMPTY)


def test_a_flood_of_empty_handshake_messages_ends_with_the_words_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, seconds in (("_LOOK", 0.02), ("_STUCK", 0.05), ("_APART", 0.05)):
        monkeypatch.setattr(flood, name, seconds)
    transfers = Transfers(Deadline(60))
    with serving(flooding) as server:
        url = from_url(f"https://127.0.0.1:{server.port}/")
        transfers.add(Order(url, ("127.0.0.1",), 0.0))
        outcomes = []
        while transfers.running:
            outcomes += [outcome for _, outcome in transfers.step()]
    transfers.close()
    assert [outcome.text for outcome in outcomes] == [flood.WORDS]


def test_a_call_that_computes_while_nothing_comes_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_LOOK", "_STUCK", "_OF_EACH", "_APART"):
        monkeypatch.setattr(flood, name, 0.005)
    ours, theirs = socket.socketpair()
    guard = FloodGuard(lambda: [ours], lambda: 0)
    guard.enter()
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    guard.leave()
    guard.close()
    assert guard.cut == []
    theirs.sendall(b"still open")
    for end in (ours, theirs):
        end.close()


@pytest.mark.parametrize("brings_a_body", [True, False])
def test_a_call_that_takes_a_body_for_long_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, brings_a_body: bool
) -> None:
    for name in ("_LOOK", "_STUCK", "_OF_EACH", "_APART"):
        monkeypatch.setattr(flood, name, 0.005)
    with socket.create_server(("127.0.0.1", 0)) as door:
        theirs = socket.create_connection(door.getsockname())
        ours, _ = door.accept()
    octets = itertools.count()
    guard = FloodGuard(lambda: [ours], lambda: next(octets) if brings_a_body else 0)
    guard.enter()
    until = time.process_time() + (0.1 if brings_a_body else 5)
    with contextlib.suppress(OSError):  # where it was cut off
        while time.process_time() < until and not guard.cut:
            theirs.sendall(bytes(16384))
            ours.recv(65536)
    guard.leave()
    guard.close()
    assert guard.cut == ([] if brings_a_body else [ours])
    for end in (ours, theirs):
        end.close()
