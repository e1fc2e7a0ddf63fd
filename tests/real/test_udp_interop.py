"""Our packets against other codecs: scapy's STAMP, tshark's dissector, openssl's HMAC."""

import json
import random
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.udp import Plan
from bothsides.parse import stamp
from bothsides.parse.stamp import Reply, Request
from bothsides.probe.udp.measure import measure
from tests.support import need
from tests.support.far_end import far_end, stamping
from tests.support.foreign import twping
from tests.support.reflecting import reflector

NOW = 1_700_000_000_123_456_789
REQUEST = Request(0x01020304, NOW, 0x8C10, 0xABCD)
REPLY = Reply(
    0x0A0B0C0D, NOW + 3_000_000, 0x8C10, 0xABCD, NOW + 2_000_000, REQUEST.sequence, NOW, 61
)


@pytest.fixture(scope="module")
def codec() -> Iterator[Any]:
    """scapy's STAMP; its import warns about the machine's routes, which do not matter here."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import scapy.contrib.stamp as codec
        except ImportError:
            need.missing("scapy is not installed: pip install scapy")
        yield codec


def _seconds(ns: int) -> float:
    return ns / 1e9 + 2208988800  # scapy counts from 1900 too


def test_scapy_reads_our_request_as_we_meant_it(codec: Any) -> None:
    packet = codec.STAMPSessionSenderTestUnauthenticated(stamp.to_request(REQUEST))
    assert (packet.seq, packet.ssid) == (REQUEST.sequence, REQUEST.ssid)
    assert packet.ts == pytest.approx(_seconds(NOW), abs=1e-6)
    assert (packet.err_estimate.S, packet.err_estimate.scale, packet.err_estimate.multiplier) == (
        1,
        12,
        16,
    )


def test_scapy_reads_our_reply_as_we_meant_it(codec: Any) -> None:
    packet = codec.STAMPSessionReflectorTestUnauthenticated(
        stamp.to_reply(REPLY, stamp.to_request(REQUEST))
    )
    assert (packet.seq, packet.ssid, packet.seq_sender, packet.ttl_sender) == (
        REPLY.number, REPLY.ssid, REPLY.sequence, REPLY.ttl
    )  # fmt: skip
    assert packet.ts == pytest.approx(_seconds(REPLY.replied), abs=1e-6)
    assert packet.ts_rx == pytest.approx(_seconds(REPLY.received), abs=1e-6)
    assert packet.ts_sender == pytest.approx(_seconds(REPLY.sent), abs=1e-6)


def test_scapy_as_sender_is_answered_by_our_reflector(codec: Any) -> None:
    with far_end(stamping()) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(1)
        sender.connect(("127.0.0.1", port))
        for number in range(20):
            sent = time.time() + 2208988800
            sender.send(
                bytes(codec.STAMPSessionSenderTestUnauthenticated(seq=number, ts=sent, ssid=5))
            )
            reply = codec.STAMPSessionReflectorTestUnauthenticated(sender.recv(2048))
            assert (reply.seq, reply.seq_sender, reply.ssid) == (number, number, 5)
            assert reply.ts_sender == pytest.approx(sent, abs=1e-6)
            assert sent - 1 < reply.ts_rx <= reply.ts + 1e-6


def test_scapy_as_reflector_answers_our_sender(codec: Any) -> None:
    counts: dict[tuple[str, int], int] = {}

    def reflect(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        request = codec.STAMPSessionSenderTestUnauthenticated(data)
        now = time.time() + 2208988800
        number = counts[source] = counts.get(source, -1) + 1
        reply = codec.STAMPSessionReflectorTestUnauthenticated(
            seq=number, ts=now, ssid=request.ssid, ts_rx=now, seq_sender=request.seq, ttl_sender=64
        )
        # scapy keeps times as floats, which cannot hold our nanoseconds: T1 is copied as it came
        return [bytes(reply)[:28] + data[4:14] + bytes(reply)[38:]]

    with far_end(reflect) as port:
        plan = Plan(("127.0.0.1",), port, packets=100, interval=0.005, flows=8, patience=0.5)
        (target,) = measure(plan, Deadline(8)).targets
    assert len(target.replies) == 100
    assert all(reply.number == reply.sequence for reply in target.replies)


def _pcap(path: Path, payloads: Sequence[tuple[int, int, bytes]]) -> None:
    """A capture of datagrams from 127.0.0.1 to itself: (source port, target port, payload)."""
    import struct

    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))  # raw IP
        for source, target, payload in payloads:
            ends = socket.inet_aton("127.0.0.1") * 2
            packet = struct.pack("!BBHHHBBH8s", 0x45, 0, 28 + len(payload), 1, 0, 64, 17, 0, ends)
            packet += struct.pack("!HHHH", source, target, 8 + len(payload), 0) + payload
            file.write(struct.pack("<IIII", 0, 0, len(packet), len(packet)) + packet)


def test_tshark_sees_every_field_of_ours_with_the_same_value(tmp_path: Path) -> None:
    tshark = need.program("tshark", "tshark")
    path = tmp_path / "stamp.pcap"
    request = stamp.to_request(REQUEST)
    _pcap(path, [(40000, 862, request), (862, 40000, stamp.to_reply(REPLY, request))])
    done = subprocess.run(
        [tshark, "-r", str(path), "-d", "udp.port==862,twamp.test", "-T", "json", "-t", "ud"],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "TZ": "UTC", "PATH": "/usr/bin:/bin"},
    )
    asked, answered = (
        packet["_source"]["layers"]["twamp.test"] for packet in json.loads(done.stdout)
    )
    assert int(asked["twamp.test.seq_number"]) == REQUEST.sequence
    assert asked["twamp.test.timestamp"] == "Nov 14, 2023 22:13:20.123456789 UTC"
    estimate = {
        "twamp.test.error_estimate.s": "1",
        "twamp.test.error_estimate.z": "0",
        "twamp.test.error_estimate.scale": "12",
        "twamp.test.error_estimate.multiplier": "16",
    }
    assert answered == {
        "twamp.test.seq_number": str(REPLY.number),
        "twamp.test.timestamp": "Nov 14, 2023 22:13:20.126456789 UTC",
        "twamp.test.error_estimate": str(0x8C10),
        "twamp.test.error_estimate_tree": estimate,
        "twamp.test.mbz1": str(REPLY.ssid),  # RFC 8972 has put the SSID where TWAMP must be zero
        "twamp.test.receive_timestamp": "Nov 14, 2023 22:13:20.125456789 UTC",
        "twamp.test.sender_seq_number": str(REPLY.sequence),
        "twamp.test.sender_timestamp": "Nov 14, 2023 22:13:20.123456789 UTC",
        "twamp.test.sender_error_estimate": str(0x8C10),
        "twamp.test.sender_error_estimate_tree": estimate,
        "twamp.test.mbz2": "0",
        "twamp.test.sender_ttl": str(REPLY.ttl),
        "twamp.test.padding": "00:00:00",
    }


def test_openssl_makes_the_same_digest(tmp_path: Path) -> None:
    openssl = need.program("openssl", "openssl")
    key = b"0123456789abcdef\x00\xff"
    request = stamp.to_request(REQUEST, stamp.SEALED, key)
    for packet in (request, stamp.to_reply(REPLY, request, key)):
        command = [
            openssl,
            "dgst",
            "-sha256",
            "-mac",
            "HMAC",
            "-macopt",
            f"hexkey:{key.hex()}",
            "-binary",
        ]
        digest = subprocess.run(command, input=packet[:96], capture_output=True, check=True).stdout
        assert packet[96:112] == digest[:16]


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("size", [41, 44, 300])
def test_a_fast_sender_with_random_padding_loses_nothing_beside_our_reflector(
    size: int, fresh: bool
) -> None:
    dice, now, times = random.Random(size), 0.0, []
    for _ in range(130):
        now += dice.expovariate(60)
        times.append(now)
    with reflector() as far:
        found = twping(far.port, times, size, fresh)
        counted = far.counters()
    assert sorted(found) == list(range(130))
    assert [number for _, _, number in found.values()] == list(range(130))
    assert statistics.median(trip for trip, _, _ in found.values()) < 0.01
    assert max(inside for _, inside, _ in found.values()) < 0.7, "replies are held, never lost"
    assert (counted["reflected"], counted["sessions"]) == (130, 1)
    assert "loop_refused" not in counted
