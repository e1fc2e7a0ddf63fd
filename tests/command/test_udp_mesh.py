"""udp_mesh as a process: starting, refusing, reloading, answering mehsh, printing, ending."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.model.mesh import SHORT, PairWindow
from bothsides.store.mesh_slices import slices
from bothsides.store.sqlite import opened
from tests.support import need
from tests.support.mesh_lab import ask
from tests.support.process import NRPE_ENVIRONMENT, PLUGINS, run
from tests.support.reflecting import reflector

TEXT = """
[defaults]
slice = "1s"
timeout = "200ms"
port = {port}
[[server]]
name = "web1"
ip = "127.0.0.9"
datacenter = "eu.de"
[[server]]
name = "db1"
ip = "127.0.0.1"
datacenter = "us.east"
[[check]]
from = "web1"
to = "db1"
check = "udp_ping"
"""


class Prober:
    """A running udp_mesh."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self.process, self.folder = process, folder

    @property
    def socket(self) -> str:
        return str(self.folder / "mesh.sock")

    def line(self, words: str, seconds: float = 8.0) -> str:
        """The next line with these words."""
        assert self.process.stdout is not None
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            line = self.process.stdout.readline()
            if words in line or not line:
                return line
        return ""

    def end(self, number: int = signal.SIGTERM) -> str:
        self.process.send_signal(number)
        text, _ = self.process.communicate(timeout=10)
        return text


def command(folder: Path, text: str, *options: str) -> list[str]:
    (folder / "landscape.toml").write_text(text)
    return [
        sys.executable, str(PLUGINS / "udp_mesh"), str(folder / "landscape.toml"), "--name", "web1",
        "--socket", str(folder / "mesh.sock"), "--state-dir", str(folder / "state"), *options,
    ]  # fmt: skip


@contextmanager
def prober(folder: Path, text: str, *options: str) -> Iterator[Prober]:
    with subprocess.Popen(
        command(folder, text, *options), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        made = Prober(process, folder)
        try:
            assert "web1 probes 1 hosts with 40 packets/s" in made.line("probes")
            yield made
        finally:
            process.kill()


def test_it_probes_and_is_read_and_keeps_what_it_saw(tmp_path: Path) -> None:
    with reflector() as far, prober(tmp_path, TEXT.format(port=far.port)) as made:
        assert remark(made, "MESH OK - web1 to db1: lost 0/")
        assert "ended after" in made.end()
    assert not os.path.exists(made.socket)
    with opened(str(tmp_path / "state"), write=False) as history:
        assert list(slices(history, "web1", 0))


def test_a_restart_shows_a_gap_and_loses_nothing_else(tmp_path: Path) -> None:
    with reflector() as far:
        text = TEXT.format(port=far.port)
        with prober(tmp_path, text) as made:
            time.sleep(7)
            made.end(signal.SIGKILL)
        time.sleep(1.2)
        with prober(tmp_path, text) as made:
            answer = ask(made.socket, window=3600, slices=True)
            kept = [row[0] for row in answer["slices"]["db1"]]
            assert len(kept) >= 2
            time.sleep(2.8)
            answer = ask(made.socket, window=3600, slices=True)
            begins = [row[0] for row in answer["slices"]["db1"]]
            assert begins[: len(kept)] == kept
            assert begins[len(kept)] > kept[-1] + 1, "the time between is missing"


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    with reflector() as far, prober(tmp_path, TEXT.format(port=far.port)):
        again = command(tmp_path, TEXT.format(port=far.port))
        done = subprocess.run(  # argparse takes the last one
            [*again, "--state-dir", str(tmp_path / "other")],
            capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
        assert done.returncode == 3
        assert "UDP_MESH UNKNOWN - another udp_mesh listens on " in done.stdout
        done = subprocess.run(
            [*again, "--socket", str(tmp_path / "other.sock")],
            capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
        assert done.returncode == 3
        assert "another udp_mesh of web1 keeps its slices in " in done.stdout
        assert not (tmp_path / "other.sock").exists()


@pytest.mark.soak
def test_ten_kills_lose_nothing_but_the_gaps(tmp_path: Path) -> None:
    with reflector() as far:
        text = TEXT.format(port=far.port)
        seen: set[int] = set()
        for _ in range(10):
            with prober(tmp_path, text) as made:
                time.sleep(9)
                rows = ask(made.socket, window=3600, slices=True)["slices"]["db1"]
                now = [row[0] for row in rows]
                assert seen <= set(now), "what was stored before is still there"
                assert len(set(now)) == len(now)
                seen = set(now[:-5])  # the last ones need not be stored yet
                made.end(signal.SIGKILL)
        with opened(str(tmp_path / "state"), write=False) as history:
            assert len(list(slices(history, "web1", 0))) >= 30


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 256 KiB of its own."""
    need.root()
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if subprocess.run(mounted, check=False, capture_output=True).returncode:
        need.missing("needs to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remark(made: Prober, words: str, seconds: float = 10.0) -> bool:
    """Whether check_mesh says this within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if words in run("check_mesh", "--socket", made.socket, "--window", "3s").text:
            return True
        time.sleep(0.3)
    return False


def test_a_full_disk_is_said_stops_nothing_and_is_forgotten_when_there_is_room(
    tmp_path: Path,
) -> None:
    text = TEXT.format
    with (
        small_disk(tmp_path / "state") as disk,
        reflector() as far,
        prober(tmp_path, text(port=far.port)) as made,
    ):
        assert remark(made, "MESH OK - web1 to db1: lost 0/")
        assert not remark(made, "not stored", 0.5)
        with suppress(OSError):
            (disk / "filler").write_bytes(bytes(1 << 20))
        assert remark(made, "slices are not stored: ")
        before = ask(made.socket)["closed"]
        time.sleep(2)
        assert ask(made.socket)["closed"] > before
        (disk / "filler").unlink()
        time.sleep(4)
        assert "not stored" not in run("check_mesh", "--socket", made.socket).text


def test_a_read_only_disk_at_the_start_is_said(tmp_path: Path) -> None:
    with small_disk(tmp_path / "state") as disk, reflector() as far:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with prober(tmp_path, TEXT.format(port=far.port)) as made:
            assert remark(made, "MESH OK - web1 to db1: lost 0/")
            assert remark(made, "slices are not stored: ")


def test_a_hangup_reads_the_landscape_again_and_keeps_unchanged_peers(tmp_path: Path) -> None:
    with reflector() as far:
        text = TEXT.format(port=far.port)
        with prober(tmp_path, text) as made:
            time.sleep(2.5)
            more = '[[server]]\nname = "db2"\nip = "127.0.0.2"\n'
            new = text.replace('to = "db1"', 'to = "db1 | db2"') + more
            (tmp_path / "landscape.toml").write_text(new)
            made.process.send_signal(signal.SIGHUP)
            assert "web1 probes 2 hosts" in made.line("read again")
            answer = ask(made.socket, window=3600, slices=True)
            assert len(answer["slices"]["db1"]) >= 1
            time.sleep(2.8)
            answer = ask(made.socket, window=3600, slices=True)
            rows = answer["slices"]["db1"]
            gaps = {later[0] - row[0] for row, later in pairwise(rows)}
            assert gaps == {1}, "no slice of an unchanged peer is missing"
            assert all(row[1] >= 38 or row[9] & SHORT for row in rows[1:])
            assert answer["slices"]["db2"]
            (tmp_path / "landscape.toml").write_text("nonsense")
            made.process.send_signal(signal.SIGHUP)
            assert "keeps the old landscape: " in made.line("keeps")
            assert made.process.poll() is None


def test_mehsh_s_lines_are_printed_and_its_agent_is_fed(tmp_path: Path) -> None:
    with (
        reflector() as far,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent,
    ):
        agent.bind(("127.0.0.1", 0))
        agent.settimeout(5)
        options = ("--print", "--metrics", str(agent.getsockname()[1]))
        with prober(tmp_path, TEXT.format(port=far.port), *options) as made:
            line = made.line("server: ")
            assert re.fullmatch(
                r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d server: web1 -> db1, ip: 127\.0\.0\.1, req: \d+,"
                r" resp: \d+, max_lat: Some\(\d+\), min_lat: Some\(\d+\), mode: normal, loss: 0,"
                r" withoutloss\n",
                line,
            )
            assert "datacenter: eu.de -> us, req: " in made.line("datacenter: ")
            assert agent.recv(400) == bytes.fromhex("002c000000006d656873682e6c6f7373")


def test_it_answers_mehsh_at_once(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    options = ("--answer-mehsh", str(port))
    with reflector() as far, prober(tmp_path, TEXT.format(port=far.port), *options):
        trips = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
            node.settimeout(2)
            for _ in range(50):
                began = time.monotonic()
                node.sendto(
                    bytes.fromhex("13706a4b0000000100000000000000010001"), ("127.0.0.1", port)
                )
                assert node.recv(100).hex() == "13706a4b0000000100000000000000010002"
                trips.append(time.monotonic() - began)
        assert sorted(trips)[25] < 0.01, "an answer does not wait for the next tick"


def test_mehsh_nodes_are_probed_by_their_own_wire(tmp_path: Path) -> None:
    with reflector("--mehsh") as far:
        text = TEXT.format(port=far.port).replace("[defaults]", '[defaults]\nprotocol = "mehsh"')
        with prober(tmp_path, text) as made:
            time.sleep(2.8)
            (row,) = ask(made.socket, window=60)["pairs"]
            found = PairWindow(*row)
            assert found.sent >= 38
            assert found.lost == 0


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


@settings(deadline=None, max_examples=200)
@given(request_=st.binary(max_size=5000))
def test_no_request_ends_it(asked_of: Prober, request_: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as opened_:
        opened_.settimeout(5)
        opened_.connect(asked_of.socket)
        with suppress(OSError):  # what has no line, or is too long, is closed
            opened_.sendall(request_ + b"\n")
            opened_.recv(1000)
    assert asked_of.process.poll() is None


@pytest.fixture(scope="module")
def asked_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prober]:
    with prober(tmp_path_factory.mktemp("mesh"), TEXT.format(port=9)) as made:
        yield made


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--name", "web2"), "unknown host web2, did you mean web1?"),
        (("--name", "db1"), "db1 asks nobody by UDP"),
        (("--socket", "/nonexistent/x.sock"), "cannot listen on /nonexistent/x.sock: No such file"),
        (("--group", "nobody-at-all"), "--group: no group"),
        (("--no-such",), "unknown option --no-such"),
        (("--metrics", "0"), "--metrics"),
        (("--socket", ""), "--socket: the path"),
        (("--socket", "/tmp/" + 120 * "x"), "the path has more than 107 octets"),
    ],
)
def test_what_cannot_start_says_why_in_one_line(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = subprocess.run(
        [*command(tmp_path, TEXT.format(port=9)), *options],
        capture_output=True, text=True, check=False, timeout=20, env=NRPE_ENVIRONMENT,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("UDP_MESH UNKNOWN - ")
    assert words in done.stdout
    assert done.stdout.count("\n") == 1


def test_a_missing_landscape_is_said() -> None:
    outcome = run("udp_mesh", "/nonexistent.toml")
    assert outcome.code == 3
    assert "cannot read /nonexistent.toml: No such file" in outcome.text


def test_systemd_hears_that_it_works(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, reflector() as far:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(8)
        environment = os.environ | {
            "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000",
        }  # fmt: skip
        process = subprocess.Popen(
            command(tmp_path, TEXT.format(port=far.port)), stdout=subprocess.PIPE, env=environment
        )
        try:
            assert systemd.recv(500) == b"READY=1"
            beats = [systemd.recv(500) for _ in range(5)]
            assert all(beat.startswith(b"WATCHDOG=1\nSTATUS=web1 probes 1 hosts") for beat in beats)
            process.send_signal(signal.SIGSTOP)
            systemd.settimeout(1)
            with pytest.raises(TimeoutError):
                for _ in range(9):
                    systemd.recv(500)
            process.send_signal(signal.SIGCONT)
            process.terminate()
            systemd.settimeout(8)
            while systemd.recv(500) != b"STOPPING=1":
                pass
        finally:
            process.kill()
            process.communicate()
