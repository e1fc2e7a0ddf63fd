"""Sends and receives as udp_mesh does and looks at nothing: what the kernel takes, hardly more.

Run as `python -m tests.bench.mesh_floor PORT RATE SECONDS ADDRESS...`; prints packets sent and
received, and percent of a core. What udp_mesh takes beyond that is its own: numbers, times, slices.
"""

import socket
import sys
import time
from itertools import cycle

from bothsides.mesh.exchange import AT_ONCE, FLOWS
from bothsides.mesh.schedule import TICK
from bothsides.parse import stamp
from bothsides.probe.udp.batch import Receiver, opened
from bothsides.probe.udp.drafts import Drafts


def main(port: int, rate: float, seconds: float, *addresses: str) -> None:
    """Prints what was sent and received, and the share of a core."""
    kept = [opened(socket.AF_INET) for _ in range(FLOWS)]
    sockets = [each.fileno() for each in kept]
    own = [number.to_bytes(4) + bytes(28) for number in range(1, len(addresses) + 1)]
    shared = stamp.PLAIN - len(own[0])
    drafts = Drafts([(each, port) for each in addresses], own, shared, shared_first=True)
    receiver = Receiver(count=256)
    flows = cycle(sockets)
    began, used = time.monotonic(), time.process_time()
    sent = received = ticks = 0
    while (passed := time.monotonic() - began) < seconds:
        for each in sockets:
            received += receiver.more(each)
            receiver.clear()
        while sent < int(passed * rate * len(addresses)):
            low = sent % len(addresses)
            high = min(len(addresses), low + AT_ONCE)
            drafts.shared[:4] = (1 + sent // len(addresses)).to_bytes(4)
            drafts.send(next(flows), low, high)
            sent += high - low
        ticks += 1
        time.sleep(max(0.0, began + ticks * TICK - time.monotonic()))
    share = 100 * (time.process_time() - used) / (time.monotonic() - began)
    print(f"{sent} {received} {share:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:])
