"""The deadline, memory, the sums of the phases, our own clock, and HTTP/2 by nginx."""

import base64
import os
import random
import socket
import ssl
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.https import Plan, Route, Trust
from bothsides.parse.url import from_url
from bothsides.probe.https.measure import measure
from tests.support import need
from tests.support.daemons import folder, nginx
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


def garbage(client: socket.socket) -> None:
    read_head(client)
    client.sendall(b"\x00\xff" * 100 + b"\r\n\r\n")


def gone(client: socket.socket) -> None:
    read_head(client)


def short(client: socket.socket) -> None:
    read_head(client)
    client.sendall(ANSWER[:-3])


def reset(client: socket.socket) -> None:
    read_head(client)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


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
            "0.7",
        )
    assert (outcome.code, "blame: server" in outcome.text) == (2, True), outcome.text
    assert outcome.seconds <= 0.7 + SLACK + start_up


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (garbage, "the answer is not HTTP"),
        (gone, "connection was closed without an answer"),
        (short, "the answer ended too early"),
        (reset, "blame: server"),
    ],
)
def test_a_broken_exchange_is_the_servers_fault(
    talk: Callable[[socket.socket], None], words: str, made: Lab
) -> None:
    with serving(talk, made.file("good")) as server:
        outcome = run("check_https", f"https://127.0.0.1:{server.port}/", "--ca-cert", made.bundle)
    assert (outcome.code, words in outcome.text, "blame: server" in outcome.text) == (
        2,
        True,
        True,
    ), outcome.text


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
    watch = f"import os,resource,subprocess;c=subprocess.call({command!r});print(c,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", watch], capture_output=True, text=True, check=True, timeout=60
    )
    code, peak = done.stdout.splitlines()[-1].split()
    return int(code), int(peak), done.stdout


def packed(rounds: int) -> bytes:
    """An answer whose body unpacks to so many megabytes of zeros; its end lacks, so that none may be reached."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1_000_000)) + packer.flush(
        zlib.Z_FULL_FLUSH
    )  # stands for itself, so it may be repeated
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
        late = run("check_https", f"https://127.0.0.1:{many.port}/", *given, "-t", "0.6")
    assert ("size=300000" in text, peak <= 40 * 1024) == (True, True), text
    assert (late.code, "sends too slowly" in late.line) == (2, True), late.text
    assert late.seconds <= 0.6 + SLACK + start_up


def sums(made: Lab, rounds: int) -> None:
    """Varied requests, one after the other: the phases must add up to the time, and the time to the clock's."""
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
    assert (wrong.code, "our clock is 200 d ahead of the server" in wrong.text) == (3, True), (
        wrong.text
    )
    assert "run check_snmp_clock" in wrong.text
    assert (right.code, "expired 2 d ago" in right.line) == (2, True), right.text


def test_http_2_is_asked_for_expected_and_told(made: Lab) -> None:
    with folder() as root:
        certificate = root / "good.pem"
        certificate.write_bytes(Path(made.file("good")).read_bytes())
        certificate.chmod(0o644)
        server = (
            f"server {{ listen 127.0.0.1:PORT ssl http2; ssl_certificate {certificate}; ssl_certificate_key {certificate};"
            ' location / { add_header X-Kind test; return 200 "hello\\n"; } }'
        )
        with nginx(server, root) as daemon:
            url = (f"https://127.0.0.1:{daemon.port}/", "--ca-cert", made.bundle)
            two = run(
                "check_https",
                *url,
                "--expect-http-version",
                "2",
                "-s",
                "hello",
                "-d",
                "x-kind: test",
            )
            one = run("check_https", *url, "--http-version", "1.1", "--expect-http-version", "2")
    assert two.code == 0, two.text
    assert (one.code, "answered by HTTP/1.1 instead of 2" in one.line) == (2, True), one.text


def test_the_source_address_is_ours_to_choose(made: Lab) -> None:
    seen: list[str] = []

    def talk(client: socket.socket) -> None:
        read_head(client)
        seen.append(client.getpeername()[0])
        client.sendall(ANSWER)

    with serving(talk, made.file("good")) as server:
        url = f"https://127.0.0.1:{server.port}/"
        assert run("check_https", url, "--ca-cert", made.bundle, "--source", "127.0.0.7").code == 0
        bad = run("check_https", url, "--ca-cert", made.bundle, "--source", "192.0.2.77")
    assert seen[0] == "127.0.0.7"
    assert (bad.code, "blame: " in bad.text) == (3, True), bad.text


def test_ipv6_works_as_a_name_and_as_an_address(made: Lab) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    try:
        with serving(answering(ANSWER), context=context, host="::1") as server:
            outcome = run(
                "check_https",
                "-I",
                "::1",
                "-H",
                "good.test",
                "-p",
                str(server.port),
                "--ca-cert",
                made.bundle,
                "-6",
            )
            literal = run("check_https", f"https://[::1]:{server.port}/", "--ca-cert", made.bundle)
    except OSError:
        need.missing("no IPv6 on loopback")
    assert outcome.code == 0, outcome.text
    assert (literal.code, "not for ::1" in literal.line) == (2, True), literal.text


def test_without_any_bundle_we_cannot_ask(made: Lab) -> None:
    outcome = run("check_https", "https://127.0.0.1:1/", "--ca-cert", "/nowhere/ca.pem")
    assert (outcome.code, "cannot read the CA bundle /nowhere/ca.pem" in outcome.line) == (3, True)


def test_files_of_ours_that_are_broken_are_not_the_servers_fault(made: Lab, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing\n")
    good = made.file("good")
    with serving(answering(ANSWER), good) as server:
        url = f"https://127.0.0.1:{server.port}/"
        bundle = run("check_https", url, "--ca-cert", str(empty))
        pipe = run("check_https", url, "--ca-cert", "/dev/null")
        certificate = run(
            "check_https", url, "--ca-cert", made.bundle, "-J", str(empty), "-K", good
        )
        key = run(
            "check_https", url, "--ca-cert", made.bundle, "-J", good, "-K", made.file("expired")
        )
    for outcome in (bundle, pipe, certificate, key):
        assert (outcome.code, "blame: config" in outcome.text) == (3, True), outcome.text


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


def test_a_redirect_to_plain_http_is_a_warning(made: Lab) -> None:
    with serving(answering(ANSWER)) as plain:
        there = f"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:{plain.port}/\r\nContent-Length: 0\r\n\r\n".encode()
        with serving(answering(there), made.file("good")) as server:
            url = f"https://127.0.0.1:{server.port}/"
            outcome = run("check_https", url, "--ca-cert", made.bundle, "-f", "follow")
    assert (outcome.code, "redirect from https to http" in outcome.line) == (1, True), outcome.text


def test_sticky_stays_at_the_address_and_stickyport_at_the_port(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as other:

        def talk(client: socket.socket) -> None:
            path = read_head(client).split()[1]
            there = f"HTTP/1.1 301 Moved\r\nLocation: https://good.test:{other.port}/there\r\nContent-Length: 0\r\n\r\n"
            client.sendall(ANSWER if path == b"/there" else there.encode())

        with serving(talk, made.file("good")) as server:
            where = (
                "-H",
                "localhost",
                "-I",
                "127.0.0.1",
                "-p",
                str(server.port),
                "--ca-cert",
                made.bundle,
                "-t",
                "3",
            )
            sticky = run("check_https", *where, "-f", "sticky", "-e", "200", "-v")
            port = run("check_https", *where, "-f", "stickyport", "-e", "200", "-v")
    assert sticky.code == 0, sticky.text
    assert f"https://good.test:{other.port}/there" in sticky.text
    assert port.code == 0, port.text
    assert f"https://good.test:{server.port}/there" in port.text


def asked(
    heads: list[bytes], there: str, status: str = "302 Found"
) -> Callable[[socket.socket], None]:
    """A server that redirects / and keeps the heads of all that it was asked."""

    def talk(client: socket.socket) -> None:
        head = read_head(client)
        known = isinstance(client, ssl.SSLSocket) and client.getpeercert()
        heads.append(b"certified " + head if known else head)
        away = f"HTTP/1.1 {status}\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode()
        client.sendall(away if head.split()[1] == b"/" else ANSWER)

    return talk


def test_sticky_stays_at_the_host_of_its_own_url_among_many(made: Lab) -> None:
    heads: list[bytes] = []
    with (
        serving(answering(ANSWER), made.file("good")) as one,
        serving(asked(heads, "/next"), made.file("good"), "127.0.0.2") as two,
    ):
        urls = (f"https://127.0.0.1:{one.port}/", f"https://127.0.0.2:{two.port}/")
        outcome = run(
            "check_https", *urls, "-f", "sticky", "--ca-cert", made.bundle, "--insecure", "-t", "3"
        )
    assert outcome.code == 0, outcome.text
    assert [head.split()[1] for head in heads] == [b"/", b"/next"]


def test_logins_headers_and_bodies_do_not_follow_a_redirect_to_another_port(made: Lab) -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    good = made.file("good")
    secrets = (
        "-a",
        "user:secret",
        "-k",
        "X-Token: secret",
        "-P",
        "word=secret",
        "-J",
        good,
        "-K",
        good,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    context.load_verify_locations(made.bundle)
    context.verify_mode = ssl.CERT_OPTIONAL
    for status in ("302 Found", "307 Temporary Redirect"):
        with serving(asked(second, "/here"), context=context) as other:
            there = f"https://localhost:{other.port}/there"
            with serving(asked(first, there, status), context=context) as server:
                url = f"https://localhost:{server.port}/"
                outcome = run(
                    "check_https",
                    url,
                    "-4",
                    "-f",
                    "follow",
                    *secrets,
                    "--ca-cert",
                    made.bundle,
                    "-t",
                    "3",
                )
        assert outcome.code == 0, outcome.text
    assert all(b"Authorization" in head and b"X-Token" in head for head in first)
    assert all(head.startswith(b"certified POST / ") for head in first)
    for head in second:
        assert head.startswith(b"GET /there ")
        assert b"Authorization" not in head
        assert b"X-Token" not in head
        assert b"Content-" not in head


def test_a_redirect_on_the_same_server_keeps_the_login_and_turns_post_into_get(made: Lab) -> None:
    heads: list[bytes] = []
    with serving(asked(heads, "/there"), made.file("good")) as server:
        url = f"https://localhost:{server.port}/"
        given = (
            "-a",
            "user:secret",
            "-P",
            "word=secret",
            "-f",
            "follow",
            "--ca-cert",
            made.bundle,
            "-4",
        )
        assert run("check_https", url, *given).code == 0
    assert [head.split()[0] for head in heads] == [b"POST", b"GET"]
    assert all(b"Authorization: Basic" in head for head in heads)
    assert b"Content-Length" not in heads[1]


def test_a_virtual_port_goes_into_the_host_header_of_the_first_server_alone(made: Lab) -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    with serving(asked(second, "/"), made.file("good"), "127.0.0.2") as other:
        there = f"https://127.0.0.2:{other.port}/there"
        with serving(asked(first, there), made.file("good")) as server:
            where = ("-H", "localhost:8443", "-p", str(server.port), "-4", "--insecure")
            outcome = run("check_https", *where, "-f", "follow", "-t", "3")
    assert outcome.code == 0, outcome.text
    assert b"\r\nHost: localhost:8443\r\n" in first[0]
    assert f"\r\nHost: 127.0.0.2:{other.port}\r\n".encode() in second[0]


def test_options_beyond_ascii_go_out_as_the_octets_that_were_given(made: Lab) -> None:
    heads: list[bytes] = []

    def talk(client: socket.socket) -> None:
        heads.append(read_head(client))
        client.sendall(ANSWER)

    with serving(talk, made.file("good")) as server:
        where = ("-H", "localhost", "-4", "-p", str(server.port), "--ca-cert", made.bundle)
        given = (
            "-u",
            "/gr\u00fcn x",
            "-A",
            "M\u00fcller",
            "-k",
            "X-A: \u00e4",
            "-a",
            "\u00fc:\u00f6",
            "-P",
            "\u00df",
        )
        outcome = run("check_https", *where, *given)
    assert outcome.code == 0, outcome.text
    assert heads[0].startswith(b"POST /gr%C3%BCn%20x HTTP/1.1\r\n")
    assert "User-Agent: M\u00fcller\r\n".encode() in heads[0]
    assert "X-A: \u00e4\r\n".encode() in heads[0]
    assert b"Authorization: Basic " + base64.b64encode("\u00fc:\u00f6".encode()) in heads[0]
    assert b"Content-Length: 2\r\n" in heads[0]


@pytest.mark.parametrize(
    "said", ["ERR_CONNECT_FAIL 99999999999999999999", f"ERR_CONNECT_FAIL {'9' * 5000}"]
)
def test_a_proxys_error_number_without_end_is_no_fault_of_ours(said: str) -> None:
    answer = f"HTTP/1.1 503 No\r\nX-Squid-Error: {said}\r\nContent-Length: 0\r\n\r\n".encode()
    with serving(answering(answer)) as proxy:
        outcome = run(
            "check_https",
            "https://good.test/",
            "-x",
            f"http://127.0.0.1:{proxy.port}",
            "--insecure",
        )
    assert (outcome.code, "does not reach the target (503" in outcome.line) == (2, True), (
        outcome.text
    )
