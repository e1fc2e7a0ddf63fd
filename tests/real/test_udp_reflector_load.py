"""The reflector under load, under random datagrams, and restarted during a run."""

import os
import random
import re
import select
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bothsides.parse import stamp
from tests.support.daemons import free_port
from tests.support.process import PLUGINS
from tests.support.reflecting import asked, reflector

REQUEST = stamp.to_request(stamp.Request(1, time.time_ns(), 0x2001, 7))


def _load(port: int, rate: int, seconds: float) -> tuple[int, int]:
    """Paced requests through one socket; how many were sent and answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        opened.connect(("127.0.0.1", port))
        sent = answered = 0
        began = time.monotonic()
        while (
            (now := time.monotonic() - began) < seconds
            or sent < int(seconds * rate)
            or (answered < sent and now < seconds + 10)
        ):
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
    """Random and mutated datagrams: it stays up, never replies with more octets, stays small."""
    dice = random.Random(8762)
    with (
        reflector("--rate", "1000000") as far,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened,
    ):
        opened.settimeout(30)  # a busy machine takes its time
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
        # 32768 sessions and 8192 accounts, as many as a mesh of 1000 peers needs, and no more
        assert _resident(far.process.pid) - before < 24 << 20
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
