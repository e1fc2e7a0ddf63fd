"""Asking a prober: the answer, and every way in which there is none."""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base.deadline import Deadline
from bothsides.model.mesh import PairWindow, Plan, Run
from bothsides.probe.mesh import from_json, measure, to_request
from tests.support import daemons, need
from tests.support.mesh_window import GOOD
from tests.support.stopwatch import Stopwatch

HEAD: dict[str, Any] = {
    "v": 1, "version": "0.1.0", "host": "web1", "now": 1000.5, "started": 5.0, "length": 5.0,
    "expected": 12, "closed": 998.0, "stalled": 0, "notes": ["a note"],
    "columns": PairWindow._fields, "pairs": [GOOD, GOOD._replace(name="db2")],
}  # fmt: skip


@contextmanager
def prober(path: Path, act: Callable[[socket.socket], None]) -> Iterator[str]:
    """A socket that does this with one client."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path / "mesh.sock"))
        opened.listen(1)

        def serve() -> None:
            client, _ = opened.accept()
            with client:
                act(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield str(path / "mesh.sock")
        thread.join(3)


def read(path: str, patience: float = 0.0, wait: float = 0.3, timeout: float = 5.0) -> Run:
    return measure(Plan(path, 60.0, "", patience, wait), None, Deadline(timeout))


def answering(answer: object) -> Callable[[socket.socket], None]:
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode() + b"\n"

    def act(client: socket.socket) -> None:
        client.recv(1000)
        client.sendall(data)

    return act


def words(run: Run) -> str:
    assert run.failure is not None
    assert run.failure.blame == "local"
    return run.failure.words


def test_a_window_is_read(tmp_path: Path) -> None:
    with prober(tmp_path, answering(HEAD)) as path:
        run = read(path)
    assert run.failure is None
    assert (run.subject, run.closed, run.notes) == ("web1", 998.0, ("a note",))
    assert run.pairs == (GOOD, GOOD._replace(name="db2"))


def test_the_request_says_what_is_wanted(tmp_path: Path) -> None:
    seen: list[bytes] = []
    with prober(tmp_path, lambda client: seen.append(client.recv(1000))) as path:
        measure(Plan(path, 300.0, "dc:us", 0.0, 0.3), None, Deadline(5))
    assert json.loads(seen[0]) == {"window": 300.0, "select": "dc:us"}


def test_a_prober_that_is_not_running(tmp_path: Path) -> None:
    assert (
        words(read(str(tmp_path / "no")))
        == f"{tmp_path}/no: udp_mesh is not running, there is no such socket"
    )
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "left"))
    left.close()
    assert words(read(str(tmp_path / "left"))).endswith(
        "left: udp_mesh is not running, nobody listens there"
    )


def test_a_prober_that_is_just_restarted_is_waited_for(tmp_path: Path) -> None:
    path = str(tmp_path / "mesh.sock")

    def start() -> None:
        time.sleep(0.4)
        with prober(tmp_path, answering(HEAD)):
            pass

    thread = threading.Thread(target=start)
    thread.start()
    assert read(path, patience=60.0, timeout=90.0).failure is None
    thread.join()


def test_a_file_in_its_place_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    watch = Stopwatch()
    for path in (tmp_path / "file", tmp_path):
        assert words(read(str(path), patience=3.0)) == f"{path} is no socket"
    assert watch.seconds < 1


def as_nobody(path: str) -> str:
    os.seteuid(65534)
    try:
        return words(read(path))
    finally:
        os.seteuid(0)


def test_who_may_not_ask_is_told_what_is_closed() -> None:
    need.root()
    with daemons.folder() as folder, socket.socket(socket.AF_UNIX) as listening:
        path = str(folder / "mesh.sock")
        listening.bind(path)
        listening.listen(1)
        os.chmod(path, 0)
        closed = "this user may not ask, start udp_mesh with --group of this user"
        assert as_nobody(path) == f"{path}: {closed}"
        os.chmod(folder, 0o700)
        assert as_nobody(path) == f"{path}: a folder in front of it is closed to this user"


def test_a_prober_that_hangs(tmp_path: Path) -> None:
    with prober(tmp_path, lambda client: time.sleep(1)) as path:
        watch = Stopwatch()
        said = words(read(path))
        assert watch.seconds < 0.9
    assert said == f"{path}: udp_mesh does not answer, it is stopped or overloaded"


def test_a_connection_that_is_closed_before_the_answer(tmp_path: Path) -> None:
    with prober(tmp_path, lambda client: client.close()) as path:
        assert words(read(path)) == f"{path}: the connection was closed before the answer"


def test_an_answer_without_end_is_bounded_by_the_deadline(tmp_path: Path) -> None:
    def drip(client: socket.socket) -> None:
        try:
            for _ in range(100):
                client.sendall(b" ")
                time.sleep(0.05)
        except OSError:
            pass

    with prober(tmp_path, drip) as path:
        watch = Stopwatch()
        words(read(path, timeout=0.6))
        assert watch.seconds < 1.5


def test_a_refusal_of_the_prober_is_said(tmp_path: Path) -> None:
    with prober(tmp_path, answering({"v": 1, "error": 'unknown host or group "x"'})) as path:
        assert words(read(path)) == 'unknown host or group "x"'


@pytest.mark.parametrize(
    "answer",
    [
        b'{"v": 1, "now"', b'{"v": 1, "now": 17', b'{"v"',
        b"", b"nonsense\n", b"[1]\n", b"{}\n", b"{" * 5000, b"\xff\xfe\n",
        {**HEAD, "v": 2}, {**HEAD, "columns": ["name"]}, {**HEAD, "pairs": [[1, 2]]},
        {**HEAD, "pairs": [GOOD._replace(sent="many")]},  # type: ignore[arg-type]
        {**HEAD, "pairs": [GOOD._replace(name=5)]},  # type: ignore[arg-type]
        {**HEAD, "pairs": 5}, {**HEAD, "now": None},
        {key: value for key, value in HEAD.items() if key != "closed"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_answer_is_said(tmp_path: Path, answer: object) -> None:
    with prober(tmp_path, answering(answer)) as path:
        said = words(read(path))
        assert said == f"{path}: what answers is no udp_mesh of this version"


@pytest.mark.parametrize("path", ["", "x" * 200, "a\0b"])
def test_what_is_no_path_is_said(path: str) -> None:
    assert words(read(path))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)  # fmt: skip
def test_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    assert from_json(json.dumps(value).encode()) == value
    assert from_json(json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8")) == value


@given(st.binary(max_size=40))
def test_what_is_no_json_is_refused(data: bytes) -> None:
    try:
        expected = json.loads(data.decode(), parse_constant=float)
    except (ValueError, RecursionError):
        with pytest.raises(ValueError):
            from_json(data)
    else:
        assert from_json(data) == expected or b"N" in data or b"I" in data


@given(st.integers(0, len(json.dumps(HEAD)) - 1))
def test_half_an_answer_is_refused(octets: int) -> None:
    """A prober that is killed while it answers, or a stranger who hangs up."""
    with pytest.raises(ValueError):
        from_json(json.dumps(HEAD).encode()[:octets])


@given(st.text())
def test_a_request_is_json_whatever_is_selected(select: str) -> None:
    asked = json.loads(to_request(Plan("/x", 60.0, select)))
    assert asked == {"window": 60.0, "select": select}
