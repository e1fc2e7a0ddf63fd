"""udp_mesh as a process: whoever asks it by its socket, however strangely."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.mesh_lab import ask
from tests.support.mesh_process import TEXT, Prober, prober
from tests.support.reflecting import reflector


@pytest.fixture(scope="module")
def asked_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prober]:
    with prober(tmp_path_factory.mktemp("mesh"), TEXT.format(port=9)) as made:
        yield made


def test_a_reader_that_does_not_read_stops_nothing(tmp_path: Path) -> None:
    text = TEXT.format
    with (
        reflector() as far,
        prober(tmp_path, text(port=far.port), "--print") as made,
        socket.socket(socket.AF_UNIX) as lazy,
    ):
        lazy.connect(made.socket)
        lazy.sendall(b'{"window": 60}\n')
        time.sleep(2.0)
        first = ask(made.socket)["closed"]
        time.sleep(2.0)
        assert ask(made.socket)["closed"] > first


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (b"nonsense\n", "not a request: "),
        (b"[]\n", "not a request: not an object"),
        (b'{"window": -1}\n', "not a request: window: more than 0"),
        (b'{"select": 5}\n', "not a request: select"),
        (b"[" * 4000 + b"\n", "not a request: too deep"),
        (b'{"select": "' + b"(" * 3000 + b'"}\n', "error"),
        (b'{"window": NaN}\n', "not a request: window"),
        (b'{"window": 1e400}\n', "not a request: window"),
        (b'{"select": "\\ud800"}\n', "error"),
        (b'{"select": "db9"}\n', 'unknown host or group \\"db9\\"'),
        (b'{"select": "web1"}\n', "selects none of the hosts that web1 asks"),
    ],
)
def test_a_strange_request_is_refused_in_words(
    asked_of: Prober, request_: bytes, words: str
) -> None:
    with socket.socket(socket.AF_UNIX) as opened_:
        opened_.settimeout(3)
        opened_.connect(asked_of.socket)
        opened_.sendall(request_)
        assert words in opened_.recv(1000).decode()


@examples(200)
@given(request_=st.binary(max_size=5000))
def test_no_request_ends_it(asked_of: Prober, request_: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as opened_:
        opened_.settimeout(5)
        opened_.connect(asked_of.socket)
        with suppress(OSError):  # what has no line, or is too long, is closed
            opened_.sendall(request_ + b"\n")
            opened_.recv(1000)
    assert asked_of.process.poll() is None
