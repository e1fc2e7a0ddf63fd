"""Stored runs: kept, with the evidence of an incident, read back and summarised."""

from pathlib import Path

import pytest

from bothsides.store.path_runs import (
    StoredHop,
    StoredRun,
    entries,
    keep,
    nearest,
    summarise,
    tally,
    targets,
    to_trace,
)
from bothsides.store.sqlite import opened

HOP = StoredHop(
    ttl=1, hosts=("10.0.0.1",), owner="us", asked=6, lost=0, best=0.001, avg=0.002, worst=0.003
)
RUN = StoredRun(
    at=1e9,
    host="app",
    target="10.0.0.9",
    source="10.0.0.2",
    engine="mtr-packet",
    state="OK",
    word="same",
    words="1 hop",
    sent=20,
    lost=0,
    rta=0.02,
    hops=(HOP,),
    flows={"0": ("10.0.0.1",)},
)


def remember(folder: Path, *states: str) -> str:
    """A run every minute with each of these states; the more bad ones, the more is lost."""
    with opened(str(folder)) as store:
        for number, state in enumerate(states):
            lost = number if state == "CRITICAL" else 0
            keep(store, RUN._replace(at=1e9 + 60 * number, state=state, lost=lost))
    return str(folder)


def test_an_incident_leaves_evidence(tmp_path: Path) -> None:
    folder = remember(tmp_path, "OK", "CRITICAL", "CRITICAL", "OK")
    with opened(folder, write=False) as store:
        runs = list(entries(store, "10.0.0.9", 0.0, 2e9))
        assert [run.role for run in runs] == ["last good", "first bad", "worst", "after"]
        assert [run.lost for run in runs] == [0, 1, 2, 0]
        assert tally(store, "10.0.0.9")[:2] == (4, 2)
        assert targets(store)["10.0.0.9"].at == 1e9 + 180


def test_the_nearest_run_of_a_moment(tmp_path: Path) -> None:
    with opened(remember(tmp_path, "OK", "OK", "OK"), write=False) as store:
        found = nearest(store, "10.0.0.9", 1e9 + 70)
        assert found is not None
        assert found.at == 1e9 + 60
        assert nearest(store, "10.9.9.9", 1e9) is None


def test_runs_of_a_window_are_summed_up() -> None:
    other = HOP._replace(hosts=("10.0.0.7", "10.0.0.1"), owner="", lost=3, best=0.0005, avg=0.004)
    summary = summarise("noon", [RUN, RUN._replace(lost=10, rta=0.04, hops=(other,))])
    assert (summary.words, summary.runs, summary.sent, summary.lost) == ("noon", 2, 40, 10)
    assert summary.rta == pytest.approx(0.03)
    (hop,) = summary.hops
    assert (hop.hosts, hop.owner, hop.asked, hop.lost) == (("10.0.0.1", "10.0.0.7"), "us", 12, 3)
    assert hop.best == 0.0005
    assert hop.avg == pytest.approx((0.002 * 6 + 0.004 * 3) / 9)


def test_a_thousand_runs_and_more_are_summed_up_bit_by_bit() -> None:
    summary = summarise("long", [RUN] * 2500)
    assert (summary.hops[0].asked, summary.hops[0].hosts) == (15000, ("10.0.0.1",))
    assert summary.hops[0].avg == pytest.approx(0.002)


def test_a_run_in_the_terms_of_mtr_ends_with_the_target() -> None:
    trace = to_trace(RUN)
    assert [hop.ttl for hop in trace.hops] == [1, 2]
    assert (trace.hops[1].hosts[0].address, trace.hops[1].sent, trace.reached) == (
        "10.0.0.9",
        20,
        True,
    )
