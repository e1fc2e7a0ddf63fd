"""Passive results to each kind of server, and what becomes of those that were not taken."""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from bothsides.base.secret import Secret
from bothsides.export.deliver import Means
from bothsides.export.destination import Destination, from_submit
from bothsides.export.login import Secrets
from bothsides.export.passive import to_json
from bothsides.export.spool import Spool
from bothsides.export.submit import submit
from tests.export.results import PLAIN
from tests.export.test_http import listening
from tests.support import daemons
from tests.support.servers import read_head, serving

NOW = time.time()
ONE = PLAIN._replace(began=NOW - 1, ended=NOW)
TWO = ONE._replace(service="https", code=0)


def http(status: str, body: object) -> bytes:
    text = json.dumps(body)
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


def test_a_spool_of_nagios_gets_one_file(tmp_path: Path) -> None:
    assert submit(from_submit(f"nagios:{tmp_path}"), [ONE, TWO], Means(), 5) == (2, ())
    assert len(os.listdir(tmp_path)) == 2


def test_a_pipe_without_a_reader_keeps_all_for_later(tmp_path: Path) -> None:
    fifo = tmp_path / "nagios.cmd"
    os.mkfifo(fifo)
    destination = from_submit(f"nagios-cmd:{fifo}")
    means = Means(spool=str(tmp_path / "spool"))
    taken, (line,) = submit(destination, [ONE, TWO], means, 1)
    assert taken == 0
    assert "no reader: is Nagios running?; 1 parcel waits" in line
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    third = ONE._replace(service="third")
    assert submit(destination, [third], means, 1) == (1, ())
    text = os.read(reader, 65536).decode()
    os.close(reader)
    assert [line.split(";")[2] for line in text.splitlines()] == ["udp", "https", "third"]
    assert text.startswith(f"[{int(NOW)}] ")


def test_icinga_is_asked_for_its_names_and_gets_those_that_it_knows(tmp_path: Path) -> None:
    seen: list[bytes] = []
    names = {"results": [{"name": "office!udp"}, {"name": "office!late"}]}
    taken = http("200 OK", {"results": [{"code": 200.0, "status": "ok"}]})
    answers = iter([http("200 OK", names), *[taken] * 9])

    means = Means(Secrets("sender", Secret("pw")), spool=str(tmp_path))
    with serving(lambda client: _each(client, seen, answers)) as server:
        destination = from_submit(f"icinga:http://127.0.0.1:{server.port}")
        sent = [ONE, TWO, ONE._replace(service="late")]
        number, (line,) = submit(destination, sent, means, 5, "mon1", 60)
    assert number == 2
    assert line.endswith("Icinga knows no office!https; 1 parcel waits")
    posted = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in seen[1:]]
    assert [body["service"] for body in posted] == ["office!udp", "office!late"]
    assert {body["check_source"] for body in posted} == {"mon1"}


def _each(client: socket.socket, seen: list[bytes], answers: Iterator[bytes]) -> None:
    """Another answer for each request of one connection."""
    while head := read_head(client):
        fields, _, body = head.partition(b"\r\n\r\n")
        lines = fields.lower().split(b"\r\n")
        length = next((int(li.split(b":")[1]) for li in lines if li.startswith(b"content-len")), 0)
        while len(body) < length:
            body += client.recv(65536)
        seen.append(fields + b"\r\n\r\n" + body)
        client.sendall(next(answers))


def test_nrdp_gets_its_token_and_the_spool_does_not(tmp_path: Path) -> None:
    seen: list[bytes] = []
    bad = http("200 OK", {"result": {"status": -1, "message": "BAD TOKEN"}})
    means = Means(Secrets(token=Secret("hush")), spool=str(tmp_path))
    with serving(listening(seen, bad)) as server:
        destination = from_submit(f"nrdp:http://127.0.0.1:{server.port}/nrdp/")
        taken, (line,) = submit(destination, [ONE, TWO], means, 5)
    assert (taken, "NRDP says BAD TOKEN" in line) == (0, True)
    form = parse_qs(seen[0].rpartition(b"\r\n\r\n")[2].decode())
    assert form["token"] == ["hush"]
    assert b"Authorization" not in seen[0]
    (parcel,) = tmp_path.rglob("*.parcel")
    assert b"hush" not in parcel.read_bytes()


def test_results_that_have_waited_for_a_day_are_given_up(tmp_path: Path) -> None:
    destination = from_submit(f"files:{tmp_path}")
    spool = Spool(str(tmp_path / "spool"), str(destination))
    for old in (90000, 80000):
        row = to_json(ONE._replace(service=str(old), ended=NOW - old))
        spool.keep(json.dumps([row]).encode(), 1)
    taken, (line,) = submit(destination, [], Means(spool=str(tmp_path / "spool")), 5)
    assert taken == 0
    assert "older than a day" in line
    assert not list(tmp_path.rglob("*.parcel"))
    assert [file.name for file in tmp_path.glob("office*")] == ["office!80000"]


@pytest.mark.parametrize(
    ("text", "start"), [("-", '{"host": "office"'), ("nsca:-", "office\tudp\t2\t")]
)
def test_standard_output(text: str, start: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert submit(from_submit(text), [ONE, TWO], Means(), 5) == (2, ())
    assert capfd.readouterr().out.startswith(start)


def test_a_dead_server_is_told_and_a_file_for_each_service_is_written(tmp_path: Path) -> None:
    destination = from_submit(f"icinga:https://127.0.0.1:{daemons.free_port()}")
    taken, lines = submit(destination, [ONE, TWO], Means(spool=str(tmp_path / "s")), 2)
    assert taken == 0
    assert lines[0].endswith("1 parcel waits")
    assert submit(Destination("files", path=str(tmp_path)), [ONE], Means(), 1) == (1, ())
    assert (tmp_path / "office!udp").exists()


def test_a_broken_parcel_is_given_up(tmp_path: Path) -> None:
    destination = from_submit(f"files:{tmp_path}")
    spool = Spool(str(tmp_path / "s"), str(destination))
    for text in (b"{", b"[1]", b"null", b'[{"host":1}]'):
        spool.keep(text, 1)
    taken, lines = submit(destination, [ONE], Means(spool=str(tmp_path / "s")), 1)
    assert taken == 1
    assert all("cannot be read" in line for line in lines)
    assert spool.waiting() == ()


def test_what_the_pipe_took_is_not_sent_again_with_the_rest(tmp_path: Path) -> None:
    fifo = tmp_path / "nagios.cmd"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    results = [ONE._replace(service=f"s{number}", long="x" * 3500) for number in range(40)]
    destination, means = from_submit(f"nagios-cmd:{fifo}"), Means(spool=str(tmp_path / "spool"))
    taken, (line,) = submit(destination, results, means, 0.2)
    assert 0 < taken < 40
    assert f"the pipe took {taken} of 40 results; 1 parcel waits" in line
    text = os.read(reader, 1 << 20)
    while submit(destination, [], means, 0.2).lines:
        text += os.read(reader, 1 << 20)
    text += os.read(reader, 1 << 20)
    os.close(reader)
    names = [row.split(b";")[2].decode() for row in text.splitlines()]
    assert names == [result.service for result in results]


def test_a_proxy_that_takes_no_large_requests_gets_smaller_ones(tmp_path: Path) -> None:
    seen: list[int] = []

    def talk(client: socket.socket) -> None:
        def answer(body: bytes) -> bytes:
            rows = json.loads(parse_qs(body.decode())["json"][0])["checkresults"]
            if len(rows) > 3:
                return http("413 Too Large", "")
            seen.append(len(rows))
            return http("200 OK", {"result": {"status": 0, "message": "OK"}})

        _all(client, answer)

    results = [ONE._replace(service=f"s{number}") for number in range(10)]
    with serving(talk) as server:
        destination = from_submit(f"nrdp:http://127.0.0.1:{server.port}/nrdp/")
        assert submit(destination, results, Means(spool=str(tmp_path)), 5) == (10, ())
    assert sum(seen) == 10


def _all(client: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    """Answers every request of one connection by its body."""
    while head := read_head(client):
        fields, _, body = head.partition(b"\r\n\r\n")
        lines = fields.lower().split(b"\r\n")
        (length,) = [int(li.split(b":")[1]) for li in lines if li.startswith(b"content-len")]
        while len(body) < length:
            body += client.recv(65536)
        client.sendall(answer(body))


def test_more_than_the_spool_holds_waits_in_parcels_that_can_be_read_again(tmp_path: Path) -> None:
    results = [ONE._replace(service=f"s{n}", long="y" * 20_000) for n in range(1000)]
    folder = tmp_path / "results"
    destination, means = from_submit(f"files:{folder}"), Means(spool=str(tmp_path / "spool"))
    taken, lines = submit(destination, results, means, 5)
    assert taken == 0
    assert len(lines) == 2, lines  # why they wait, and how many had to go: the spool has 16 MiB
    folder.mkdir()
    assert submit(destination, [], means, 5).lines == ()
    assert len(list(folder.iterdir())) > 700
