"""udp_mesh as a process: starting, refusing, reloading, answering mehsh, printing, ending."""

import os
import re
import signal
import socket
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest

from bothsides.model.mesh import SHORT, PairWindow
from bothsides.store.mesh_slices import slices
from bothsides.store.sqlite import opened
from tests.support import daemons, need
from tests.support.daemons import free_port
from tests.support.mesh_lab import ask
from tests.support.mesh_process import TEXT, command, prober, remark
from tests.support.process import NRPE_ENVIRONMENT, PLUGINS, run
from tests.support.reflecting import reflector
from tests.support.stopwatch import until


def test_it_probes_and_is_read_and_keeps_what_it_saw(tmp_path: Path) -> None:
    with reflector() as far, prober(tmp_path, TEXT.format(port=far.port)) as made:
        assert remark(made, "MESH OK - web1 to db1: lost 0/")
        assert "ended after" in made.end()
    assert not os.path.exists(made.socket)
    with opened(str(tmp_path / "state"), write=False) as history:
        assert list(slices(history, "web1", 0))


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
            before = len(ask(made.socket, window=3600, slices=True)["slices"]["db1"])
            assert before >= 1
            end = time.monotonic() + 60
            kept: dict[str, list[list[int]]] = {}
            while len(kept.get("db2", ())) < 2 and time.monotonic() < end:
                time.sleep(0.2)
                kept = ask(made.socket, window=3600, slices=True)["slices"]
            rows = kept["db1"]
            assert len(rows) >= before + 2
            gaps = {later[0] - row[0] for row, later in pairwise(rows)}
            assert gaps == {1}, "no slice of an unchanged peer is missing"
            sent = sum(row[1] for row in rows[1:])  # a late tick moves packets to the next slice
            assert sent >= 38 * len(rows[1:]) - 2 or any(row[9] & SHORT for row in rows)
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
        agent.settimeout(60)
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
    port = free_port(socket.SOCK_DGRAM)
    options = ("--answer-mehsh", str(port))
    with reflector() as far, prober(tmp_path, TEXT.format(port=far.port), *options):
        trips = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
            node.settimeout(60)
            for _ in range(50):
                began = time.monotonic()
                node.sendto(
                    bytes.fromhex("13706a4b0000000100000000000000010001"), ("127.0.0.1", port)
                )
                assert node.recv(100).hex() == "13706a4b0000000100000000000000010002"
                trips.append(time.monotonic() - began)
        assert sorted(trips)[12] < 0.01, "an answer does not wait for the next tick"


def test_mehsh_nodes_are_probed_by_their_own_wire(tmp_path: Path) -> None:
    with reflector("--mehsh") as far:
        text = TEXT.format(port=far.port).replace("[defaults]", '[defaults]\nprotocol = "mehsh"')
        with prober(tmp_path, text) as made:

            def window() -> PairWindow:
                (row,) = ask(made.socket, window=60)["pairs"]
                return PairWindow(*row)

            until(lambda: window().sent >= 38, "a second of packets")
            assert window().lost == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--name", "web2"), "web2 (of --name, else of the system), did you mean web1?"),
        (("--name", "db1"), "db1 asks nobody by UDP"),
        (("--socket", "/nonexistent/x.sock"), "sock: there is no folder /nonexistent, make it, or"),
        (("--socket", "/etc/passwd"), "/etc/passwd is no socket, name another place by --socket"),
        (("--socket", "/tmp"), "/tmp is no socket, name another place by --socket"),
        (("--keep", "0"), "--keep must be more than 0, as 14d"),
        (("--keep", "ever"), "ever is not a duration"),
        (("more",), "unknown argument more"),
        (("--statedir", "x"), "unknown option --statedir, did you mean --state-dir?"),
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


def test_a_user_without_the_usual_group_probes_and_a_named_one_is_refused() -> None:
    """The example of --help, by somebody who is not in the group of the monitoring system."""
    need.root()
    with daemons.folder() as folder:
        (folder / "own").mkdir()
        os.chown(folder / "own", 65534, 65534)
        landscape = folder / "landscape.toml"
        landscape.write_text(TEXT.format(port=9))
        words = [
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3",
            str(PLUGINS / "udp_mesh"), str(landscape), "--name", "web1",
            "--socket", str(folder / "own/mesh.sock"), "--state-dir", str(folder / "own/state"),
        ]  # fmt: skip
        environment = NRPE_ENVIRONMENT | {"PYTHONPATH": str(PLUGINS.parent / "lib")}
        named = [*words, "--group", "root"]
        refused = subprocess.run(
            named, capture_output=True, text=True, env=environment, check=False
        )
        assert "UDP_MESH UNKNOWN - --group: this user is not in group root" in refused.stdout
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            said = process.stdout.readline()
            process.terminate()
        assert "web1 probes 1 host" in said


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
            assert all(beat.startswith(b"WATCHDOG=1\nSTATUS=web1 probes 1 host") for beat in beats)
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
