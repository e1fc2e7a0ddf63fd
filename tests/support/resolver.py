"""A name server that behaves as each name says: `python resolver.py ADDRESS`, UDP port 53.

silent.* is never answered, noaaaa.* not for IPv6, servfail.* and refused.* with that code, nodata.*
without an address, slow.* after one second, gone.* does not exist; large.* by TCP alone; every
other name has the addresses in ZONE. `python resolver.py ADDRESS lame` refuses everything.
"""

import socket
import struct
import sys
import threading
import time

ZONE = {
    "good.test": ("10.79.0.2",),
    "one.test": ("10.79.1.1", "10.79.2.2", "10.79.2.3", "10.79.2.4"),
    "three.test": ("10.79.1.1", "10.79.1.2", "10.79.1.3", "10.79.2.2"),
    "none.test": ("10.79.1.1", "10.79.1.2", "10.79.1.3", "10.79.1.4"),
    "slow.good.test": ("10.79.0.2",),
    "noaaaa.good.test": ("10.79.0.2",),
    "large.good.test": ("10.79.0.2",),
}
_CODES = {"servfail": 2, "gone": 3, "refused": 5}


def answer(query: bytes) -> tuple[float, bytes | None]:
    """Seconds to wait, and the reply (None: say nothing)."""
    labels, place = [], 12
    while query[place]:
        labels.append(query[place + 1 : place + 1 + query[place]].decode())
        place += query[place] + 1
    (kind,) = struct.unpack("!H", query[place + 1 : place + 3])
    behaviour = labels[0] if labels else ""
    if behaviour == "silent" or (behaviour == "noaaaa" and kind == 28):
        return 0, None
    addresses = ZONE.get(".".join(labels), ()) if kind == 1 else ()
    records = b"".join(
        b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(one) for one in addresses
    )
    if not labels:
        records = b"\0" + struct.pack("!HHIH", 2, 1, 0, 1) + b"\0"
    count = len(addresses) if labels else 1
    head = query[:2] + struct.pack("!HHHHH", 0x8180 | _CODES.get(behaviour, 0), 1, count, 0, 0)
    return (1.0 if behaviour == "slow" else 0.0), head + query[12 : place + 5] + records


def main() -> None:
    """Serves until it is killed."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((sys.argv[1], 53))
    print("listening", flush=True)

    def reply(query: bytes, peer: tuple[str, int]) -> None:
        seconds, packet = answer(query)
        time.sleep(seconds)
        if packet is not None:
            listener.sendto(packet, peer)

    while True:
        query, peer = listener.recvfrom(4096)
        threading.Thread(target=reply, args=(query, peer), daemon=True).start()


if __name__ == "__main__":
    main()
