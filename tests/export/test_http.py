"""The one sender of HTTP requests: kept connections, one deadline, errors as one line."""

import gzip
import os
import signal
import socket
import threading
import time

import pytest

from bothsides.base.curl import Exhausted
from bothsides.base.secret import Secret
from bothsides.export import http
from bothsides.export.http import Login, OwnTrouble, Sender, Trust
from bothsides.export.outcome import Undelivered
from bothsides.export.request import Request
from tests.support.servers import Talk, answering, read_head, serving
from tests.support.stopwatch import Stopwatch

OK = b"HTTP/1.1 204 No Content\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n"
PLENTY = b"x" * 5000


def listening(seen: list[bytes], answer: bytes = OK) -> Talk:
    """Keeps each request whole, head and body, and answers."""

    def talk(client: socket.socket) -> None:
        while head := read_head(client):
            fields, _, body = head.partition(b"\r\n\r\n")
            lines = fields.lower().split(b"\r\n")
            length = next(
                (int(li.split(b":")[1]) for li in lines if li.startswith(b"content-len")), 0
            )
            while len(body) < length:
                body += client.recv(65536)
            seen.append(fields + b"\r\n\r\n" + body)
            client.sendall(answer)

    return talk


def test_two_requests_go_over_one_connection() -> None:
    seen: list[bytes] = []
    with serving(listening(seen)) as server:
        sender = Sender()
        url = f"http://127.0.0.1:{server.port}/write?db=x"
        for body in (b"one", b"two"):
            reply = sender.send(Request("POST", url, (("Content-Type", "text/plain"),), body), 5)
            assert (reply.status, reply.date) == (204, "Sat, 21 Nov 2026 12:00:00 GMT")
        sender.close()
        assert len(server.clients) == 1
    assert [request.rpartition(b"\r\n\r\n")[2] for request in seen] == [b"one", b"two"]
    assert seen[0].startswith(b"POST /write?db=x HTTP/1.1\r\n")
    assert b"Content-Type: text/plain" in seen[0]
    assert b"Expect:" not in seen[0]


def test_each_method_goes_out_as_it_is_named() -> None:
    seen: list[bytes] = []
    with serving(listening(seen)) as server:
        sender = Sender()
        for method, body in (("GET", b""), ("PUT", b"text"), ("DELETE", b""), ("GET", b"")):
            sender.send(Request(method, f"http://127.0.0.1:{server.port}/a//b/../c", (), body), 5)
        sender.close()
    starts = [request.split(b" HTTP")[0] for request in seen]
    assert starts == [f"{m} /a//b/../c".encode() for m in ("GET", "PUT", "DELETE", "GET")]
    assert seen[1].endswith(b"\r\n\r\ntext")


def test_a_large_body_is_packed_where_asked_and_a_small_one_is_not() -> None:
    seen: list[bytes] = []
    with serving(listening(seen)) as server:
        sender = Sender(gzip=True)
        for body in (PLENTY, b"few"):
            sender.send(Request("POST", f"http://127.0.0.1:{server.port}/", (), body), 5)
        sender.close()
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert gzip.decompress(body) == PLENTY
    assert seen[1].endswith(b"\r\n\r\nfew")
    assert b"gzip" not in seen[1]


def test_a_login_travels_in_the_header_alone() -> None:
    seen: list[bytes] = []
    with serving(listening(seen)) as server:
        for login in (
            Login("user", Secret("word")),
            Login(authorization=Secret("Token abc")),
        ):
            sender = Sender(login)
            sender.send(Request("POST", f"http://127.0.0.1:{server.port}/"), 5)
            sender.close()
    assert b"Authorization: Basic dXNlcjp3b3Jk" in seen[0]
    assert b"Authorization: Token abc" in seen[1]


def test_a_login_follows_no_redirect() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(answer)) as server:
        sender = Sender(Login("user", Secret("word")))
        assert sender.send(Request("GET", f"http://127.0.0.1:{server.port}/"), 5).status == 302
        sender.close()


def silent(client: socket.socket) -> None:
    """Takes the request, and answers nothing until the client has gone."""
    read_head(client)
    client.recv(1)


def test_a_slow_server_costs_no_more_than_the_deadline() -> None:
    with serving(silent) as server:
        began, watch = time.monotonic(), Stopwatch()
        url = f"http://127.0.0.1:{server.port}/write?token=secret"
        with pytest.raises(Undelivered, match=r"timed out") as refusal:
            Sender().send(Request("POST", url), 0.3)
        assert time.monotonic() - began > 0.25
        assert watch.seconds < 1
        assert "secret" not in str(refusal.value)
        assert refusal.value.again


def test_a_signal_ends_the_waiting_and_says_nothing_on_stderr(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with serving(silent) as server:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        watch = Stopwatch()
        with pytest.raises(KeyboardInterrupt):
            Sender().send(Request("POST", f"http://127.0.0.1:{server.port}/", (), b"x"), 10)
        assert watch.seconds < 0.7
    assert capfd.readouterr().err == ""


def test_no_time_left_is_not_even_tried() -> None:
    with pytest.raises(Undelivered, match="no time left"):
        Sender().send(Request("GET", "http://127.0.0.1:1/"), 0.0)


@pytest.mark.parametrize(
    "talk",
    [
        lambda client: client.close(),
        lambda client: client.sendall(b"SSH-2.0-x\r\n"),
        lambda client: (
            read_head(client),
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
        ),
    ],
)
def test_a_server_that_breaks_off_is_told_in_one_line(talk: Talk) -> None:
    with serving(talk) as server:
        url = f"http://127.0.0.1:{server.port}/"
        with pytest.raises(Undelivered) as refusal:
            Sender().send(Request("POST", url, (), b"x"), 2)
    assert str(refusal.value).endswith(" s)")
    assert "\n" not in str(refusal.value)


def test_a_refused_connection_is_told() -> None:
    with pytest.raises(Undelivered, match=r"^Failed to connect to 127.0.0.1.*\(0\.0 s\)$"):
        Sender().send(Request("GET", "http://127.0.0.1:1/"), 2)


def test_an_endless_reply_is_ended() -> None:
    def endless(client: socket.socket) -> None:
        read_head(client)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            client.sendall(b"x" * 65536)

    with serving(endless) as server, pytest.raises(Undelivered, match="reply is too long"):
        Sender().send(Request("GET", f"http://127.0.0.1:{server.port}/"), 5)


def test_a_ca_file_that_is_not_there_is_told() -> None:
    with serving(answering(OK)) as server, pytest.raises(Undelivered):
        url = f"https://127.0.0.1:{server.port}/"
        Sender(trust=Trust("/nonexistent/ca.pem")).send(Request("GET", url), 2)


def test_a_name_that_nobody_answers_costs_no_more_than_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """libcurl would wait for the end of the look-up, 10 s, before it gives the request up."""
    sender = Sender()
    monkeypatch.setattr(sender, "_performed", lambda guard, until: None)
    before = len(http._LEFT)
    with pytest.raises(Undelivered, match=r"timed out \(0.0 s\)"):
        sender.send(Request("GET", "http://name.invalid/"), 1)
    assert len(http._LEFT) == before + 1  # it is left to itself, and the next one begins anew
    assert sender._handle is None
    sender.close()


def test_a_host_without_descriptors_is_our_own_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(make: object) -> None:
        raise Exhausted("out of descriptors")

    monkeypatch.setattr(http, "begun", exhausted)
    sender = Sender()
    with pytest.raises(OwnTrouble, match=r"^out of descriptors$"):
        sender.send(Request("GET", "http://127.0.0.1:1/"), 1)
    sender.close()
