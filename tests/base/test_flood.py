"""A peer whose TLS records never let OpenSSL return."""

import contextlib
import itertools
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bothsides.base import flood
from bothsides.base.deadline import Deadline
from bothsides.base.flood import FloodGuard
from bothsides.base.secret import Secret
from bothsides.export.http import Sender
from bothsides.export.outcome import Undelivered
from bothsides.export.request import Request
from bothsides.model.https import Order
from bothsides.model.whose_fault import Asked, IcingaApi
from bothsides.parse.url import from_url
from bothsides.probe.evidence.icinga import Executions, Outcome
from bothsides.probe.https.multi import Transfers
from tests.support.servers import serving

_EMPTY = b"\x16\x03\x03\x40\x00" + bytes(16384)  # a record of 4096 empty HelloRequests


def flooding(client: socket.socket) -> None:
    client.recv(4096)
    with contextlib.suppress(OSError):
        while True:
            client.sendall(_EMPTY)


class Call:
    """A multi handle of libcurl that does something in its one call."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act

    def perform(self) -> tuple[int, int]:
        self.act()
        return 0, 0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard looks soon, so that a flood costs little."""
    for name, seconds in (("_LOOK", 0.02), ("_STUCK", 0.05), ("_APART", 0.05)):
        monkeypatch.setattr(flood, name, seconds)


@pytest.mark.usefixtures("quick")
def test_a_flood_of_empty_handshake_messages_ends_with_the_words_for_it() -> None:
    transfers = Transfers(Deadline(60))
    with serving(flooding) as server:
        url = from_url(f"https://127.0.0.1:{server.port}/")
        transfers.add(Order(url, ("127.0.0.1",), 0.0))
        outcomes = []
        while transfers.running:
            outcomes += [outcome for _, outcome in transfers.step()]
    transfers.close()
    assert [outcome.text for outcome in outcomes] == [flood.WORDS]


@pytest.mark.usefixtures("quick")
def test_a_store_that_floods_takes_no_result_and_holds_nobody() -> None:
    sender = Sender()
    with serving(flooding) as server, pytest.raises(Undelivered, match=flood.WORDS):
        sender.send(Request("POST", f"https://127.0.0.1:{server.port}/"), 60.0)
    sender.close()


@pytest.mark.usefixtures("quick")
def test_an_icinga_that_floods_gives_no_evidence_and_holds_nobody() -> None:
    with serving(flooding) as server:
        api = IcingaApi(f"https://127.0.0.1:{server.port}", "me", Secret("x"), "")
        asking = Executions(api, (Asked("web1", "icinga", "web1"),))
        outcomes: list[Outcome] = []
        while not outcomes:
            outcomes += asking.step(1.0)
        asking.close()
    assert [outcome.words for outcome in outcomes] == [f"the Icinga API: {flood.WORDS}"]


def test_of_what_libcurl_connects_only_what_is_still_a_socket_is_looked_at(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    connections = flood.Connections()
    with (tmp_path / "other").open("wb") as other:
        for number in (ours.fileno(), other.fileno(), 987654):
            assert connections.note(number, 0) == 0
        assert [copy.getsockname() for copy in connections.sockets()] == [ours.getsockname()]
    for end in (ours, theirs):
        end.close()


def test_a_call_that_computes_while_nothing_comes_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_LOOK", "_STUCK", "_OF_EACH", "_APART"):
        monkeypatch.setattr(flood, name, 0.005)
    ours, theirs = socket.socketpair()
    guard = FloodGuard(lambda: [ours], lambda: 0)
    until = time.process_time() + 0.05

    def compute() -> None:
        while time.process_time() < until:
            pass

    guard.perform(Call(compute))
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
    until = time.process_time() + (0.1 if brings_a_body else 5)

    def take() -> None:
        with contextlib.suppress(OSError):  # where it was cut off
            while time.process_time() < until and not guard.cut:
                theirs.sendall(bytes(16384))
                ours.recv(65536)

    guard.perform(Call(take))
    guard.close()
    assert guard.cut == ([] if brings_a_body else [ours])
    for end in (ours, theirs):
        end.close()
