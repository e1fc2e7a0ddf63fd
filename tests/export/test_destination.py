"""Destinations as one writes them; what is wrong is told with what to write instead."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.export.destination import EXPORTS, SUBMITS, Destination, from_export, from_submit
from bothsides.parse import Unreadable
from bothsides.parse.url import Url


@pytest.mark.parametrize(
    ("text", "destination"),
    [
        (
            "influx:http://db:8086",
            Destination("influx", Url("http", "db", 8086, "/write?db=bothsides")),
        ),
        (
            "influx:https://db/api/v2/write?org=o&bucket=b",
            Destination("influx", Url("https", "db", 443, "/api/v2/write?org=o&bucket=b")),
        ),
        (
            "influx:http://db:8086?db=x",
            Destination("influx", Url("http", "db", 8086, "/write?db=x")),
        ),
        ("victoria:http://vm:8428", Destination("victoria", Url("http", "vm", 8428, "/write"))),
        ("influx-udp:db", Destination("influx-udp", host="db", port=8089)),
        ("graphite:[2001:db8::1]:2003", Destination("graphite", host="2001:db8::1", port=2003)),
        ("statsd:127.0.0.1:8125", Destination("statsd", host="127.0.0.1", port=8125)),
        ("prometheus:/var/x.prom", Destination("prometheus", path="/var/x.prom")),
        ("prometheus:/var/x/", Destination("prometheus", path="/var/x/")),
        ("jsonl:-", Destination("jsonl", path="-")),
        (
            "elastic:http://es:9200/i/_bulk",
            Destination("elastic", Url("http", "es", 9200, "/i/_bulk")),
        ),
        ("s3:https://s3.example/b/p", Destination("s3", Url("https", "s3.example", 443, "/b/p"))),
    ],
)
def test_destinations_of_exports(text: str, destination: Destination) -> None:
    assert from_export(text) == destination


@pytest.mark.parametrize(
    ("text", "destination"),
    [
        ("nagios:/spool", Destination("nagios", path="/spool")),
        ("nagios-cmd:/rw/nagios.cmd", Destination("nagios-cmd", path="/rw/nagios.cmd")),
        ("icinga:https://m1:5665", Destination("icinga", Url("https", "m1", 5665, "/"))),
        ("nrdp:https://n/nrdp/", Destination("nrdp", Url("https", "n", 443, "/nrdp/"))),
        ("files:/x", Destination("files", path="/x")),
        ("nsca:-", Destination("nsca", path="-")),
        ("-", Destination("jsonl", path="-")),
    ],
)
def test_destinations_of_passive_results(text: str, destination: Destination) -> None:
    assert from_submit(text) == destination


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("inflx:http://db", "did you mean influx:http"),
        ("ftp:x", "known: influx, victoria"),
        ("", "known: influx"),
        ("influx", "says not where; write influx:http"),
        ("influx:", "says not where"),
        ("influx:db:8086", "is not a URL"),
        ("influx:ftp://db/", "only https and http"),
        ("influx:http://root:secret@db/", "put them into a file for --export-login"),
        ("influx:http://db/write?db=x&u=root&p=secret", "a URL with u= in it"),
        ("influx:http://db/write?P=secret", "a URL with P= in it"),
        ("graphite:host:0", "a port lies between 1 and 65535; write graphite:"),
        ("graphite:-oX", "is not a host name"),
        ("prometheus:x.prom", "named by its whole path"),
        ("prometheus:/x.txt", "reads names that end in .prom"),
        ("prometheus:-", "named by its whole path"),
        ("elastic:http://es:9200/", "names no index; write elastic:"),
        ("s3:https://s3.example/", "names no bucket; write s3:"),
        ("nagios:/x", "nagios takes results: write --submit nagios:"),
    ],
)
def test_what_is_wrong_is_told_without_the_secret(text: str, words: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        from_export(text)
    assert words in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nagis:/x", "did you mean nagios:/var"),
        ("nsca:host", "is not known; write nsca:- |"),
        ("files:-", "named by its whole path"),
        ("influx:http://db", "influx takes figures: write --export influx:"),
    ],
)
def test_what_is_wrong_with_a_submit(text: str, words: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        from_submit(text)
    assert words in str(refusal.value)


def test_every_sample_is_right() -> None:
    for name, kind in EXPORTS.items():
        assert from_export(kind.sample).kind == name
    for name, kind in SUBMITS.items():
        assert from_submit(kind.sample.partition(" |")[0]).kind == name


def test_a_destination_in_words_is_read_back_as_itself() -> None:
    for kind in EXPORTS.values():
        destination = from_export(kind.sample)
        assert from_export(str(destination)) == destination


@given(st.text(max_size=60), st.sampled_from(["", *EXPORTS]))
def test_any_text_is_a_destination_or_unreadable(text: str, kind: str) -> None:
    for read in (from_export, from_submit):
        try:
            read(f"{kind}:{text}" if kind else text)
        except Unreadable:
            pass


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (from_submit, "influx:http://db", "influx takes figures: write --export influx:http"),
        (from_export, "nagios:/x", "nagios takes results: write --submit nagios:/var"),
        (from_submit, "files:/a\nb", "a control character in a path; write files:"),
        (from_export, "jsonl:/a\x1b[2J", "a control character in a path; write jsonl:"),
    ],
)
def test_what_is_in_the_wrong_place_is_told(
    read: Callable[[str], Destination], text: str, words: str
) -> None:
    with pytest.raises(Unreadable, match=re.escape(words)):
        read(text)


def test_an_address_of_ipv6_and_its_port_are_told_apart() -> None:
    assert str(from_export("graphite:[::1]:2003")) == "graphite:[::1]:2003"
