"""A stateful STAMP reflector that nobody here would recognise: no TLV is known to it.

`python -m tests.support.foreign PORT` answers until it is killed. It uses nothing of ours, counts per address,
port and SSID, and flags TLVs as RFC 8972 has it for unknown types.
"""

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


if __name__ == "__main__":
    main(int(sys.argv[1]))
