"""Owners by DNS, from a name server in a namespace; a dead one costs a second, nothing else."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.dns import from_answer, to_question
from tests.support import need
from tests.support.net import network
from tests.support.process import HOUSE, run

SERVER = """
import socket, struct, sys
known = {b"\\x0210\\x010\\x0293\\x0252\\x06origin": b"16509 64500 | 52.93.0.0/16 | US",
 b"\\x0221\\x010\\x0293\\x0252\\x06origin": b"16509 | 52.93.0.0/16 | US",
 b"\\x07AS16509": b"16509 | US | arin | x | AMAZON-02, US"}
wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wire.bind(("127.0.0.1", 53))
print("ready", flush=True)
while True:
    question, peer = wire.recvfrom(512)
    text = next((value for key, value in known.items() if question[12:].startswith(key)), None)
    head = question[:2] + struct.pack("!5H", 0x8180, 1, 1 if text else 0, 0, 0) + question[12:]
    answer = b""
    if text:
        answer = b"\\xc0\\x0c" + struct.pack("!2HIH", 16, 1, 60, 1 + len(text))
        answer += bytes((len(text),)) + text
    wire.sendto(head + answer, peer)
"""
ASK = """
import time
from bothsides.probe.net.cymru import origins
began = time.monotonic()
print(origins(['52.93.0.10', '9.9.9.9'], 1.0), time.monotonic() - began < 1.5)
"""


def test_names_and_numbers_come_from_the_dns_and_a_dead_one_takes_a_second(tmp_path: Path) -> None:
    need.root()
    with network() as made:
        inside = Path("/etc/netns", made.host("a"))
        inside.mkdir(parents=True)
        try:
            (inside / "resolv.conf").write_text("nameserver 127.0.0.1\n")
            ask = [
                *made.inside("a"),
                sys.executable,
                "-c",
                f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r})\n{ASK}",
            ]
            check = (
                "check_mtr_path",
                "--replay",
                str(HOUSE / "tests/data/records/check_mtr_path-before.json"),
                "--asn",
                "dns",
                "-v",
            )
            assert subprocess.run(ask, capture_output=True, text=True).stdout == "{} True\n"
            assert run(*check, inside=made.inside("a")).code == 0
            server = subprocess.Popen(
                [*made.inside("a"), sys.executable, "-c", SERVER], stdout=subprocess.PIPE
            )
            assert server.stdout is not None
            try:
                assert server.stdout.readline() == b"ready\n"
                told = subprocess.run(ask, capture_output=True, text=True).stdout
                assert told == "{'52.93.0.10': (16509, 'AMAZON-02')} True\n"
                checked = run(*check, inside=made.inside("a"))
                assert checked.line.endswith(", AMAZON-02")
                assert " 11 AMAZON-02 " in checked.text
                assert checked.perfdata["as_hops"].value == 1
            finally:
                server.kill()
                server.wait()
                server.stdout.close()
        finally:
            (inside / "resolv.conf").unlink(missing_ok=True)
            inside.rmdir()


def test_a_question_is_what_rfc_1035_draws() -> None:
    asked = to_question(7, "ab.c")
    assert asked == struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + b"\x02ab\x01c\0\0\x10\0\1"


@given(st.binary(max_size=120))
def test_any_octets_are_an_answer_or_unreadable(data: bytes) -> None:
    try:
        from_answer(data)
    except Unreadable:
        pass


def test_an_answer_that_ends_too_soon_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        from_answer(struct.pack("!6H", 7, 0x8180, 1, 1, 0, 0) + b"\x02ab")
