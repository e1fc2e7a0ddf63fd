"""The ten defects of mehsh, each shown not to be ours, on running daemons and one running check.

mehsh is the program that udp_mesh replaces; the defects were found in its source. Numbers are those
of the notes about it; what one line of code has wrong there is tested beside ours too.
"""

import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bothsides.mesh.mehsh_lines import Line, lines
from bothsides.model.mesh import Slice
from tests.support.daemons import free_port
from tests.support.forked import run
from tests.support.mesh_far import FarEnd, far_end
from tests.support.mesh_lab import ask
from tests.support.mesh_process import TEXT, Prober, prober
from tests.support.process import HOUSE, Outcome, command_of
from tests.support.reflecting import reflector
from tests.support.stopwatch import until

REQUEST = bytes.fromhex("13706a4b0000000100000000000000010001")
REPLY = REQUEST[:-1] + b"\x02"
PROBE = 44  # octets of a probe; what is longer is a question about a slice
EXAMPLES = HOUSE / "tests/data/landscapes/mehsh"

DROPPED, UNANSWERED, DOUBLED, HELD = 3, 7, 11, 13  # sequence numbers, modulo 20


class BadWay(threading.Thread):
    """A far end behind a way that drops, doubles and reorders.

    Each of them one packet in twenty.
    """

    def __init__(self, far: FarEnd) -> None:
        super().__init__(daemon=True)
        self.far, self.wanted = far, True
        self.held: dict[int, bytes] = {}  # by the port from which it was asked

    def run(self) -> None:
        while self.wanted:
            try:
                request, source = self.far.socket.recvfrom(2048)
            except OSError:
                continue
            if len(request) == PROBE:
                self.answer(request, source)

    def answer(self, request: bytes, source: tuple[str, int]) -> None:
        """Replies, or not, as the number says."""
        kind = int.from_bytes(request[:4]) % 20
        if kind == DROPPED:
            return
        self.far.note(request, source)
        number = self.far.numbers[source[1], int.from_bytes(request[14:16])] - 1
        reply = self.far.packet(request, number)
        if kind == HELD and source[1] not in self.held:
            self.held[source[1]] = reply
            return
        if kind != UNANSWERED:
            self.far.socket.sendto(reply, source)
        if kind == DOUBLED:
            self.far.socket.sendto(reply, source)
        if source[1] in self.held:
            self.far.socket.sendto(self.held.pop(source[1]), source)


@pytest.fixture(scope="module")
def bad_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prober]:
    """A prober of a far end behind a bad way, after some slices of a second."""
    with far_end() as far:
        thread = BadWay(far)
        thread.start()
        text = TEXT.format(port=far.port).replace('"200ms"', '"700ms"')
        with prober(tmp_path_factory.mktemp("bad"), text, "--print") as made:
            time.sleep(6)
            yield made
        thread.wanted = False
        thread.join(3)


@contextmanager
def answering(kind: str, folder: Path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A daemon of ours that answers mehsh: its port, and the process."""
    if kind == "udp_reflector":
        with reflector("--mehsh") as far:
            yield far.port, far.process
        return
    port = free_port(socket.SOCK_DGRAM)
    with prober(folder, TEXT.format(port=9), "--answer-mehsh", str(port)) as made:
        yield port, made.process


BOTH = pytest.mark.parametrize("kind", ["udp_reflector", "udp_mesh"])


def replies(port: int, *data: bytes) -> list[bytes]:
    """All that is answered to these datagrams."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
        node.settimeout(0.7)
        for each in data:
            node.sendto(each, ("127.0.0.1", port))
        found = []
        try:
            while True:
                found.append(node.recv(2048))
        except TimeoutError:
            return found


@BOTH
def test_defect_1_a_bad_packet_does_not_end_the_process(kind: str, tmp_path: Path) -> None:
    junk = (b"", b"x", bytes(18), b"\xff" * 18, REQUEST[:17], REQUEST[:4] * 20, bytes(1400))
    with answering(kind, tmp_path) as (port, process):
        for each in junk:
            replies(port, each)
        assert replies(port, REQUEST) == [REPLY]
        assert process.poll() is None


@BOTH
def test_defect_2_a_reply_is_never_answered(kind: str, tmp_path: Path) -> None:
    with answering(kind, tmp_path) as (port, _):
        assert replies(port, REPLY) == []
        (reply,) = replies(port, REQUEST)
        assert replies(port, reply) == [], "what we send ourselves goes round no more than once"


@BOTH
def test_defect_3_a_request_has_one_reply_and_none_that_is_longer(
    kind: str, tmp_path: Path
) -> None:
    with answering(kind, tmp_path) as (port, _):
        found = replies(port, REQUEST + bytes(82))
        assert len(found) <= 1
        assert sum(map(len, found)) <= len(REQUEST) + 82


def test_defect_4_a_lost_packet_spoils_neither_the_longest_nor_the_shortest_delay(
    bad_way: Prober,
) -> None:
    seen = 0
    for _ in range(9):  # the first slice may be too short to lose any
        line = bad_way.line("server: ")
        found = re.search(r"max_lat: Some\((\d+)\), min_lat: Some\((\d+)\).* loss: (\d+),", line)
        assert found, line
        longest, shortest, loss = map(int, found.groups())
        if loss:
            assert longest > shortest > 0
            seen += 1
        if seen == 3:
            break
    assert seen == 3


def test_defect_5_a_dead_server_takes_no_delays_from_its_data_centre(tmp_path: Path) -> None:
    dead = '[[server]]\nname = "db2"\nip = "127.0.0.77"\ndatacenter = "us.east"\n'
    with reflector() as far:
        text = TEXT.format(port=far.port).replace('to = "db1"', 'to = "dc:us"') + dead
        with prober(tmp_path, text, "--print", hosts=2) as made:
            for _ in range(3):
                line = made.line("datacenter: eu.de -> us.east")
            assert re.search(r"max_lat: Some\(\d+\), min_lat: Some\(\d+\)", line), line
            assert line.endswith("withloss\n")
            assert "db2, ip: 127.0.0.77, req: " in made.line("-> db2")


def test_defect_6_counters_do_not_wrap() -> None:
    row = Slice(0, 2000, 1000, 0, 0, 0, 0, 0, 0, 0, 240, 300, 812)
    found = [Line(f"db{n}", "192.0.2.7", "us", False, row) for n in range(400)]
    last = list(lines("web1", "eu", found, 0.0))[-1]
    assert "datacenter: eu -> us, req: 800000, resp: 400000, " in last
    assert "loss: 400000, withloss" in last


@pytest.mark.parametrize(
    ("name", "host"),
    [("readme-1-local", "local"), ("readme-3-lamp", "applicationserver1"), ("test", "testx-1")],
)
def test_defect_7_mehsh_s_own_examples_start_and_a_broken_file_is_no_success(
    name: str, host: str, tmp_path: Path
) -> None:
    text = (EXAMPLES / f"{name}.toml").read_text()
    words = ["--socket", str(tmp_path / "s"), "--state-dir", str(tmp_path), "--name", host]
    file = tmp_path / "mehsh.toml"
    file.write_text(text)
    command = [*command_of("udp_mesh"), str(file), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.terminate()
    assert f"{host} probes " in said
    file.write_text(text + "\n[[")
    outcome = run("udp_mesh", str(file), *words)
    assert outcome.code == 3
    assert "mehsh.toml" in outcome.text
    file.write_text(text)
    unknown = run("udp_mesh", str(file), *words[:-1], "nobody")
    assert (unknown.code, unknown.error) == (3, "")
    assert "unknown host nobody" in unknown.text


def test_defect_8_the_prober_s_own_load_is_no_delay_of_the_network(tmp_path: Path) -> None:
    """Replies wait up to 20 ms for the next tick, and a stopped prober reads them much later."""
    with reflector() as far, prober(tmp_path, TEXT.format(port=far.port)) as made:
        for _ in range(6):
            time.sleep(0.5)
            made.stop(0.04)
        rows = [Slice(*row) for row in ask(made.socket, window=60, slices=True)["slices"]["db1"]]
        means = sorted(row.rtt_mean for row in rows)
        assert means[len(means) // 2] < 5000, "us; waiting for the tick alone would be 10,000"
        assert sum(row.late for row in rows) == 0


def test_defect_9_order_duplicates_and_the_way_of_each_loss_are_known(bad_way: Prober) -> None:
    rows = [Slice(*row) for row in ask(bad_way.socket, window=60, slices=True)["slices"]["db1"]]
    whole = [row for row in rows if row.sent == 40 and not row.flags]
    assert whole
    sums = [sum(column) for column in zip(*whole, strict=True)]
    total = Slice(*sums)
    assert total.duplicated == 2 * len(whole)
    assert abs(total.lost - total.late - 4 * len(whole)) <= 1  # a held reply may come late
    unknown = total.lost - total.out - total.back  # where a busy machine was late to see which way
    assert 0 <= unknown < total.lost / 3
    for way in (total.out, total.back):
        assert -2 - unknown <= way - 2 * len(whole) <= 2
    assert total.reordered > 0


def judged(made: Prober, *limits: str) -> Outcome:
    """What check_mesh says once it is sure: on a busy machine slices are suspect for a while."""
    outcomes: list[Outcome] = []

    def sure() -> bool:
        outcomes.append(run("check_mesh", "--socket", made.socket, "--window", "9s", *limits))
        return outcomes[-1].code != 3

    until(sure, "a state other than UNKNOWN")
    return outcomes[-1]


def test_defect_10_a_loss_has_a_state_an_exit_code_and_a_direction(bad_way: Prober) -> None:
    """mehsh wrote a line to the sender's stdout.

    Here a monitoring system is told which way loses.
    """
    outcome = judged(bad_way, "-w", "1%", "-c", "3%")
    assert outcome.code == 2, outcome.line
    found = re.match(
        r"MESH CRITICAL - web1 to db1: lost (\d+)/(\d+) \(\S+ %: (\d+) out, (\d+) back",
        outcome.line,
    )
    assert found, outcome.line
    lost, sent, out, back = map(int, found.groups())
    assert 0.05 < lost / sent < 0.15
    assert out > 0
    assert back > 0
    assert outcome.perfdata["pl_out"].value
    assert outcome.perfdata["pl_back"].value
    assert judged(bad_way, "-w", "30%", "-c", "50%").code == 0
