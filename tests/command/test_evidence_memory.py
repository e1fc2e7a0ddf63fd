"""bothsides evidence takes what real runs of the checks and udp_mesh have left, and measures
nothing.
"""

import subprocess
import time
from pathlib import Path

import pytest

from bothsides.incident.document import from_text
from bothsides.mesh.ring import pack
from bothsides.model.evidence import Evidence, PeerEvidence
from bothsides.model.interval import Interval
from bothsides.model.mesh import SUSPECT, Slice
from bothsides.store.mesh_slices import Stored, keep_slices
from bothsides.store.sqlite import opened
from tests.support import daemons, farends, need
from tests.support.forked import run
from tests.support.process import HOUSE

PROGRAM = str(HOUSE / "plugins/bothsides")


def told(folder: Path, *words: str, to: str = "B=127.0.0.1") -> Evidence:
    """The document of A about one peer."""
    common = ("evidence", "--name", "A", "--to", to, "--state-dir", str(folder), "--socket", "")
    done = subprocess.run(
        [PROGRAM, *common, *words], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return from_text(done.stdout)


def peer(folder: Path, *words: str, to: str = "B=127.0.0.1") -> PeerEvidence:
    (only,) = told(folder, *words, to=to).peers
    return only


def test_the_last_runs_of_three_checks_are_the_evidence(tmp_path: Path) -> None:
    need.program("mtr-packet", "mtr-tiny")
    memory = ("--state-dir", str(tmp_path / "memory"))
    with daemons.folder() as root:
        with farends.reflector(root) as far, farends.web(root) as (server, ca):
            port = str(far.port)
            words = ("-H", "localhost", "-I", "127.0.0.1", "-p", str(server.port))
            https = (*words, "--ca-cert", str(ca), "--state", "rw", *memory)
            udp = (
                "-H",
                "127.0.0.1",
                "-p",
                port,
                "-n",
                "40",
                "-i",
                "5ms",
                "--memory",
                "rw",
                *memory,
            )
            assert run("check_udp_loss", *udp).code == 0
            assert run("check_https", *https).code == 0
            assert run("check_mtr_path", "-H", "127.0.0.1", "--memory", "rw", *memory).code == 0
            well = peer(tmp_path / "memory")
        # both daemons have ended: the same checks again
        assert run("check_udp_loss", *udp).code == 2
        assert run("check_https", *https).code == 2
    broken = peer(tmp_path / "memory")
    assert well.now.udp is not None
    assert (well.now.udp.sent, well.now.udp.lost, well.now.udp.forward) == (40, 0, Interval(0, 0))
    assert well.now.path is not None
    assert (well.now.path.target, well.now.path.length) == ("127.0.0.1", 1)
    assert well.now.https is not None
    assert (well.now.https.phase, well.now.https.status) == ("", 200)
    assert well.before == type(well.before)()
    assert broken.now.udp is not None
    assert broken.now.udp.lost == 40
    assert broken.now.udp.icmp[0].source == "127.0.0.1"
    assert broken.before.udp == well.now.udp
    assert broken.now.https is not None
    assert (broken.now.https.phase, broken.now.https.answer) == ("connect", "refused")
    assert broken.before.https == well.now.https
    assert broken.now.path == well.now.path


def test_runs_from_before_the_time_that_since_names_do_not_count(tmp_path: Path) -> None:
    memory = ("--memory", "rw", "--state-dir", str(tmp_path / "memory"))
    run("check_udp_loss", "-H", "127.0.0.1", "-p", "9", "-n", "5", *memory)
    assert peer(tmp_path / "memory", "--since", "-1h").now.udp is not None
    time.sleep(1.1)
    assert peer(tmp_path / "memory", "--since", "-1s").now.udp is None


def row(at: int, **changes: int) -> Slice:
    """A slice of 200 packets, all answered."""
    well = dict(zip(Slice._fields, (at, 200, *(0,) * 7, 0, 1000, 1200, 1500), strict=True))
    return Slice(**(well | changes))


@pytest.fixture
def mesh(tmp_path: Path) -> Path:
    """A store with ten minutes of A's udp_mesh, the last two with loss on the way out."""
    tmp_path.chmod(0o700)
    now = int(time.time()) // 5 * 5
    with opened(str(tmp_path)) as history:
        for ago in range(600, 0, -5):
            lost = 20 if ago <= 120 else 0
            flags = SUSPECT if ago == 300 else 0  # its losses are this host's own
            made = row(now - ago, lost=lost or 99 * bool(flags), out=lost, flags=flags)
            keep_slices(history, "A", Stored(now - ago, {"B": pack(made)}), 3600)
    return tmp_path


def test_the_store_of_the_mesh_tells_the_last_minute_and_any_longer_time(mesh: Path) -> None:
    minute = peer(mesh).now.udp
    assert minute is not None
    assert minute.forward == Interval(minute.lost, minute.lost)
    assert minute.lost == minute.sent // 10
    assert 2400 <= minute.sent <= 3600
    whole = peer(mesh, "--since", "-11m").now.udp
    assert whole is not None
    assert (whole.sent, whole.lost) == (119 * 200, 24 * 20)


def test_a_memory_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    words = ("evidence", "--to", "B=127.0.0.1", "--state-dir", str(tmp_path), "--socket", "")
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert (
        done.stdout
        == f"bothsides: {tmp_path} can be written by everybody; run chmod o-w {tmp_path}\n"
    )


def test_since_is_not_for_what_is_measured_now() -> None:
    done = subprocess.run(
        [PROGRAM, "evidence", "--now", "--since", "-1h", "--to", "B=127.0.0.1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.count("\n")) == (3, 1)
    assert "--since is about earlier runs: not with --now" in done.stdout
