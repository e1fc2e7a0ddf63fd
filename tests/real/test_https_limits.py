"""The deadline, memory, descriptors, the sums of the phases, and our own clock."""

import os
import random
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.https import Plan, Route, Trust
from bothsides.parse.url import from_url
from bothsides.probe.https.measure import measure
from tests.support import need
from tests.support.lab import Lab, lab
from tests.support.process import command_of, run
from tests.support.servers import ANSWER, answering, read_head, serving

SLACK = 0.3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def start_up() -> float:
    return min(run("check_https", "-V").seconds for _ in range(3))


def dripping(client: socket.socket) -> None:
    """One octet of the body every 50 ms, so that something always comes."""
    read_head(client)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        client.sendall(b"x")
        time.sleep(0.05)


def headers_without_end(client: socket.socket) -> None:
    read_head(client)
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        client.sendall(b"X: y\r\n")
        time.sleep(0.05)


def vast(client: socket.socket) -> None:
    """A body of 200 MB."""
    read_head(client)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
    block = b"x" * 1_000_000
    for _ in range(200):
        client.sendall(block)


@pytest.mark.parametrize("talk", [dripping, headers_without_end])
def test_a_server_that_drips_ends_at_the_deadline(
    talk: Callable[[socket.socket], None], made: Lab, start_up: float
) -> None:
    with serving(talk, made.file("good")) as server:
        outcome = run(
            "check_https",
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "-t",
            "2",
        )
    assert (outcome.code, "blame: server" in outcome.text) == (2, True), outcome.text
    assert outcome.seconds <= 2 + SLACK + start_up


def test_a_body_of_200_megabytes_needs_no_more_than_40_of_memory(made: Lab) -> None:
    with serving(vast, made.file("good")) as server:
        code, peak, text = peak_of(
            f"https://127.0.0.1:{server.port}/", "--ca-cert", made.bundle, "-t", "20", "-m", "1"
        )
    assert "200000" in text
    assert (code, peak <= 40 * 1024) == (0, True), text


def peak_of(*arguments: str) -> tuple[int, int, str]:
    """check_https's exit code, the most memory that it had in KiB, and its output."""
    # Another process in between: a child's peak begins with that of the process it was forked from.
    command = [*command_of("check_https"), *arguments]
    watch = (
        f"import os,resource,subprocess;c=subprocess.call({command!r});"
        "print(c,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", watch], capture_output=True, text=True, check=True, timeout=60
    )
    code, peak = done.stdout.splitlines()[-1].split()
    return int(code), int(peak), done.stdout


def packed(rounds: int) -> bytes:
    """An answer whose body unpacks to so many megabytes of zeros; its end lacks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    # A block stands for itself, so that it may be repeated.
    block = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = first + block * (rounds - 1)
    return (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )


def test_a_body_that_unpacks_to_gigabytes_needs_no_more_memory_and_no_more_time(
    made: Lab, start_up: float
) -> None:
    with (
        serving(answering(packed(300)), made.file("good")) as few,
        serving(answering(packed(9000)), made.file("good")) as many,
    ):
        given = ("--ca-cert", made.bundle, "--enable-automatic-decompression", "-m", "1")
        _, peak, text = peak_of(f"https://127.0.0.1:{few.port}/", *given, "-t", "20")
        late = run("check_https", f"https://127.0.0.1:{many.port}/", *given, "-t", "4")
    assert ("size=300000" in text, peak <= 40 * 1024) == (True, True), text
    ended = "sends too slowly" in late.line or "more than --max-body" in late.line
    busy = "this host is too busy" in late.line or "own deadline reached" in late.line
    assert (late.code, ended or busy) == (3 if busy else 2, True), late.text
    assert late.seconds <= 4 + SLACK + start_up


def sums(made: Lab, rounds: int) -> None:
    """Varied requests, one by one: phases must add up to the time, and the time to the clock's."""
    chance = random.Random(1)

    def talk(client: socket.socket) -> None:
        head = read_head(client)
        if head.startswith(b"GET /moved"):
            client.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
            return
        time.sleep(chance.random() * 0.003)
        body = os.urandom(chance.randrange(100_000))
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        client.sendall(body[: len(body) // 2])
        client.sendall(body[len(body) // 2 :] if chance.random() < 0.9 else b"")

    with serving(talk, made.file("good")) as server:
        for number in range(rounds):
            name = ("localhost", "127.0.0.1")[number % 2]
            url = from_url(f"https://{name}:{server.port}{chance.choice(('/', '/moved'))}")
            began = time.monotonic()
            plan = Plan((url,), Route(proxy=""), trust=Trust(bundle=made.bundle), follow="follow")
            visit = measure(plan, None, Deadline(5)).visits[0]
            took = time.monotonic() - began
            parts = [phase for hop in visit.hops for phase in hop.phases if phase is not None]
            assert all(part >= 0 for part in parts)
            assert abs(sum(parts) - visit.seconds) < 0.001
            assert visit.seconds <= took


def test_phases_add_up_in_varied_requests(made: Lab) -> None:
    sums(made, 60)


@pytest.mark.soak
def test_phases_add_up_in_a_thousand_varied_requests(made: Lab) -> None:
    sums(made, 1000)


def test_a_wrong_clock_of_ours_is_not_the_servers_fault(made: Lab) -> None:
    faketime = need.program("faketime", "faketime")

    def talk(client: socket.socket) -> None:
        read_head(client)
        stamp = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()).encode()
        client.sendall(b"HTTP/1.1 200 OK\r\nDate: " + stamp + b"\r\nContent-Length: 0\r\n\r\n")

    with serving(talk, made.file("good")) as server, serving(talk, made.file("expired")) as old:
        arguments = ("--ca-cert", made.bundle, "-H", "localhost", "-4", "-p")
        wrong = run("check_https", *arguments, str(server.port), inside=(faketime, "-f", "+200d"))
        right = run("check_https", *arguments, str(old.port))
        by_age = [
            run("check_https", *arguments, str(server.port), "-C", "14,7", *rest,
                inside=(faketime, "-f", days))
            for days in ("+200d", "-200d")
            for rest in ((), ("--continue-after-certificate",))
        ]  # fmt: skip
    assert [each.code for each in by_age] == [3] * 4, by_age
    for each, side in zip(by_age, ("ahead of", "ahead of", "behind", "behind"), strict=True):
        assert f"our clock is 200 d {side} the server" in each.line, each.text
    assert (wrong.code, "our clock is 200 d ahead of the server" in wrong.text) == (3, True), (
        wrong.text
    )
    assert "run check_snmp_clock" in wrong.text
    assert (right.code, "expired 2 d ago" in right.line) == (2, True), right.text


@pytest.mark.parametrize("most", range(5, 10))
def test_a_lack_of_descriptors_is_ours(made: Lab, most: int) -> None:
    prlimit = need.program("prlimit", "util-linux")
    with serving(answering(ANSWER), made.file("good")) as server:
        for name in ("127.0.0.1", "localhost"):
            url = f"https://{name}:{server.port}/"
            outcome = run(
                "check_https",
                url,
                "-4",
                "--ca-cert",
                made.bundle,
                inside=(prlimit, f"--nofile={most}"),
            )
            assert outcome.error == ""
            assert outcome.code == 3 or (most > 6 and outcome.code == 0), outcome.text
            assert "internal error" not in outcome.text


@pytest.mark.parametrize("most", [12, 16, 20])
def test_a_lack_of_descriptors_for_some_of_many_urls_is_ours(made: Lab, most: int) -> None:
    prlimit = need.program("prlimit", "util-linux")

    def slow(client: socket.socket) -> None:
        read_head(client)
        time.sleep(0.2)  # so that all are under way at once
        client.sendall(ANSWER)

    with serving(slow, made.file("good")) as server:
        urls = [f"https://localhost:{server.port}/{number}" for number in range(8)]
        given = (*urls, "--parallel", "8", "-4", "--ca-cert", made.bundle)
        outcome = run("check_https", *given, inside=(prlimit, f"--nofile={most}"))
    assert (outcome.code, outcome.error) == (3, ""), outcome.text
    assert "internal error" not in outcome.text
    assert outcome.text.count("blame: ") == outcome.text.count(
        "here: Too many open files"
    ) + outcome.text.count("bundle"), outcome.text
