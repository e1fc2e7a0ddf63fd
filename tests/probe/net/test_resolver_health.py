"""Our resolver's health, asked of name servers on loopback that live, refuse or are silent."""

import errno
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.probe.net import resolver_health


@contextmanager
def server(code: int | None) -> Iterator[int]:
    """The port of a name server that answers everything with this code (None: not at all)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(5)

        def talk() -> None:
            try:
                query, peer = listener.recvfrom(512)
            except OSError:
                return
            if code is not None:
                listener.sendto(query[:2] + bytes([0x81, 0x80 | code]) + query[4:], peer)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(6)


@pytest.mark.parametrize(
    ("code", "alive"), [(0, True), (3, True), (2, False), (5, False), (None, False)]
)
def test_only_a_server_that_can_look_things_up_is_alive(
    code: int | None, alive: bool, tmp_path: Path
) -> None:
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    with server(code) as port:
        found = resolver_health.ask("", Deadline(5), 0.3, port, str(tmp_path / "resolv.conf"))
    assert found == resolver_health.Resolver(("127.0.0.1",), ("127.0.0.1",) if alive else ())


def test_without_a_resolv_conf_the_server_on_this_machine_is_asked(tmp_path: Path) -> None:
    with server(0) as port:
        found = resolver_health.ask("a.bc", Deadline(5), 0.3, port, str(tmp_path / "gone"))
    assert found == resolver_health.Resolver(("127.0.0.1",), ("127.0.0.1",))


def test_a_server_that_cannot_be_reached_is_not_alive(tmp_path: Path) -> None:
    (tmp_path / "resolv.conf").write_text("nameserver 256.0.0.1\nnameserver ::ffff:0:1\n")
    found = resolver_health.ask("", Deadline(5), 0.1, 9, str(tmp_path / "resolv.conf"))
    assert found == resolver_health.Resolver(("256.0.0.1", "::ffff:0:1"), ())


def test_without_descriptors_nothing_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(socket, "socket", none_left)
    with pytest.raises(Unable, match="cannot ask whether our resolver lives: Too many open files"):
        resolver_health.ask("", Deadline(5), 0.1)
