"""The generated tree of SmokePing, used as it is: three slaves measure, the master's RRDs fill."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support import daemons, need
from tests.support.landscape_lab import HOSTS, MONITOR, Lab, lab, reflector, write_all

# What every SmokePing has of its own, with short steps.
GENERAL = """\
*** General ***
owner = lab
contact = lab@example.invalid
mailhost = localhost
precreateperms = 0777
cgiurl = http://10.77.9.2/cgi-bin/smokeping.cgi
@include /etc/smokeping/config.d/pathnames
"""
DATABASE = """\
*** Database ***
step = 5
pings = 5
AVERAGE 0.5 1 100
MIN 0.5 3 100
MAX 0.5 3 100
"""
SITE = {"etc/smokeping/config.d/General": GENERAL, "etc/smokeping/config.d/Database": DATABASE}
SECRET = "a-secret-of-the-lab"


def _prepared(made: Lab) -> str:
    """Puts the generated files into SmokePing's own folder; returns its program."""
    program = need.program("smokeping", "smokeping")
    shutil.copytree(made.tree / "smokeping", made.home(MONITOR, "etc/smokeping/config.d"))
    secrets = {"etc/smokeping/slavesecrets": "".join(f"{host}:{SECRET}\n" for host in HOSTS)}
    write_all(made.home(MONITOR), secrets)
    made.home(MONITOR, "etc/smokeping/slavesecrets").chmod(0o600)
    return program


def test_smokeping_with_debians_own_folders_accepts_the_tree(installation: Path) -> None:
    with lab(installation) as made:
        program = _prepared(made)
        done = made.run(MONITOR, program, "--check")
    assert done.returncode == 0
    assert "syntax OK" in done.stdout + done.stderr
    assert "WARN" not in (done.stdout + done.stderr).upper()


def test_slaves_fill_the_masters_files_in_both_directions(installation: Path) -> None:
    rrdtool = need.program("rrdtool", "rrdtool")
    with ExitStack() as stage:
        made = stage.enter_context(lab(installation))
        program = _prepared(made)
        write_all(made.home(MONITOR), SITE)
        for host in HOSTS:
            stage.enter_context(reflector(made, host))
        stage.enter_context(_master(made, program))
        for host in HOSTS:
            stage.enter_context(_slave(made, host, program))
        data = made.home(MONITOR, "var/lib/smokeping")
        places = {"h1": "dc_eu_x", "h2": "dc_eu_y", "h3": "dc_us_z"}
        files = {
            f"{to}~{by}": data / places[to] / f"{to}~{by}.rrd"
            for to in HOSTS
            for by in HOSTS
            if to != by
        }
        until = time.monotonic() + 60
        while not all(_last(rrdtool, path) for path in files.values()):
            assert time.monotonic() < until, (
                {name: _last(rrdtool, path) for name, path in files.items()},
                made.home(MONITOR, "smokeping.log").read_text()[-1000:],
                made.home("h1", "smokeping.log").read_text()[-1000:],
            )
            time.sleep(0.5)
        for name, path in files.items():
            row = _last(rrdtool, path)
            assert row["loss"] == 0, (name, row)
            assert 0 < row["median"] < 0.1, (name, row)
            assert [row[f"ping{number}"] > 0 for number in range(1, 6)] == [True] * 5
        for host in HOSTS:  # the master itself measures nothing
            assert _last(rrdtool, data / places[host] / f"{host}.rrd") == {}


def _last(rrdtool: str, path: Path) -> dict[str, float]:
    """The last values of a file by name; empty while there are none."""
    done = subprocess.run(
        [rrdtool, "lastupdate", path], capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) < 3:
        return {}
    row = dict(zip(lines[0].split(), lines[2].partition(": ")[2].split(), strict=True))
    values = {name: float(value) for name, value in row.items() if value != "U"}
    return values if "median" in values else {}


@contextmanager
def _master(made: Lab, program: str) -> Iterator[None]:
    """The master with its web server, on the monitor. The server runs CGI programs as nobody."""
    for place in ("var/lib/smokeping", "var/cache/smokeping", "etc/smokeping/slavesecrets"):
        subprocess.run(["chown", "-R", "nobody", made.home(MONITOR, place)], check=True)
    web = [sys.executable, "-m", "http.server", "--cgi", "--directory", "/usr/lib", "80"]
    words = [program, "--nodaemon"]
    inside, logs = made.inside(MONITOR), made.home(MONITOR)
    listening = [*made.net.inside(MONITOR), "ss", "-Hltn", "sport = :80"]
    with (
        daemons.running(
            [*inside, "sh", "-c", 'cd /usr/lib; exec "$@"', "web", *web],
            lambda: bool(subprocess.run(listening, capture_output=True, check=False).stdout),
            logs / "web.log",
        ),
        daemons.running([*inside, *words], lambda: True, logs / "smokeping.log"),
    ):
        yield


@contextmanager
def _slave(made: Lab, host: str, program: str) -> Iterator[None]:
    """A slave, which has the master's configuration by HTTP."""
    write_all(made.home(host), {"etc/smokeping/secret": SECRET})
    made.home(host, "etc/smokeping/secret").chmod(0o600)
    words = [
        program,
        "--nodaemon",
        "--master-url=http://10.77.9.2/cgi-bin/smokeping.cgi",
        "--cache-dir=/var/lib/smokeping",
        "--shared-secret=/etc/smokeping/secret",
        f"--slave-name={host}",
    ]
    log = made.home(host, "smokeping.log")
    with daemons.running([*made.inside(host), *words], lambda: True, log):
        yield
