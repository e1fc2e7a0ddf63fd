"""The reflector as a process: signals, keys, addresses, loops, load, and a restart during a run."""

import os
import random
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bothsides.parse import stamp
from tests.support import need
from tests.support.daemons import free_port
from tests.support.process import PLUGINS, run

REQUEST = stamp.to_request(stamp.Request(1, time.time_ns(), 0x2001, 7))


class Reflector:
    """A running udp_reflector."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port

    def line(self) -> str:
        """The next line that it says, at the latest after two seconds."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 2.0)
        assert ready, "it says nothing"
        return self.process.stdout.readline()

    def counters(self) -> dict[str, int]:
        """What it has counted."""
        self.process.send_signal(signal.SIGUSR1)
        return {name: int(count) for count, name in re.findall(r"(\d+) ([a-z_A-Z]+)", self.line())}


@contextmanager
def reflector(*options: str, listen: str = "127.0.0.1", port: int = 0) -> Iterator[Reflector]:
    command = [
        sys.executable,
        str(PLUGINS / "udp_reflector"),
        "--listen",
        listen,
        "--port",
        str(port),
        *options,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
    ) as process:
        started = Reflector(process, port)
        try:
            said = started.line()
            found = re.search(r"listening on \S+:(\d+)", said)
            assert found, said
            started.port = int(found[1])
            yield started
        finally:
            process.kill()
            process.communicate()


def asked(port: int, data: bytes, host: str = "127.0.0.1") -> bytes | None:
    with socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM
    ) as opened:
        opened.settimeout(0.5)
        opened.connect((host, port))
        opened.send(data)
        try:
            return opened.recv(65536)
        except (TimeoutError, ConnectionRefusedError):
            return None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--help",), "usage: udp_reflector"),
        (("-V",), "udp_reflector v"),
        (("--bogus",), "UDP_REFLECTOR UNKNOWN - unknown option --bogus"),
        (("--port", "0", "--allow", "0.0.0.0/0"), "write --open"),
        (("--port", "0", "--allow", "x"), "is not a network"),
        (("--listen", "192.0.2.1"), "cannot listen on 192.0.2.1"),
        (
            ("--listen", "127.0.0.1", "--port", "0", "--key-file", "/nonexistent"),
            "cannot read /nonexistent",
        ),
        (("--listen", "127.0.0.1", "--port", "0", "--user", "no-such-user"), "no such user"),
    ],
)
def test_its_manners_are_those_of_the_checks(arguments: tuple[str, ...], said: str) -> None:
    if "--user" in arguments:
        need.root()
    outcome = run("udp_reflector", *arguments)
    assert (outcome.code, outcome.error) == (3, "")
    assert said in outcome.text
    assert max(map(len, outcome.text.splitlines())) <= 160


def test_a_request_is_answered_and_a_signal_shows_the_counters() -> None:
    with reflector() as far:
        reply = asked(far.port, REQUEST)
        assert reply is not None
        assert len(reply) == len(REQUEST)
        assert stamp.from_reply(reply).ttl == 64
        assert asked(far.port, b"rubbish") is None
        assert far.counters() == {"received": 2, "reflected": 1, "short": 1, "sessions": 1}
        far.process.terminate()
        assert "ended after" in far.line()
        assert far.process.wait(2) == 0


def test_it_answers_from_the_address_that_was_asked() -> None:
    with reflector(listen="0.0.0.0") as far:
        for host in ("127.0.0.1", "127.0.0.5", "127.1.2.3"):
            assert asked(far.port, REQUEST, host) is not None


def test_ipv6_is_answered_too() -> None:
    with reflector(listen="::") as far:
        reply = asked(far.port, REQUEST, "::1")
        assert reply is not None
        assert stamp.from_reply(reply).ttl == 64


def test_the_dscp_of_the_question_is_the_dscp_of_the_answer() -> None:
    with reflector() as far, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.settimeout(1)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 46 << 2 | 1)
        opened.sendto(REQUEST, ("127.0.0.1", far.port))
        _, control, _, _ = opened.recvmsg(1000, 100)
    assert [octets[0] for _, kind, octets in control if kind == socket.IP_TOS] == [46 << 2]


def test_keys_and_lists_are_read_again_on_hup_and_kept_when_broken(tmp_path: Path) -> None:
    keys, lists = tmp_path / "keys", tmp_path / "lists"
    for folder in (
        tmp_path,
        *tmp_path.parents[:-2],
    ):  # nobody has to reach the files after the reflector became it
        folder.chmod(folder.stat().st_mode | 0o011)
    sealed = [
        stamp.to_request(stamp.Request(1, time.time_ns(), 1, 7), stamp.SEALED, key)
        for key in (b"first key", b"second key")
    ]
    keys.write_text("7 first key\n")
    keys.chmod(0o600)
    lists.write_text("127.0.0.0/8  # loopback\n")
    user = "root" if os.geteuid() == 0 else ""
    with reflector(
        "--key-file", str(keys), "--allow-file", str(lists), *(("--user", user) if user else ())
    ) as far:
        assert [asked(far.port, data) is not None for data in (REQUEST, *sealed)] == [
            False,
            True,
            False,
        ]
        keys.write_text("7 second key\n")
        far.process.send_signal(signal.SIGHUP)
        assert "read again" in far.line()
        assert [asked(far.port, data) is not None for data in (REQUEST, *sealed)] == [
            False,
            False,
            True,
        ]
        keys.write_text("nonsense\n")
        far.process.send_signal(signal.SIGHUP)
        assert "keeps its old lists and keys" in far.line()
        assert asked(far.port, sealed[1]) is not None
        keys.write_text("7 second key\n")
        lists.write_text("192.0.2.0/24\n")
        far.process.send_signal(signal.SIGHUP)
        far.line()
        assert asked(far.port, sealed[1]) is None


def test_the_check_and_the_reflector_trust_each_other_by_a_key(tmp_path: Path) -> None:
    keys, wrong = tmp_path / "keys", tmp_path / "wrong"
    for path, text in ((keys, "7 the shared key\n"), (wrong, "7 another key!\n")):
        path.write_text(text)
        path.chmod(0o600)
    quick = ("-H", "127.0.0.1", "-n", "16", "-i", "2ms", "--wait", "0.2")
    with reflector("--key-file", str(keys)) as far:
        right = run(
            "check_udp_loss",
            *quick,
            "-p",
            str(far.port),
            "--key-file",
            str(keys),
            "-vvv",
            "--explain",
        )
        other = run("check_udp_loss", *quick, "-p", str(far.port), "--key-file", str(wrong))
        none = run("check_udp_loss", *quick, "-p", str(far.port))
    assert (right.code, other.code, none.code) == (0, 2, 2)
    assert "shared key" not in right.text
    assert b"the shared key".hex() not in right.text
    assert right.perfdata["recv"].value == 16


def test_it_does_not_stay_root() -> None:
    need.root()
    with reflector() as far:
        status = Path(f"/proc/{far.process.pid}/status").read_text()
        assert re.search(r"^Uid:\s+65534\s+65534\s+65534\s+65534$", status, re.MULTILINE)
        assert re.search(r"^Groups:\s*$", status, re.MULTILINE)
        assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
        assert asked(far.port, REQUEST) is not None


def _spoofed(source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
    """One datagram with a made-up source."""
    need.root()
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        length = 28 + len(data)
        ends = socket.inet_aton(source[0]), socket.inet_aton(target[0])
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, 1, 0, 64, 17, 0, *ends)
        raw.sendto(
            header + struct.pack("!HHHH", source[1], target[1], 8 + len(data), 0) + data, target
        )


@pytest.mark.parametrize("same_port", [True, False])
def test_two_reflectors_and_one_made_up_packet_are_no_loop(same_port: bool) -> None:
    one_port = free_port(socket.SOCK_DGRAM)
    with (
        reflector(port=one_port) as one,
        reflector(listen="127.0.0.2", port=one_port if same_port else 0) as other,
    ):
        for data in (REQUEST, bytes(44), b"\xff" * 44, REQUEST[:38]):
            _spoofed(("127.0.0.2", other.port), ("127.0.0.1", one.port), data)
        time.sleep(0.3)
        received = one.counters()["received"], other.counters().get("received", 0)
    assert received == ((4, 0) if same_port else (4, 3)), "all ones look like an answer"


def _load(port: int, rate: int, seconds: float) -> tuple[int, int]:
    """Paced requests through one socket; how many were sent and answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        opened.connect(("127.0.0.1", port))
        sent = answered = 0
        began = time.monotonic()
        while (now := time.monotonic() - began) < seconds + 0.5:
            due = min(int(now * rate), int(seconds * rate))
            while sent < due:
                opened.send(REQUEST)
                sent += 1
            try:
                while True:
                    opened.recv(2048)
                    answered += 1
            except BlockingIOError:
                pass
            select.select([opened], [], [], 0.002)
    return sent, answered


def _fuzzed(count: int) -> None:
    """Random and mutated datagrams over a real socket: it stays up, answers no more octets than it got, and remembers little."""
    dice = random.Random(8762)
    with (
        reflector("--rate", "1000000") as far,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened,
    ):
        opened.settimeout(0.2)
        opened.connect(("127.0.0.1", far.port))
        before = _resident(far.process.pid)
        for number in range(count):
            data = bytearray(REQUEST if number % 10 == 0 else dice.randbytes(dice.randrange(200)))
            if number % 10 == 0:
                data[dice.randrange(44)] = dice.randrange(256)
            opened.send(data)
            if number % 50 == 49:  # so that no queue hides what happens
                opened.send(REQUEST[:14] + (number & 0xFFFF).to_bytes(2) + bytes(28))
                while (
                    int.from_bytes((reply := opened.recv(65536))[14:16]) != number & 0xFFFF
                    or len(reply) != 44
                ):
                    assert len(reply) <= 200
        assert far.counters()["received"] >= count
        assert _resident(far.process.pid) - before < 4 << 20  # 4096 sessions and what they hold
        assert asked(far.port, REQUEST) is not None


def test_it_survives_random_datagrams() -> None:
    _fuzzed(5_000)


@pytest.mark.soak
def test_it_survives_a_million_datagrams() -> None:
    _fuzzed(1_100_000)


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _under_load(rate: int, seconds: float) -> None:
    with reflector("--rate", "100000") as far:
        _load(far.port, 1000, 0.5)
        before = _resident(far.process.pid)
        sent, answered = _load(far.port, rate, seconds)
        grown = _resident(far.process.pid) - before
        counters = far.counters()
    assert sent == int(rate * seconds)
    assert answered == sent, counters
    assert "overflow" not in counters
    assert grown < 1 << 20


def test_it_keeps_up_with_a_thousand_packets_a_second() -> None:
    _under_load(1000, 2.0)


@pytest.mark.soak
def test_it_keeps_up_with_five_thousand_packets_a_second_for_a_minute() -> None:
    _under_load(5000, 60.0)


def test_killed_and_started_again_during_a_run_is_said_and_the_loss_still_true() -> None:
    port = free_port(socket.SOCK_DGRAM)
    command = [
        sys.executable,
        str(PLUGINS / "check_udp_loss"),
        "-H",
        "127.0.0.1",
        "-p",
        str(port),
        "-n",
        "300",
        "-i",
        "10ms",
    ]
    with (
        reflector(port=port) as first,
        subprocess.Popen([*command, "--wait", "0.3"], stdout=subprocess.PIPE, text=True) as check,
    ):
        time.sleep(1.0)
        answered = first.counters()["reflected"]
        first.process.kill()
        first.process.wait()
        time.sleep(0.3)
        with reflector(port=port) as second:
            text = check.communicate(timeout=20)[0]
            answered += second.counters()["reflected"]
    assert "restarted during the run" in text
    assert "port unreachable" in text
    sent, received = (int(re.findall(rf" {label}=(\d+)", text)[0]) for label in ("sent", "recv"))
    assert sent == 300
    closing = 64  # at most, and they are answered too
    assert answered - closing <= received <= answered + 50
    assert "pl_out=U" in text
