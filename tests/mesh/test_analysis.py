"""What losses start: when, how often, in which words, what is archived; nothing left behind."""

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bothsides.inventory.model import Analysis
from bothsides.mesh.analysis import Analyses, _commands, expire
from bothsides.mesh.roster import Roster
from bothsides.model.mesh import SHORT, Slice
from tests.support import need
from tests.support.mesh_far import THREE, roster_of
from tests.support.process import HOUSE
from tests.support.stopwatch import until

BAD = Slice(0, 200, 30, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def with_analysis(words: str, more: str = "") -> Roster:
    return roster_of(
        THREE.replace('name = "db1"', 'name = "db1"\nextra1 = "one"')
        + '[[analysis]]\nfrom = "web1"\nto = "all3"\nname = "trace"\n'
        + f"min_loss = 20\n{words}\n{more}",
        "web1",
    )


class Lab:
    """Analyses, whose clock a test sets."""

    def __init__(self, folder: Path, found: Roster) -> None:
        self.folder, self.roster = folder, found
        self.said: list[str] = []
        self.analyses = Analyses(str(folder / "analysis"), self.said.append, 0.0)

    def note(self, clock: float, peer: str = "db1", row: Slice = BAD, held: bool = False) -> None:
        self.analyses.note(self.roster, peer, row, held, clock)

    def wait(self, clock: float, seconds: float = 5.0) -> None:
        """Until nothing runs any more."""
        until = time.monotonic() + seconds
        while self.analyses._running and time.monotonic() < until:
            self.analyses.turn(clock)
            time.sleep(0.01)

    def parts(self) -> list[Path]:
        """What programs write that have not ended."""
        return sorted(self.folder.glob("analysis/trace/.*.part"))

    def reports(self) -> list[Path]:
        return sorted(self.folder.glob("analysis/trace/*.txt"))


def _listed() -> list[str]:
    """The command line of each process."""
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def test_a_report_has_its_command_line_its_times_and_its_end(tmp_path: Path) -> None:
    lab = Lab(tmp_path, with_analysis('argv = ["/bin/echo", "{{server.to.ip}}", "a;b"]'))
    lab.note(30.0)
    lab.wait(31.0)
    (report,) = lab.reports()
    name = time.strftime("web1-to-db1__%Y-%m-%d-%H-%M__192-0-2-1_to_192-0-2-2.txt", time.gmtime())
    assert report.name[:-40] == name[:-40]
    lines = report.read_text().splitlines()
    assert lines[0] == "# /bin/echo 192.0.2.2 a;b"
    assert lines[1].startswith("# began 20")
    assert lines[1].endswith("UTC: exit status 0")
    assert lines[2] == "192.0.2.2 a;b"
    assert [path.suffix for path in (tmp_path / "analysis/trace").iterdir()] == [".txt"]


def test_each_program_of_a_report_has_its_own_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = (("/bin/true",), ("/bin/sleep", "1.1"))
    monkeypatch.setattr("bothsides.mesh.analysis._commands", lambda *asked: both)
    lab = Lab(tmp_path, with_analysis("path = true"))
    lab.note(30.0)
    lab.wait(31.0)
    ends = [line for line in lab.reports()[0].read_text().splitlines() if "# began" in line]
    assert len(set(ends)) == 2


def test_mehsh_s_command_has_its_placeholders_and_a_shell(tmp_path: Path) -> None:
    command = "echo {{server.from.ip}} {{server.to.extra1}} [{{server.to.extra2}}] | tr o 0; exit 3"
    lab = Lab(tmp_path, with_analysis(f"command = '''{command}'''"))
    lab.note(30.0)
    lab.wait(31.0)
    text = lab.reports()[0].read_text()
    assert "192.0.2.1 0ne []" in text
    assert "exit status 3" in text


@pytest.mark.parametrize(
    ("clock", "row", "held"),
    [
        (19.0, BAD, False),  # the grace after the start
        (30.0, BAD._replace(lost=19), False),
        (30.0, BAD._replace(flags=SHORT), False),
        (30.0, BAD, True),
    ],
)
def test_what_starts_nothing(tmp_path: Path, clock: float, row: Slice, held: bool) -> None:
    lab = Lab(tmp_path, with_analysis('argv = ["/bin/true"]'))
    lab.note(clock, row=row, held=held)
    assert not (tmp_path / "analysis").exists()


def test_a_share_is_of_the_packets_of_the_slice(tmp_path: Path) -> None:
    text = with_analysis('argv = ["/bin/true"]').mesh.landscape
    assert text.analyses[0].min_loss == 20
    found = roster_of(
        THREE + '[[analysis]]\nfrom = "web1"\nto = "db1"\nname = "trace"\nmin_loss = "10%"\n'
        'argv = ["/bin/true"]\n',
        "web1",
    )
    lab = Lab(tmp_path, found)
    lab.note(30.0, row=BAD._replace(sent=1000, lost=99))
    assert not lab.analyses._running
    lab.note(30.0, row=BAD._replace(sent=1000, lost=100))
    assert lab.analyses._running
    lab.wait(31.0)


def test_a_hundred_outages_start_what_the_cool_down_allows(tmp_path: Path) -> None:
    lab = Lab(tmp_path, with_analysis('argv = ["/bin/true"]', 'cooldown = "120s"'))
    started = 0
    for number in range(100):
        clock = 30.0 + 10 * number  # 1000 s of outages
        before = len(lab.analyses._running)
        lab.note(clock)
        started += len(lab.analyses._running) - before
        lab.wait(clock)
    assert started == 9
    assert _children() == []


def test_of_a_peer_that_is_down_for_days_there_is_a_report_an_hour(tmp_path: Path) -> None:
    lab = Lab(tmp_path, with_analysis('argv = ["/bin/true"]', 'cooldown = "120s"'))
    starts: list[float] = []
    lab.analyses._start = lambda *asked: starts.append(asked[-1])  # type: ignore[method-assign]
    day = 86400
    for clock in range(30, 2 * day, 60):
        lab.note(float(clock))
    pauses = [after - before for before, after in itertools.pairwise(starts)]
    assert (pauses[0], set(pauses[31:])) == (120.0, {3600.0})
    assert len(starts) <= 31 + 48
    said = "analysis trace of db1: the loss lasts, from now on once an hour"
    assert lab.said == [said]
    again = 2 * day + 700.0  # it was well for more than ten minutes: another loss
    lab.note(again)
    lab.note(again + 120)
    assert starts[-2:] == [again, again + 120]


def test_one_runs_at_once_by_name_and_four_by_host(tmp_path: Path) -> None:
    five = "".join(
        f'[[analysis]]\nfrom = "web1"\nto = "all3"\nname = "n{n}"\nmin_loss = 1\n'
        'argv = ["/bin/sleep", "60"]\n'
        for n in range(5)
    )
    lab = Lab(tmp_path, roster_of(THREE + five, "web1"))
    for peer in ("db1", "old", "db1"):
        lab.note(30.0, peer)
    names = [running.wanted.name for running in lab.analyses._running]
    assert names == ["n0", "n1", "n2", "n3"]
    lab.analyses.close()
    assert lab.analyses._running == []
    assert _children() == []
    reports = [path.read_text() for path in tmp_path.glob("analysis/*/*.txt")]
    assert len(reports) == 4
    assert all("UTC: killed when udp_mesh ended" in text for text in reports)


def test_what_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    words = "command = 'echo begun; sleep 977 & sleep 978'\nlimit = \"2s\""
    lab = Lab(tmp_path, with_analysis(words))
    lab.note(30.0)
    until(lambda: "begun" in "".join(part.read_text() for part in lab.parts()), "its first word")
    lab.analyses.turn(31.9)
    assert lab.analyses._running
    lab.wait(32.1)
    assert lab.analyses._running == []
    text = lab.reports()[0].read_text()
    assert "killed after 2 s" in text
    assert "begun" in text
    assert _children() == []
    until(lambda: not {"sleep 977", "sleep 978"} & {*_listed()}, "the end of what it had started")


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    lab = Lab(tmp_path, with_analysis('argv = ["no-such-program"]'))
    lab.note(30.0)
    assert lab.said == [
        "analysis trace: no program no-such-program in the usual places; write its whole path"
    ]
    assert lab.analyses.trouble == lab.said[0]


def test_a_place_that_takes_no_reports_is_said(tmp_path: Path) -> None:
    (tmp_path / "analysis").write_text("a file")
    lab = Lab(tmp_path, with_analysis('argv = ["/bin/true"]'))
    lab.note(30.0)
    assert "analysis trace: " in lab.analyses.trouble


def test_old_reports_are_removed(tmp_path: Path) -> None:
    for name, age in (("old.txt", 1000), ("new.txt", 10)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    expire(str(tmp_path), time.time() - 100)
    assert [path.name for path in tmp_path.iterdir()] == ["new.txt"]


def test_path_is_our_own_traces() -> None:
    found = with_analysis("path = true")
    wanted: Analysis = found.mesh.landscape.analyses[0]
    servers = found.mesh.servers
    commands = _commands(wanted, servers["web1"], servers["db1"], "192.0.2.2")
    assert commands[0][0] == sys.executable
    assert "check_mtr_path" not in commands[0][2]
    assert "192.0.2.2" in commands[0]
    if len(commands) > 1:
        assert commands[1][0].endswith("/mtr")


def test_the_unit_s_capabilities_are_enough_for_mtr() -> None:
    """With none at all, a kernel does not even start mtr-packet."""
    need.root()
    setpriv = need.program("setpriv", "util-linux")
    mtr = need.program("mtr", "mtr-tiny")
    unit = (HOUSE / "nrpe" / "udp-mesh.service").read_text().splitlines()
    sets = dict(line.split("=", 1) for line in unit if "Capabilit" in line.partition("=")[0])
    bounding = sets["CapabilityBoundingSet"].lower().replace("cap_", "")
    assert sets["AmbientCapabilities"] == sets["CapabilityBoundingSet"]
    given = "-all" + "".join(f",+{name}" for name in bounding.split())
    done = subprocess.run(
        [
            setpriv, "--no-new-privs", "--reuid=65534", "--regid=65534", "--clear-groups",
            f"--bounding-set={given}", f"--inh-caps={given}", f"--ambient-caps={given}",
            mtr, "-n", "-b", "-w", "-r", "-c", "1", "127.0.0.1",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "127.0.0.1" in done.stdout, done.stderr


def _children() -> list[str]:
    """Processes that this one has started and that still are there, dead ones too."""
    listed = subprocess.run(
        ["ps", "-eo", "ppid=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    mine = [line for line in listed if line.split()[0] == str(os.getpid())]
    others = ("ps -eo", "tests.support.forked")  # the latter starts plugins for all tests
    return [line for line in mine if not any(other in line for other in others)]
