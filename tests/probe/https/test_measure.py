"""The probe against real servers on loopback: what it finds, and whose fault it says it is."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.https import Plan, Request, Route, Trust, Visit
from bothsides.parse.url import from_url
from bothsides.probe.https.measure import measure
from tests.support.lab import Lab, lab
from tests.support.servers import ANSWER, Server, answering, read_head, serving
from tests.support.stopwatch import Stopwatch


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def visit(
    made: Lab, url: str, seconds: float = 5.0, route: Route | None = None, **more: Any
) -> Visit:
    """One visit that trusts the lab's root and uses no proxy of the environment."""
    plan = Plan((from_url(url),), route or Route(proxy=""), trust=Trust(bundle=made.bundle), **more)
    return measure(plan, None, Deadline(seconds)).visits[0]


def blame(found: Visit) -> str:
    assert found.failure is not None
    return found.failure.blame


def test_a_good_server_is_measured_phase_by_phase(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        found = visit(made, f"https://localhost:{server.port}/x", route=Route(4, proxy=""))
    last = found.last
    assert found.failure is None
    assert (last.head.code, last.body, last.size) == (200, b"hello\n", len(ANSWER))
    assert [phase is not None for phase in last.phases] == [True, True, False, True, True, True]
    assert last.tls is not None and last.tls.version == "1.3"
    assert [one.name for one in last.chain] == ["good.test", "Lab Intermediate"]
    assert [(one.host, one.answered) for one in last.contacts] == [("127.0.0.1", True)]


def test_an_address_that_refuses_is_known_though_the_next_one_answers(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        found = visit(made, f"https://localhost:{server.port}/")
    known = {one.host: (one.answered, one.reason) for one in found.last.contacts}
    assert known.pop("127.0.0.1") == (True, "")
    assert set(known.values()) <= {(False, "Connection refused")}  # ::1, where localhost has it


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("expired", "expired 2 d ago"),
        ("early", "not valid yet"),
        ("selfsigned", "self-signed"),
        ("wronghost", "not for localhost but for other.test"),
        ("incomplete", "no intermediate certificate"),
        ("expiredmiddle", "intermediate certificate Stale Intermediate expired"),
    ],
)
def test_bad_certificates_are_told_apart(made: Lab, name: str, words: str) -> None:
    with serving(answering(ANSWER), made.file(name)) as server:
        found = visit(made, f"https://localhost:{server.port}/", route=Route(4, proxy=""))
    assert found.failure is not None
    assert found.failure.blame == "tls"
    assert words in found.failure.words


def test_only_the_certificate_means_that_no_request_is_sent(made: Lab) -> None:
    received = []

    def talk(client: socket.socket) -> None:
        received.append(client.recv(1000))

    with serving(talk, made.file("good")) as server:
        url = f"https://localhost:{server.port}/"
        found = visit(made, url, route=Route(4, proxy=""), request=Request(certificate_only=True))
    assert found.failure is None
    assert found.last.phases.last == "tls"
    assert len(found.last.chain) == 2
    assert b"".join(received) == b""


def test_redirects_are_followed_hop_by_hop_and_a_loop_ends(made: Lab) -> None:
    def talk(client: socket.socket) -> None:
        where = {b"/": b"/one", b"/one": b"two", b"/loop": b"/loop"}.get(
            read_head(client).split()[1]
        )
        answer = (
            ANSWER
            if where is None
            else b"HTTP/1.1 302 Found\r\nLocation: " + where + b"\r\nContent-Length: 0\r\n\r\n"
        )
        client.sendall(answer)

    with serving(talk, made.file("good")) as server:
        base = f"https://localhost:{server.port}"
        found = visit(made, base + "/", follow="follow", route=Route(4, proxy=""))
        stopped = visit(made, base + "/", follow="ok", route=Route(4, proxy=""))
        loop = visit(made, base + "/loop", follow="follow", route=Route(4, proxy=""))
    assert [hop.url.path for hop in found.hops] == ["/", "/one", "/two"]
    assert len(stopped.hops) == 1
    assert [hop.head.code for hop in loop.hops] == [302]


def test_a_closed_port_is_the_servers_refusal(made: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = visit(made, f"https://127.0.0.1:{port}/")
    assert blame(found) == "server"
    assert found.failure is not None and "refused" in found.failure.words


def test_plain_http_on_the_port_is_said(made: Lab) -> None:
    def talk(client: socket.socket) -> None:
        client.recv(100)
        client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with serving(talk) as server:
        found = visit(made, f"https://127.0.0.1:{server.port}/")
    assert found.failure is not None
    assert (found.failure.blame, "no TLS on this port" in found.failure.words) == ("tls", True)


@contextmanager
def stalling(made: Lab, where: str) -> Iterator[Server]:
    """A server that goes silent in one phase."""

    def silent(client: socket.socket) -> None:
        client.recv(1)
        time.sleep(60) if where == "never" else client.recv(1 << 20)
        while client.recv(1 << 20):
            pass

    def half(client: socket.socket) -> None:
        read_head(client)
        client.sendall(ANSWER[:-3])
        while client.recv(1 << 20):
            pass

    def wordless(client: socket.socket) -> None:
        while client.recv(1 << 20):
            pass

    talk = {"tls": silent, "server": wordless, "transfer": half}[where]
    with serving(talk, "" if where == "tls" else made.file("good")) as server:
        yield server


@pytest.mark.parametrize(
    ("where", "whose"), [("tls", "path"), ("server", "path"), ("transfer", "path")]
)
def test_silence_in_a_phase_ends_at_the_deadline_and_names_the_phase(
    made: Lab, where: str, whose: str
) -> None:
    with stalling(made, where) as server:
        watch = Stopwatch()
        found = visit(made, f"https://127.0.0.1:{server.port}/", seconds=0.5)
        took = watch.seconds
    assert blame(found) == whose
    assert found.failure is not None and found.failure.doubt == "far end"
    assert found.late
    assert found.last.phases.last == where
    assert took <= 0.8


def test_a_body_is_counted_whole_but_kept_in_part(made: Lab) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000
    with serving(answering(answer), made.file("good")) as server:
        found = visit(made, f"https://127.0.0.1:{server.port}/", request=Request(keep=1000))
    assert (len(found.last.body), found.last.size) == (1000, len(answer))
