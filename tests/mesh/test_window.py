"""The window as a prober answers it: whole, or the healthy pairs summed up by data centre."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.check.mesh.judge import judge
from bothsides.mesh.exchange import Exchange
from bothsides.mesh.prober import Prober
from bothsides.mesh.window import answered, apart, question
from bothsides.model.mesh import SHORT, PairWindow, Run
from bothsides.plugin.finding import Reading, Remark, Table, state_of
from bothsides.probe.mesh import _run, from_json
from tests.support.mesh_far import THREE, roster_of
from tests.support.mesh_window import analysed, limits, pair

LIMITS = limits("--perf-datacenters")


@st.composite
def windows(draw: st.DrawFn) -> list[PairWindow]:
    """Pairs in a few data centres, most of them well."""
    rows = []
    for number in range(draw(st.integers(1, 14))):
        kind = draw(st.sampled_from(["well"] * 5 + ["loss", "blind", "new", "held", "some"]))
        seen = pair(
            f"p{number:02}",
            out=draw(st.integers(30, 400)) if kind in ("loss", "held") else int(kind == "some"),
            datacenter=draw(st.sampled_from(["", "eu.de", "us.east", "us.west"])),
            maintenance="works" if kind == "held" else "",
            late=draw(st.integers(0, 3)),
            duplicated=draw(st.integers(0, 3)),
            unsent=draw(st.integers(0, 3)),
            rtt_max=draw(st.integers(20_000, 90_000)),
        )
        if kind == "blind":
            seen = seen._replace(suspect=draw(st.integers(1, 12)), flags=SHORT)
        if kind == "new":
            seen = seen._replace(slices=0, sent=0)
        rows.append(seen)
    return sorted(rows, key=lambda row: (row.datacenter, row.name))


def read(rows: list[PairWindow], odd: bool) -> Run:
    """The window as a check reads it."""
    answer = {
        "v": 1, "host": "web1", "now": 1_700_000_062, "started": 0, "length": 5, "expected": 12,
        "closed": 1_700_000_060, "stalled": 0, "notes": [], "columns": PairWindow._fields,
        "pairs": rows,
    }  # fmt: skip
    if odd:
        listed, well = apart(rows, "web1")
        answer |= {"pairs": listed, "well": well}
    return _run(from_json(json.dumps(answer).encode()), 0.0)


@given(rows=windows())
def test_sums_by_data_centre_say_the_same_as_all_pairs(rows: list[PairWindow]) -> None:
    found = []
    for odd in (False, True):
        findings = list(judge(analysed(read(rows, odd)), LIMITS))
        words = [part for part in findings if isinstance(part, Remark | Table)]
        figures = {
            part.figure.label: part.value
            for part in findings
            if isinstance(part, Reading) and part.figure.label != "rta"
        }
        line = next(part for part in findings if isinstance(part, Reading))
        found.append((state_of(findings), words, figures, line.words, line.certain))
    assert found[0] == found[1]


def test_the_pair_of_the_host_with_itself_keeps_its_name() -> None:
    """Its packets never leave the host: a loss on the host's way out does not reach it."""
    odd, well = apart([pair("db1"), pair("web1"), pair("db2")], "web1")
    assert [row.name for row in odd] == ["web1"]
    assert [(each.number, each.places) for each in well] == [(2, (1,))]


def test_a_thousand_healthy_pairs_are_a_few_hundred_octets() -> None:
    rows = [pair(f"p{n:04}", datacenter=f"dc{n // 250}") for n in range(1000)]
    odd, well = apart(rows, "web1")
    assert odd == []
    assert [(each.datacenter, each.number, each.sent) for each in well] == [
        (f"dc{n}", 250, 250 * 2400) for n in range(4)
    ]
    assert len(json.dumps(well)) < 500
    run = read(rows, odd=True)
    assert analysed(run).number == 1000


@pytest.mark.parametrize(
    ("data", "odd"),
    [
        (b"{}", False),
        (b'{"pairs": "odd"}', True),
        (b'{"pairs": "all"}', False),
        (b'{"pairs": 1, "of tomorrow": 2}', False),
    ],
)
def test_what_a_request_asks_for(data: bytes, odd: bool) -> None:
    asked = question(data)
    assert (asked["window"], asked["select"], asked["slices"]) == (60.0, "", False)
    assert asked["odd"] is odd


def test_a_window_that_can_hold_no_slice_is_refused_in_words() -> None:
    prober = Prober(roster_of(THREE, "web1"), Exchange([]), 0, 0.0)
    for asked, refused in ((b'{"window": 4.9}', True), (b'{"window": 5}', False)):
        answer = json.loads(b"".join(answered(prober, question(asked), 0.0, [], {})))
        words = "window: 4.9 s is shorter than a slice, 5 s"
        assert answer.get("error") == (words if refused else None)


def test_a_peer_that_a_reload_brings_is_young_until_its_first_slice_is_due() -> None:
    roster = roster_of(THREE, "web1")
    exchange = Exchange([4])
    prober = Prober(roster._replace(fars=roster.fars[:1]), exchange, 0, 100.0)
    assert prober.young(100.0) == {}  # at the start nothing is known of anybody
    prober.follow(roster, 200.0)
    added = {far.name for far in roster.fars[1:]}
    assert prober.young(203.0) == dict.fromkeys(added, 3.0)
    assert prober.young(210.0 + roster.fars[0].timeout + 2) == {}
    prober.completion.inquiry.close()
    exchange.close()
