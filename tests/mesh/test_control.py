"""The unix socket: one request, one answer; slow, greedy and strange clients delay nobody."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.mesh.control import Control
from tests.support.stopwatch import Stopwatch


def answering(request: bytes) -> Iterator[bytes]:
    yield b""
    yield b"you said " + request + b"\n"


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    made = Control(str(tmp_path / "mesh.sock"), None, answering)
    yield made
    made.close()


def client(control: Control, data: bytes = b"") -> socket.socket:
    opened = socket.socket(socket.AF_UNIX)
    opened.settimeout(1)
    opened.connect(control.path)
    opened.sendall(data)
    return opened


def turned(control: Control, times: int = 4, clock: float = 0.0) -> None:
    for _ in range(times):
        control.turn(clock)


def test_a_request_has_one_answer_and_then_the_end(control: Control) -> None:
    with client(control, b"hello\n") as asking:
        turned(control)
        assert asking.recv(100) == b"you said hello\n"
        assert asking.recv(100) == b""


def test_a_request_may_come_in_pieces(control: Control) -> None:
    with client(control, b"hel") as asking:
        turned(control)
        asking.sendall(b"lo\n")
        turned(control)
        assert asking.recv(100) == b"you said hello\n"


def test_only_its_group_may_ask(control: Control) -> None:
    status = os.stat(control.path)
    assert stat.S_IMODE(status.st_mode) == 0o660


@pytest.mark.parametrize("data", [b"", b"x" * 5000])
def test_who_asks_nothing_or_too_much_is_dropped(control: Control, data: bytes) -> None:
    with client(control, data) as asking:
        if not data:
            asking.shutdown(socket.SHUT_WR)
        turned(control)
        assert asking.recv(100) == b""


def test_a_client_that_says_nothing_is_dropped_in_the_end_and_delays_nobody(
    control: Control,
) -> None:
    with client(control) as silent, client(control, b"hello\n") as asking:
        turned(control)
        assert asking.recv(100) == b"you said hello\n"
        turned(control, clock=6.0)
        assert silent.recv(100) == b""


def test_a_client_that_has_gone_harms_nothing(control: Control) -> None:
    client(control, b"hello\n").close()
    turned(control)


def test_a_client_that_does_not_read_stops_nothing(tmp_path: Path) -> None:
    def much(request: bytes) -> Iterator[bytes]:
        yield bytes(4 << 20)

    control = Control(str(tmp_path / "x.sock"), None, much)
    with client(control, b"a\n") as lazy:
        watch = Stopwatch()
        turned(control)
        assert watch.seconds < 0.5
        size = 0
        while size < 4 << 20:
            size += len(lazy.recv(1 << 20))
            turned(control, 1)
    control.close()


def test_too_many_clients_push_out_the_oldest(control: Control) -> None:
    waiting = []
    for _ in range(40):
        waiting.append(client(control))
        turned(control, 1)
    assert waiting[0].recv(10) == b""
    waiting[-1].sendall(b"x\n")
    turned(control)
    assert waiting[-1].recv(100) == b"you said x\n"
    for each in waiting:
        each.close()


def test_a_socket_that_nobody_listens_on_is_replaced(tmp_path: Path) -> None:
    path = str(tmp_path / "mesh.sock")
    left = socket.socket(socket.AF_UNIX)
    left.bind(path)
    left.close()
    Control(path, None, answering).close()
    assert not os.path.exists(path)


def test_a_second_prober_is_refused(control: Control) -> None:
    with pytest.raises(Unable, match=r"another udp_mesh listens on .*; end it or write --socket"):
        Control(control.path, None, answering)
    with client(control, b"x\n") as asking:
        turned(control)
        assert asking.recv(100) == b"you said x\n"


def test_a_file_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("x")
    with pytest.raises(Unable, match=r"is no socket"):
        Control(str(path), None, answering)
    assert path.read_text() == "x"


def test_a_place_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        Unable, match=r"cannot listen on .*/no/mesh.sock: there is no folder .*/no; make it"
    ):
        Control(str(tmp_path / "no/mesh.sock"), None, answering)


def test_a_path_that_was_tidied_away_is_listened_at_again(control: Control) -> None:
    turned(control)
    os.unlink(control.path)
    turned(control, clock=1.0)
    assert not os.path.exists(control.path)
    turned(control, clock=6.0)
    with client(control, b"hello\n") as asking:
        turned(control, clock=6.0)
        assert asking.recv(100) == b"you said hello\n"
    control.close()
    assert not os.path.exists(control.path)


def test_what_others_put_in_its_place_is_said_and_stays(control: Control) -> None:
    os.unlink(control.path)
    Path(control.path).touch()
    turned(control, clock=6.0)
    words = f"checks cannot ask: {control.path} is no longer the socket of this udp_mesh"
    assert control.trouble == words
    control.close()
    os.unlink(control.path)
    turned(control, clock=12.0)
    assert control.trouble == ""


def test_a_folder_that_has_gone_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    made = Control(str(folder / "mesh.sock"), None, answering)
    os.unlink(made.path)
    folder.rmdir()
    turned(made, clock=6.0)
    assert f"there is no folder {folder}" in made.trouble
    made.close()
