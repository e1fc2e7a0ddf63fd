"""A reflector and a sender that are not ours, strict as perfSONAR's; they use nothing of ours.

The reflector is stateful STAMP and knows no TLV: `python -m tests.support.foreign PORT` answers
until it is killed. It counts per address, port and SSID, and flags TLVs as RFC 8972 has it for
unknown types.
"""

import os
import socket
import struct
import sys
import time

_EPOCH = 2208988800


def _now() -> bytes:
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return struct.pack("!II", seconds + _EPOCH, (rest << 32) // 1_000_000_000)


def main(port: int) -> None:
    """Answers for ever."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    opened.bind(("0.0.0.0", port))
    print("listening", flush=True)
    numbers: dict[tuple[str, int, bytes], int] = {}
    while True:
        data, source = opened.recvfrom(65536)
        if len(data) < 44:
            continue
        arrived, ssid = _now(), data[14:16]
        flow = (source[0], source[1], ssid)
        number = numbers.get(flow, 0)
        numbers[flow] = number + 1
        head = struct.pack("!I", number) + _now() + b"\x20\x01" + ssid + arrived
        opened.sendto(head + data[:14] + b"\0\0" + b"\x40\0\0\0" + data[44:], source)


def twping(
    port: int, times: list[float], size: int = 41, fresh: bool = True
) -> dict[int, tuple[float, float, int]]:
    """Sends TWAMP packets with random padding to this host at these times, in s from now on.

    fresh: new padding in each packet. Returns of each reply, by the sender's number: round trip and
    time inside the reflector in s, and the reflector's number. A reply that is not as RFC 5357 has
    it raises ValueError.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.connect(("127.0.0.1", port))
    padding, start = os.urandom(size - 14), time.monotonic()
    asked: dict[int, tuple[bytes, float]] = {}
    found: dict[int, tuple[float, float, int]] = {}
    ends = [*times[1:], times[-1] + 2.0]  # twping waits 2 s for the last reply
    for number, (at, end) in enumerate(zip(times, ends, strict=True)):
        time.sleep(max(0.0, start + at - time.monotonic()))
        head = struct.pack("!I", number) + _now() + b"\x20\x01"
        asked[number] = head, time.monotonic()
        opened.send(head + (os.urandom(size - 14) if fresh else padding))
        while len(found) < len(times) and (left := start + end - time.monotonic()) > 0:
            opened.settimeout(left)
            try:
                data = opened.recv(65536)
            except TimeoutError:
                break
            arrived = time.monotonic()
            there, third, second, theirs = struct.unpack("!I8s4x8sI", data[:28])
            request, sent = asked[theirs]
            if len(data) > size or data[28:38] != request[4:14]:
                raise ValueError(f"reply {there} returns something else than packet {theirs}")
            inside = _seconds(third) - _seconds(second)
            if inside < 0 or theirs in found:
                raise ValueError(f"reply {there} to packet {theirs}: T3 - T2 = {inside}")
            found[theirs] = arrived - sent - inside, inside, there
    opened.close()
    return found


def _seconds(instant: bytes) -> float:
    whole, part = struct.unpack("!II", instant)
    return float((whole - _EPOCH) % 100000 + part / 2**32)


if __name__ == "__main__":
    main(int(sys.argv[1]))
