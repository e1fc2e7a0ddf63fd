"""--export and --submit of a single run.

What arrives, what is kept, and that line 1 stays as it is.
"""

import json
import os
import socket
from pathlib import Path

import pytest

from bothsides.base.errors import Misuse
from bothsides.check.delivery import from_options, prepared, subject_of
from bothsides.parse import Unreadable
from bothsides.plugin.command_line import add_elsewhere
from bothsides.plugin.parser import Namespace, Parser
from tests.support.contract import every_check, records_of
from tests.support.forked import run
from tests.support.process import NRPE_ENVIRONMENT, Outcome
from tests.support.servers import Talk, answering, serving


def options(*words: str) -> Namespace:
    parser = Parser("x", "", "")
    add_elsewhere(parser)
    return parser.parse_args(words)


def replayed(check: str, state: Path, *words: str) -> Outcome:
    environment = {**NRPE_ENVIRONMENT, "STATE_DIRECTORY": str(state)}
    record = records_of(check)[0]
    return run(check, "--replay", str(record), *words, environment=environment)


def first(outcome: Outcome) -> tuple[str, int, str]:
    return outcome.text.partition("\n")[0], outcome.code, outcome.error


@every_check
def test_rows_and_results_arrive_and_line_one_stays(check: str, tmp_path: Path) -> None:
    plain = replayed(check, tmp_path)
    rows = tmp_path / "rows.jsonl"
    outcome = replayed(
        check,
        tmp_path,
        f"--export=jsonl:{rows}",
        f"--submit=files:{tmp_path}",
        "--submit-as=web1!a service",
        "--route=a-to-b",
        "--export-source=mon1",
    )
    assert first(outcome) == first(plain)
    assert outcome.text == plain.text
    assert (tmp_path / "web1!a service").read_text().partition("\n")[2] == plain.text
    if rows.exists():  # a check that has no place in a store sends nothing
        documents = [json.loads(line) for line in rows.read_text().splitlines()]
        assert {document["source"] for document in documents} == {"mon1"}
        assert {document["route"] for document in documents} == {"a-to-b"}
        known = {"state", "phase", "hop", "sent"}  # of a run, its parts, a path, a pair of the mesh
        assert all(known & set(each) for each in documents)


def closing(client: socket.socket) -> None:
    client.close()


def silent(client: socket.socket) -> None:
    client.recv(1)
    client.settimeout(20)
    while client.recv(65536):
        pass


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (closing, "1 parcel waits"),
        (silent, "1 parcel waits"),
        (answering(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), "500, 1 parcel waits"),
        (answering(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), "403, 1 parcel waits"),
        (
            answering(b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"error":"x"}'),
            "which is no InfluxDB write address: x, 1 parcel waits",
        ),
    ],
    ids=["dead", "slow", "broken", "refusing", "lying"],
)
def test_a_bad_server_changes_neither_line_one_nor_the_time(
    talk: Talk, words: str, tmp_path: Path
) -> None:
    plain = replayed("check_udp_loss", tmp_path, "-t", "2")
    with serving(talk) as server:
        where = f"influx:http://127.0.0.1:{server.port}"
        outcome = replayed("check_udp_loss", tmp_path, "-t", "2", "--export", where)
    assert first(outcome) == first(plain)
    assert words in outcome.text
    assert outcome.seconds < 2.3 + plain.seconds
    assert len(list(tmp_path.rglob("*.parcel"))) == 1


def test_what_waited_is_sent_once_by_the_next_run(tmp_path: Path) -> None:
    seen: list[bytes] = []

    works: list[bool] = []

    def talk(client: socket.socket) -> None:
        if works:
            seen.append(client.recv(65536))
            client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        client.close()

    with serving(talk) as server:
        where = f"influx:http://127.0.0.1:{server.port}"
        replayed("check_udp_loss", tmp_path, "--export", where)
        (waiting,) = tmp_path.rglob("*.parcel")
        works.append(True)
        for _ in range(2):
            outcome = replayed("check_udp_loss", tmp_path, "--export", where)
            assert "not taken" not in outcome.text
    assert len(seen) == 3
    assert not waiting.exists()


def test_a_full_disk_loses_nothing_without_a_word(tmp_path: Path) -> None:
    full = Path("/dev/full")
    plain = replayed("check_udp_loss", tmp_path)
    outcome = replayed("check_udp_loss", tmp_path, f"--export=jsonl:{full}")
    assert first(outcome) == first(plain)
    assert "cannot write to /dev/full: No space left on device, 1 parcel waits" in outcome.text


def test_a_login_that_cannot_be_read_keeps_the_rows(tmp_path: Path) -> None:
    login = tmp_path / "login"
    login.write_text("user = x\npassword = y\n")
    login.chmod(0o644)
    plain = replayed("check_udp_loss", tmp_path)
    rows = tmp_path / "rows"
    places = "--export=influx:http://127.0.0.1:1", f"--export=jsonl:{rows}"
    outcome = replayed("check_udp_loss", tmp_path, *places, f"--export-login={login}")
    assert first(outcome) == first(plain)
    assert "holds a secret and is open to everybody" in outcome.text
    assert len(list(tmp_path.rglob("*.parcel"))) == 1
    assert rows.read_text()  # a file needs no login


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--export", "inflx:http://x"], "did you mean influx:"),
        (["--export", ""], "--export names no place"),
        (["--export", "jsonl:-"], "standard output is for the report"),
        (["--export", "s3:https://s3.example/b"], "takes reports"),
        (["--submit", "-", "--submit-as", "a!b"], "standard output is for the report"),
        (["--submit", "files:/tmp"], "--submit needs --submit-as HOST!SERVICE"),
        (["--submit", "files:/tmp", "--submit-as", "a;b!c"], "is no name of a host"),
        (["--submit", "files:/tmp", "--submit-as", "a!b!c"], "it has an exclamation mark"),
        (["--submit", "files:/tmp", "--submit-as", "a!"], "the name of the service is empty"),
        (["--pulse", "net"], "--pulse goes with --export statsd:HOST:PORT"),
        (["--pulse", "net", "--export", "jsonl:/tmp/x"], "--pulse goes with --export statsd:"),
        (["--submit-ttl", "5m"], "--submit-ttl goes with --submit icinga:URL"),
        (["--style", "packets"], "--style packets goes with --export"),
        (
            ["--style", "carbolymer", "--export", "graphite:localhost"],
            "--style carbolymer goes with --export influx:",
        ),
    ],
)
def test_wrong_destinations_are_told_before_anything_is_measured(
    words: list[str], told: str
) -> None:
    with pytest.raises((Misuse, Unreadable), match=told.replace("!", ".")):
        prepared(options(*words))
    outcome = run("check_udp_loss", "-H", "127.0.0.1", "-p", "9", *words)
    assert outcome.code == 3
    assert told in outcome.text


def test_the_spool_belongs_to_one_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    means = from_options(options("--export=jsonl:/x")).means
    assert means.spool == f"{tmp_path}/spool-{os.geteuid()}"


def test_a_host_alone_is_its_own_result() -> None:
    assert subject_of("web1") == ("web1", "")
    assert subject_of("web1!a b") == ("web1", "a b")


def test_a_login_in_a_pipe_that_nobody_fills_takes_no_time_from_the_check(tmp_path: Path) -> None:
    pipe = tmp_path / "login"
    os.mkfifo(pipe)
    words = ["-H", "127.0.0.1", "--export", "influx:http://127.0.0.1:1", "-t", "1"]
    outcome = run("check_udp_loss", *words, "--export-login", str(pipe))
    assert (outcome.code, outcome.error) == (2, "")  # of the check itself: nobody answers there
    assert f"cannot read {pipe}: a named pipe, which would be waited for" in outcome.text
