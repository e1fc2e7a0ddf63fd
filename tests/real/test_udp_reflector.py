"""The reflector as a process: signals, keys, addresses and loops."""

import os
import re
import signal
import socket
import struct
import time
from pathlib import Path

import pytest

from bothsides.parse import stamp
from tests.support import need
from tests.support.daemons import free_port
from tests.support.forked import run
from tests.support.reflecting import asked, reflector

REQUEST = stamp.to_request(stamp.Request(1, time.time_ns(), 0x2001, 7))


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
        assert far.process.wait(60) == 0


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
