"""A far end that answers oddly.

`python -m tests.support.odd_far_end KIND PORT`, until it is killed.

garbage: text; elsewhere: as a reflector, but from 10.84.3.3.
"""

import socket
import sys
import time

from bothsides.reflector.session import Reflector, Rules


def main(kind: str, port: int) -> None:
    """Answers for ever."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("0.0.0.0", port))
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if kind == "elsewhere":
        other.bind(("10.84.3.3", port + 1))
    reflector = Reflector(Rules())
    print("listening", flush=True)
    while True:
        data, source = opened.recvfrom(65536)
        if kind == "garbage":
            opened.sendto(b"220 mail.example.net ready", source)
            continue
        now = time.monotonic()
        draft = reflector.reply(data, source[0], source[1], 62, time.time_ns(), now)
        if draft is not None:
            other.sendto(draft.leaving(time.time_ns()), source)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
