"""bothsides batch as a process: results equal to those of single runs, delivered, locked, told."""

import json
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from bothsides.command.batch_lines import Read
from bothsides.command.batch_lock import locked
from tests.support import daemons, farends
from tests.support.process import NRPE_ENVIRONMENT, PLUGINS, Outcome, run


class FarEnds(NamedTuple):
    """One far end for each kind of check."""

    udp: int
    https: int
    authority: Path
    snmp: int


ONE = "h!s check_udp_loss -H x"  # a line


@pytest.fixture(scope="module")
def far() -> Iterator[FarEnds]:
    with ExitStack() as stage:
        roots = [stage.enter_context(daemons.folder()) for _ in range(3)]
        reflector = stage.enter_context(farends.reflector(roots[0]))
        web, authority = stage.enter_context(farends.web(roots[1]))
        agent, _ = stage.enter_context(farends.agent(roots[2]))
        yield FarEnds(reflector.port, web.port, authority, agent.port)


def commands(far: FarEnds) -> dict[str, list[str]]:
    """Check and options by service: well, slow, dead, refused and nonsense of every kind."""
    udp = ["check_udp_loss", "-n", "5", "-t", "3", "-p"]
    web = ["check_https", "--ca-cert", str(far.authority), "-t", "3", "-4"]
    snmp = ["check_snmp_clock", "--local-sync", "ignore", "-t", "3", "-H", "127.0.0.1", "-p"]
    site = f"https://localhost:{far.https}"
    return {
        "udp well": [*udp, str(far.udp), "-H", "127.0.0.1"],
        "udp tight": [*udp, str(far.udp), "-H", "127.0.0.1", "-w", "rta=0:0.000000001"],
        "udp again": [*udp, str(far.udp), "-H", "localhost", "-4"],
        "udp dead": [*udp, "9", "-H", "127.0.0.1"],
        "udp no name": [*udp, str(far.udp), "-H", "no.such.name.invalid"],
        "web well": [*web, site + "/"],
        "web missing": [*web, site + "/no-such-page"],
        "web wrong text": [*web, site + "/", "-s", "not there"],
        "web refused": [*web, "https://localhost:9/"],
        "web stranger": ["check_https", site + "/", "-4", "-t", "3"],
        "web tries": [*web, site + "/", "--repeat", "2"],
        "clock well": [*snmp, str(far.snmp)],
        "clock dead": [*snmp, "9"],
        "path": ["check_mtr_path", "-H", "127.0.0.1", "-t", "5", "--state", "off"],
        "nonsense": ["check_udp_loss", "-H", "127.0.0.1", "--bogus"],
    }


def batch(state: Path, *words: str) -> Outcome:
    environment = {**NRPE_ENVIRONMENT, "STATE_DIRECTORY": str(state)}
    return run("bothsides", "batch", *words, environment=environment)


def written(folder: Path, rows: dict[str, list[str]]) -> Path:
    path = folder / "checks.txt"
    lines = (
        f"h!{service} {' '.join(words[:1])} {shlex.join(words[1:])}"
        for service, words in rows.items()
    )
    path.write_text("\n".join(lines))
    return path


def told(text: str) -> tuple[str, list[str]]:
    """Line 1 without figures that change, and the labels of the performance data."""
    line, _, figures = text.partition("\n")[0].partition(" | ")
    words = "".join("0" if c.isdigit() else c for c in line)
    for one, other in (
        (" us", " s"),
        (" ms", " s"),
        (" ahead", " behind"),
        ("on time", "0 s behind"),
        ("queries", "query"),
    ):
        words = words.replace(one, other)
    while "00" in words:
        words = words.replace("00", "0")
    return words.replace("0.0", "0"), [item.partition("=")[0] for item in figures.split()]


def test_every_result_is_that_of_a_single_run(far: FarEnds, tmp_path: Path) -> None:
    rows = commands(far)
    outcome = batch(tmp_path, str(written(tmp_path, rows)), "--submit", "-")
    results = {each["service"]: each for each in map(json.loads, outcome.text.splitlines())}
    assert set(results) == set(rows)
    for service, words in rows.items():
        single, mine = run(words[0], *words[1:]), results[service]
        output = f"{mine['line']} | {mine['perfdata']}" if mine["perfdata"] else mine["line"]
        assert mine["code"] == single.code, service
        assert told(output) == told(single.text), service
        assert mine["long"].count("\n") == single.text.rstrip("\n").partition("\n")[2].count("\n")
        assert 0 < mine["ended"] - mine["began"] < 8


def test_its_own_line_says_what_was_delivered(far: FarEnds, tmp_path: Path) -> None:
    rows = {
        name: words for name, words in commands(far).items() if name in ("udp well", "udp dead")
    }
    spool = tmp_path / "spool"
    spool.mkdir()
    path = written(tmp_path, rows)
    outcome = batch(tmp_path, str(path), "--submit", f"nagios:{spool}")
    assert outcome.code == 0
    assert outcome.line.startswith(f"BATCH OK - 2 of 2 results delivered to nagios:{spool} in ")
    assert outcome.line.endswith("(1 OK, 1 CRITICAL)")
    assert (outcome.perfdata["checks"].value, outcome.perfdata["critical"].value) == (2, 1)
    # one file, or two where the second result came a second after the first
    files = [each.read_text() for each in spool.iterdir() if each.suffix != ".ok"]
    assert sum(text.count("service_description=udp") for text in files) == 2


def test_what_is_not_taken_waits_and_comes_once_with_its_own_time(
    far: FarEnds, tmp_path: Path
) -> None:
    path = written(tmp_path, {"udp well": commands(far)["udp well"]})
    spool = tmp_path / "spool"
    lost = batch(tmp_path, str(path), "--submit", f"nagios:{spool}")
    assert lost.code == 2
    assert "0 of 1 results delivered" in lost.text
    assert "No such file or directory; 1 parcel waits" in lost.text
    spool.mkdir()
    assert batch(tmp_path, str(path), "--submit", f"nagios:{spool}").code == 0
    files = [each.read_text() for each in spool.iterdir() if each.suffix != ".ok"]
    assert sum(text.count("service_description") for text in files) == 2
    times = {line for text in files for line in text.splitlines() if line.startswith("finish")}
    assert len(times) == 2
    assert not list(tmp_path.rglob("*.parcel"))


def test_rows_go_to_stores_too(far: FarEnds, tmp_path: Path) -> None:
    rows = {name: words for name, words in commands(far).items() if name.endswith("well")}
    path, store = written(tmp_path, rows | {"path": commands(far)["path"]}), tmp_path / "rows"
    outcome = batch(tmp_path, str(path), "--export", f"jsonl:{store}", "--export-source", "mon1")
    assert outcome.code == 0
    documents = [json.loads(line) for line in store.read_text().splitlines()]
    assert {each["measurement"] for each in documents} == {
        "bothsides_udp",
        "bothsides_https",
        "bothsides_https_phase",
        "bothsides_clock",
        "bothsides_path",
        "bothsides_hop",
    }
    assert {each["source"] for each in documents} == {"mon1"}


def test_send_nsca_gets_records_alone(far: FarEnds, tmp_path: Path) -> None:
    path = written(tmp_path, {"udp well": commands(far)["udp well"]})
    outcome = batch(tmp_path, str(path), "--output", "send_nsca")
    assert outcome.text.startswith("h\tudp well\t0\tUDP_LOSS OK - ")
    assert outcome.text.endswith("\x17")
    assert outcome.error.startswith("BATCH OK - 1 of 1 results delivered to nsca:- in ")


def test_a_second_batch_of_the_same_file_does_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, {"s": ["check_udp_loss", "-H", "127.0.0.1"]})
    held = locked(str(path), "", Read((), ()), str(tmp_path))
    outcome = batch(tmp_path, str(path), "--submit", f"files:{tmp_path}")
    held.release()
    assert outcome.code == 1
    assert outcome.text.startswith("BATCH WARNING - the previous batch still runs, for ")


def test_wrong_lines_are_told_and_the_others_run(far: FarEnds, tmp_path: Path) -> None:
    path = written(tmp_path, {"udp well": commands(far)["udp well"]})
    path.write_text(path.read_text() + "\nh!x check_http -H x\n")
    outcome = batch(tmp_path, str(path), "--submit", f"files:{tmp_path}")
    assert outcome.code == 1
    assert outcome.line.startswith("BATCH WARNING - 1 of 1 results delivered")
    assert "line 2: no check; write HOST!SERVICE CHECK options" in outcome.text


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        (ONE, [], "say where the results go: --submit WHERE"),
        ("", ["--submit", "-"], "holds no line"),
        ("\0\x01\xff", ["--submit", "-"], "line 1: no check"),
        ("h!s check_http", ["--submit", "-"], "line 1: no check"),
        (ONE, ["--submit", "nagos:/x"], "did you mean nagios:"),
        (ONE, ["--submit", "-", "-t", "0"], "-t 0 leaves no time"),
        (ONE, ["--submit", "-", "--output", "send_nsca"], "jsonl:- and nsca:- would mix"),
        (ONE, ["--submit", "-", "--host", "m"], "--host goes with a landscape"),
    ],
)
def test_nothing_to_do_is_one_line_and_three(
    text: str, words: list[str], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "checks.txt"
    path.write_text(text)
    outcome = batch(tmp_path, str(path), *words)
    assert (outcome.code, outcome.error, outcome.text.count("\n")) == (3, "", 1)
    assert told in outcome.text


def test_a_dead_target_costs_no_other_one_its_time(far: FarEnds, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        site = f"https://127.0.0.1:{silent.getsockname()[1]}"
        rows = {
            f"dead {number}": ["check_https", f"{site}/{number}", "-t", "2"] for number in range(20)
        }
        rows["well"] = [word if word != "3" else "2" for word in commands(far)["web well"]]
        path = written(tmp_path, rows)
        outcome = batch(tmp_path, str(path), "--submit", "-")
    results = {each["service"]: each for each in map(json.loads, outcome.text.splitlines())}
    assert results.pop("well")["code"] == 0
    assert {each["code"] for each in results.values()} == {2}
    assert outcome.seconds < 7


def started(state: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(PLUGINS / "bothsides"), "batch", *words]
    environment = {**NRPE_ENVIRONMENT, "STATE_DIRECTORY": str(state)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def wait_for(condition: Callable[[], object], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_first_results_are_delivered_while_others_are_measured(
    far: FarEnds, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        rows = {
            "quick": commands(far)["udp well"],
            "later": ["check_mtr_path", "-H", "127.0.0.1", "-n", "4", "-t", "5", "--state", "off"],
            "slow": ["check_https", site, "-t", "6"],
        }
        out = tmp_path / "out"
        out.mkdir()
        running = started(tmp_path, str(written(tmp_path, rows)), "--submit", f"files:{out}")
        wait_for(lambda: list(out.glob("*quick*")))
        assert running.poll() is None
        assert not list(out.glob("*slow*"))
        assert "3 of 3 results delivered" in running.communicate()[0]
    assert list(out.glob("*slow*"))


def test_a_signal_delivers_what_has_been_measured(far: FarEnds, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        rows = {"quick": commands(far)["udp well"], "slow": ["check_https", site, "-t", "30"]}
        spool = tmp_path / "spool"
        spool.mkdir()
        running = started(tmp_path, str(written(tmp_path, rows)), "--submit", f"nagios:{spool}")
        time.sleep(4.0)
        running.send_signal(signal.SIGTERM)
        text = running.communicate(timeout=60)[0]
    assert running.returncode == 3
    assert text.startswith(
        f"BATCH UNKNOWN - interrupted by SIGTERM, 1 of 2 lines measured; "
        f"1 of 1 results delivered to nagios:{spool} in "
    )
    files = [each.read_text() for each in spool.iterdir() if each.suffix != ".ok"]
    assert sum(text.count("service_description=") for text in files) == 1


def test_a_closed_standard_output_harms_no_delivery(far: FarEnds, tmp_path: Path) -> None:
    path = written(tmp_path, {"udp well": commands(far)["udp well"]})
    out = tmp_path / "out"
    out.mkdir()
    words = ["bothsides", "batch", str(path), "--submit", f"files:{out}"]
    shell = f'exec "$@" --state-dir {tmp_path} <&- >&- 2>&-'
    command = [sys.executable, str(PLUGINS / words[0]), *words[1:]]
    done = subprocess.run(["/bin/sh", "-c", shell, "sh", *command], env=NRPE_ENVIRONMENT)
    assert done.returncode == 3  # nobody could read it
    assert b"UDP_LOSS OK - 127.0.0.1" in next(out.iterdir()).read_bytes()


@pytest.mark.parametrize(("path", "why"), [("/none", "No such file"), ("/", "Is a directory")])
def test_a_file_that_cannot_be_read_is_told(path: str, why: str, tmp_path: Path) -> None:
    outcome = batch(tmp_path, path, "--submit", "-")
    assert (outcome.code, outcome.error) == (3, "")
    assert outcome.text.startswith(f"bothsides: cannot read {path}: {why}")
