"""Text by TCP and UDP, within a deadline."""

import socket
import threading
import time

import pytest

from bothsides.export.outcome import Undelivered
from bothsides.export.socket_sender import send_tcp, send_udp
from tests.support import daemons
from tests.support.servers import serving
from tests.support.stopwatch import Stopwatch


def test_a_text_arrives_whole() -> None:
    taken = bytearray()

    def talk(client: socket.socket) -> None:
        while more := client.recv(65536):
            taken.extend(more)

    text = b"bothsides.x 1 5\n" * 50000
    with serving(talk) as server:
        send_tcp("127.0.0.1", server.port, text, 10)
        assert bytes(taken) == text


def test_a_server_that_never_closes_has_to_acknowledge() -> None:
    stop = threading.Event()

    def talk(client: socket.socket) -> None:
        client.recv(65536)
        stop.wait(10)

    with serving(talk) as server:
        watch = Stopwatch()
        send_tcp("127.0.0.1", server.port, b"x 1 5\n", 5)
        assert watch.seconds < 2
        stop.set()


def test_a_server_that_does_not_read_is_told_in_time() -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        watch = Stopwatch()
        with pytest.raises(Undelivered, match="did not take the text") as refusal:
            send_tcp("127.0.0.1", listener.getsockname()[1], b"x" * (16 << 20), 0.4)
        assert refusal.value.again
        assert watch.seconds < 1


def test_none_that_listens_is_told() -> None:
    port = daemons.free_port()
    with pytest.raises(Undelivered, match=r"^Connection refused$"):
        send_tcp("127.0.0.1", port, b"x", 2)
    with pytest.raises(Undelivered, match="Connection refused") as refusal:
        send_udp("127.0.0.1", port, [b"x", b"y", b"z"], 2)
    assert not refusal.value.again


def test_a_name_that_nobody_knows_is_told() -> None:
    with pytest.raises(Undelivered, match=r"not known|name resolution"):
        send_tcp("nowhere.invalid", 2003, b"x", 5)


def test_a_look_up_that_hangs_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2))
    watch = Stopwatch()
    with pytest.raises(Undelivered, match="could not be looked up in time"):
        send_tcp("slow.example", 2003, b"x", 0.2)
    assert watch.seconds < 1


def test_datagrams_arrive_one_by_one() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(2)
        send_udp("127.0.0.1", listener.getsockname()[1], [b"one", b"two"], 2)
        assert [listener.recv(100), listener.recv(100)] == [b"one", b"two"]
