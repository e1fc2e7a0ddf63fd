"""Graphite's plaintext lines and events; carbon drops silently what it does not like."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.export.graphite import event_body, part, to_lines
from bothsides.export.path_rows import hop_points
from bothsides.export.point import Point
from bothsides.export.schema import points
from tests.export.samples import AT, EVENT, HOSTILE, HTTPS, ORIGIN, ROWS, UDP, run_points


def test_a_tree_of_names() -> None:
    sent = (
        *hop_points(ROWS[2:], "198.51.100.10", ORIGIN, AT),
        *points("HTTPS", HTTPS, ORIGIN, AT, url="https://www.example.org/status"),
    )
    hop = "bothsides.mon1.path.198_51_100_10.hop.08"
    visit = "bothsides.mon1.https.www_example_org_status"
    assert to_lines(sent).decode().splitlines() == [
        f"{hop}.loss_ratio 0 1792000000",
        f"{hop}.rtt_avg_seconds 0.0134 1792000000",
        f"{hop}.rtt_max_seconds 0.0151 1792000000",
        f"{visit}.state 0 1792000000",
        f"{visit}.status 200 1792000000",
        f"{visit}.duration_seconds 0.101 1792000000",
        f"{visit}.size 157 1792000000",
        f"{visit}.cert_days 90.1 1792000000",
        f"{visit}.phase.dns.duration_seconds 0.0001 1792000000",
        f"{visit}.phase.tls.duration_seconds 0.0203 1792000000",
    ]


def test_names_with_tags() -> None:
    lines = to_lines(points("UDP_LOSS", UDP, ORIGIN, AT), "tags").decode().splitlines()
    tags = "source=mon1;target=198.51.100.10;route=office-to-aws"
    assert lines[3] == f"bothsides_udp_loss_ratio;{tags} 0.14 1792000000"
    assert lines[5] == f"bothsides_udp_rtt_avg_seconds;{tags} 0.0213 1792000000"


def test_several_routers_at_a_hop_are_one_name_in_the_tree_and_two_with_tags() -> None:
    sent = hop_points((ROWS[2], ROWS[2]._replace(address="52.93.0.9")), "t", ORIGIN, AT)
    tree, tagged = (to_lines(sent, form).decode().splitlines() for form in ("tree", "tags"))
    assert "bothsides.mon1.path.t.hop.08.rtt_avg_seconds 0.0134 1792000000" in tree
    assert len(tree) == len({line.split()[0] for line in tree})
    assert len({line.split()[0] for line in tagged}) == 2 * len(tree)


@pytest.mark.parametrize("form", ["tree", "tags"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_one_part_that_carbon_keeps(name: str, form: str) -> None:
    point = Point("bothsides_udp", (("source", "m"), ("target", name)), (("state", 1),), 5 * 10**9)
    (line,) = to_lines([point], "tree" if form == "tree" else "tags").decode().splitlines()
    whole, value, at = line.split(" ")
    assert (value, at) == ("1", "5")
    if form == "tree":
        bothsides, source, subject, target, figure = whole.split(".")
        assert (bothsides, source, subject, figure) == ("bothsides", "m", "udp", "state")
        assert 0 < len(target) <= 120
        assert "/" not in target
    else:
        assert whole.count(";") == 2
        assert "~" not in whole


@given(st.text(max_size=400))
def test_every_part_of_a_name_is_kept_by_carbon(text: str) -> None:
    name = part(text)
    assert name.isascii()
    assert 0 < len(name) <= 120
    assert not set(name) & set(" ./;~\n\0\"'\\")


def test_two_long_names_stay_two() -> None:
    assert part("x" * 300) != part("x" * 299 + "y")


def test_texts_and_what_is_no_number_are_left_out() -> None:
    fields = (("path_id", "abc"), ("loss", float("nan")), ("state", 2))
    point = Point("bothsides_path", (("source", "m"), ("target", "t")), fields, 10**9)
    assert to_lines([point]) == b"bothsides.m.path.t.state 2 1\n"
    assert b"c6dd7b296c8c" not in to_lines(run_points())


def test_an_event_has_tags_without_blanks() -> None:
    body = json.loads(event_body(EVENT._replace(words=("bothsides", "our office"))))
    assert body["tags"] == ["bothsides", "our_office", "path_change"]
    assert body["what"] == "path changed at hop 8"
    assert body["when"] == 1792000000
    assert body["data"].startswith("hop 8: 52.93.0.5 became")
