"""One flow's socket."""

import socket
import time

from bothsides.probe.udp.socket import FlowSocket, reason


def test_what_the_socket_drops_for_want_of_room_is_counted() -> None:
    port = FlowSocket(4)
    try:
        port.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        port.socket.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(50):
                sender.sendto(bytes(44), port.socket.getsockname())
            received = len(port.read_all())
            sender.sendto(bytes(44), port.socket.getsockname())  # the count comes with the next one
            time.sleep(0.05)
            assert len(port.read_all()) == 1
        assert 0 < received < 50
        assert port.overflow == 50 - received
    finally:
        port.close()


def test_stamps_find_their_packets_also_after_a_failed_one() -> None:
    port = FlowSocket(4)
    stamps: list[int | None] = [None] * 6
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
            sink.bind(("127.0.0.1", 0))
            before = time.time_ns()
            for place in range(6):
                size = 70000 if place == 2 else 44
                fault = port.send(bytes(size), sink.getsockname(), stamps, place)
                assert fault == ("EMSGSIZE" if place == 2 else "")
                time.sleep(0.002)
            while port.read_error():
                pass
    finally:
        port.close()
    kept = [stamp for stamp in stamps if stamp is not None]
    assert stamps[2] is None
    assert len(kept) == 5
    assert kept == sorted(kept)
    assert all(
        late - early > 1_500_000
        for early, late in zip([before - 2_000_000, *kept], kept, strict=False)
    )


def test_errno_names_become_words() -> None:
    assert reason("EPERM") == "operation not permitted"
    assert reason("EWHATEVER") == "EWHATEVER"
