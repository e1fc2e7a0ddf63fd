"""Line protocol, octet by octet, and what servers answer to it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.export.influx import datagrams, refusal, to_lines
from bothsides.export.path_rows import hop_points
from bothsides.export.point import Point
from bothsides.export.schema import Origin, PacketRow, packet_points, points
from tests.export.samples import AT, EVENT, HOSTILE, ORIGIN, ROWS, UDP, run_points


def test_lines_as_they_go_over_the_wire() -> None:
    sent = (
        *hop_points(ROWS[1:], "198.51.100.10", ORIGIN, AT),
        *points("UDP_LOSS", UDP, ORIGIN, AT),
    )
    assert to_lines(sent, [EVENT]) == (
        b"bothsides_hop,source=mon1,target=198.51.100.10,route=office-to-aws,hop=02,address=* "
        b"sent=20i,lost=20i,loss=1 1792000000123456789\n"
        b"bothsides_hop,source=mon1,target=198.51.100.10,route=office-to-aws,hop=08,"
        b"address=52.93.0.5,owner=Amazon sent=20i,lost=0i,loss=0,rtt_min=0.0131,rtt_avg=0.0134,"
        b"rtt_max=0.0151,"
        b"rtt_stddev=0.0004,asn=16509i 1792000000123456789\n"
        b"bothsides_udp,source=mon1,target=198.51.100.10,route=office-to-aws state=1i,sent=100i,"
        b"received=86i,loss=0.14,loss_out=0,rtt_avg=0.0213 1792000000123456789\n"
        b"bothsides_event,source=mon1,target=198.51.100.10,route=office-to-aws,kind=path_change "
        b'title="path changed at hop 8",text="hop 8: 52.93.0.5 became 52.93.9.2 '
        b'(inside \\"Amazon\\")",'
        b'tags="bothsides,path,office-to-aws",path_id="c6dd7b296c8c" 1792000000123456789\n'
    )


def test_victoriametrics_gets_no_text_and_no_events() -> None:
    lines = to_lines(run_points(), [EVENT], "victoria")
    assert b'"' not in lines
    assert b"bothsides_event" not in lines
    assert b"path_id" not in lines


def test_a_day_of_packets_is_as_large_as_promised() -> None:
    """100 packets a minute: 144,000 rows a day, 16.1 MB with a tolerance of a fifth."""
    rows = tuple(PacketRow(n % 4, n, AT + n, 0.0213, 0.0104) for n in range(1000))
    lines = to_lines(packet_points(rows, "198.51.100.10", Origin("mon1")))
    assert 0.8 < len(lines) * 144 / 16.1e6 < 1.2


def test_what_is_no_number_is_left_out_and_a_row_without_figures_too() -> None:
    tags = (("source", "mon1"), ("empty", ""))
    bad = (("a", float("nan")), ("b", float("inf")), ("c", 2**64))
    assert to_lines([Point("m", tags, bad, 5)]) == b""
    assert to_lines([Point("m", tags, (*bad, ("d", 1)), 5)]) == b"m,source=mon1 d=1i 5\n"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_tag_of_one_line(name: str) -> None:
    (tags, value) = _read(to_lines([Point("m", (("target", name),), (("v", 1),), 5)]))
    assert value == "v=1i 5"
    changed = name.translate({ord(c): " " for c in "\n\r\0"}).replace("\\", "/")
    assert tags == {"target": changed}


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_any_text_is_read_back_by_rule(name: str, text: str) -> None:
    line = to_lines([Point("m", (("target", name),), (("v", text), ("n", 1)), 5)])
    tags, rest = _read(line)
    expected = name.translate({ord(c): " " for c in "\n\r\0"}).replace("\\", "/")
    assert tags["target"] == expected.encode("utf-8", "replace").decode()
    assert rest.startswith('v="')
    assert rest.endswith('",n=1i 5')
    inner = re.sub(r'\\(["\\])', r"\1", rest[3 : -len('",n=1i 5')])
    assert inner == text.encode("utf-8", "replace").decode()


def _read(line: bytes) -> tuple[dict[str, str], str]:
    """Tags of a line, and what follows them, by the format's own rules."""
    text = line.decode().removesuffix("\n")
    head, rest = re.split(r"(?<!\\) ", text, maxsplit=1)
    pairs = [re.split(r"(?<!\\)=", tag, maxsplit=1) for tag in re.split(r"(?<!\\),", head)[1:]]
    return {key: re.sub(r"\\([,= ])", r"\1", value) for key, value in pairs}, rest


def test_datagrams_hold_whole_lines() -> None:
    lines = to_lines(run_points())
    packed = datagrams(lines, 400)
    assert b"".join(packed) == lines
    assert all(part.endswith(b"\n") for part in packed)
    assert all(len(part) <= 400 for part in packed)
    assert len(packed) > 2
    assert datagrams(b"x" * 500 + b"\n", 400) == (b"x" * 500 + b"\n",)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (204, b"", ""),
        (400, b'{"error":"partial write: field type conflict dropped=1"}', "field type conflict"),
        (
            401,
            b'{"code":"unauthorized","message":"unauthorized access"}',
            "answered 401: unauthorized",
        ),
        (404, b"404 page\nnot found", "answered 404: 404 page not found"),
        (200, b"<html>login</html>", "which is no InfluxDB write address"),
        (503, b"", "answered 503"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(status: int, body: bytes, words: str) -> None:
    said = refusal(status, body)
    assert (said == "") == (status == 204)
    assert words in said
    assert "\n" not in said
