"""Rows to each kind of destination, dead, slow, refusing and lying servers among them."""

import gzip
import json
import socket
from pathlib import Path

import pytest

from bothsides.base.secret import Secret
from bothsides.export.deliver import Means, export
from bothsides.export.destination import from_export
from bothsides.export.login import Secrets
from tests.export.samples import EVENT, run_points
from tests.export.test_http import listening, silent
from tests.support import daemons
from tests.support.servers import Talk, answering, read_head, serving
from tests.support.stopwatch import Stopwatch

POINTS = run_points()
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def reply(status: str, body: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def sent(text: str, means: Means | None = None, seconds: float = 5) -> tuple[str, ...]:
    return export(from_export(text), POINTS, [EVENT], means or Means(), seconds)


def test_each_http_destination_gets_its_own_form() -> None:
    for kind, path, answer, start in (
        ("influx", "/write?db=x", NO_CONTENT, b"bothsides_udp,"),
        ("victoria", "/write", NO_CONTENT, b"bothsides_udp,"),
        ("graphite-events", "/events/", reply("200 OK", ""), b'{"what"'),
    ):
        seen: list[bytes] = []
        with serving(listening(seen, answer)) as server:
            assert sent(f"{kind}:http://127.0.0.1:{server.port}{path}") == ()
        head, _, body = seen[0].partition(b"\r\n\r\n")
        assert head.startswith(f"POST {path} ".encode())
        if b"Content-Encoding: gzip" in head:
            body = gzip.decompress(body)
        assert body.startswith(start)
        assert (b"bothsides_event" in body) is (kind == "influx")


def test_elastic_is_told_by_the_answer_of_each_document() -> None:
    number = len(POINTS) + 1
    good = json.dumps({"errors": False, "items": [{"create": {"status": 201}}] * number})
    bad = {"create": {"status": 400, "error": {"type": "mapper", "reason": "no"}}}
    lies = json.dumps({"errors": True, "items": [bad] * number})
    for answer, words in ((good, ()), (lies, ("400: no",))):
        with serving(answering(reply("200 OK", answer))) as server:
            lines = sent(f"elastic:http://127.0.0.1:{server.port}/i/_bulk")
        assert len(lines) == len(words)
        assert all(word in line for word, line in zip(words, lines, strict=True))


def test_a_token_is_sent_and_never_said(tmp_path: Path) -> None:
    seen: list[bytes] = []
    means = Means(Secrets(token=Secret("hush")), spool=str(tmp_path))
    with serving(listening(seen, reply("401 Unauthorized"))) as server:
        (line,) = sent(f"influx:http://127.0.0.1:{server.port}", means)
    assert b"Authorization: Token hush" in seen[0]
    assert "answered 401" in line
    assert "hush" not in line
    assert not [path for path in tmp_path.rglob("*.parcel") if b"hush" in path.read_bytes()]


@pytest.mark.parametrize(
    ("talk", "words", "waits"),
    [
        (answering(reply("500 Oops")), "answered 500; 1 parcel waits", True),
        (
            answering(reply("200 OK", "<html>")),
            "no InfluxDB write address: <html>; 1 parcel waits",
            True,
        ),
        (answering(reply("400 Bad", '{"error":"partial write: x"}')), "partial write: x", False),
        (silent, "timed out", True),
        (lambda client: client.close(), "1 parcel waits", True),
    ],
)
def test_a_bad_server_costs_one_line_and_no_rows(
    talk: Talk, words: str, waits: bool, tmp_path: Path
) -> None:
    means = Means(spool=str(tmp_path))
    with serving(talk) as server:
        watch = Stopwatch()
        (line,) = sent(f"influx:http://127.0.0.1:{server.port}", means, 0.5)
        assert watch.seconds < 1
    assert words in line
    assert "\n" not in line
    assert bool(list(tmp_path.rglob("*.parcel"))) is waits


def test_what_waited_is_sent_before_the_new_rows_and_once(tmp_path: Path) -> None:
    means = Means(spool=str(tmp_path / "spool"))
    folder = tmp_path / "not yet"
    destination = from_export(f"jsonl:{folder}/x.jsonl")
    for at in (1, 2):
        (line,) = export(destination, run_points(at=at * 10**9), [], means, 2)
        assert line.endswith(
            f"No such file or directory; {'1 parcel waits' if at == 1 else '2 parcels wait'}"
        )
    folder.mkdir()
    for at in (3, 4):
        assert export(destination, run_points(at=at * 10**9), [], means, 2) == ()
    lines = (folder / "x.jsonl").read_text().splitlines()
    stamps = [json.loads(line)["@timestamp"] for line in lines]
    assert len(stamps) == 4 * len(POINTS)
    assert stamps == sorted(stamps)


def test_statsd_gets_datagrams_with_the_pulse_and_never_a_second_time(tmp_path: Path) -> None:
    means = Means(spool=str(tmp_path), pulse="prod")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(2)
        port = listener.getsockname()[1]
        assert sent(f"statsd:127.0.0.1:{port}", means) == ()
        text = listener.recv(65536)
    assert b"tagged.prod.mon1.office-to-aws.no_tag.network.mtr.pulse:1|g\n" in text
    lines = [
        export(from_export(f"statsd:127.0.0.1:{port}"), POINTS * 9, [], means, 2) for _ in "12"
    ]
    assert any("refused" in line for said in lines for line in said)
    assert not list(tmp_path.rglob("*.parcel"))


def test_a_folder_gets_a_text_file_for_each_check_and_target(tmp_path: Path) -> None:
    assert sent(f"prometheus:{tmp_path}/") == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bothsides_clock_office-to-aws_db1.prom",
        "bothsides_https_office-to-aws_www_example_org_.prom",
        "bothsides_path_office-to-aws_198_51_100_10.prom",
        "bothsides_udp_office-to-aws_198_51_100_10.prom",
    ]
    path = (tmp_path / "bothsides_path_office-to-aws_198_51_100_10.prom").read_text()
    assert "bothsides_hop_info{" in path
    assert "bothsides_path_info{" in path
    (line,) = sent(f"prometheus:{tmp_path}/none/x.prom")
    assert "No such file" in line


def test_json_lines_are_appended(tmp_path: Path) -> None:
    for _ in "12":
        assert sent(f"jsonl:{tmp_path}/x.jsonl") == ()
    assert len((tmp_path / "x.jsonl").read_text().splitlines()) == 2 * (len(POINTS) + 1)
    (line,) = sent("jsonl:/dev/full")
    assert "No space left" in line


def test_a_bucket_takes_no_rows() -> None:
    assert sent("s3:https://s3.example/b") == ("s3:https://s3.example/b takes reports, not rows",)


def test_nothing_to_say_is_no_request() -> None:
    destination = from_export(f"influx:http://127.0.0.1:{daemons.free_port()}")
    assert export(destination, [], [], Means(), 2) == ()


@pytest.mark.parametrize(("kind", "row"), [("influx", 1), ("elastic", 2)])
def test_a_proxy_that_takes_no_large_requests_gets_smaller_ones(kind: str, row: int) -> None:
    taken: list[bytes] = []

    def talk(client: socket.socket) -> None:
        while head := read_head(client):
            head, _, body = head.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            while len(body) < length:
                body += client.recv(65536)
            if b"encoding: gzip" in head.lower():
                body = gzip.decompress(body)
            if len(body) > 2000:
                client.sendall(reply("413 Too Large", "<h1>413</h1>"))
                continue
            taken.append(body)
            items = [{"create": {"status": 201}}] * (body.count(b"\n") // 2)
            client.sendall(
                NO_CONTENT if row == 1 else reply("200 OK", json.dumps({"items": items}))
            )

    rows = [POINTS[0]._replace(at=number) for number in range(50)]
    with serving(talk) as server:
        path = "/i/_bulk" if row == 2 else ""
        destination = from_export(f"{kind}:http://127.0.0.1:{server.port}{path}")
        assert export(destination, rows, (), Means(), 5) == ()
    assert len(taken) > 5
    assert sum(body.count(b"\n") for body in taken) == 50 * row


def test_nothing_waits_for_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(descriptor: int, lines: bytes) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("bothsides.export.files.write_all", closed)
    means = Means(spool=str(tmp_path / "spool"))
    (line,) = export(from_export("jsonl:-"), run_points(), [], means, 2)
    assert line == "not taken by jsonl:-: cannot write to -: Bad file descriptor"
    assert not list(tmp_path.rglob("*.parcel"))
