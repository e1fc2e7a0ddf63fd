"""A real SmokePing with its stock FPing probe and udp_fping as the binary."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support import need
from tests.support.far_end import Behaviour, far_end, stamping
from tests.support.process import PLUGINS, run

CONFIG = """\
*** General ***
owner = T
contact = t@example.invalid
mailhost = localhost
imgcache = {d}
imgurl = cache
datadir = {d}
dyndir = {d}
piddir = {d}
pagedir = {d}
cgiurl = http://localhost/smokeping.cgi
smokemail = /etc/smokeping/smokemail
tmail = /etc/smokeping/tmail
*** Database ***
step = 10
pings = 20
AVERAGE 0.5 1 100
MIN 0.5 3 100
MAX 0.5 3 100
*** Presentation ***
template = /etc/smokeping/basepage.html
+ overview
width = 600
height = 50
range = 10m
+ detail
width = 600
height = 200
unison_tolerance = 2
"Last 10 minutes" 10m
*** Probes ***
+ FPing
binary = {binary}
hostinterval = 0.02
*** Targets ***
probe = FPing
menu = Top
title = Top
+ udp
menu = udp
title = udp
host = 127.0.0.1
"""


def losing(every: int) -> Behaviour:
    """A reflector that leaves out every n-th answer."""
    reflect = stamping()
    count = [0]

    def behave(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        count[0] += 1
        return [] if count[0] % every == 0 else reflect(data, source)

    return behave


def test_its_lines_are_fpings() -> None:
    with far_end(losing(5)) as port:
        outcome = run(
            "udp_fping",
            "-C",
            "10",
            "-q",
            "-B1",
            "-r1",
            "-4",
            "-i1",
            "-p5",
            "-t200",
            "--port",
            str(port),
            "127.0.0.1",
        )
    assert (outcome.text, outcome.code) == ("", 0)
    assert re.fullmatch(r"127\.0\.0\.1 :( \d+\.\d{4}| -){10}\n", outcome.error)
    assert outcome.error.split()[2:].count("-") == 2


def test_without_quiet_each_answer_has_a_line_that_smokeping_measures_the_unit_by() -> None:
    with far_end(stamping()) as port:
        outcome = run("udp_fping", "-C", "1", "--port", str(port), "localhost", "-4")
    whole = outcome.text + outcome.error
    found = re.search(
        r"bytes, ([0-9.]+)\sms\s+.*\n.*\n.*:\s+([0-9.]+)", whole
    )  # SmokePing's own expression
    assert found, whole
    assert found[1] == found[2]


def test_help_and_version_are_what_smokeping_looks_for() -> None:
    told = run("udp_fping", "-h")
    assert re.search(r"\s-O[,\s]", told.text)
    assert not re.search(r"\s-S[,\s]", told.text)
    assert re.search(r"Version [3-9]\.\d+", run("udp_fping", "-v").text)


def test_nobody_there_a_bad_name_and_bad_usage_have_fpings_exit_codes() -> None:
    with far_end(stamping()) as port:
        pass
    silent = run("udp_fping", "-C", "3", "-q", "-p5", "-t50", "--port", str(port), "127.0.0.1")
    assert (silent.code, silent.error) == (1, "127.0.0.1 : - - -\n")
    nowhere = run("udp_fping", "-C", "2", "-q", "-p5", "-t50", "no-such-host.invalid")
    why, summary = nowhere.error.splitlines()
    assert (nowhere.code, summary) == (2, "no-such-host.invalid : - -")
    assert why.startswith("udp_fping: no-such-host.invalid has no address")  # SmokePing skips it
    assert run("udp_fping", "-C", "3").code == 3
    assert run("udp_fping", "--bogus", "127.0.0.1").code == 3


def test_a_packet_that_no_datagram_holds_is_bad_usage() -> None:
    outcome = run("udp_fping", "-b", "70000", "127.0.0.1")
    assert (outcome.text, outcome.code) == ("", 3)
    assert (
        outcome.error
        == "udp_fping: argument -b/--size: '70000' is not a whole number from 0 to 65000\n"
    )


def test_what_smokeping_cannot_say_stands_in_an_ini_file(tmp_path: Path) -> None:
    path = tmp_path / "plugins.ini"
    with far_end(stamping()) as port:
        path.write_text(f"[udp_fping]\nport = {port}\nflows = 2\n")
        outcome = run(
            "udp_fping",
            "-C",
            "4",
            "-q",
            "-p5",
            "127.0.0.1",
            environment={"MP_CONFIG_FILE": str(path)},
        )
    assert outcome.code == 0
    path.write_text("[udp_fping]\nprot = 5\n")
    assert "unknown key prot" in run("udp_fping", "--config", str(path), "127.0.0.1").error


def test_the_line_for_other_collectors_is_smokepings_own_layout() -> None:
    with far_end(losing(4)) as port:
        outcome = run(
            "udp_fping",
            "-C",
            "8",
            "-p5",
            "-t200",
            "--output",
            "smokeping",
            "--port",
            str(port),
            "127.0.0.1",
        )
    host, line = outcome.text.split()
    loss, median, *pings = line.split(":")
    assert (host, loss, len(pings), pings[0], pings[-1]) == ("127.0.0.1", "2", 8, "U", "U")
    assert float(median) == sorted(map(float, pings[1:-1]))[3]


def test_a_real_smokeping_fills_its_rrd_with_the_truth(tmp_path: Path) -> None:
    smokeping = need.program("smokeping", "smokeping")
    rrdtool = need.program("rrdtool", "rrdtool")
    binary = tmp_path / "binary"
    with far_end(losing(5)) as port:
        ini = tmp_path / "plugins.ini"
        ini.write_text(f"[udp_fping]\nport = {port}\n")
        binary.write_text(
            f'#!/bin/sh\nMP_CONFIG_FILE={ini} exec {sys.executable} {PLUGINS}/udp_fping "$@"\n'
        )
        binary.chmod(0o755)
        config = tmp_path / "config"
        config.write_text(CONFIG.format(d=tmp_path, binary=binary))
        done = subprocess.run(
            [smokeping, f"--config={config}", "--debug"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    told = done.stdout + done.stderr
    assert "assuming you are using" not in told
    values = subprocess.run(
        [rrdtool, "lastupdate", str(tmp_path / "udp.rrd")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names, stored = (
        values.splitlines()[0].split(),
        values.splitlines()[2].partition(": ")[2].split(),
    )
    row = dict(zip(names, stored, strict=True))
    line = next(
        line for line in told.splitlines() if "Got fping output" in line and "127.0.0.1 :" in line
    )
    times = line.partition(" : ")[2].strip("' \n").split()
    came = sorted(float(time) for time in times if time != "-")
    assert len(times) == 20
    assert float(row["loss"]) == times.count("-") == pytest.approx(4, abs=1)
    assert float(row["median"]) == pytest.approx(came[len(came) // 2] / 1000, rel=1e-6)
    assert [float(row[f"ping{n}"]) for n in range(4, 16)] == pytest.approx(
        [time / 1000 for time in came[1:13]], rel=1e-3, abs=1e-3
    )
